"""Works the inbox off: claims mails in groups, decides on each, saves a group in one transaction.

A group that fails as a whole is done again mail by mail, so that one bad mail blocks nobody and the
failure is written down with the mail it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from maild.app.alerts import quarantine_alert, tell_of_budgets
from maild.app.arrival import LARGE, Door
from maild.app.assign_waiting import frees_somebody
from maild.app.changes import Result
from maild.app.clocks import settle_clocks
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.looking_up import look_up
from maild.app.lookups import Lookups
from maild.app.outcome import Outcome
from maild.app.ports import Doorbell, Log, PackageOpener, Room, Scanner
from maild.app.prepare import Prepared
from maild.app.reader import Order, Reader, ReadHere, Reading
from maild.app.references import refer
from maild.app.routed_ahead import Routed, routed_ahead
from maild.app.scan_files import scanning
from maild.app.take_in import take_in
from maild.app.telling_customers import tell_customers
from maild.app.work import Claimed, Desktop
from maild.clock import Clock
from maild.errors import Conflict
from maild.mail.authenticity import Authenticity

GROUP = 50  # mails a transaction: 100 cost as much each, and an SMTP client's 250 waits for the transaction
LEASE = timedelta(minutes=2)  # far longer than a group takes; a crash costs at most this
_RACES = 5  # how often a mail is run again because another worker was faster
_BUSY_GROUP = 25  # while the door has mail in hand: half the wait for its 250, and hardly dearer
# What ingest leaves to the door before the first group of a run, and at most before each further one.
_FIRST_LULL = timedelta(milliseconds=20)
_LONGEST_LULL = timedelta(milliseconds=500)
_PATIENCE = timedelta(milliseconds=250)  # how long a reply waits before it looks for its parent again


@dataclass(frozen=True, slots=True)
class _Group:
    """Mails that were claimed together."""

    rows: Sequence[Claimed]
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """The use case; one thread runs it at a time."""

    desktop: Desktop
    letters: Letters
    doorbell: Doorbell
    log: Log
    clock: Clock
    owner: str
    salt: Callable[[], str]
    open_package: PackageOpener
    scanner: Scanner | None = None
    group: int = GROUP
    # Checks by DNS where mails that came by SMTP are from, all in some seconds; one verdict each, never raises.
    check: Callable[[Sequence[Claimed]], Sequence[Authenticity]] | None = None
    lookups: Lookups | None = None
    # Returns when a door in this process is quiet, or after that time: it may need the processor and the database.
    # Says whether it is quiet.
    stand_back: Callable[[timedelta], bool] = lambda _: True
    stopping: Callable[[], bool] = lambda: False
    room: Room = nullcontext  # while a large mail is read and decided on
    reader: Reader = field(default_factory=ReadHere)
    unfinished: list[int] = field(default_factory=list)  # claimed when the database went away
    ahead: list[int] = field(default_factory=list)  # claimed to be read, and not tried yet
    unsure: list[str] = field(default_factory=list)  # our name, when a claim failed that may have been committed

    def run(self) -> int:
        """Work off everything that is due; returns how many mails were finished.

        Before each group it stands back as long as the last one took, if the door is busy so long: so the
        door has half of the time, mails come together in full groups, and ingest has the other half. Beside
        a door that is still busy then, groups are smaller.

        While a group is read elsewhere, the next one is claimed: it will be read while this one is saved. A mail
        that was tried before may be the one that kills its worker: nothing else is in hand then.
        """
        done = 0
        self._give_back()
        took = _FIRST_LULL
        hand: _Group | None = None  # read elsewhere, until the next one is claimed
        while not self.stopping():
            most = self.group if self.stand_back(took) else min(self.group, _BUSY_GROUP)
            began = self.clock()
            due = self.desktop.next_due(began)
            if hand is not None and (due is None or due.tried or due.size > LARGE):
                done += self._finish(hand)
                hand = None
                continue
            if due is None:
                break
            with self.room(due.size):
                former, hand = hand, self._next_group(began, most)
                if former is not None:
                    done += self._finish(former)
                elif hand is None:
                    break  # somebody else has claimed them
                if hand is not None and not hand.reading.ahead:
                    done += self._finish(hand)
                    hand = None
            took = min(self.clock() - began, _LONGEST_LULL)
        self._give_back()
        return done

    @property
    def holds(self) -> bool:
        """Whether anything is claimed: now, or since the database went away."""
        return bool(self.unfinished or self.ahead or self.unsure)

    def _next_group(self, now: datetime, most: int) -> _Group | None:
        """Claim a group, and have it read; None: somebody else has claimed it."""
        claimed = self._claim(now, most)
        if not claimed:
            return None
        self.ahead.extend(row.id for row in claimed)
        return _Group(claimed, self.reader.begin(claimed, self._order))

    def _finish(self, group: _Group) -> int:
        """Work off a group; how many mails were finished."""
        self.unfinished.extend(row.id for row in group.rows)
        del self.ahead[: len(group.rows)]
        finished = self._work_off(group.rows, group.reading)
        self.unfinished.clear()
        return finished

    @cached_property
    def _order(self) -> Order:
        asks = self.scanner or self.check or (self.lookups and self.letters.desk.finders)
        return Order(self.letters.desk, self.open_package, route=not asks)

    def _claim(self, now: datetime, most: int) -> list[Claimed]:
        try:
            return self.desktop.claim(now, self.owner, LEASE, most)
        except Exception:
            self.unsure.append(self.owner)
            raise

    def _give_back(self) -> None:
        """Free what a database that went away left claimed, and what was claimed ahead and not begun.

        It need not wait for its lease to end.
        """
        if self.ahead:
            self.desktop.put_back(self.ahead, self.clock(), self.owner, counted=False)
            self.ahead.clear()
        if self.unfinished or self.unsure:
            mails = None if self.unsure else self.unfinished
            self.desktop.put_back(mails, self.clock(), self.owner, counted=True)
            self.unfinished.clear()
            self.unsure.clear()

    def _work_off(self, claimed: Sequence[Claimed], reading: Reading | None = None) -> int:
        reading = reading or self.reader.begin(claimed, self._order)
        prepared: list[Prepared] = []
        routed: dict[int, Routed] = {}
        ahead: set[int] = set()  # what is to be routed of these is routed
        scans = scanning(self.scanner, self.clock)
        for row in claimed:
            if row.attempts > self.letters.desk.attempts:
                # Each try is counted before it begins, and none has come back: it kills its worker.
                self._quarantine(row, f"its worker died {row.attempts - 1} times", self.clock())
                continue
            try:
                read = reading.of(row)
                prepared.append(scans.of(read.prepared))
            except Exception as error:  # noqa: BLE001  # written down with its mail by _failed
                self._failed(row, error)
                continue
            if read.done:
                ahead.add(row.id)
                if read.routed is not None:
                    routed[row.id] = read.routed
        if not prepared:
            return 0
        prepared = refer(self._checked(prepared), self.letters.desk, self.lookups)
        desk = self.letters.desk
        try:
            if desk.tells_languages and any(one.asks_language for one in prepared):
                desk.load_language()  # by the transaction it would keep the door waiting for a second
            routed |= routed_ahead([one for one in prepared if one.row.id not in ahead], desk)
            return self._transact(prepared, routed)
        except Exception as error:  # noqa: BLE001  # done again one by one, and written down then
            if len(prepared) == 1 and not isinstance(error, Conflict):
                self._failed(prepared[0].row, error)
                return 0
        return sum(self._alone(one, routed) for one in prepared)

    def _checked(self, prepared: list[Prepared]) -> list[Prepared]:
        """With our own verdict in place of what the header says, where we are the first to see a mail."""
        rows = [one.row for one in prepared if one.row.door is Door.SMTP and one.row.handling != "bare"]
        if self.check is None or not rows:
            return prepared
        verdicts = {row.id: verdict for row, verdict in zip(rows, self.check(rows), strict=True)}
        return [replace(one, authenticity=verdicts.get(one.row.id, one.authenticity)) for one in prepared]

    def _alone(self, one: Prepared, routed: Mapping[int, Routed]) -> int:
        """One mail in a transaction of its own, run again while other workers are faster."""
        trouble: Exception | None = None
        for _ in range(_RACES):
            try:
                return self._transact([one], routed)
            except Conflict as race:
                trouble = race
            except Exception as error:  # noqa: BLE001  # written down with its mail by _failed
                trouble = error
                break
        if trouble is not None:
            self._failed(one.row, trouble)
        return 0

    def _transact(self, group: Sequence[Prepared], routed: Mapping[int, Routed]) -> int:
        """Decide on a group and save it; returns how many of it were finished."""
        now = self.clock()
        with self.desktop.unit() as unit:
            early = unit.undone_before([p.row for p in group], [p.answered for p in group])
            ready = [p for p in group if p.row.id not in early]
            known = look_up(unit, ready, self.letters, now)
            ledger = Ledger(unit=unit, known=known, now=now, salt=self.salt, routed=routed)
            for one in ready:
                take_in(one, ledger, self.letters)
            tell_customers(ledger, self.letters)
            tell_of_budgets(ledger, self.letters)
            settle_clocks(ledger, self.letters.desk)
            unit.save(ledger.changes, ledger.known, now)
        if early:
            self.desktop.put_back(sorted(early), now + _PATIENCE, self.owner, counted=False)
            self.doorbell.ring("ingest", _PATIENCE)
        if ledger.changes.letters:
            self.doorbell.ring("deliver")
        if frees_somebody(ledger, self.letters.desk):
            self.doorbell.ring("watch")
        done = self.clock()
        for result in ledger.changes.results:
            self._log(result, group, done)
        for scope, (refusal, cause) in ledger.exceeded.items():
            self.log("budget used up", scope=scope.partition(" ")[0], within=str(refusal.within), cause=cause)
        return len(ready)

    def _log(self, result: Result, group: Sequence[Prepared], done: datetime) -> None:
        """One line for each mail; `seconds` is the time since it was accepted."""
        one = next((p for p in group if p.row.id == result.inbox), None)
        self.log(
            "mail",
            inbox=result.inbox,
            outcome=result.outcome.value,
            ticket=result.ticket,
            kind=one.verdict.kind.value if one else "",
            seconds=round(max((done - one.row.received_at).total_seconds(), 0.0), 3) if one else 0.0,
        )

    def _failed(self, row: Claimed, error: Exception) -> None:
        """Try again later, up to the limit; then quarantine, never silence (invariant 10)."""
        now, trouble = self.clock(), f"{type(error).__name__}: {error}"[:500]
        self.log("mail failed", inbox=row.id, attempts=row.attempts, trouble=trouble, error=error)
        if row.attempts >= self.letters.desk.attempts:
            self._quarantine(row, f"failed {row.attempts} times, last: {trouble}", now)
            return
        waits = self.letters.desk.retry
        wait = waits[min(row.attempts, len(waits)) - 1]
        self.desktop.failed(row.id, now + wait, self.owner, trouble)
        self.doorbell.ring("ingest", wait)

    def _quarantine(self, row: Claimed, trouble: str, now: datetime) -> None:
        """Set a mail aside, with an alert if that can be written; the mail must get out of the way."""
        try:
            self._set_aside(row, trouble, now, tell=not row.silent)
        except Exception as error:  # noqa: BLE001  # a broken alert; when the database is away, the next line fails too
            self.log("alert failed", inbox=row.id, error=error)
            self._set_aside(row, trouble, now, tell=False)
        self.log("mail quarantined", inbox=row.id, trouble=trouble)
        self.doorbell.ring("deliver")

    def _set_aside(self, row: Claimed, trouble: str, now: datetime, *, tell: bool) -> None:
        with self.desktop.unit() as unit:
            known = unit.load(self.letters.wanted(), now)
            ledger = Ledger(unit=unit, known=known, now=now, salt=self.salt)
            if tell:
                quarantine_alert(ledger, self.letters, inbox=row.id, at=row.received_at, trouble=trouble)
            result = Result(inbox=row.id, outcome=Outcome.QUARANTINED, ticket=None, why=(trouble,), trouble=trouble)
            ledger.finish(result)
            unit.save(ledger.changes, ledger.known, now)
