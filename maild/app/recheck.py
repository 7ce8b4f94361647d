"""Looks up again what open tickets name: an order that is gone, or somebody else's now, is reported, not hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.clocks import settle_clocks
from maild.app.known import KeptReference, Wanted
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.lookups import Asked, Looked, Lookups
from maild.app.ports import Log
from maild.app.references import fill_fields, judged, keep_reference
from maild.app.work import Unit
from maild.clock import Clock
from maild.errors import Conflict
from maild.tickets.lifecycle import ENDED

GROUP = 100  # references looked up at a time, in one transaction
TIME = timedelta(seconds=20)  # of one run; the rest waits for the next one


class DueReferences(Protocol):
    """The store, as far as what tickets name is concerned."""

    def due(self, now: datetime, limit: int) -> list[KeptReference]:
        """Those that are to be looked up again, the longest due first; one look-up in a small index."""


@dataclass(frozen=True, kw_only=True)
class Recheck:
    """The use case; runs with the sweep, in as many processes as like to."""

    lookups: Lookups | None
    references: DueReferences
    unit: Callable[[], AbstractContextManager[Unit]]
    letters: Letters
    log: Log
    clock: Clock
    salt: Callable[[], str]
    stopping: Callable[[], bool] = lambda: False

    def run(self) -> int:
        """Look up what is due, for a limited time; returns how many of them no longer fit."""
        if self.lookups is None:
            return 0
        until, lost = self.clock() + TIME, 0
        while not self.stopping() and self.clock() < until:
            due = self.references.due(self.clock(), GROUP)
            if not due:
                break
            answers = self.lookups.look_up({_asked(kept) for kept in due})
            try:
                lost += self._record(due, [answers[_asked(kept)] for kept in due])
            except Conflict:  # a mail came on one of the tickets: the next run looks again
                break
        return lost

    def _record(self, due: Sequence[KeptReference], answers: Sequence[Looked]) -> int:
        now, desk, lost = self.clock(), self.letters.desk, 0
        with self.unit() as unit:
            known = unit.load(Wanted(tickets={kept.ticket for kept in due}), now)
            ledger = Ledger(unit=unit, known=known, now=now, salt=self.salt)
            for kept, looked in zip(due, answers, strict=True):
                number = kept.ticket
                if kept not in known.references.get(number, []):
                    continue  # somebody else was faster
                if ledger.ticket(number).status in ENDED:
                    ledger.keep_reference(replace(kept, next_at=None))
                    continue
                new = judged(kept.reference, looked, ledger.ticket(number).contact, desk)
                keep_reference(new, number, ledger, desk)
                fill_fields([new], number, ledger, mail=None, at=now)
                after = next(k for k in ledger.known.references[number] if k.is_about(new))
                if after.is_lost and not kept.is_lost:
                    self.log("reference no longer fits", ticket=number, directory=new.directory, fit=new.fit.value)
                    lost += 1
            settle_clocks(ledger, desk)
            unit.save(ledger.changes, known, now)
        return lost


def _asked(kept: KeptReference) -> Asked:
    return Asked(kept.reference.directory, kept.reference.key)
