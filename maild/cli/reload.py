"""`maild reload`: has every running process take the changed configuration, and tells what came of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import typer

from maild.bootstrap.owner import PLACE
from maild.bootstrap.running import Running, running_in
from maild.cli.config_file import config_path, read_config
from maild.cli.options import Json
from maild.cli.route_suite import faults_of, suite_of
from maild.cli.templates import faults_of as letter_faults
from maild.cli.terminal import complain, print_json, say
from maild.errors import ConfigError, Permanent

PATIENCE = timedelta(seconds=10)  # for all of them together; a reload takes a fraction of a second
_PAUSE = 0.05  # seconds between two looks


def reload(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Have the running daemon and workers read the configuration again, and tell what changed.

    The file is checked first, its rules are tested and letters of your own tried: with a fault in them (exit 78)
    nobody is told to read it. Exits with 1 when nothing runs, or when a process did not take it and keeps the old one.

    Example: maild reload
    """
    config = read_config(ctx)
    if any(rule.test for rule in config.rule) and (faults := faults_of(suite_of(config))):
        raise ConfigError(faults)
    if unusable := letter_faults(config):
        raise ConfigError(list(map(str, unusable)))
    here = [each for each in _running(config.desk.data) if each.place == PLACE]
    if not here:
        raise Permanent(f"no maild runs here on {config.desk.data}: the configuration is read when it starts")
    since = time.monotonic()  # an answer to somebody else's reload may be of the file as it was before
    for running in here:
        _signal(running.pid)
    answers = _answers(config.desk.data, here, since)
    if as_json:
        print_json(
            {"file": config_path(ctx), "ok": all(map(_took, answers)), "processes": list(map(_document, answers))}
        )
    else:
        _tell(answers)
    if not all(map(_took, answers)):
        raise typer.Exit(1)


_Answer = tuple[Running, Running | None]  # a process as it was asked, and its answer


def _running(data: Path) -> list[Running]:
    try:
        return running_in(data)
    except OSError as error:
        raise Permanent(f"cannot see what runs on {data}: {error.strerror}; run this as maild's user") from None


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        pass  # it has just ended; there will be no answer
    except PermissionError:
        raise Permanent(f"may not signal process {pid}; run this as maild's user or as root") from None


def _answers(data: Path, asked: Sequence[Running], since: float) -> list[_Answer]:
    """What each said of a reload that it began after it was asked; None when it ended, or said nothing in time."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    found: dict[int, Running | None] = {}
    while len(found) < len(asked) and time.monotonic() < deadline:
        now = {each.pid: each for each in _running(data)}
        for each in asked:
            answer = now.get(each.pid)
            if answer is None or (answer.asked > each.asked and answer.began >= since):
                found[each.pid] = answer
        time.sleep(_PAUSE)
    return [(each, found.get(each.pid, each)) for each in asked]


def _took(answer: _Answer) -> bool:
    before, after = answer
    return after is not None and after.asked > before.asked and not after.problems


def _problems(answer: _Answer) -> Sequence[str]:
    before, after = answer
    if after is None:
        return ("it has ended",)
    if after.asked == before.asked:
        return (f"it has not answered in {PATIENCE.seconds} s; its log says more",)
    return after.problems


def _document(answer: _Answer) -> dict[str, object]:
    before, after = answer
    changed = after.changed if after and _took(answer) else ()
    return {"pid": before.pid, "ok": _took(answer), "changed": changed, "problems": _problems(answer)}


def _tell(answers: Sequence[_Answer]) -> None:
    """What changed, once for all processes that say the same; then who did not take it."""
    same: dict[tuple[str, ...], list[str]] = {}
    for answer in filter(_took, answers):
        same.setdefault(answer[1].changed if answer[1] else (), []).append(str(answer[0].pid))
    for changed, pids in same.items():
        say(f"reloaded by process{'es' if len(pids) > 1 else ''} {', '.join(pids)}", style="green")
        for line in changed or ("nothing has changed",):
            say(f"  {line}")
    for answer in answers:
        if not _took(answer):
            complain(f"process {answer[0].pid} keeps its configuration: {problem}" for problem in _problems(answer))
