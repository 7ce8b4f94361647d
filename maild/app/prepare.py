"""Reads a claimed mail once, before any transaction: everything that follows from its bytes alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from maild.app.desk import Desk
from maild.app.opening import opened
from maild.app.ports import PackageOpener
from maild.app.work import Claimed
from maild.mail import classify, read_mail, reply_text, with_absence
from maild.mail.authenticity import NOT_CHECKED, Authenticity, Proof, authenticity
from maild.mail.forwards import Forward, read_forward
from maild.mail.model import Identity, Kind, Mail, Reply, Verdict
from maild.mail.newlines import without_carriage_returns
from maild.mail.reading import FileReader
from maild.routing.facts import Reference
from maild.threading.evidence import Evidence, addressed_to, domain_of, gather, ids_answered, list_name

# What stays the same however a mail travels: hops add and change other headers.
_STABLE = ("message-id", "date", "from", "to", "cc", "subject", "content-type", "in-reply-to")


# A person has looked at it already, so it becomes a ticket whatever sort of mail it is.
_RELEASED = Verdict(
    kind=Kind.HUMAN, why=("released from quarantine",), acknowledge=False, acknowledge_why="nobody has read it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A mail, ready to be decided on."""

    row: Claimed
    mail: Mail
    verdict: Verdict
    reply: Reply
    evidence: tuple[Evidence, ...]
    content_key: str
    sender: str  # the From address in lower case; "" when there is none
    by_form: bool = False  # a web form that we trust sent it, for somebody whose address nothing proves
    list_name: str  # "list:NAME" when a person wrote through one, else ""
    addressed: tuple[str, ...]
    forward: Forward | None  # what an agent handed on
    bounced_nonce: str  # the letter of ours whose bounce address it was sent to
    answered: frozenset[str]  # the ids it answers, and its thread hint
    unpacked: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # files of its packages, by part
    references: tuple[Reference, ...] | None = None  # what it names; None: nobody has looked (`maild.app.references`)
    language: str | None = field(default=None, compare=False)  # of its words, "" uncertain; None: nobody has looked
    authenticity: Authenticity  # whether it comes from the domain of its From address, a form's own address too
    _files: FileReader = field(init=False, repr=False, compare=False)
    _same_words: str = field(init=False, default="", repr=False, compare=False)  # worked out when it is first asked for

    def __post_init__(self) -> None:
        """Whoever asks for many files has the mail taken apart once."""
        object.__setattr__(self, "_files", FileReader(self.row.raw))

    @property
    def is_somebody(self) -> bool:
        """Whether the sender becomes a contact: a person, or a program that opens tickets."""
        return is_answerable(self.verdict.kind) or self.verdict.kind is Kind.NOTICE

    @property
    def asks_language(self) -> bool:
        """Whether the model of languages may be asked: nobody has looked yet, or somebody else may speak in it."""
        return self.is_somebody and (self.language is None or self.forward is not None)

    @property
    def name(self) -> str:
        """The sender's name, or the address when it has none."""
        return (self.mail.sender.name if self.mail.sender else "") or self.sender

    @property
    def readers(self) -> str:
        """Whose members have all read each other's mails: a list's, or those of imported history; "" for none."""
        return self.list_name or _history(self.row)

    @property
    def vouched(self) -> bool:
        """Whether the sender's own domain vouches for the mail; what vouches for a web form does not."""
        origin = self.authenticity
        return not self.by_form and origin.result is Proof.PASS and origin.domain == domain_of(self.sender)

    @property
    def proves_agent(self) -> bool:
        """Whether the mail may act as the agent whose address it carries (RELIABILITY §7)."""
        return self.vouched and self.authenticity.proves_agent

    @property
    def same_words(self) -> str:
        """The scope in which mails of one sender with equal subject, words and files are counted (RELIABILITY §4.9).

        A machine that answers everything mostly says the same, under a new Message-ID each time.
        """
        if not self._same_words:
            files = (attachment.sha256 for attachment in self.mail.attachments)
            words = (self.sender, self.mail.subject, self.reply.text, *files)
            plain = "\n\n".join(" ".join(part.split()) for part in words)
            same = f"same {hashlib.sha256(plain.encode()).hexdigest()[:32]}"
            object.__setattr__(self, "_same_words", same)
        return self._same_words

    def file_bytes(self, part: str) -> bytes:
        """The decoded bytes of one of the mail's attachments. Raises KeyError when there is none."""
        return self.unpacked[part] if part in self.unpacked else self._files(part)


