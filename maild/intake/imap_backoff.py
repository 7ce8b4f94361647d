"""How long to wait before the next try to reach a mailbox."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST = 5.0  # seconds
LONGEST = 600.0
AFTER_REFUSED_LOGIN = 300.0  # three tries in 15 minutes: many servers lock an account after more


class Backoff:
    """Waits of 5, 10, 20 ... 600 seconds, each up to a quarter longer.

    The random quarter keeps a hundred mailboxes from coming back to a restarted server in one second.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        wait = min(LONGEST, FIRST * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return self._longer(wait)

    def refused(self) -> float:
        """Seconds to wait after a refused login; the same however often it is refused."""
        return self._longer(AFTER_REFUSED_LOGIN)

    def reset(self) -> None:
        """The mailbox works again."""
        self._failures = 0

    def _longer(self, wait: float) -> float:
        return wait * (1 + self._chance() / 4)
