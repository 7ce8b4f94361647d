"""Shows that the event loop turns, and feeds the watchdog as long as nothing in this process hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from maild.bootstrap.parts import write_log
from maild.bootstrap.systemd import notify, watchdog
from maild.monitoring.vitals import Vitals

LOOP_HANGS = timedelta(seconds=60)  # the event loop only passes things on
_TURN = timedelta(seconds=5)  # between the event loop's signs of life


async def keep_turning(vitals: Vitals, hung: Callable[[], timedelta]) -> None:
    """Until it is cancelled; `hung`: for how long a job may stand still (monitoring.hung)."""
    every = watchdog()
    pause = min(every / 3, _TURN) if every else _TURN
    told: list[str] = []
    while True:
        vitals.turned("the event loop", LOOP_HANGS)
        hanging = vitals.hanging(hung())
        if hanging != told and hanging:
            write_log("hanging", parts=hanging)
        elif not hanging and every:
            notify("WATCHDOG=1")
        told = hanging
        await asyncio.sleep(pause.total_seconds())
