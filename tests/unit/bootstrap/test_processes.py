"""Worker processes are watched: one that dies or shows no sign of life is replaced."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maild.testing.waiting import wait_until

PARENT = """
import sys
from datetime import timedelta
from maild.bootstrap.processes import run_workers
sys.exit(run_workers([sys.executable, "-c", open(sys.argv[1]).read(), sys.argv[2]], 1, patience=timedelta(seconds=3)))
"""
# The first one says that it is ready and then nothing; the next one goes on saying that it lives.
WORKER = """
import os, signal, socket, sys, time
out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
out.connect(chr(0) + os.environ["NOTIFY_SOCKET"][1:])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
before = os.path.exists(sys.argv[1])
with open(sys.argv[1], "a") as log:
    log.write(f"{os.getpid()}\\n")
out.send(b"READY=1")
while True:
    time.sleep(0.05)
    if before:
        out.send(b"WATCHDOG=1")
"""


# The first one ends at once.
SHORT_LIVED = """
import os, signal, socket, sys, time
out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
out.connect(chr(0) + os.environ["NOTIFY_SOCKET"][1:])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
before = os.path.exists(sys.argv[1])
with open(sys.argv[1], "a") as log:
    log.write(f"{os.getpid()}\\n")
while before:
    time.sleep(0.05)
    out.send(b"READY=1")
"""


@contextmanager
def watched_by_systemd(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        systemd.settimeout(60)
        yield systemd


def start_parent(folder: Path, started: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "300000"}
    command = [sys.executable, "-c", PARENT, str(folder / "worker.py"), str(started)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def test_a_worker_that_hangs_is_replaced_and_systemd_hears_of_the_one_that_watches(tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    started = tmp_path / "started"
    with watched_by_systemd(tmp_path) as systemd:
        parent = start_parent(tmp_path, started)
        try:
            heard = {systemd.recv(100), systemd.recv(100)}
            assert heard <= {b"READY=1", b"WATCHDOG=1"}
            wait_until(lambda: started.exists() and len(started.read_text().split()) == 2, "the second worker")
            first, second = map(int, started.read_text().split())
            assert not Path(f"/proc/{first}").exists()
            while systemd.recv(100) != b"READY=1" and b"READY=1" not in heard:
                pass
            for _ in range(5):  # it is left alone: the parent goes on, with the same worker
                assert systemd.recv(100) == b"WATCHDOG=1"
            assert Path(f"/proc/{second}").exists()
        finally:
            parent.send_signal(signal.SIGTERM)
            assert parent.wait(60) == 0
        assert started.read_text().split()[1:] == [str(second)]


def test_while_one_that_died_waits_to_be_started_again_the_others_are_looked_after(tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(SHORT_LIVED)
    started = tmp_path / "started"
    with watched_by_systemd(tmp_path) as systemd:
        parent = start_parent(tmp_path, started)
        try:
            looks = 0
            wait_until(started.exists, "the first worker")
            while len(started.read_text().split()) < 2:
                looks += systemd.recv(100) == b"WATCHDOG=1"
            assert looks > 2  # one that sleeps meanwhile says it twice
        finally:
            parent.send_signal(signal.SIGTERM)
            assert parent.wait(60) == 0
