"""The lock before the only writer: nobody overtakes."""

from __future__ import annotations

import os
import threading

import pytest

from maild.errors import Temporary
from maild.store.fair_lock import FairLock


def test_it_goes_to_those_who_wait_in_their_order_and_not_to_who_asks_again() -> None:
    lock = FairLock()
    entered: list[int] = []

    def enter(number: int) -> None:
        with lock:
            entered.append(number)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(5)]
    with lock:
        for waiting, thread in enumerate(threads, 1):
            thread.start()
            while lock.waiting < waiting:
                os.sched_yield()
    enter(99)  # asks right after it gave the lock back, while the others are not awake yet
    for thread in threads:
        thread.join(60)
    assert entered == [0, 1, 2, 3, 4, 99]


def test_one_at_a_time() -> None:
    lock, inside, most = FairLock(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            with lock:
                inside += 1
                most = max(most, inside)
                os.sched_yield()
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (most, inside) == (1, 0)


def test_trouble_inside_frees_it() -> None:
    lock = FairLock()
    with pytest.raises(ValueError, match="inside"), lock:
        raise ValueError("inside")
    with lock:
        assert lock.waiting == 0


def test_who_has_waited_too_long_leaves_the_line_and_the_others_go_on() -> None:
    lock = FairLock(patience=0.01)
    waited: list[str] = []

    def wait() -> None:
        try:
            with lock:
                waited.append("entered")
        except Temporary:
            waited.append("left")

    with lock:
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(60)
        assert lock.waiting == 0
    wait()
    assert waited == ["left", "entered"]
