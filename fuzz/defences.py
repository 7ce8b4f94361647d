"""Takes each defence out of a copy of the project and sees its tests fail: what no test holds is no defence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "fuzz/defences.toml"
_COPIED = ("maild", "tests", "fuzz", "bench", "docs", "pyproject.toml", "config.example.toml", "README.md")
_FAILED = 1  # pytest's exit status for tests that failed; any other is trouble of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    """One line that stands against an attack."""

    rows: tuple[str, ...]  # of design/RELIABILITY.md
    what: str
    file: str
    old: str  # stands in the file exactly once
    new: str  # as it would be without the defence
    tests: tuple[str, ...]  # of which one fails then


def read_table() -> list[Defence]:
    """All rows."""
    rows: list[dict[str, Any]] = tomllib.loads(TABLE.read_text("utf-8"))["defence"]
    return [Defence(**row | {"rows": tuple(row["rows"]), "tests": tuple(row["tests"])}) for row in rows]


def fault(defence: Defence) -> str:
    """What is wrong with a row itself; "" when it fits the project."""
    count = (ROOT / defence.file).read_text("utf-8").count(defence.old)
    if not defence.old or count != 1:
        return f"{defence.file} holds {defence.old!r} {count} times"
    return next((f"there is no {test}" for test in defence.tests if not (ROOT / test.partition("::")[0]).exists()), "")


def unheld(defences: list[Defence]) -> list[Defence]:
    """Those that may be taken out without a test that fails. Says each as it goes."""
    found = []
    with tempfile.TemporaryDirectory(prefix="defences-") as folder:
        copy = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, copy / name)
        for number, defence in enumerate(defences, 1):
            held = _is_held(defence, copy)
            said = f"{number:3}/{len(defences)} {'held  ' if held else 'UNHELD'}"
            print(f"{said} {', '.join(defence.rows)}: {defence.what}", flush=True)
            if not held:
                found.append(defence)
    return found


def _is_held(defence: Defence, copy: Path) -> bool:
    path = copy / defence.file
    honest = path.read_text("utf-8")
    path.write_text(honest.replace(defence.old, defence.new), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "--dist=no", "-p", "no:cacheprovider", *defence.tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
    except subprocess.TimeoutExpired:
        return True  # what never ends fails as well
    finally:
        path.write_text(honest, "utf-8")
    if done.returncode not in (0, _FAILED):
        print(done.stdout[-2000:], done.stderr[-500:])
    return done.returncode == _FAILED
