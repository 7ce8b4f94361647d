"""How many processors this process may use."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # of a container: "200000 100000" are two


def cores() -> int:
    """At least 1. What a container is given counts, and what the process is bound to."""
    given = os.cpu_count() or 1
    with suppress(AttributeError):  # not on every system
        given = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):  # no such file, or no quota ("max")
        quota, period = _QUOTA.read_text().split()
        given = min(given, int(quota) // int(period))
    return max(1, given)
