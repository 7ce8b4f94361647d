"""Runs maild on a disk that is slow: every commit takes some milliseconds more, as a real disk's sync would.

    python -m bench.slow_disk MILLISECONDS --config maild.toml run

The wait is in this process, right before the database's own COMMIT, while the transaction (on SQLite also the lock of
the only writer) is held. Transactions that only read commit nothing, so they do not wait.
"""

from __future__ import annotations

import sys
import time

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine


def slow_down(seconds: float) -> None:
    """Let every commit of this process take so much longer."""

    def wait(connection: Connection) -> None:
        if not connection.get_execution_options().get("maild_reading"):
            time.sleep(seconds)

    event.listen(Engine, "commit", wait)


if __name__ == "__main__":
    from maild.__main__ import main

    slow_down(float(sys.argv[1]) / 1000)
    sys.argv = ["maild", *sys.argv[2:]]
    main()
