"""Sets a daemon's clock wrong, while it runs and without libfaketime.

A test names a file in the environment of the daemon that it starts (MAILD_CLOCK). The file says by how
many seconds the daemon's clock is wrong, "3600" or "-3600"; nothing in it, or no file, is the true time.
Each look at the clock reads it anew, so a jump is one write.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

VARIABLE = "MAILD_CLOCK"


def jump(file: Path, by: timedelta) -> None:
    """Set every clock that reads this file wrong by so much."""
    new = file.with_suffix(".new")
    new.write_text(str(by.total_seconds()), encoding="ascii")
    new.replace(file)  # nobody reads half a number


def install(file: Path) -> None:
    """From now on `maild.clock.utc_now` tells the wrong time of this file, in this process."""
    from maild import clock

    class Wrong(datetime):
        """A clock that somebody has set."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            """The wrong moment."""
            try:
                by = float(file.read_text(encoding="ascii") or 0)
            except FileNotFoundError:
                by = 0.0
            return datetime.now(tz) + timedelta(seconds=by)

    # Whoever imported `utc_now` has the function itself; the name that it looks up is what can be replaced.
    vars(clock)["datetime"] = Wrong


def from_environment() -> None:
    """Do what the environment asks for."""
    if VARIABLE in os.environ:
        install(Path(os.environ[VARIABLE]))
