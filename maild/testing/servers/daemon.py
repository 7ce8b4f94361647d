"""One private server process: find the program, start it, wait until it answers, stop it."""

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from itertools import count
from pathlib import Path

from maild.testing.servers.home import Account

HOST = "127.0.0.1"
#: Seconds until a server that does not answer has failed. They need less than two; a busy CI more.
PATIENCE = 120.0
_FIRST_PORT, _PORTS = 20_000, 12_768
_BEGIN = os.getpid() * 7_891  # far from where the process beside us begins
_TURNS = count()
#: Seconds to look again. Short, for tests wait on it; the look itself is cheap.
PAUSE = 0.02


class MissingServer(Exception):
    """A server program is not installed; the message says which, and how to get it."""

    def __init__(self, program: str, package: str) -> None:
        """Name the program and the Debian package that has it."""
        self.program = program
        super().__init__(f"{program} is not installed: run `make services` as root, or install your system's {package}")


class ServerFailed(Exception):
    """A server stopped, or did not answer in time; the message has the end of its log."""


def find_program(name: str, package: str, *folders: Path) -> Path:
    """The program from `folders`, PATH or where daemons lie (which a user's PATH may lack)."""
    places = [*map(str, folders), *os.get_exec_path(), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise MissingServer(name, package)
    return Path(found)


def free_port() -> int:
    """A port that nobody listens on, another one each time; it can be given up and taken again.

    It is none of those that the kernel gives to connections (32768 and up on Linux): there somebody's connection
    takes the port of a server that is away for a moment, and whoever knocks meanwhile may reach himself.
    Another test run may take it before we do: see `PrivateServer.start`.
    """
    while True:
        port = _FIRST_PORT + (_BEGIN + next(_TURNS)) % _PORTS
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port


class PrivateServer(ABC):
    """A server that this process owns: it can be stopped and started, and keeps its port and data."""

    host = HOST
    #: What asks the server to end at once, without waiting for its clients.
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path, account: Account) -> None:
        """Prepare a server in `home`, to be run as `account`; `start` starts it."""
        self.home = home
        self.account = account
        self.port = 0
        self.log = home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Write what the server needs for `self.port`, and return the command that runs it in front."""

    @abstractmethod
    def answers(self) -> bool:
        """Is the server ready for clients? May raise OSError for no."""

    @property
    def running(self) -> bool:
        """Has it been started, and not ended since?"""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The server's main process, None when it is stopped."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start, and wait until it answers. The first time a port is chosen, later it stays."""
        if self.running:
            return
        if self.port:
            self._start()
            return
        # Another test run may have taken the port between our look and the server's start.
        for attempts_left in (2, 1, 0):
            self.port = free_port()
            try:
                self._start()
            except ServerFailed:
                if not attempts_left:
                    raise
            else:
                return

    def stop(self, signal_number: int | None = None) -> None:
        """End the server and everything it started; its data and its port stay for `start`."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal_number or self.stop_signal)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass  # killed below
        finally:
            self._kill_group(process)
            self._process = None

    def kill(self) -> None:
        """End the server as a power cut would: no process gets to tidy up."""
        if self._process is not None:
            self._kill_group(self._process)
            self._process = None

    def restart(self) -> None:
        """Stop and start: clients lose their connections, data and port stay."""
        self.stop()
        self.start()

    def run(self, *command: str | Path) -> None:
        """Run a program of the server's to its end, as the server's user."""
        done = subprocess.run(
            self._as_account([str(word) for word in command]),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            raise ServerFailed(f"{command[0]} ended with {done.returncode}: {done.stdout.decode()}")

    def _start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._as_account(self.command()),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests; and one kill reaches the whole group
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                end = self.log.read_text(errors="replace")[-2000:]
                raise ServerFailed(f"{type(self).__name__} did not start on port {self.port}:\n{end}")
            time.sleep(PAUSE)

    def _answers(self) -> bool:
        try:
            return self.answers()
        except OSError:
            return False

    def _as_account(self, command: list[str]) -> list[str]:
        """Drop root and, on Linux, ask the kernel to end the server when its starter dies.

        By setpriv rather than by a preexec function, which may deadlock when there are threads.
        """
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            if self.account.is_other:
                raise MissingServer("setpriv", "util-linux")
            return command
        words = [setpriv, f"--pdeathsig={self.stop_signal.name.removeprefix('SIG')}"]
        if self.account.is_other:
            words += [f"--reuid={self.account.uid}", f"--regid={self.account.gid}", "--clear-groups"]
        return [*words, "--", *command]

    @staticmethod
    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):  # all of them have ended by themselves
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
