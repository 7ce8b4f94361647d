"""Waits for what another process or thread will do: looks again and again, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 120.0  # seconds; far longer than anything takes, for machines that are busy
_PAUSE = 0.02  # seconds between two looks

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found], what: str = "", patience: float = PATIENCE) -> Found:
    """The first true value of `condition`; AssertionError with its last one when patience ends."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s for {what or condition}, still {found!r}")
        time.sleep(_PAUSE)
