"""`maild demo` as a user runs it: a process of its own, from the outside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maild.cli.main import app

pytest.importorskip("pymap", reason="the demo's IMAP server: pip install pymap")

# Three programs are started by it, one after the other; a busy machine needs many times the ten seconds.
pytestmark = pytest.mark.timeout(300)
DEMO = [sys.executable, "-m", "maild", "demo"]

# The agent's private address stands in what the customer gets: the demo has to notice.
BREAK_A_PROMISE = """
from maild.demo import cast, story
cast.ANSWER += f"Or write to {cast.AGENT.address}."
story.STEPS = story.STEPS[:2]
from maild.demo import play
play.STEPS = story.STEPS
from maild.__main__ import main
main()
"""


def left_behind(folder: Path) -> list[int]:
    """Processes that still live in the demo's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            at = (process / "cwd").readlink()
        except OSError:  # ended meanwhile, or another user's
            continue
        if at.is_relative_to(folder):
            found.append(int(process.name))
    return found


def wait_until(what: str, is_so: object, patience: float = 60) -> None:
    assert callable(is_so)
    end = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < end, f"waited for {what}"
        time.sleep(0.05)


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8") as process:
        try:
            yield process
        finally:
            process.kill()


def test_all_goes_as_told_and_nothing_is_left_running(tmp_path: Path) -> None:
    words = [*DEMO, "--json", f"--folder={tmp_path / 'new'}"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", timeout=280, check=False)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    steps, verdict = lines[1:-1], lines[-1]
    assert [c for step in steps for c in step["checks"] if not c["kept"]] == []
    assert [step["trouble"] for step in steps] == [""] * 9
    assert (done.returncode, done.stderr) == (0, "")
    assert [(t["number"], t["status"]) for t in verdict["tickets"]] == [(1, "resolved"), (2, "new"), (3, "new")]
    doors = {mail["door"] for step in steps for mail in step["mails"]}
    assert doors == {"smtp", "imap"}
    written = [letter for step in steps for mail in step["mails"] for letter in mail["letters"]]
    letters = [message_from_bytes(p.read_bytes()) for p in (tmp_path / "new/data/sent/new").iterdir()]
    assert len(letters) == len(written) == 16
    assert sum("joerg" in str(letter["To"]) for letter in letters) == 5
    assert left_behind(tmp_path) == []


def test_a_broken_promise_is_shown_and_is_a_failure_also_of_a_demo_that_is_kept_running(tmp_path: Path) -> None:
    with started([sys.executable, "-c", BREAK_A_PROMISE, "demo", "--keep", f"--folder={tmp_path}"]) as demo:
        assert demo.stdout is not None
        told = ""
        while "--help" not in told:
            told += demo.stdout.readline()
            assert demo.poll() is None, told
        # The address is taken out of the words on the way, so they are not the agent's to the letter.
        assert "  ✗     the customer reads the agent's words" in told
        assert "✓     the agent's own address is nowhere in it" in told
        assert "✓     it comes from the support address" in told
        assert "✗ Not all went as told" in told
        assert "curl smtp://127.0.0.1:" in told
        assert len(left_behind(tmp_path)) == 2
        demo.send_signal(signal.SIGINT)

        assert demo.wait(60) == 1
        assert left_behind(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running_when_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    with started([*DEMO, f"--folder={tmp_path}"]) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("── 1."):
                break
        assert len(left_behind(tmp_path)) == 2
        demo.send_signal(number)
        rest = demo.stdout.read()

        assert demo.wait(60) == (1 if number != signal.SIGKILL else -signal.SIGKILL)
        assert "Traceback" not in rest
        wait_until("daemon and IMAP server to end", lambda: left_behind(tmp_path) == [])


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    done = CliRunner().invoke(app, ["demo", f"--folder={tmp_path}"])

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{tmp_path} is not empty: give a new folder\n"


def test_a_missing_imap_server_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymap", None)
    done = CliRunner().invoke(app, ["demo", f"--folder={tmp_path}"])

    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'maild[demo]'" in done.stderr
