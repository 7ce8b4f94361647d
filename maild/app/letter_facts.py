"""What several letters say of a ticket: its name, its last mails, its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from maild.app.clocks import clocks_of
from maild.app.customer_zone import time_in
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.sla.clock import Clock
from maild.sla.terms import ClockKind
from maild.tickets.model import Ticket


def common_facts(number: int, ledger: Ledger, letters: Letters) -> dict[str, object]:
    """What every letter about a ticket says."""
    return {
        "desk_name": letters.desk.name,
        "number": number,
        "subject_with_tag": letters.subject(ledger.ticket(number)),
    }


def customer_facts(number: int, ledger: Ledger) -> dict[str, object]:
    """Whose ticket it is, whoever wrote last."""
    contact = ledger.ticket(number).contact
    name = ledger.known.participants.get(number, {}).get(contact, "")
    return {"customer_name": name, "customer_address": contact}


def ticket_facts(number: int, ledger: Ledger, letters: Letters, *, zone: tzinfo | None = None) -> dict[str, object]:
    """What a notification says of a ticket, whatever the occasion; times in `zone`, else in the desk's."""
    desk, ticket = letters.desk, ledger.ticket(number)
    return {
        **common_facts(number, ledger, letters),
        "tag": letters.tag(number),
        "subject": ticket.subject,
        "status_label": desk.label(ticket.status),
        "sla": clock_lines(number, ledger, desk, zone=zone),
        "opened_at": time_in(ticket.opened_at, zone or desk.zone) if ticket.opened_at else "",
        "queue": ticket.queue,
        **sort_facts(ticket, desk),
    }


def sort_facts(ticket: Ticket, desk: Desk) -> dict[str, str]:
    """What sort of ticket it is, and who has it, as agents are told."""
    reasons = desk.router.catalogue.reasons
    label = next((each.label for each in reasons if each.code == ticket.reason_code), {})
    words = label.get(desk.language, label.get("en", ""))
    return {
        "priority": ticket.priority,
        "type": " / ".join(each for each in (ticket.type, ticket.case_type) if each),
        "reason": f"{ticket.reason_code} ({words})" if words else ticket.reason_code,
        "team": ticket.team,
        "tags": ticket.tags,
        "assignee": desk.agents.get(ticket.assignee, ticket.assignee),
    }


def past_mails(number: int, ledger: Ledger, desk: Desk, *, zone: tzinfo | None = None) -> list[dict[str, str]]:
    """The last mails of a ticket that its customer and its agents may both read, the newest first."""
    zone = zone or desk.zone
    return [
        {"who": past.from_name or past.from_address, "when": time_in(past.at, zone), "text": past.words}
        for past in reversed(ledger.known.past.get(number, []))
    ]


def clock_lines(number: int, ledger: Ledger, desk: Desk, *, zone: tzinfo | None = None) -> list[dict[str, object]]:
    """The running clocks of a ticket, each in one line of a letter: the one that is due first on top."""
    reason = ledger.ticket(number).hold_reason
    running = clocks_of(number, ledger, desk).running
    return [
        {**clock_line(clock, desk, ledger.now, zone=zone), "hold_reason": reason}
        for clock in sorted(running, key=lambda clock: clock.due_at or datetime.max.replace(tzinfo=UTC))
    ]


def response_facts(number: int, ledger: Ledger, desk: Desk, zone: tzinfo) -> dict[str, object]:
    """Until when a first answer is promised, in the customer's zone; nothing without such a promise."""
    for clock in clocks_of(number, ledger, desk).running:
        if clock.kind is ClockKind.FIRST_RESPONSE and clock.due_at is not None:
            return {"response_due": time_in(clock.due_at, zone)}
    return {}


def clock_words(clock: Clock, desk: Desk, now: datetime) -> dict[str, object]:
    """A running clock as letters speak of it."""
    used, due = clock.used(now), clock.due_at
    left = clock.target - used
    return {
        "clock_label": clock.kind.value,
        "used_percent": used * 100 // clock.target,
        "used": span_words(used),
        "left": span_words(abs(left)),
        "due": desk.time(due) if due else "",
    }


def clock_line(clock: Clock, desk: Desk, now: datetime, *, zone: tzinfo | None = None) -> dict[str, object]:
    """A clock in one line of a letter."""
    state = "failed" if clock.failed(now) else "paused" if clock.paused_at else "due"
    return {
        "clock_label": clock.kind.value,
        "standing": state,
        "due": time_in(clock.due_at, zone or desk.zone) if clock.due_at else "",
        "left": span_words(abs(clock.target - clock.used(now))),
    }


def span_words(length: timedelta) -> str:
    """A length as people say it, cut to the minute: "3 d 4 h", "3 h 20 min", "12 min"."""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (rest, "min")) if count]
    return " ".join(parts[:2]) or "0 min"


def size_text(size: int) -> str:
    """A number of bytes as people say it: "1.2 MiB"."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KiB" if size < 1 << 20 else f"{size / (1 << 20):.1f} MiB"
