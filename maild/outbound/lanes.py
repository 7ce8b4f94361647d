"""Hands several letters over at once: each lane is a thread with a connection of its own.

One letter at a time is a round trip after the other: a relay that is 50 ms away takes four letters a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from maild.app.ports import Delivery, Letter, Sender
from maild.outbound.envelope import answer_line

_Job = tuple[int, Letter]
_IDLE = 30.0  # seconds; what a relay should not be kept waiting for, see RelaySettings.keep_idle


class SenderLanes:
    """Implements Lanes. Used by one thread at a time."""

    def __init__(self, make: Callable[[], Sender], count: int, idle: float = _IDLE) -> None:
        """`make` gives a lane its sender; a lane that has had nothing to do for `idle` seconds closes it and ends."""
        self._make = make
        self._idle = idle
        self._free = count
        self._ended: SimpleQueue[tuple[int, Delivery]] = SimpleQueue()
        # The last to rest is the first to go on: with little to do, one connection is enough.
        self._resting: list[_Lane] = []
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        """See the port."""
        return self._free

    def begin(self, letter_id: int, letter: Letter) -> None:
        """See the port."""
        with self._lock:
            lane = self._resting.pop() if self._resting else None
        if lane is None:
            lane = _Lane(self._drive)
            lane.start()
        self._free -= 1
        lane.jobs.put((letter_id, letter))

    def ended(self, wait: float) -> list[tuple[int, Delivery]]:
        """See the port."""
        found: list[tuple[int, Delivery]] = []
        try:
            found.append(self._ended.get(timeout=wait))
            while True:
                found.append(self._ended.get_nowait())
        except Empty:
            self._free += len(found)
            return found

    def close(self) -> None:
        """Say goodbye to the relay on each lane that rests; one in the middle of a letter ends by itself."""
        with self._lock:
            lanes, self._resting = self._resting, []
        for lane in lanes:
            lane.jobs.put(None)
        for lane in lanes:
            lane.join()

    def _drive(self, lane: _Lane) -> None:
        sender: Sender | None = None
        while (job := self._next(lane)) is not None:
            try:
                sender = sender or self._make()
            except Exception as error:  # noqa: BLE001  # a certificate that cannot be read, for example
                delivery = Delivery(sent=False, temporary=True, answer=_trouble(error))
            else:
                delivery = _send(sender, job[1])
            letter_id = job[0]
            del job  # a lane that rests must not keep a large letter in memory
            with self._lock:
                self._resting.append(lane)
            self._ended.put((letter_id, delivery))
        if sender is not None:
            sender.close()

    def _next(self, lane: _Lane) -> _Job | None:
        try:
            return lane.jobs.get(timeout=self._idle)
        except Empty:
            with self._lock:
                if lane in self._resting:
                    self._resting.remove(lane)
                    return None
        return lane.jobs.get()  # it was chosen at this very moment


class _Lane(threading.Thread):
    """A thread, and what it is to do next; None: nothing any more."""

    def __init__(self, drive: Callable[[_Lane], None]) -> None:
        # A daemon thread: a relay that is silent after the final dot, for ten minutes, must not hold up the stop.
        super().__init__(name="lane", daemon=True)
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._drive = drive

    def run(self) -> None:
        """Until it has had nothing to do for a while."""
        self._drive(self)


def _send(sender: Sender, letter: Letter) -> Delivery:
    try:
        return sender.send(letter)
    except Exception as error:  # noqa: BLE001  # a sender's own defect: it may have come as far as the final dot
        return Delivery(sent=False, temporary=True, uncertain=True, answer=_trouble(error))


def _trouble(error: Exception) -> str:
    return answer_line(f"{type(error).__name__}: {error}")
