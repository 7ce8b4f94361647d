"""Mail that no person wrote: noted where it belongs, never answered."""

from __future__ import annotations

from maild.app.alerts import note_hard_bounce, reopen_and_tell
from maild.app.budgets import HOUR, OWN_LETTERS, Refusal
from maild.app.known import SentLetter
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.outcome import Outcome, Role, Taken
from maild.app.prepare import Prepared
from maild.mail.model import Kind
from maild.threading.match import Match
from maild.tickets.events import EventKind

_OWN_LETTERS_PER_HOUR = 3  # one may be forwarded by a colleague; three are a loop


def automatic_mail(prepared: Prepared, matched: Match, ledger: Ledger) -> Taken:
    """Keep an auto-reply, a report or our own letter on its ticket if it has one; nothing else happens."""
    row = prepared.row
    if prepared.verdict.kind is Kind.OWN and not row.silent:
        ledger.count(OWN_LETTERS, written=1)
        back = ledger.lately(OWN_LETTERS).written[HOUR]
        if back >= _OWN_LETTERS_PER_HOUR:
            ledger.refuse(Refusal(f"{back} of our own letters came back to us in an hour", OWN_LETTERS, HOUR), row.id)
    if matched.ticket is None:
        return Taken(Outcome.AUTOMATIC, None, ("noted; it belongs to no ticket and opens none",), Role.AUTOMATIC)
    ledger.record(
        matched.ticket,
        EventKind.AUTOMATIC,
        at=row.received_at,
        actor="system",
        mail=row.id,
        facts={"sort": prepared.verdict.kind},
    )
    return Taken(Outcome.AUTOMATIC, matched.ticket, ("noted on its ticket; it changes nothing",), Role.AUTOMATIC)


def bounce(prepared: Prepared, ledger: Ledger, letters: Letters) -> Taken:
    """Record a delivery report on the letter and the ticket it is about (F4).

    An agent's answer that was not delivered opens the ticket again and tells the agents, so that a
    customer who got nothing is not believed to be answered (PAINS rows 23, 34).
    """
    row, report = prepared.row, prepared.verdict.bounce
    letter = returned_letter(prepared, ledger, letters)
    said = " ".join(x for x in ((report.status, report.diagnostic) if report else ()) if x) or prepared.mail.subject
    if letter is None:
        return Taken(Outcome.BOUNCE, None, ("noted; it is about no letter of ours",), Role.AUTOMATIC)
    permanent = report is not None and report.permanent
    if permanent:
        ledger.changes.bounced[letter.id] = said
        note_hard_bounce(letter, said, ledger, letters, cause=row.id)
    if letter.ticket is None or letter.ticket not in ledger.known.tickets:
        return Taken(Outcome.BOUNCE, letter.ticket, (f"noted on letter {letter.id}",), Role.AUTOMATIC)
    number = letter.ticket
    ledger.record(
        number,
        EventKind.FAILED if permanent else EventKind.AUTOMATIC,
        at=row.received_at,
        actor="system",
        mail=row.id,
        facts={"letter": letter.id, "template": letter.template, "cause": letter.cause, "final": permanent},
    )
    why = [f"about letter {letter.id} ({letter.template}) to {letter.recipient}"]
    if permanent and letter.template == "answer" and not row.silent:
        reopen_and_tell(number, letter, said, ledger, letters, cause=row.id, at=row.received_at, mail=row.id)
        why.append("the answer did not arrive: the ticket is open again and the agents are told")
    return Taken(Outcome.BOUNCE, number, tuple(why), Role.AUTOMATIC)


def returned_letter(prepared: Prepared, ledger: Ledger, letters: Letters) -> SentLetter | None:
    """The letter that a report is about: by our bounce address, then by the Message-ID it returns."""
    nonce = prepared.bounced_nonce or returned_nonce(prepared, letters)
    return ledger.known.letters.get(nonce) if nonce else None


def returned_nonce(prepared: Prepared, letters: Letters) -> str:
    """The nonce in the returned Message-ID, if the id is ours."""
    report = prepared.verdict.bounce
    message_id = report.returned_message_id if report else ""
    if not message_id or letters.desk.signer.read_message_id(message_id) is None:
        return ""
    parts = message_id.partition("@")[0].split(".")
    return parts[2].lower() if len(parts) == 4 else ""
