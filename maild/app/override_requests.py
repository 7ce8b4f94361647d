"""Overrides that wait for approval, as a ticket's events tell them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maild.app.ledger import Ledger
from maild.tickets.events import Event, EventKind
from maild.tickets.orders import Command

_SETTLED = (EventKind.APPROVED, EventKind.DENIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Commands that an agent wants carried out although rules refuse them."""

    number: int  # of its event
    actor: str  # who asks, as events name him
    asker: str  # the address
    lines: tuple[str, ...]  # the commands
    because: str

    @property
    def commands(self) -> list[Command]:
        """The commands, with the override that lets them pass."""
        read = (line.removeprefix("#").partition(" ") for line in self.lines)
        return [*(Command(name, argument) for name, _, argument in read), Command("override", self.because)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """All that were made on a ticket."""

    numbers: tuple[int, ...] = ()
    open: Request | None = None  # the newest, unless it is settled: a newer one takes the place of an older one
    replaced: bool = False  # whether that one took the place of one that was open


def requests_of(number: int, ledger: Ledger) -> Requests:
    """The requests of a ticket, with those of this transaction."""
    return read_requests([*ledger.unit.events(number), *ledger.new_events.get(number, ())])


def read_requests(events: Iterable[Event]) -> Requests:
    """The requests that events tell of; one whose words were erased can be carried out no more."""
    numbers: list[int] = []
    open_ones: list[Event] = []
    for event in events:
        if event.kind is EventKind.REQUESTED:
            numbers.append(event.seq)
            open_ones.append(event)
        elif event.kind in _SETTLED:
            open_ones.clear()
    newest = open_ones[-1] if open_ones else None
    content = (newest.content or {}) if newest else {}
    request = None
    if newest and content:
        request = Request(
            number=newest.seq,
            actor=newest.actor,
            asker=str(content.get("asker", "")),
            lines=tuple(str(content.get("commands", "")).split("\n")),
            because=str(content.get("because", "")),
        )
    return Requests(numbers=tuple(numbers), open=request, replaced=len(open_ones) > 1)
