"""Tells people what needs a person: quarantined mail, letters that could not be delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maild.app.budgets import DAY, HOUR, OWN_LETTERS, WARNINGS
from maild.app.known import SentLetter
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts
from maild.app.letters import Letters, broken_scope
from maild.app.marks import blames_address, is_refusal
from maild.app.recipients import told_now
from maild.app.webhooks import WEBHOOK, shown
from maild.ids import Purpose
from maild.mail.model import Address
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import Status

_WARNINGS_PER_HOUR = 5  # alerts about budgets; more of them would keep the other alerts away


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLetter(SentLetter):
    """A letter that was given up, and nobody knows yet."""

    answer: str
    created_at: datetime


class Failures(Protocol):
    """The store, as far as letters that failed are concerned."""

    def untold(self, limit: int) -> list[FailedLetter]:
        """Letters that failed and that nobody was told of."""

    def told(self, letters: Sequence[int]) -> None:
        """Mark them; part of the caller's transaction."""


def alert(
    ledger: Ledger,
    letters: Letters,
    *,
    cause: int,
    at: datetime,
    headline: str,
    lines: Sequence[tuple[str, str]],
    advice: str = "",
    command: str = "",
    about: str = "",
) -> None:
    """Write an alert to everybody who is to be told; what is beyond their budgets comes in a digest."""
    for address in letters.desk.alerts_to:
        refused = letters.write(
            ledger,
            "alert",
            cause=cause,
            received_at=at,
            to=Address("", address),
            ticket=None,
            queue=letters.desk.queues[0],
            facts={
                "subject_with_tag": f"[maild] {headline}",
                "headline": headline,
                "lines": list(lines),
                "advice": advice,
                "command": command,
            },
            about=about,
        )
        if refused:
            ledger.hold(address, "alert", 0)


def tell_of_budgets(ledger: Ledger, letters: Letters) -> None:
    """Alert of every budget that was used up: once, until it has been quiet for its span; and of broken letters."""
    _tell_of_broken(ledger, letters)
    for scope, (refusal, cause) in ledger.exceeded.items():
        if ledger.lately(WARNINGS).written[HOUR] >= _WARNINGS_PER_HOUR:
            for address in letters.desk.alerts_to:
                ledger.hold(address, "alert", 0)
            continue
        ledger.count(WARNINGS, written=1)
        kind, number = ("Inbox", cause) if cause > 0 else ("Letter", -cause)
        begun = f"maild explain --inbox {number}" if cause > 0 else f"maild outbox show {number}"
        own = "Our own letters come back" if scope == OWN_LETTERS else ""
        alert(
            ledger,
            letters,
            cause=cause,
            # Two workers that meet the same loop in the same moment write the same letter.
            at=ledger.now.replace(minute=0, second=0, microsecond=0),
            about=f"budget {scope}",
            headline=own or "A flood or a loop: letters are held back",
            lines=[
                ("Why", refusal.why),
                ("Since", letters.desk.time(ledger.now)),
                *([(kind, str(number))] if number else []),  # alerts about clocks are due to no mail
            ],
            advice="Mail is taken in as ever. If it is no loop, the limits stand in [letters]. What it began with:",
            command=begun if number else "maild outbox list",
        )


def _tell_of_broken(ledger: Ledger, letters: Letters) -> None:
    """Alert of every letter of the site's own that could not be filled: once a day for each."""
    while ledger.broken:  # the letter of the alert itself may be one
        file, trouble = ledger.broken.popitem()
        scope = broken_scope(file)
        if ledger.lately(scope).written[DAY]:
            continue
        ledger.count(scope, written=1)
        alert(
            ledger,
            letters,
            cause=0,
            at=ledger.now.replace(hour=0, minute=0, second=0, microsecond=0),  # of two workers one tells
            about=scope,
            headline=f"A letter of your own cannot be filled: {file}",
            lines=[("Why", trouble), ("Since", letters.desk.time(ledger.now))],
            advice="The built-in letter is sent in its place. Once it is mended, reload; this tells what is wrong:",
            command="maild templates check",
        )


def quarantine_alert(ledger: Ledger, letters: Letters, *, inbox: int, at: datetime, trouble: str) -> None:
    """A mail went into quarantine."""
    alert(
        ledger,
        letters,
        cause=inbox,
        at=ledger.now,  # a replay that fails again is told of again
        headline=f"A mail is in quarantine (inbox {inbox})",
        lines=[("Inbox", str(inbox)), ("Arrived", letters.desk.time(at)), ("Why", trouble)],
        advice="It is kept whole and holds nothing up. Look at it and decide:",
        command=f"maild quarantine show {inbox}",
    )


