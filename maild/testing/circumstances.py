"""When, of which tree and on what machine something is measured: a figure without them says nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def circumstances() -> dict[str, object]:
    """Date, commit, cores, processor, and what other work the machine has."""
    processor = (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name"))
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "processor": next(processor, "unknown"),
        "load_before": round(os.getloadavg()[0], 2),
    }


def headline(about: Mapping[str, object]) -> str:
    """The same as a line for people."""
    return "{date}, commit {commit}, {cores} cores of {processor}, load {load_before} before".format_map(about)


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _commit() -> str:
    """The commit, and whether the tree differs from it; "unknown" outside of a repository."""

    def git(*words: str) -> str:
        found = subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, text=True, check=True)  # noqa: S603, S607
        return found.stdout.strip()

    try:
        commit = git("rev-parse", "--short=10", "HEAD")
        return f"{commit} with changes" if git("status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
