"""Tells people of letters that were given up: each once, in the transaction that marks it as told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from maild.app.alerts import Failures, tell_of_budgets, tell_of_failure
from maild.app.clocks import settle_clocks
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.work import Unit
from maild.clock import Clock

GROUP = 20


class FailureUnit(Unit, Failures, Protocol):
    """A transaction that sees both tickets and failed letters."""


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """The use case."""

    anything: Callable[[], bool]  # a look that disturbs no writer: whether letters failed that nobody was told of
    unit: Callable[[], AbstractContextManager[FailureUnit]]
    letters: Letters
    clock: Clock
    salt: Callable[[], str]

    def run(self) -> int:
        """Tell of some letters; returns of how many."""
        if not self.anything():
            return 0
        now = self.clock()
        with self.unit() as unit:
            failed = unit.untold(GROUP)
            if not failed:
                return 0
            wanted = self.letters.wanted()
            wanted.tickets |= {f.ticket for f in failed if f.ticket is not None}
            wanted.addresses |= {f.recipient for f in failed}
            ledger = Ledger(unit=unit, known=unit.load(wanted, now), now=now, salt=self.salt)
            for letter in failed:
                tell_of_failure(letter, ledger, self.letters)
            tell_of_budgets(ledger, self.letters)
            settle_clocks(ledger, self.letters.desk)
            unit.save(ledger.changes, ledger.known, now)
            unit.told([letter.id for letter in failed])
        return len(failed)
