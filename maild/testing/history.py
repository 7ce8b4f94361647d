"""Builds what a ticket's clocks follow from, a line for each thing that happens, for tests of service levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from maild.sla.facts import Fact
from maild.sla.terms import ClockKind, Terms
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import Status


def terms(
    *,
    first: timedelta | None = None,
    following: timedelta | None = None,
    resolution: timedelta | None = None,
    calendar: str = "24x7",
    policy: str = "standard",
) -> Terms:
    """The terms with these targets for the first response, the next responses and the resolution."""
    targets = {
        ClockKind.FIRST_RESPONSE: first,
        ClockKind.NEXT_RESPONSE: following,
        ClockKind.RESOLUTION: resolution,
    }
    return Terms(policy, calendar, {kind: target for kind, target in targets.items() if target is not None})


@dataclass(slots=True)
class History:
    """A ticket's facts in the order in which they were learned; each has a moment of its own."""

    facts: list[Fact] = field(default_factory=list)

    def opened(self, at: datetime, promised: Terms | None = None) -> None:
        """The ticket was opened by a mail, number 1."""
        self._add(EventKind.OPENED, at, 1, **(promised.facts() if promised else {}))
        self._add(EventKind.MAIL, at, 1)

    def mail(self, at: datetime, mail: int) -> None:
        """A person's mail arrived; it does nothing else."""
        self._add(EventKind.MAIL, at, mail)

    def answer(self, at: datetime, mail: int) -> None:
        """An agent's answer reached maild as this mail."""
        self._add(EventKind.ANSWER, at, mail)

    def failed(self, at: datetime, answer: int, *, template: str = "answer", final: bool = True) -> None:
        """It became known that a letter caused by this mail was not delivered."""
        self._add(EventKind.FAILED, at, None, template=template, final=final, cause=answer)

    def retried(self, at: datetime, answer: int) -> None:
        """An answer that had failed was sent again."""
        self._add(EventKind.RETRIED, at, None, cause=answer)

    def status(self, at: datetime, to: Status, mail: int | None = None, reason: str = "") -> None:
        """The status changed, because of a mail or not."""
        self._add(EventKind.STATUS, at, mail, to=to, **({"reason": reason} if reason else {}))

    def cared(self, at: datetime, kind: EventKind, **data: str | int | bool | None) -> None:
        """The customer was written to again, was asked for a rating, or gave one."""
        self._add(kind, at, None, **data)

    def target(self, at: datetime, promised: Terms, reason: str = "priority") -> None:
        """The ticket got new terms."""
        self._add(EventKind.TARGET, at, None, **promised.facts(), reason=reason)

    def alert(self, at: datetime, kind: ClockKind, level: int, *, cycle: int = 1) -> None:
        """People were told where a clock stands."""
        self._add(EventKind.ALERT, at, None, clock=kind, cycle=cycle, level=level)

    def escalated(self, at: datetime, kind: ClockKind, rule: str, *, cycle: int = 1) -> None:
        """An escalation was carried out."""
        self._add(EventKind.ESCALATED, at, None, clock=kind, cycle=cycle, rule=rule)

    def split(self, at: datetime, mail: int, *, back: bool = False) -> None:
        """A mail was split off to a ticket of its own, or came back from it."""
        self._add(EventKind.LINKED, at, None, ticket=2, why="joined again by" if back else "split into", cause=mail)

    def undone(self, at: datetime, to: Status) -> None:
        """The status was taken back."""
        self._add(EventKind.STATUS, at, None, to=to, reason="undo")

    def _add(self, kind: EventKind, at: datetime, mail: int | None, **data: str | int | bool | None) -> None:
        self.facts.append(Fact(len(self.facts) + 1, at, kind, mail, data))
