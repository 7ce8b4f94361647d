"""What in a mail points to a ticket: the evidence of MAIL.md §2, strongest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from maild.ids import ReplyToken, Signer, read_reply_address
from maild.mail.model import Mail

LONGEST_ID = 500  # characters of a Message-ID that are kept and compared
MOST_TAGS = 5  # tags of a subject that are believed; a subject must not name a thousand tickets
MOST_ADDRESSES = 50  # addresses of a mail that are looked at
MOST_IDS = 50  # ids of one mail that are looked up; the newest ones


class Sort(StrEnum):
    """The sorts of evidence, in the order in which they are believed."""

    REPLY_ADDRESS = "reply address"
    OUR_MESSAGE_ID = "our Message-ID"
    KNOWN_MESSAGE_ID = "known Message-ID"
    SUBJECT_TAG = "subject tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing in a mail that may name a ticket."""

    sort: Sort
    shown: str  # as it stands in the mail, for the explanation
    ticket: int | None = None  # the ticket it names by itself
    message_id: str = ""  # or the id under which a ticket may be known
    token: ReplyToken | None = None


def ids_answered(mail: Mail) -> tuple[str, ...]:
    """The Message-IDs that a mail answers or refers to, nearest first, without repetition."""
    nearest_first = [*mail.in_reply_to, *reversed(mail.references)]
    return tuple(dict.fromkeys(i for i in nearest_first if i and i != mail.message_id))[:MOST_IDS]


def subject_tags(subject: str, tag: str) -> list[int]:
    """The ticket numbers in tags such as [#42] of a subject."""
    found = re.findall(rf"\[{re.escape(tag)}(\d{{1,15}})\]", subject)
    return [int(number) for number in dict.fromkeys(found)][:MOST_TAGS]


def gather(mail: Mail, envelope_to: Sequence[str], signer: Signer, tag: str) -> tuple[Evidence, ...]:
    """Every piece of evidence in a mail, strongest first."""
    answered = ids_answered(mail)
    ours = {message_id: signer.read_message_id(message_id) for message_id in answered}
    tokens = [(address, read_reply_address(address)) for address in addressed_to(mail, envelope_to)]
    return (
        *(
            Evidence(sort=Sort.REPLY_ADDRESS, shown=address, ticket=token.ticket, token=token)
            for address, token in tokens
            if token
        ),
        *(
            Evidence(sort=Sort.OUR_MESSAGE_ID, shown=f"<{message_id}>", ticket=ours[message_id])
            for message_id in answered
            if ours[message_id]
        ),
        *(
            Evidence(sort=Sort.KNOWN_MESSAGE_ID, shown=f"<{message_id}>", message_id=message_id[:LONGEST_ID])
            for message_id in answered
            if ours[message_id] is None
        ),
        *(
            Evidence(sort=Sort.SUBJECT_TAG, shown=f"[{tag}{number}]", ticket=number)
            for number in subject_tags(mail.subject, tag)
        ),
    )


def addressed_to(mail: Mail, envelope_to: Sequence[str]) -> tuple[str, ...]:
    """Every address that a mail was sent to, the envelope's first, as far as anybody recorded it."""
    recorded = [
        value.strip().strip("<>")
        for name in ("delivered-to", "x-original-to", "envelope-to")
        for value in mail.headers_named(name)
    ]
    written = [a.address for a in (*mail.to, *mail.cc)]
    found = dict.fromkeys(a for a in (*envelope_to, *recorded, *written) if "@" in a)
    return tuple(found)[:MOST_ADDRESSES]


def named_tickets(evidence: Sequence[Evidence]) -> set[int]:
    """The tickets that evidence names by itself: what a look-up has to fetch."""
    return {piece.ticket for piece in evidence if piece.ticket}


def named_ids(evidence: Sequence[Evidence]) -> set[str]:
    """The Message-IDs that a look-up has to resolve."""
    return {piece.message_id for piece in evidence if piece.sort is Sort.KNOWN_MESSAGE_ID}