def prepare(row: Claimed, desk: Desk, open_package: PackageOpener) -> Prepared:
    """Parse, classify and gather evidence; pure but for `open_package`, and never fails on any bytes."""
    bare = row.handling == "bare"
    mail, unpacked = (bare_mail(row), {}) if bare else opened(read_mail(row.raw), row.raw, open_package)
    by_form = _is_trusted_form(mail, desk)
    if by_form:  # the mail is that of the person in Reply-To (PAINS row 25)
        mail = replace(mail, sender=mail.reply_to[0])
    sender = mail.sender.address.lower() if mail.sender else ""
    addressed = addressed_to(mail, row.envelope_to)
    own = desk.signer.read_message_id(mail.message_id) is not None if mail.message_id else False
    identity = Identity(addresses=desk.own_addresses, own_message_id=own)
    verdict = _RELEASED if bare else classify(mail, row.envelope_from, identity)
    reply = reply_text(mail)
    through = list_name(mail) if verdict.kind is Kind.LIST else ""
    nonces = (desk.signer.read_bounce_address(a) for a in addressed if desk.is_ours(a))
    return Prepared(
        row=row,
        mail=mail,
        verdict=with_absence(verdict, mail, reply, row.received_at),
        reply=reply,
        evidence=gather(mail, reply, row.envelope_to, desk.signer, desk.tag, readers=through or _history(row)),
        content_key=content_key(mail, row.raw),
        sender=sender,
        by_form=by_form,
        list_name=through,
        addressed=addressed,
        forward=None if bare or sender not in desk.agents else read_forward(mail, row.raw),
        bounced_nonce=next((n for n in nonces if n), ""),
        unpacked=unpacked,
        answered=frozenset({*ids_answered(mail), row.thread_hint}) - {"", row.message_id},
        authenticity=NOT_CHECKED if bare else authenticity(row.raw, desk.trust),
    )


def _history(row: Claimed) -> str:
    return "history" if row.silent else ""


def _is_trusted_form(mail: Mail, desk: Desk) -> bool:
    """Whether a web form that we trust sent it, for the one person in Reply-To."""
    return bool(mail.sender and mail.sender.address.lower() in desk.trusted_forms and len(mail.reply_to) == 1)


def content_key(mail: Mail, raw: bytes) -> str:
    """Equal for two copies of one mail that came different ways (RELIABILITY §2.1), 128 bits in hex.

    The Message-ID alone will not do: some senders use one id for many mails, some use none.
    """
    first_of = dict(reversed(mail.headers))
    digest = hashlib.sha256("\n".join(f"{name}:{first_of.get(name, '')}" for name in _STABLE).encode() + b"\n\n")
    plain = without_carriage_returns(raw)
    body = plain.find(b"\n\n")
    if body >= 0:  # a view, for a large mail is in memory twice as it is
        digest.update(memoryview(plain)[body + 2 : max(body + 2, _end_of_words(plain))])
    return digest.hexdigest()[:32]


def _end_of_words(plain: bytes) -> int:
    """Where the blanks at the end begin."""
    tail = plain[-1024:]
    words = len(tail.rstrip())
    return len(plain) - len(tail) + words if words else len(plain.rstrip())


def bare_mail(row: Claimed) -> Mail:
    """A mail that is not looked into, for `quarantine release`: a person reads the raw mail instead."""
    return Mail(
        message_id=row.message_id,
        subject=f"A mail that could not be read (inbox {row.id})",
        text=f"This mail was released from quarantine without being read. See it with: maild quarantine show {row.id}",
        defects=("released without being read",),
        size=len(row.raw),
    )


def is_answerable(kind: Kind) -> bool:
    """Whether a person wrote it, so that it makes tickets, resumes and is told to agents (MAIL.md §1)."""
    return kind in (Kind.HUMAN, Kind.LIST, Kind.CALENDAR)
