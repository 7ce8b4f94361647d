"""Reads a claimed mail once, before any transaction: everything that follows from its bytes alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from maild.app.desk import Desk
from maild.app.work import Claimed
from maild.mail import classify, read_mail, reply_text, with_absence
from maild.mail.model import Identity, Kind, Mail, Reply, Verdict
from maild.threading.evidence import Evidence, addressed_to, gather, ids_answered

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
    addressed: tuple[str, ...]
    bounced_nonce: str  # the letter of ours whose bounce address it was sent to
    answered: frozenset[str]  # the ids it answers, and its thread hint

    @property
    def is_somebody(self) -> bool:
        """Whether the sender becomes a contact: a person, or a program that opens tickets."""
        return is_answerable(self.verdict.kind) or self.verdict.kind is Kind.NOTICE

    @property
    def name(self) -> str:
        """The sender's name, or the address when it has none."""
        return (self.mail.sender.name if self.mail.sender else "") or self.sender


def prepare(row: Claimed, desk: Desk) -> Prepared:
    """Parse, classify and gather evidence; pure, and never fails on any bytes."""
    bare = row.handling == "bare"
    mail = bare_mail(row) if bare else read_mail(row.raw)
    addressed = addressed_to(mail, row.envelope_to)
    own = desk.signer.read_message_id(mail.message_id) is not None if mail.message_id else False
    identity = Identity(addresses=desk.own_addresses, own_message_id=own)
    reply = reply_text(mail)
    verdict = _RELEASED if bare else classify(mail, row.envelope_from, identity)
    nonces = (desk.signer.read_bounce_address(a) for a in addressed if desk.is_ours(a))
    return Prepared(
        row=row,
        mail=mail,
        verdict=with_absence(verdict, mail, reply, row.received_at),
        reply=reply,
        evidence=gather(mail, row.envelope_to, desk.signer, desk.tag),
        content_key=content_key(mail, row.raw),
        sender=mail.sender.address.lower() if mail.sender else "",
        addressed=addressed,
        bounced_nonce=next((n for n in nonces if n), ""),
        answered=frozenset({*ids_answered(mail), row.thread_hint}) - {"", row.message_id},
    )


def content_key(mail: Mail, raw: bytes) -> str:
    """Equal for two copies of one mail that came different ways (RELIABILITY §2.1), 128 bits in hex.

    The Message-ID alone will not do: some senders use one id for many mails, some use none.
    """
    stable = "\n".join(f"{name}:{mail.header(name)}" for name in _STABLE)
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()
    return hashlib.sha256(stable.encode() + b"\n\n" + body).hexdigest()[:32]


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
