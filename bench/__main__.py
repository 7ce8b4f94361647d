"""Measures maild row by row, and says plainly which targets are met.

Progress and a table go to stderr; the last line of stdout is the result as JSON. docs/performance.md
says what is measured and what the figures mean. A row is chosen by `--row NAME`, several by several.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.figures import Figure, How
from bench.processes import BenchFailed
from bench.report import last_line, table
from bench.rows import ROWS, USUAL
from maild.testing.circumstances import circumstances
from maild.testing.servers import MissingServer, ServerFailed


def main(words: Sequence[str] | None = None) -> int:
    """Run the bench; 1 when a row failed (one that lacks its server is only left out)."""
    options = _options(words)
    chosen = options.row or list(USUAL)
    how = How(
        say=say,
        quick=options.quick,
        full=options.full,
        rounds=options.rounds or (1 if options.quick else 3),
        mails=options.mails,
        tickets=options.tickets,
        connections=options.connections,
        profile=options.profile,
        stores=options.stores,
    )
    about = circumstances()
    if not options.quick:
        say(f"{', '.join(chosen)}: about {sum(ROWS[name].minutes[options.full] for name in chosen):.0f} minutes")
    rows: dict[str, list[Figure]] = {}
    failed = False
    for name in chosen:
        begun = time.monotonic()
        say(f"{name}: {ROWS[name].about}")
        rows[name] = []
        try:
            for figure in importlib.import_module(f"bench.rows.{ROWS[name].module}").measure(how):
                rows[name].append(figure)
        except (MissingServer, ServerFailed, ModuleNotFoundError) as missing:
            rows[name].append(Figure(name=name, value=None, note=str(missing)))
        except BenchFailed as failure:
            rows[name].append(Figure(name=name, value=None, note=f"failed: {failure}"))
            failed = True
        say(f"  {time.monotonic() - begun:.0f} s")
    say("\n" + table(about, rows))
    last = last_line(about, rows)
    if options.json:
        more = {name: [asdict(each) for each in figures] for name, figures in rows.items()}
        options.json.write_text(json.dumps({**last, "details": more}, indent=1, default=str) + "\n")
    print(json.dumps(last), flush=True)
    return int(failed)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=(__doc__ or "").splitlines()[0],
        epilog="\n".join(f"{name:<12}{row.about}" for name, row in ROWS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--row", "--setup", choices=ROWS, action="append", help="only this row; may be repeated")
    parser.add_argument("--quick", action="store_true", help="each row tiny: whether it works, not how fast it is")
    parser.add_argument("--full", action="store_true", help="at the sizes of the targets: a million tickets; an hour")
    parser.add_argument("--rounds", type=int, help="rounds, of which medians are taken (3; with --quick 1)")
    parser.add_argument("--mails", type=int, help="mails of the corpus, where a row has one")
    parser.add_argument("--tickets", type=int, help="tickets in the store, where a row fills one")
    parser.add_argument("--connections", type=int, help="SMTP connections, kept")
    parser.add_argument("--stores", type=Path, metavar="FOLDER", help="keep filled stores there, and use them again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure with its rounds")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="record stacks with py-spy into FILE-PROCESS.txt")
    return parser.parse_args(words)


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
