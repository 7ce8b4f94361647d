"""`make soak`: load and faults for half an hour, both set-ups in turn; or the matrix of RELIABILITY §11.

Progress goes to stderr, the tables to stdout. The exit status is 1 when anything broke: then the folder
with logs, configuration and database stays and is named, and the seed repeats the same faults.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from maild.testing.circumstances import circumstances, headline
from maild.testing.servers import MissingServer
from soak.house import SETUPS
from soak.report import table
from soak.trial import Trial


def main(words: Sequence[str] | None = None) -> int:
    """Run; the exit status."""
    options = _options(words)
    print(headline(circumstances()), flush=True)
    if options.matrix:
        from soak.matrix import run

        return run(options.rows, options.share, options.seed, say)
    names = SETUPS if options.setup == "all" else (options.setup,)
    return max(_soak(name, options.seed, options.minutes * 60 / len(names)) for name in names)


def _soak(setup: str, seed: int, seconds: float) -> int:
    folder = Path(tempfile.mkdtemp(prefix=f"maild-soak-{setup}-"))
    say(f"{setup}, seed {seed}, {seconds:.0f} s; logs and database: {folder}")
    try:
        outcome = Trial(setup, seed, folder, say).run(seconds)
    except MissingServer as missing:
        say(f"{setup} cannot run here: {missing}")
        return 1
    print(table(outcome), flush=True)
    if outcome.breaks:
        say(f"broken; kept: {folder}; again: make soak ARGS='--setup {setup} --seed {seed}'")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak ARGS=…", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long in all (default 30)")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000, help="of the faults and the mails")
    parser.add_argument("--setup", choices=["all", *SETUPS], default="all")
    parser.add_argument(
        "--matrix", action="store_true", help="the rows of RELIABILITY 11.1 and 11.2 instead, each with its count"
    )
    parser.add_argument("--rows", default="", help="only these, with commas: F4,F8,L5")
    parser.add_argument("--share", type=float, default=1.0, help="of each row's count: 0.1 is a tenth")
    return parser.parse_args(words)


def say(text: str) -> None:
    """A line of progress."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # of pollers that run in this process
    sys.exit(main())
