"""Runs one target: seeds first, then mutations of what has led somewhere new; what breaks is kept and counted once."""

from __future__ import annotations

import gc
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.lines import Lines
from fuzz.mutate import Mutator
from fuzz.target import Breach, Target

_STATUS, _PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")  # proc(5)
MIB = 1 << 20
MEMORY_PER_BYTE = 60  # that a case may take beyond its target's (RELIABILITY §6.2: usually 12, 30 at the worst)
TRACED = 10  # one case in so many is traced
PUMPED = 40  # one case in so many repeats a piece up to the largest size
AGAIN = 3  # a case that was slow is run so many times more: only what is always slow is a finding


@dataclass(slots=True)
class Tally:
    """What came of it; seconds are of CPU."""

    target: str
    executions: int = 0
    input_lines: int = 0  # of all cases: for `smtp` command lines and lines of mails
    seconds: float = 0.0
    lines: int = 0  # of maild that were reached
    cases: int = 0  # that mutations begin with
    slowest: float = 0.0
    slowest_size: int = 0  # bytes
    findings: dict[str, bytes] = field(default_factory=dict)  # by what went wrong and where

    @property
    def per_second(self) -> float:
        """Executions in a second of CPU."""
        return self.executions / self.seconds if self.seconds else 0.0


def run(
    target: Target,
    *,
    executions: int = 0,
    until: float = 0.0,
    seed: int = 0,
    seeds_first: bool = True,
    before: Callable[[bytes], object] = lambda _: None,
    after: Callable[[Tally], object] = lambda _: None,
) -> Tally:
    """So many executions, or until this moment of `time.monotonic`.

    Without `seeds_first` mutations begin at once. `before` sees each case before it is run (should it end
    the process), `after` the tally behind it.
    """
    tally, lines = Tally(target.name), Lines()
    seeds = list(target.seeds())
    first = seeds if seeds_first else []
    cases = list(seeds)
    mutator = Mutator(seed, target.words, target.largest)
    began = time.process_time()
    while tally.executions < executions if executions else time.monotonic() < until:
        number = tally.executions
        if number < len(first):
            case = first[number]
        elif number % PUMPED == 0:
            case = mutator.pumped(mutator.pick(cases))
        else:
            case = mutator.mutated(mutator.pick(cases), seeds)
        before(case)
        tally.executions += 1
        tally.input_lines += case.count(b"\n")
        # The small ones: a case that traces for seconds would cost all the others.
        if (number < len(first) or number % TRACED == 1) and len(case) < 20_000:
            if _traced(target, case, tally, lines) and number >= len(first):
                cases.append(case)
        else:
            _timed(target, case, tally)
        tally.seconds, tally.lines, tally.cases = time.process_time() - began, len(lines.seen), len(cases)
        after(tally)
    return tally


def allowed(target: Target, size: int) -> float:
    """Seconds of CPU that a case of so many bytes may take."""
    return target.seconds + size / MIB * target.seconds_per_mib


def _traced(target: Target, case: bytes, tally: Tally, lines: Lines) -> bool:
    """Whether it reached something new."""
    try:
        return lines.reached(lambda: target.check(case)) > 0
    except (Exception, RecursionError) as error:  # noqa: BLE001 - whatever it is, it is a finding
        _note(tally, case, error)
        return False


def _timed(target: Target, case: bytes, tally: Tally) -> None:
    with suppress(OSError):  # where it cannot be forgotten, a case must take more than any before it
        _PEAK.write_text("5")
    most = _peak()
    took = _once(target, case, tally)
    if took > allowed(target, len(case)):
        gc.collect()  # one of ours may have come in between, or another process
        took = min([took, *(_once(target, case, tally) for _ in range(AGAIN))])
        if took > allowed(target, len(case)):
            _note(tally, case, Breach(f"took {took:.1f} s for {len(case)} bytes"), "time")
    if took > tally.slowest:
        tally.slowest, tally.slowest_size = took, len(case)
    grown = _peak() - most
    if grown > target.memory + MEMORY_PER_BYTE * len(case):
        _note(tally, case, Breach(f"took {grown // MIB} MiB for {len(case)} bytes"), "memory")


def _once(target: Target, case: bytes, tally: Tally) -> float:
    began = time.thread_time()
    try:
        target.check(case)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        _note(tally, case, error)
    return time.thread_time() - began


def _peak() -> int:
    """The most bytes of memory since the peak was last forgotten."""
    [line] = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _note(tally: Tally, case: bytes, error: BaseException, sort: str = "") -> None:
    """Keep the smallest case of each sort of finding: what was raised, where in our code or behind it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames if "/fuzz/" not in frame.filename]
    said = sort or str(error).partition(":")[0] if isinstance(error, Breach) else where[-1] if where else ""
    key = f"{type(error).__name__} {said}"
    if key not in tally.findings or len(case) < len(tally.findings[key]):
        tally.findings[key] = case
