"""What in a mail points to a ticket: the evidence of MAIL.md §2, strongest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from maild.ids import ReplyToken, Signer, read_reply_address
from maild.mail.model import Mail, Reply
from maild.threading.clues import Clue, clue_key, clue_keys, thread_index_root
from maild.threading.quotes import ENOUGH, quoted_runs
from maild.threading.subjects import base_subject, others_tags, subject_tags

LONGEST_ID = 500  # characters of a Message-ID that are kept and compared
MOST_ADDRESSES = 50  # addresses of a mail that are looked at
MOST_IDS = 50  # ids of one mail that are looked up; the newest ones
MOST_MARKS = 5  # marks in quotes that are believed
MOST_TOKENS = 5  # reply addresses that are looked up: a mail must not make us read half the store

_SEARCHED = 256 << 10  # characters that are searched for marks
_MARK = re.compile(r"(?i)\[t\d{1,15}\.[a-z2-7]{16}\]")
_RECORDED = ("delivered-to", "x-original-to", "envelope-to")  # where mail systems write down for whom it came
_LIST_NAME = re.compile(r"<([^<>\s]{3,200})>\s*$")


class Sort(StrEnum):
    """The sorts of evidence, in the order in which they are believed."""

    REPLY_ADDRESS = "reply address"
    OUR_MESSAGE_ID = "our Message-ID"
    KNOWN_MESSAGE_ID = "known Message-ID"
    QUOTED_MARK = "mark in the quote"
    SUBJECT_TAG = "subject tag"
    OTHERS_TAG = "their system's tag"
    THREAD_INDEX = "Outlook thread"
    QUOTED_WORDS = "quoted words"
    SAME_SUBJECT = "same sender and subject"


# What nobody can guess: whoever presents it has had a letter of the ticket in hands.
STRONG = frozenset({Sort.REPLY_ADDRESS, Sort.OUR_MESSAGE_ID, Sort.QUOTED_MARK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing in a mail that may name a ticket: by itself, by a Message-ID, or by clues."""

    sort: Sort
    shown: str  # as it stands in the mail, for the explanation
    ticket: int | None = None
    message_id: str = ""
    clues: tuple[str, ...] = ()  # asked when the ticket or id names nothing that may be joined
    enough: int = 1  # how many of the clues must name the ticket
    token: ReplyToken | None = None
    own: bool = False  # the mail's own id, which another mail answered before this one came


def ids_answered(mail: Mail) -> tuple[str, ...]:
    """The Message-IDs that a mail answers or refers to, nearest first, without repetition."""
    nearest_first = [*mail.in_reply_to, *reversed(mail.references)]
    return tuple(dict.fromkeys(i for i in nearest_first if i and i != mail.message_id))[:MOST_IDS]


def gather(
    mail: Mail, reply: Reply, envelope_to: Sequence[str], signer: Signer, tag: str, *, readers: str = ""
) -> tuple[Evidence, ...]:
    """Every piece of evidence in a mail, strongest first.

    `tag` is what stands before the number in our subject tags, `readers` names those who have all read
    each other's mails: the list that a person wrote through ("" for nobody).
    """
    person = mail.sender.address.lower() if mail.sender else ""
    signed = (*_addresses(mail, envelope_to, person), *_our_ids(mail, signer, person))
    return (
        *signed,
        *_known_ids(mail, signer, person),
        *_marks(mail, signer, person),
        *_tags(mail.subject, tag, person),
        *_others_tags(mail.subject, tag, person),
        *_thread_index(mail, person),
        *(() if signed else _quoted_words(mail, reply, tag, person, readers)),  # it costs most
        *_same_subject(mail.subject, tag, person),
    )


def _after(ticket: int, person: str) -> tuple[str, ...]:
    """The clue to the ticket that goes on where this one ended."""
    return (clue_key(Clue.AFTER, person, ticket),)


def _addresses(mail: Mail, envelope_to: Sequence[str], person: str) -> Iterator[Evidence]:
    read = ((address, read_reply_address(address)) for address in addressed_to(mail, envelope_to))
    tokens = ((address, token) for address, token in read if token)
    for address, token in islice(tokens, MOST_TOKENS):
        clues = _after(token.ticket, person)
        yield Evidence(sort=Sort.REPLY_ADDRESS, shown=address, ticket=token.ticket, token=token, clues=clues)


def _our_ids(mail: Mail, signer: Signer, person: str) -> Iterator[Evidence]:
    for message_id in ids_answered(mail):
        if ticket := signer.read_message_id(message_id):
            clues = _after(ticket, person)
            yield Evidence(sort=Sort.OUR_MESSAGE_ID, shown=f"<{message_id}>", ticket=ticket, clues=clues)


def _known_ids(mail: Mail, signer: Signer, person: str) -> Iterator[Evidence]:
    for message_id in ids_answered(mail):
        if signer.read_message_id(message_id) is None:
            key = message_id[:LONGEST_ID]
            clues = (clue_key(Clue.REFERRED, person, key),)
            yield Evidence(sort=Sort.KNOWN_MESSAGE_ID, shown=f"<{message_id}>", message_id=key, clues=clues)


