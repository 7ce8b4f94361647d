"""One soak of one set-up: rounds of load and faults, each round followed by rest and the whole checker."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from maild.store import schema
from maild.testing.invariants import check
from maild.testing.waiting import wait_until
from soak import gauges
from soak.faults import Sort, sorts_of
from soak.house import House
from soak.load import Load, Said

PATIENCE = 180.0  # seconds until everything is at rest, or until a probe came through: then it is a break
SLOW = 30.0  # seconds: what RELIABILITY §11.2 allows a recovery to take
_HELD = (1.0, 6.0)  # seconds that a fault lasts
_ROUND = 6  # faults between two rests
_WARM = 0.1  # of the time: load without faults, for the baseline and at the end


@dataclass
class Outcome:
    """What one soak came to."""

    setup: str
    seed: int
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    said: Said = field(default_factory=Said)
    mails: Counter[str] = field(default_factory=Counter)  # inbox rows by outcome
    letters: Counter[str] = field(default_factory=Counter)  # outbox rows by state
    uncertain: int = 0
    recoveries: list[float] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)  # seconds from each SIGTERM to the end
    breaks: list[str] = field(default_factory=list)
    rests: int = 0
    starts: int = 0
    before: dict[str, gauges.Gauge] = field(default_factory=dict)
    after: dict[str, gauges.Gauge] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Breaks that say that a mail or a letter is gone."""
        return sum("in the inbox" in b or "never got it" in b or "no outcome" in b for b in self.breaks)

    @property
    def doubled(self) -> int:
        """Breaks that say that something happened twice."""
        twice = re.compile(r"\b\d+ times\b|took effect as")
        return sum(bool(twice.search(b)) and "in the inbox" not in b for b in self.breaks)


class Trial:
    """Runs it. `tell` gets a line now and then; `folder` keeps logs and the database."""

    def __init__(self, setup: str, seed: int, folder: Path, tell: Callable[[str], None]) -> None:
        self._dice = random.Random(f"{setup}/{seed}")
        self._tell = tell
        self.outcome = Outcome(setup, seed)
        self.house = House(setup, folder, tell=tell)
        self.load = Load(self.house, seed)
        self.outcome.said = self.load.said

    def run(self, seconds: float) -> Outcome:
        """So long, and a little more: it ends at rest."""
        outcome, begun = self.outcome, time.monotonic()
        try:
            self._under_load(seconds * _WARM)
            self._rest()
            outcome.before = gauges.read(self.house.pids())
            while not outcome.breaks and (left := begun + seconds * (1 - _WARM) - time.monotonic()) > 0:
                self._round(left)
                self._rest()
            self._under_load(seconds * _WARM)
            self._rest()
            outcome.after = gauges.read(self.house.pids())
            outcome.breaks += gauges.grown(outcome.before, outcome.after)
        except AssertionError as error:  # something did not come back
            outcome.breaks.append(str(error))
        finally:
            self._finish(begun)
        return outcome

    def run_faults(
        self, sorts: list[Sort], count: int, held: tuple[float, float] = (0.2, 1.0), slow: float = SLOW
    ) -> Outcome:
        """These sorts in turn, `count` in all, a rest after every twenty; a recovery over `slow` seconds is a break."""
        outcome, begun = self.outcome, time.monotonic()
        try:
            self.load.go()
            for number in range(count):
                self._fault([sorts[number % len(sorts)]], held)
                if outcome.recoveries[-1] > slow:
                    outcome.breaks.append(f"recovery took {outcome.recoveries[-1]:.0f} s")
                if number % 20 == 19 or number == count - 1:
                    self._rest()
                    if outcome.breaks:
                        break
                    self.load.go()
        except AssertionError as error:
            outcome.breaks.append(str(error))
        finally:
            self._finish(begun)
        return outcome

    def _finish(self, begun: float) -> None:
        outcome = self.outcome
        self.load.close()
        outcome.breaks = list(dict.fromkeys(outcome.breaks))  # each rest finds the same ones
        outcome.seconds, outcome.starts = time.monotonic() - begun, self.house.starts
        outcome.stops = self.house.stops
        self.house.close()

    def _under_load(self, seconds: float) -> None:
        self.load.go()
        time.sleep(seconds)

    def _round(self, seconds: float) -> None:
        """Some faults, one or two at a time."""
        self.load.go()
        end = time.monotonic() + seconds
        for _ in range(_ROUND):
            if time.monotonic() > end:
                return
            self._fault(self._dice.sample(sorts_of(self.outcome.setup), self._dice.choice([1, 1, 1, 2])))
            time.sleep(self._dice.uniform(0.5, 2.0))

    def _fault(self, sorts: list[Sort], held: tuple[float, float] = _HELD) -> None:
        words = []
        for sort in sorts:
            words.append(f"{sort.name} ({sort.inject(self.house, self._dice)})")
            self.outcome.faults[sort.name] += 1
        time.sleep(self._dice.uniform(*held))
        self.house.heal()
        healed = time.monotonic()
        address = self.load.probe()
        what = "; ".join(words)
        wait_until(lambda: self._came(address), f"a mail to come through after: {what}", PATIENCE)
        self.outcome.recoveries.append(time.monotonic() - healed)
        self._tell(f"{what}: {self.outcome.recoveries[-1]:.1f} s")

    def _came(self, address: str) -> bool:
        """Has a ticket been opened for it, and its acknowledgement been tried?"""
        if self.house.desk.sink.to(address):
            return True
        with self.house.desk.database.read() as connection:
            asked = schema.outbox.select().where(schema.outbox.c.recipient == address)
            return any(row.state not in ("waiting", "sending") for row in connection.execute(asked))

    def _rest(self) -> None:
        """No load, no trouble: everything ends, and everything holds."""
        house, outcome = self.house, self.outcome
        self.load.pause()
        house.heal()
        maildir = house.dovecot.maildir()
        inbox = [maildir / "new", maildir / "cur"]
        wait_until(
            lambda: not any(path for part in inbox for path in part.glob("*")), "the mailbox to be emptied", PATIENCE
        )
        house.desk.settle(PATIENCE)
        outcome.rests += 1
        outcome.breaks += check(house.desk.database, accepted=house.desk.accepted, posted=house.desk.sink.posted)
        outcome.breaks += [f"the door gave up: {one}" for one in outcome.said.refused]
        outcome.breaks += house.unexpected
        mails, letters = house.desk.rows(schema.inbox), house.desk.rows(schema.outbox)
        outcome.mails = Counter(str(row.outcome) for row in mails)
        outcome.letters = Counter(str(row.state) for row in letters)
        outcome.uncertain = sum(bool(row.uncertain) for row in letters)
        self._tell(
            f"rest {outcome.rests}: {len(mails)} mails, {len(letters)} letters, {sum(outcome.faults.values())} faults, "
            f"{outcome.uncertain} uncertain, breaks {len(outcome.breaks)}"
        )
