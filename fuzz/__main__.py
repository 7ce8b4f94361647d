"""Fuzzes what reads strangers' words, and says what came of it; 1 when something did not hold.

python -m fuzz --minutes 2 --target parser       one target, two minutes
python -m fuzz --target smtp --executions 20000  so many sessions
python -m fuzz --replay FILE --target parser     run a case that was found again
python -m fuzz --defences                        take out each defence: do its tests fail?
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fuzz.child import save
from fuzz.defences import read_table, unheld
from fuzz.targets import TARGETS
from maild.testing.circumstances import circumstances, headline

SILENCE = 300.0  # seconds without a word from the child: the case under way hangs
Row = dict[str, Any]  # as `fuzz.engine.Tally`, findings by the names of their files


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for."""
    options = _options(words)
    if options.defences:
        return int(bool(unheld([row for row in read_table() if options.rows in f"{row.rows} {row.what}"])))
    names = options.target or list(TARGETS)
    if options.replay:
        began = time.thread_time()
        TARGETS[names[0]].check(options.replay.read_bytes())
        print(f"{names[0]}: holds; {time.thread_time() - began:.2f} s of CPU, which --replay does not judge")
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    jobs = min(options.jobs, len(names))
    seconds = options.minutes * 60 * jobs / len(names)
    how_long = f"{options.executions} executions each" if options.executions else f"{seconds:.0f} s each"
    about = headline(circumstances())
    say(f"{len(names)} targets, {how_long}, {jobs} at a time; seed {options.seed}")
    with ThreadPoolExecutor(jobs) as pool:
        rows = list(pool.map(lambda name: watch(name, seconds, options), names))
    print(f"{about}, seed {options.seed}\n\n{table(rows)}", flush=True)
    for row in rows:
        for what, path in row["findings"].items():
            print(f"{row['target']}: {what}\n    python -m fuzz --target {row['target']} --replay {path}")
    return int(any(row["findings"] for row in rows))


def watch(name: str, seconds: float, options: argparse.Namespace) -> Row:
    """Run one target in children until its time is over; what ends or silences a child is a finding."""
    end, total, seed = time.monotonic() + seconds, _empty(name), options.seed
    while True:
        left = str(end - time.monotonic())
        arguments = (name, left, str(options.executions), str(seed), str(options.folder))
        row, ended = _one_child(name, arguments)
        total = _added(total, row)
        if not ended:
            return total
        case = (options.folder / f"{name}.case").read_bytes()
        kept = save(name, case[8 : 8 + int.from_bytes(case[:8])], options.folder)
        total["findings"][ended] = str(kept)
        say(f"{name}: {ended}: {kept}")
        seed += 1
        if options.executions or time.monotonic() > end - 1:
            return total


def _one_child(name: str, arguments: Sequence[str]) -> tuple[Row, str]:
    """The last that a child said, and why it ended before its time ("" when it did not)."""
    command = [sys.executable, "-m", "fuzz.child", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_pass_on, args=(child, said), daemon=True).start()
        row, told = _empty(name), time.monotonic()
        while True:
            try:
                line = said.get(timeout=SILENCE)
            except queue.Empty:
                child.kill()
                return row, f"no end after {SILENCE:.0f} s"
            if not line:
                code = child.wait()
                return row, f"the process ended with {code}" if code else ""
            row = json.loads(line)
            if time.monotonic() - told > 20:
                told = time.monotonic()
                say(f"{name}: {row['executions']} executions, {row['lines']} lines, {len(row['findings'])} findings")


def _pass_on(child: subprocess.Popen[str], said: queue.Queue[str]) -> None:
    for line in child.stdout or ():
        if line.startswith("{"):
            said.put(line)
    said.put("")


def _empty(name: str) -> Row:
    counts = dict.fromkeys(("executions", "input_lines", "seconds", "lines", "cases", "slowest", "slowest_size"), 0)
    return {"target": name, **counts, "findings": {}}


def _added(one: Row, two: Row) -> Row:
    """Both children of a target; of lines, cases and the slowest the greater."""
    most = {key: max(one[key], two[key]) for key in ("lines", "cases", "slowest", "slowest_size")}
    sums = {key: one[key] + two[key] for key in ("executions", "input_lines", "seconds")}
    return {"target": one["target"], **most, **sums, "findings": one["findings"] | two["findings"]}


def table(rows: Sequence[Row]) -> str:
    """The result as Markdown."""
    head = ("target", "executions", "per CPU s", "lines of input", "lines reached", "findings", "slowest case")
    body = [
        (
            row["target"],
            f"{row['executions']:,}",
            f"{row['executions'] / max(row['seconds'], 0.001):,.0f}",
            f"{row['input_lines']:,}",
            f"{row['lines']:,}",
            str(len(row["findings"])),
            f"{row['slowest'] * 1000:,.0f} ms ({row['slowest_size'] / 1024:,.0f} KiB)",
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (head, *body)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30, help="in all (30)")
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="only this one; may be repeated")
    parser.add_argument("--executions", type=int, default=0, help="of each target, however long it takes")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="targets at a time (one for each core)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same makes the same cases (the time)")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="where findings are kept (.fuzz)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one case again, with --target")
    parser.add_argument(
        "--defences", action="store_true", help="try whether each defence is held by a test (15 minutes)"
    )
    parser.add_argument("--rows", default="", metavar="WORDS", help="of the defences only those that these words name")
    return parser.parse_args(words)


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