def virus_alert(
    ledger: Ledger, letters: Letters, *, inbox: int, arrived: datetime, at: datetime, found: Sequence[tuple[str, str]]
) -> None:
    """A mail brought a virus; `found` are the files, each with what was found in it."""
    alert(
        ledger,
        letters,
        cause=inbox,
        at=at,
        headline=f"A mail brought a virus (inbox {inbox})",
        lines=[
            ("Inbox", str(inbox)),
            ("Arrived", letters.desk.time(arrived)),
            *((f"File {name}", virus) for name, virus in found),
        ],
        advice="The files are handed out to nobody; the raw mail keeps them. The mail was taken in as any other:",
        command=f"maild explain --inbox {inbox}",
    )


def tell_of_failure(letter: FailedLetter, ledger: Ledger, letters: Letters) -> None:
    """Record on its ticket that a letter was given up; an answer opens the ticket again (PAINS row 23)."""
    if is_refusal(letter.answer):
        note_hard_bounce(letter, letter.answer, ledger, letters, cause=-letter.id)
    if letter.template == "alert":
        return  # an alert about an alert would go the same way
    number = letter.ticket
    if number is not None and number in ledger.known.tickets:
        ledger.record(
            number,
            EventKind.FAILED,
            at=ledger.now,
            actor="system",
            mail=None,
            facts={"letter": letter.id, "template": letter.template, "cause": letter.cause, "final": True},
        )
    if number is not None and letter.template == "answer" and number in ledger.known.tickets:
        reopen_and_tell(
            number, letter, letter.answer, ledger, letters, cause=-letter.id, at=letter.created_at, mail=None
        )
    if letter.template == WEBHOOK:
        _tell_of_webhook(letter, ledger, letters)
        return
    alert(
        ledger,
        letters,
        cause=-letter.id,
        at=letter.created_at,
        headline=f"A letter could not be delivered (outbox {letter.id})",
        lines=[("Letter", letter.template), ("To", letter.recipient), ("Answer", letter.answer)],
        advice="Send it again once the cause is mended:",
        command=f"maild outbox retry {letter.id}",
    )


def _tell_of_webhook(letter: FailedLetter, ledger: Ledger, letters: Letters) -> None:
    """Alert of a webhook that was given up; once an hour for each receiver, however many tickets there are."""
    host = shown(letter.recipient)
    alert(
        ledger,
        letters,
        cause=-letter.id,
        at=ledger.now.replace(minute=0, second=0, microsecond=0),
        about=f"webhook {host}",
        headline=f"Webhooks do not reach {host}",
        lines=[("Answer", letter.answer), ("Ticket", str(letter.ticket or "none"))],
        advice="Send what was given up again once the cause is mended; there may be more:",
        command="maild outbox list --state failed",
    )


def note_hard_bounce(letter: SentLetter, said: str, ledger: Ledger, letters: Letters, *, cause: int) -> None:
    """A letter came back for good: count it against its address, if that is to blame (PAINS row 21).

    Whoever looks at a customer's ticket sees the mark; somebody of ours who is not reached is alerted of.
    """
    address = letter.recipient
    if not blames_address(said):
        return
    marked = letters.mark(ledger, address) is not None
    ledger.note_bounce(address, letter.id, said)
    mark = letters.mark(ledger, address)
    if mark is None or marked or address not in letters.desk.staff:
        return
    alert(
        ledger,
        letters,
        cause=cause,
        at=ledger.now,
        headline=f"Mail does not reach {address}",
        lines=[("Why", mark.sentence(letters.desk.time(mark.until)))],
        advice="Notifications and alerts to this address wait. Once it is mended:",
        command=f"maild addresses clear {address}",
        about=f"mark {address}",
    )


def reopen_and_tell(
    number: int,
    letter: SentLetter,
    said: str,
    ledger: Ledger,
    letters: Letters,
    *,
    cause: int,
    at: datetime,
    mail: int | None,
) -> None:
    """An agent's answer did not arrive: the ticket is our turn again, and the agents know."""
    desk = letters.desk
    if ledger.ticket(number).status in (Status.RESPONDED, Status.RESOLVED, Status.CLOSED, Status.ON_HOLD):
        ledger.move(number, Status.OPEN, at=ledger.now, actor="system", mail=mail, reason="answer not delivered")
    ticket = ledger.ticket(number)
    queue = desk.queue_named(ticket.queue)
    mark = letters.mark(ledger, letter.recipient)
    marked = f" Careful: {mark.sentence(desk.time(mark.until))}" if mark else ""
    for agent in told_now(ticket, ledger, desk):
        letters.write(
            ledger,
            "problem",
            cause=cause,
            received_at=at,
            to=Address(desk.agents.get(agent, ""), agent),
            ticket=ticket,
            queue=queue,
            purpose=Purpose.AGENT,
            in_reply_to=desk.signer.ticket_id(desk.domain, number),
            facts={
                **common_facts(number, ledger, letters),
                "problem": f"Your answer did not reach {letter.recipient}: {said} The ticket is open again.{marked}",
            },
        )