def _marks(mail: Mail, signer: Signer, person: str) -> Iterator[Evidence]:
    """The mark that our letters carry in their text and HTML, quoted by a program that keeps no ids."""
    found = _marks_in(mail.text[:_SEARCHED]) or _marks_in(mail.html[:_SEARCHED])
    for mark in list(dict.fromkeys(each.lower() for each in found))[:MOST_MARKS]:
        if ticket := signer.read_mark(mark):
            yield Evidence(sort=Sort.QUOTED_MARK, shown=mark, ticket=ticket, clues=_after(ticket, person))


def _marks_in(text: str) -> list[str]:
    """Plain searches first: they are many times faster, and few mails hold a mark."""
    return _MARK.findall(text) if "[" in text and ("[t" in text or "[T" in text) else []


def _tags(subject: str, tag: str, person: str) -> Iterator[Evidence]:
    for number in subject_tags(subject, tag):
        clues = _after(number, person)
        yield Evidence(sort=Sort.SUBJECT_TAG, shown=f"[{tag}{number}]", ticket=number, clues=clues)


def _others_tags(subject: str, tag: str, person: str) -> Iterator[Evidence]:
    for each in others_tags(subject, tag):
        clues = tuple(clue_key(Clue.OTHERS_TAG, whose, each) for whose in (person, domain_of(person)))
        yield Evidence(sort=Sort.OTHERS_TAG, shown=each, clues=clues)


def _thread_index(mail: Mail, person: str) -> Iterator[Evidence]:
    if root := thread_index_root(mail.header("thread-index")):
        clues = tuple(clue_key(Clue.THREAD_INDEX, whose, root) for whose in (person, ""))
        yield Evidence(sort=Sort.THREAD_INDEX, shown=f"{root[:12]}…", clues=clues)


def _quoted_words(mail: Mail, reply: Reply, tag: str, person: str, readers: str) -> Iterator[Evidence]:
    subject = base_subject(mail.subject, tag)
    quoted = reply.cut or (mail.text if subject.is_reply else "")
    runs = quoted_runs(quoted)
    if runs:
        shown = "what it quotes was sent to"
        clues = clue_keys(Clue.QUOTE, person, runs)
        yield Evidence(sort=Sort.QUOTED_WORDS, shown=f"{shown} {person}", clues=clues, enough=ENOUGH)
        if readers:
            clues = clue_keys(Clue.QUOTE, f"{readers}\n{subject.words}", runs)
            yield Evidence(sort=Sort.QUOTED_WORDS, shown=f"{shown} {readers}", clues=clues, enough=ENOUGH)


def _same_subject(subject: str, tag: str, person: str) -> Iterator[Evidence]:
    base = base_subject(subject, tag)
    if base.is_reply and base.words and person:
        # In this order: a stranger who copies people on a mail must not lead their answers to his own ticket.
        clues = tuple(clue_key(sort, person, base.words) for sort in (Clue.SUBJECT, Clue.COPIED))
        yield Evidence(sort=Sort.SAME_SUBJECT, shown=f'"{base.words[:80]}"', clues=clues)


def domain_of(address: str) -> str:
    """The domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


def list_name(mail: Mail) -> str:
    """What names the list that a mail came through: its List-Id [RFC 2919], else where one posts to it."""
    for name in ("list-id", "list-post", "x-mailing-list", "mailing-list"):
        value = mail.header(name).lower()
        if value:
            found = _LIST_NAME.search(value[:1000])
            return f"list:{(found[1] if found else value.split()[-1])[:200].removeprefix('mailto:')}"
    return ""


def addressed_to(mail: Mail, envelope_to: Sequence[str]) -> tuple[str, ...]:
    """Every address that a mail was sent to, the envelope's first, as far as anybody recorded it."""
    fields = [field for field in mail.headers if field[0] in _RECORDED]
    recorded = [value.strip().strip("<>") for name in _RECORDED for key, value in fields if key == name]
    written = [a.address for a in (*mail.to, *mail.cc)]
    found = dict.fromkeys(a for a in (*envelope_to, *recorded, *written) if "@" in a)
    return tuple(found)[:MOST_ADDRESSES]


def named_tickets(evidence: Sequence[Evidence]) -> set[int]:
    """The tickets that evidence names by itself: what a look-up has to fetch."""
    return {piece.ticket for piece in evidence if piece.ticket}


def named_ids(evidence: Sequence[Evidence]) -> set[str]:
    """The Message-IDs that a look-up has to resolve."""
    return {piece.message_id for piece in evidence if piece.message_id}


def named_clues(evidence: Sequence[Evidence]) -> set[str]:
    """The clues that a look-up has to resolve."""
    return {clue for piece in evidence for clue in piece.clues}
