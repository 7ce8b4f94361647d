"""Tells people of troubles by mail: once when one begins, again each day that it lasts, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.alerts import alert
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.ports import Log
from maild.app.troubles import Trouble
from maild.app.work import Unit

CALM = timedelta(minutes=10)  # what comes back within it was never over


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A trouble that people were told of."""

    name: str
    says: str  # when they were told
    since: datetime
    told_at: datetime  # the last time
    gone_at: datetime | None = None  # seems to be over, since then


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be said and kept."""

    begun: Sequence[Trouble] = ()
    lasting: Sequence[tuple[Trouble, Told]] = ()  # after another day
    ended: Sequence[Told] = ()
    keep: Sequence[Told] = ()  # rows that are new, or have changed
    forget: Sequence[str] = ()  # names of rows

    @property
    def anything(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.begun or self.keep or self.forget)


def decide(
    now: datetime,
    found: Sequence[Trouble],
    told: Mapping[str, Told],
    remind: timedelta,
    elsewhere: Collection[str] = (),
) -> Decision:
    """What to do about the troubles of this moment, given those that were told of; pure.

    `elsewhere`: names of troubles that others tell. One that goes on there under its machine's name is not over:
    before names had machines, "disk on desk1" was "disk".
    """
    begun, lasting, ended, keep, forget = [], [], [], [], []
    for trouble in found:
        known = told.get(trouble.name)
        if trouble.over:
            begun.append(trouble)
        elif known is None:
            begun.append(trouble)
            keep.append(Told(name=trouble.name, says=trouble.says, since=now, told_at=now))
        elif now - known.told_at >= remind:
            lasting.append((trouble, known))
            keep.append(replace(known, says=trouble.says, told_at=now, gone_at=None))
        elif known.gone_at is not None:
            keep.append(replace(known, gone_at=None))
    there = {trouble.name for trouble in found if not trouble.over}
    for known in told.values():
        if known.name in there:
            continue
        if known.gone_at is None:
            keep.append(replace(known, gone_at=now))
        elif now - known.gone_at >= CALM:
            if not any(name.startswith(f"{known.name} on ") for name in (*there, *elsewhere)):
                ended.append(known)
            forget.append(known.name)
    return Decision(begun=begun, lasting=lasting, ended=ended, keep=keep, forget=forget)


class Troubled(Unit, Protocol):
    """A transaction that knows what people were told of."""

    def told_troubles(self) -> dict[str, Told]:
        """By name."""

    def keep_troubles(self, keep: Sequence[Told], forget: Sequence[str]) -> None:
        """Write rows and remove others; part of the transaction. Raises Conflict when somebody else was faster."""


@dataclass(frozen=True, kw_only=True)
class TellTroubles:
    """The use case; one process at a time runs it."""

    unit: Callable[[], AbstractContextManager[Troubled]]
    letters: Letters
    log: Log
    salt: Callable[[], str]
    remind: timedelta

    def run(
        self,
        now: datetime,
        found: Sequence[Trouble],
        told: Mapping[str, Told],
        mine: Callable[[str], bool] = lambda _name: True,
    ) -> bool:
        """Write down and tell what has changed since `told`; returns whether there are letters to send.

        `mine`: by their names, those that are told here; others tell of the rest. Raises Conflict when another
        process has just done it.
        """
        found = [trouble for trouble in found if mine(trouble.name)]

        def decided(told: Mapping[str, Told]) -> Decision:
            ours = {name: each for name, each in told.items() if mine(name)}
            return decide(now, found, ours, self.remind, elsewhere=told.keys() - ours.keys())

        if not decided(told).anything:
            return False
        with self.unit() as unit:
            decision = decided(unit.told_troubles())
            ledger = Ledger(unit=unit, known=unit.load(self.letters.wanted(), now), now=now, salt=self.salt)
            self._tell(decision, ledger)
            unit.keep_troubles(decision.keep, decision.forget)
            unit.save(ledger.changes, ledger.known, now)
        for trouble in decision.begun:
            self.log("trouble", name=trouble.name, says=trouble.says)
        for trouble, since in decision.lasting:
            self.log("trouble lasts", name=trouble.name, says=trouble.says, since=since.since.isoformat())
        for known in decision.ended:
            self.log("trouble over", name=known.name, since=known.since.isoformat())
        return bool(ledger.changes.letters)

    def _tell(self, decision: Decision, ledger: Ledger) -> None:
        """One letter for all that begins or lasts, one for all that is over: a bad night is not a hundred letters."""
        lasting = {trouble.name: since for trouble, since in decision.lasting}
        bad = [*decision.begun, *(trouble for trouble, _ in decision.lasting)]
        if bad:
            alone = bad[0] if len(bad) == 1 else None
            alert(
                ledger,
                self.letters,
                cause=0,
                at=ledger.now,
                about="trouble " + " ".join(trouble.name for trouble in bad),
                headline=alone.says if alone else f"{len(bad)} things need a person",
                lines=[
                    line
                    for trouble in bad
                    for line in self._lines(trouble, lasting.get(trouble.name), named=alone is None)
                ],
                advice=alone.advice if alone else "How everything stands now:",
                command=alone.command if alone else "maild status",
            )
        if decision.ended:
            names = ", ".join(known.name for known in decision.ended)
            alert(
                ledger,
                self.letters,
                cause=0,
                at=ledger.now,
                about=f"over {names}",
                headline=f"All clear: {names}",
                lines=[
                    (known.name, f"{known.says} - over since {self.letters.desk.time(known.gone_at or ledger.now)}")
                    for known in decision.ended
                ],
                advice="Nothing is to be done. How everything stands now:",
                command="maild status",
            )

    def _lines(self, trouble: Trouble, told: Told | None, *, named: bool) -> list[tuple[str, str]]:
        what = [(trouble.name, f"{trouble.says}. {trouble.advice} {trouble.command}".strip())] if named else []
        return [*what, ("Since", self.letters.desk.time(told.since))] if told else what
