"""Which override waits for approval follows from a ticket's events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from maild.app.override_requests import read_requests
from maild.tickets.events import Event, EventKind, Facts, record
from maild.tickets.model import Ticket
from maild.tickets.orders import Command

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WANTS: Facts = {"commands": "#close no answer\n#cause rust", "because": "he is gone", "asker": "anna@staff.example"}


def chain(*kinds: str) -> list[Event]:
    """Events of these kinds, numbered from 1."""
    ticket, events = Ticket(number=1), []
    for kind in kinds:
        content = WANTS if kind == "requested" else None
        ticket, event = record(ticket, EventKind(kind), at=NOW, actor="agent:1", salt="00", content=content)
        events.append(event)
    return events


@pytest.mark.parametrize(
    ("kinds", "open_one", "replaced"),
    [
        ("mail", None, False),
        ("requested", 1, False),
        ("requested mail note", 1, False),
        ("requested requested", 2, True),
        ("requested approved", None, False),
        ("requested denied", None, False),
        ("requested denied requested", 3, False),
        ("requested requested denied", None, False),
        ("requested approved requested requested", 4, True),
    ],
)
def test_the_newest_request_waits_until_it_is_settled(kinds: str, open_one: int | None, *, replaced: bool) -> None:
    found = read_requests(chain(*kinds.split()))
    assert (found.open.number if found.open else None, found.replaced) == (open_one, replaced)


def test_a_request_gives_back_the_commands_with_the_override_that_lets_them_pass() -> None:
    request = read_requests(chain("requested")).open
    assert request is not None
    assert request.commands == [
        Command("close", "no answer"),
        Command("cause", "rust"),
        Command("override", "he is gone"),
    ]
    assert (request.asker, request.actor, request.because) == ("anna@staff.example", "agent:1", "he is gone")


def test_words_that_were_erased_can_be_carried_out_no_more() -> None:
    (event,) = chain("requested")
    found = read_requests([replace(event, content=None, salt="")])
    assert (found.open, found.numbers) == (None, (1,))
