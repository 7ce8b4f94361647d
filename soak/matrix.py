"""The rows of RELIABILITY §11.1 and §11.2 with their counts: `make soak ARGS='--matrix --rows F4,F8 --share 0.1'`.

A row is what is done, how often, and what came of it. One whose tool is missing here says which, and
counts as a break: whoever asks for a row wants to see it.
"""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from maild.testing.servers import MissingServer
from soak.row import Row, Shown, Way
from soak.rows_backlog import ROWS as BACKLOG
from soak.rows_disk import ROWS as DISK
from soak.rows_imap import ROWS as IMAP
from soak.rows_kill import ROWS as KILLS
from soak.rows_load import ROWS as LOAD
from soak.rows_mail import ROWS as MAILS
from soak.rows_restore import ROWS as RESTORED
from soak.rows_servers import ROWS as SERVERS

ROWS: tuple[Row, ...] = tuple(
    sorted(
        [*BACKLOG, *DISK, *IMAP, *KILLS, *LOAD, *MAILS, *RESTORED, *SERVERS],
        key=lambda row: (row.name[0], int("".join(filter(str.isdigit, row.name))), row.name),
    )
)


def run(names: str, share: float, seed: int, say: Callable[[str], None]) -> int:
    """Show the rows that are asked for ("" is all), so large a share of their counts; 1 when one broke."""
    wanted = {name.strip().upper() for name in names.split(",") if name.strip()}
    unknown = wanted - {row.name.upper() for row in ROWS}
    if unknown:
        say(f"no such rows: {', '.join(sorted(unknown))}; there are {', '.join(row.name for row in ROWS)}")
        return 2
    broken = 0
    for row in ROWS:
        if wanted and row.name.upper() not in wanted:
            continue
        count = max(1, round(row.count * share))
        say(f"{row.name}: {row.what}, {count} times")
        begun = time.monotonic()
        shown = _show(row, count, seed, say)
        broken += bool(shown.faults)
        verdict = "BROKEN" if shown.faults else "held"
        print(
            f"{row.name:4} {verdict:6} {row.what}: {shown.figure} ({time.monotonic() - begun:.0f} s, seed {seed})",
            flush=True,
        )
        for fault in shown.faults[:20]:
            print(f"     BREAK: {fault}", flush=True)
    return 1 if broken else 0


def _show(row: Row, count: int, seed: int, say: Callable[[str], None]) -> Shown:
    with tempfile.TemporaryDirectory(prefix=f"maild-{row.name}-", ignore_cleanup_errors=True) as folder:
        try:
            return row.show(Way(count, seed, Path(folder), say))
        except MissingServer as missing:
            return Shown("not shown here", [str(missing)])
        except Exception as error:  # noqa: BLE001  # the other rows are to be seen all the same
            say(traceback.format_exc())
            return Shown("ended in the middle", [f"{type(error).__name__}: {error}"])
