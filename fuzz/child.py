"""The process that runs one target: a case may end it, fill it or hang in it, and is known all the same.

Says how far it is as a line of JSON a second; keeps the case under way in a file, and each finding in one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import mmap
import os
import resource
import sys
import time
from pathlib import Path

from fuzz.engine import Tally, run
from fuzz.targets import TARGETS

MEMORY = 4 << 30  # bytes of address space
CASE_ROOM = 4 << 20  # bytes of the file of the case under way: its length in 8, then itself


def main(name: str, seconds: str, executions: str, seed: str, folder: str) -> None:
    """Run the target `name`; findings go into `folder`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = Path(folder)
    case_file = found / f"{name}.case"
    case_file.write_bytes(bytes(CASE_ROOM))
    with case_file.open("r+b") as file:
        under_way = mmap.mmap(file.fileno(), CASE_ROOM)
    said_at = 0.0

    def before(case: bytes) -> None:
        under_way[8 : 8 + len(case)] = case
        under_way[:8] = len(case).to_bytes(8)

    def after(tally: Tally) -> None:
        nonlocal said_at
        if time.monotonic() - said_at > 1:
            said_at = time.monotonic()
            say(tally, found)

    until = time.monotonic() + float(seconds)
    say(run(TARGETS[name], executions=int(executions), until=until, seed=int(seed), before=before, after=after), found)


def say(tally: Tally, folder: Path) -> None:
    """How far it is; findings as the names of their files."""
    plain = {each.name: getattr(tally, each.name) for each in dataclasses.fields(tally)}
    plain["findings"] = {what: str(save(tally.target, case, folder)) for what, case in tally.findings.items()}
    sys.stdout.write(json.dumps(plain) + "\n")
    sys.stdout.flush()


def save(target: str, case: bytes, folder: Path) -> Path:
    """The file that keeps a case."""
    path = folder / f"{target}-{hashlib.sha256(case).hexdigest()[:12]}"
    if not path.exists():
        path.write_bytes(case)
    return path


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # threads of private servers may still wait for a client
