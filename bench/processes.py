"""Starts helper processes, and reads from /proc what a process and its children have used."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")


class BenchFailed(Exception):
    """The measurement is worth nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process has used since it was started."""

    pid: int
    cpu_ms: float
    peak_mib: float  # of resident memory
    now_mib: float


def usage(pid: int) -> Usage:
    """CPU time and memory of one process, with the CPU of its ended children [proc(5)]."""
    proc = Path(f"/proc/{pid}")
    try:
        after_name = (proc / "stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
    except OSError:
        return Usage(pid, 0, 0, 0)
    ticks = sum(int(after_name[field]) for field in (11, 12, 13, 14))  # utime, stime, cutime, cstime
    peak, now = (int(status.get(key, "0").split()[0]) / 1024 for key in ("VmHWM", "VmRSS"))
    return Usage(pid, ticks * 1000 / _TICKS, peak, now)


def together(pid: int) -> float:
    """MiB of a process and of those below it, which share libraries with it: VmRSS, and their Pss [proc(5)]."""
    main, *below = family(pid)
    return usage(main).now_mib + sum(map(_share, below))


def _share(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in rollup if line.startswith("Pss:")), 0.0)


def family(pid: int) -> list[int]:
    """A process and everything below it, oldest first."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for known in found:
        found += sorted(parents.get(known, []))
    return found


@contextmanager
def helper(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m bench.…`, ended with the block."""
    command = [sys.executable, "-m", *words]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    """What a helper says when it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        raise BenchFailed(f"{process.args!r} did not start")
    return line
