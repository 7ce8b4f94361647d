"""The chain of events: it rebuilds the ticket, and every change to it is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maild.tickets.events import Event, EventKind, record, split_personal, verify
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

facts = st.one_of(
    st.builds(lambda to: (EventKind.STATUS, {"from": "x", "to": to.value}), st.sampled_from(list(Status))),
    st.builds(lambda value: (EventKind.SET, {"product": value}), st.text(max_size=20)),
    st.builds(lambda value: (EventKind.SET, {"assignee": value}), st.text(max_size=20)),
    st.just((EventKind.ANSWER, {})),
    st.just((EventKind.MAIL, {})),
)


def history(steps: list[tuple[EventKind, dict[str, str]]]) -> tuple[Ticket, list[Event]]:
    ticket, events = Ticket(number=1), []
    opening = (EventKind.OPENED, {"queue": "support", "subject": "broken", "contact": "kim@customer.example"})
    for at, (kind, given_facts) in enumerate([opening, *steps]):
        data, content = split_personal(given_facts)
        ticket, event = record(
            ticket, kind, at=T0 + timedelta(minutes=at), actor="contact:1", salt="00", data=data, content=content
        )
        events.append(event)
    return ticket, events


@given(st.lists(facts, max_size=10))
def test_events_rebuild_the_ticket(steps: list[tuple[EventKind, dict[str, str]]]) -> None:
    ticket, events = history(steps)
    assert verify(events, ticket) == []


@given(st.lists(facts, min_size=2, max_size=8), st.data())
def test_a_removed_moved_or_changed_event_is_seen(
    steps: list[tuple[EventKind, dict[str, str]]], data: st.DataObject
) -> None:
    ticket, events = history(steps)
    at = data.draw(st.integers(0, len(events) - 1))
    removed = events[:at] + events[at + 1 :]
    assert verify(removed, ticket)
    other = data.draw(st.integers(0, len(events) - 1).filter(lambda o: o != at))
    moved = events.copy()
    moved[at], moved[other] = moved[other], moved[at]
    assert verify(moved, ticket)
    for change in (
        {"actor": "agent:9"},
        {"at": T0 - timedelta(days=1)},
        {"data": {"x": "y"}},
        {"kind": EventKind.NOTE},
    ):
        assert verify([*events[:at], replace(events[at], **change), *events[at + 1 :]], ticket), change


def test_changed_content_is_seen_and_erased_content_is_not_a_fault() -> None:
    ticket, events = history([])
    forged = replace(events[0], content={**(events[0].content or {}), "subject": "fine"})
    assert any("content was changed" in fault for fault in verify([forged], ticket))
    erased = replace(events[0], content=None, salt="")
    assert verify([erased], replace(ticket, subject="", contact="")) == []


def test_what_an_older_version_kept_beside_the_chain_may_be_erased() -> None:
    ticket, events = history([])
    older = {"team": "second", "type": "incident", "reason_code": "damage", "case_type": "repair"}
    ticket, event = record(ticket, EventKind.SET, at=T0, actor="agent:1", salt="00", content=older)
    assert verify([*events, event], ticket) == []
    assert verify([*events, replace(event, content=None, salt="")], ticket) == []


def test_a_row_that_disagrees_with_its_events_is_seen() -> None:
    ticket, events = history([])
    assert "queue is 'other'" in verify(events, replace(ticket, queue="other"))[0]


def test_the_chain_holds_nothing_personal() -> None:
    _, events = history([(EventKind.SET, {"assignee": "anna@example.com", "product": "X"})])
    for event in events:
        assert "@" not in str(event.data)
        assert "broken" not in str(event.data)


def test_reopening_takes_the_end_back_and_a_hold_knows_its_start() -> None:
    ticket, _ = history(
        [(EventKind.STATUS, {"from": "new", "to": "closed"}), (EventKind.STATUS, {"from": "closed", "to": "open"})]
    )
    assert (ticket.status, ticket.closed_at) == (Status.OPEN, None)
    held, _ = history([(EventKind.STATUS, {"from": "new", "to": "on_hold", "hold_reason": "parts"})])
    assert (held.held_at, held.hold_reason) == (T0 + timedelta(minutes=1), "parts")
