"""Stopping many mailboxes whose servers do not answer."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from maild.bootstrap import doors


class Hanging:
    """A poller and its thread: it ends only when it is cut off, or not even then."""

    def __init__(self, clock: Clock, *, ends: bool = True) -> None:
        self.clock = clock
        self.ends = ends
        self.alive = True

    def stop(self) -> None:
        """It does not hear."""

    def cut(self) -> None:
        """Its server is gone."""
        self.alive = not self.ends

    def join(self, seconds: float) -> None:
        """Wait."""
        self.clock.now += seconds if self.alive else 0

    def is_alive(self) -> bool:
        """Whether it goes on."""
        return self.alive


class Clock:
    """Seconds."""

    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(doors, "time", SimpleNamespace(monotonic=lambda: clock.now), raising=False)
    return clock


@pytest.mark.parametrize(("ends", "seconds"), [(True, 30), (False, 35)])
def test_ten_silent_servers_hold_up_stopping_no_longer_than_one(clock: Clock, ends: bool, seconds: int) -> None:
    hanging: list[Any] = [Hanging(clock, ends=ends) for _ in range(10)]
    doors._stop([doors._Polling(each, each) for each in hanging], timedelta(seconds=30))
    assert clock.now == 100 + seconds  # systemd kills after 60
