"""Reads groups of mails in a child process, ahead of who asks: the port `Reader`.

The child is a help and nothing else: whatever becomes of it, its mails are read here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from maild.app.arrival import LARGE
from maild.app.ports import Log
from maild.app.reader import Order, Read, Reader, ReadHere, Reading
from maild.app.service_levels import ServiceLevels
from maild.app.work import Claimed
from maild.reader.child import Child, GoneError
from maild.reader.framing import leave_to_parent, pack, unpack_read

FEW = 10  # mails: of fewer nobody is in a hurry
IDLE = 60.0  # seconds without a large group, after which the child ends
PAUSE = 60.0  # seconds after which another one is started when one was of no use
PATIENCE = 20.0  # seconds for one mail; the worst that passes the limits takes a few
_HAND_OVER = 0.05  # seconds for a piece of a large desk, where it is not waited for
START = 5.0  # seconds for a start, of which it takes one


class ReadAhead:
    """Reads mails in a child that is there while they come in large groups."""

    def __init__(
        self,
        log: Log,
        *,
        waits: Callable[[Order], bool] = lambda _order: False,
        on_ready: Callable[[], None] = lambda: None,
        start: float = START,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`waits`: whether a child that starts is waited for, because to begin here would take as long.

        `start`: for how many seconds; `patience`: seconds for one mail; `clock` tells seconds. `on_ready` is called
        each time that a child begins to read.
        """
        self._log = log
        self._waits = waits
        self._on_ready = on_ready
        self._start = start
        self._patience = patience
        self._clock = clock
        self._here: Reader = ReadHere()
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._order: Order | None = None  # that the child has
        self._ordered = 0  # the number of that message
        self._ready = False
        self._used = clock()
        self._not_before = clock()

    def begin(self, rows: Sequence[Claimed], order: Order) -> Reading:
        """See the port."""
        here = self._here.begin(rows, order)
        if rows[0].attempts > 1 or len(rows[0].raw) > LARGE:  # alone: what kills a process is to kill this one
            return here
        with self._lock:
            try:
                child = self._ready_child(order, busy=len(rows) >= FEW)
                if child is None:
                    return here
                first = child.send([pack(row) for row in rows])
            except Exception as trouble:  # noqa: BLE001  # whatever it is: here they can be read
                self._give_up(trouble)
                return here
        # While others are asked (a scanner, DNS), the lease of a group that was claimed ahead would run out.
        return _Ahead(self, child, {row.id: first + at for at, row in enumerate(rows)}, here, ahead=order.route)

    def ask(self, child: Child, number: int, row: Claimed) -> Read | None:
        """What a child says of a mail; None: it has to be read here."""
        with self._lock:
            if child is not self._child:
                return None
            try:
                answer = child.answer(number, self._patience)
                if answer is not None:
                    return unpack_read(row, answer)
                self._give_up(GoneError(f"it has said nothing for {self._patience:.0f} s"))
            except Exception as trouble:  # noqa: BLE001  # nonsense, say
                self._give_up(trouble)
        return None

    def rest(self) -> None:
        """End a child that nobody has needed for a while; to be called now and then, by any thread."""
        if self._lock.acquire(blocking=False):
            try:
                if self._clock() - self._used > IDLE:
                    self._end()
            finally:
                self._lock.release()

    def close(self) -> None:
        """End the child, and start no other."""
        with self._lock:
            self._not_before = float("inf")
            self._end()

    def _ready_child(self, order: Order, *, busy: bool) -> Child | None:
        now = self._clock()
        if busy:
            self._used = now
        if self._child is None:
            if not busy or now < self._not_before:
                return None
            self._child, self._order, self._ready = Child(), None, False
        if self._order is not order:
            # Service levels are of no use before the transaction, and may be large.
            desk = replace(order.desk, levels=ServiceLevels())
            slim = replace(order, desk=desk, open_package=leave_to_parent)
            self._ordered, self._order = self._child.send([pack(slim)]), order
        if not self._ready:
            wait = self._start if self._waits(order) else _HAND_OVER if self._child.sending else 0.0
            self._ready = self._child.answer(self._ordered, wait) is not None
            if self._ready:
                self._on_ready()
        return self._child if self._ready else None

    def _give_up(self, trouble: Exception) -> None:
        self._end()
        self._not_before = self._clock() + PAUSE
        self._log("the reader is of no use, mails are read here", trouble=f"{type(trouble).__name__}: {trouble}"[:300])

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A group that a child reads."""

    reader: ReadAhead
    child: Child
    numbers: dict[int, int]  # of the messages, by inbox row
    here: Reading
    ahead: bool

    def of(self, row: Claimed) -> Read:
        return self.reader.ask(self.child, self.numbers[row.id], row) or self.here.of(row)
