"""Makes waiting mails durable, many in one commit.

A disk answers a sync in milliseconds whether it carries one mail or a hundred, so whatever came in
during one commit goes into the next one together. Nobody waits for a group to fill: an idle thread
commits a single mail at once. A large mail takes seconds to be read, compressed and written, and has to wait for
room in memory: such mails go through a thread of their own, one by one, and hold up no small one.

What it promises: a future is done without an exception only after `Inbox.accept` returned for that
mail (HOUSE invariant 1). A mail once handed over is committed whoever goes away meanwhile. One mail
that cannot be stored does not take its neighbours with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass

import structlog

from maild.app.arrival import LARGE, Arrival
from maild.app.ports import Inbox, Room
from maild.errors import Temporary

log = structlog.get_logger(__name__)

Load = Callable[[], Arrival]

# After so many failures in a row it is the database that is ill, not the mails: a hundred mails that
# each run into a 30 s timeout would keep the thread for an hour.
_ENOUGH_FAILURES = 3
# Seconds: a group that fails after so long has waited for the database. Mail by mail it would wait again and again.
_LONG = 5.0

# Seconds after a commit in which the same senders mostly bring their next mails.
_LULL = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """One mail in the line. `load` is called in the thread, so a big mail stays in its file till then."""

    load: Load
    size: int  # bytes, about
    future: Future[None] | asyncio.Future[None]


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Mails that wait for one thread."""

    mails: deque[_Waiting]
    changed: threading.Condition


class GroupCommit:
    """Hands mails to the inbox in groups. Thread-safe; makes its threads when it is made.

    `on_commit` is called once after each commit with the number of mails in it: the doorbell.
    `largest_group` counts mails; `most_bytes` bounds the memory of one group. A larger mail goes alone, once
    there is `room` for it.
    """

    def __init__(
        self,
        inbox: Inbox,
        on_commit: Callable[[int], None],
        largest_group: int = 100,
        most_bytes: int = LARGE,
        room: Room = contextlib.nullcontext,
    ) -> None:
        self._inbox = inbox
        self._on_commit = on_commit
        self._largest_group = largest_group
        self._most_bytes = most_bytes
        self._room = room
        self._lock = threading.Lock()
        self._small = _Line(deque(), threading.Condition(self._lock))
        self._large = _Line(deque(), threading.Condition(self._lock))
        self._closing = False
        self._in_hand = 0  # mails that wait, or are in the commit of this moment
        self._committed_at = float("-inf")
        self._threads = [
            threading.Thread(target=self._run, args=(line,), name=name, daemon=True)
            for name, line in (("group-commit", self._small), ("large-mails", self._large))
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, load: Load, size: int) -> Future[None]:
        """Queue a mail from a thread; the future is done when it is durable, or has the reason why not.

        Raises Temporary after `close`; then `load` was not and will not be called.
        """
        future: Future[None] = Future()
        self._queue(_Waiting(load, size, future))
        return future

    def submit_from_loop(self, load: Load, size: int) -> asyncio.Future[None]:
        """Like `submit`, from a coroutine. Cancelling the future forgets the answer, not the mail."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue(_Waiting(load, size, future))
        return future

    def wait_for_lull(self, most: float) -> bool:
        """Block until no mail is in hand and none was a moment ago, at most `most` seconds; whether it is so.

        For what shares this process and its database with the door: work that stands back meanwhile lets
        the door answer sooner, and finds more mails waiting in one group.
        """
        end = time.monotonic() + most
        while busy := self._in_hand > 0 or time.monotonic() < self._committed_at + _LULL:
            if time.monotonic() >= end:
                break
            time.sleep(min(_LULL, most))
        return not busy

    def close(self) -> None:
        """Commit what is waiting, then end the threads. Blocks; may be called twice."""
        with self._lock:
            self._closing = True
            self._small.changed.notify()
            self._large.changed.notify()
        for thread in self._threads:
            thread.join()

    def _queue(self, one: _Waiting) -> None:
        line = self._large if one.size > self._most_bytes else self._small
        with self._lock:
            if self._closing:
                raise Temporary("mail handed over after the group commit was closed")
            line.mails.append(one)
            self._in_hand += 1
            line.changed.notify()

    def _run(self, line: _Line) -> None:
        while group := self._next_group(line):
            with self._room(sum(one.size for one in group)):
                outcome = self._commit(group)
            with self._lock:
                self._in_hand -= len(group)
                self._committed_at = time.monotonic()
            self._settle(group, outcome)

    def _next_group(self, line: _Line) -> list[_Waiting]:
        """Everything that waits in this line, within the limits; empty when closed and done."""
        mails = line.mails
        with self._lock:
            while not mails:
                if self._closing:
                    return []
                line.changed.wait()
            group = [mails.popleft()]
            size = group[0].size
            while mails and len(group) < self._largest_group:
                size += mails[0].size
                if size > self._most_bytes:
                    break
                group.append(mails.popleft())
            return group

    def _commit(self, group: list[_Waiting]) -> list[Exception | None]:
        """Store the group; per mail, None or why it is not stored."""
        outcome: list[Exception | None] = [None] * len(group)
        arrivals: list[tuple[int, Arrival]] = []
        for index, one in enumerate(group):
            try:
                arrivals.append((index, one.load()))
            except Exception as error:  # noqa: BLE001 - its file cannot be read: its own trouble only
                outcome[index] = error
        if not arrivals:
            return outcome
        began = time.monotonic()
        try:
            self._inbox.accept([arrival for _, arrival in arrivals])
        except Exception as error:
            log.exception("inbox.commit_failed", mails=len(arrivals))
            if len(arrivals) == 1 or time.monotonic() - began > _LONG:
                for index, _ in arrivals:
                    outcome[index] = error
            else:
                self._commit_one_by_one(arrivals, outcome)
        return outcome

    def _commit_one_by_one(self, arrivals: list[tuple[int, Arrival]], outcome: list[Exception | None]) -> None:
        """Find the mail that spoils the group; its neighbours are stored."""
        failures = 0
        for place, (index, arrival) in enumerate(arrivals):
            try:
                self._inbox.accept([arrival])
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, this mail is not stored
                outcome[index] = error
                failures += 1
                if failures == _ENOUGH_FAILURES:
                    for rest, _ in arrivals[place + 1 :]:
                        outcome[rest] = error
                    return

    def _settle(self, group: list[_Waiting], outcome: list[Exception | None]) -> None:
        """Tell everybody who waits, each event loop once; then ring the bell."""
        loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[None], Exception | None]]] = {}
        for one, error in zip(group, outcome, strict=True):
            if isinstance(one.future, asyncio.Future):
                loops.setdefault(one.future.get_loop(), []).append((one.future, error))
            else:
                with contextlib.suppress(InvalidStateError):  # somebody cancelled it
                    _resolve(one.future, error)
        for loop, answers in loops.items():
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
                loop.call_soon_threadsafe(_resolve_all, answers)
        stored = outcome.count(None)
        if stored:
            try:
                self._on_commit(stored)
            except Exception:
                # The sweep finds the mails; a broken bell must not stop the intake.
                log.exception("inbox.doorbell_failed")


def _resolve_all(answers: list[tuple[asyncio.Future[None], Exception | None]]) -> None:
    for future, error in answers:
        if not future.done():  # its waiter was cancelled
            _resolve(future, error)


def _resolve(future: Future[None] | asyncio.Future[None], error: Exception | None) -> None:
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
