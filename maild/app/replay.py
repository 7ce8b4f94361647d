"""Makes a mail ready to be routed once more, from what was kept when it was taken in.

Reading it anew from its bytes would cost ten times as much, and would have to ask again what cannot be
asked any more: what DNS said of its origin then. The words, the files and the kind stand beside the raw
mail; only its header is read again, for rules that look at it. Of a mail that a rule turned away nothing
stands there, and all of it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from maild.app.arrival import Door
from maild.app.desk import Desk
from maild.app.prepare import Prepared, prepare
from maild.app.references import named_references
from maild.app.work import Claimed
from maild.errors import Permanent
from maild.mail import read_mail
from maild.mail.authenticity import Authenticity, Proof
from maild.mail.model import Attachment, Kind, Mail, Reply, Verdict
from maild.mail.packages import Package
from maild.routing.facts import Reference
from maild.threading.evidence import addressed_to

_ORIGIN = "authenticity "  # how take_in begins the reasons that say where a mail is from
_PROOFS = {proof.value: proof for proof in Proof}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A mail that went through routing, as the store has it."""

    inbox: int
    ticket: int | None  # that it opened; None when a rule turned it away
    received_at: datetime
    envelope_from: str | None
    envelope_to: tuple[str, ...]
    silent: bool
    why: tuple[str, ...]  # the trace of its day
    kind: Kind = Kind.HUMAN
    sender: str = ""  # whose words they are, in lower case; of a mail that an agent handed on, the customer
    subject: str = ""
    words: str = ""
    files: tuple[Attachment, ...] = ()
    head: bytes = b""  # the raw mail as far as its header
    source: str = ""  # of the ticket, as `Handed` says it
    references: tuple[Reference, ...] = ()  # of the ticket, as the directories said last
    raw: bytes = b""  # all of a mail that a rule turned away: nothing that was read in it is kept


def mail_again(kept: Kept) -> Mail:
    """The mail as far as rules look at it: its header, its subject and its files."""
    return replace(read_mail(kept.head), subject=kept.subject, attachments=kept.files)


def ready_again(kept: Kept, mail: Mail, desk: Desk) -> Prepared:
    """The mail as `prepare` gave it to routing; what only threading and letters need is left out.

    No directory is asked: what mails name is as it was said last.
    """
    if kept.raw:
        return replace(prepare(_row(kept, kept.raw, ""), desk, _unopened), authenticity=_origin(kept.why))
    prepared = Prepared(
        row=_row(kept, kept.head, mail.message_id),
        mail=mail,
        verdict=Verdict(kind=kept.kind, why=(), acknowledge=False, acknowledge_why=""),
        reply=Reply(text=kept.words),
        evidence=(),
        content_key="",
        sender=kept.sender,
        list_name="",
        addressed=addressed_to(mail, kept.envelope_to),
        forward=None,
        bounced_nonce="",
        answered=frozenset(),
        authenticity=_origin(kept.why),
    )
    said = {(each.sort, each.key.casefold()): each for each in kept.references}
    named = named_references(prepared, desk)
    return replace(prepared, references=tuple(said.get((each.sort, each.key.casefold()), each) for each in named))


def _row(kept: Kept, raw: bytes, message_id: str) -> Claimed:
    return Claimed(
        id=kept.inbox,
        door=Door.PIPE,
        raw=raw,
        received_at=kept.received_at,
        envelope_from=kept.envelope_from,
        envelope_to=kept.envelope_to,
        message_id=message_id,
        thread_hint="",
        silent=kept.silent,
        handling="normal",
        attempts=1,
    )


def _unopened(data: bytes) -> Package:
    raise Permanent(f"a package of {len(data)} bytes: its files are not looked at again to try rules on it")


def sent_by_agent(prepared: Prepared, desk: Desk) -> bool:
    """Whether an agent sent it, for whomever."""
    sender = prepared.mail.sender
    return prepared.sender in desk.agents or (sender is not None and sender.address.lower() in desk.agents)


def is_trusted(kept: Kept, prepared: Prepared, desk: Desk) -> bool:
    """Whether an agent certainly sent it, so that no rule turns it away."""
    sender = prepared.mail.sender
    handed_on = sender is not None and sender.address.lower() != prepared.sender
    return kept.source == "internal" or (handed_on and sent_by_agent(prepared, desk))


def _origin(why: tuple[str, ...]) -> Authenticity:
    """What was found of its origin when it came."""
    for line in why:
        if line.startswith(_ORIGIN):
            result, _, reason = line.removeprefix(_ORIGIN).partition(": ")
            if result in _PROOFS:
                return Authenticity(result=_PROOFS[result], why=(reason,))
    return Authenticity(result=Proof.NONE)
