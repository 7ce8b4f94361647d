"""A private PostgreSQL cluster."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maild.testing.servers.daemon import PATIENCE, PAUSE, PrivateServer, ServerFailed, find_program
from maild.testing.servers.home import Account, private_home, unprivileged

#: The superuser of the private cluster. It has no password: only this machine can connect.
USER = "maild"


class PostgresServer(PrivateServer):
    """PostgreSQL; with `durable=False` it trades safety on power loss (not on its own crash) for speed."""

    #: "Fast": roll back what runs, disconnect everybody, write a checkpoint.
    stop_signal = signal.SIGINT

    def __init__(self, home: Path, account: Account, *, durable: bool) -> None:
        """Find PostgreSQL and create the cluster."""
        super().__init__(home, account)
        self.durable = durable
        self._data = home / "data"
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        self.run(_program("initdb"), f"--pgdata={self._data}", f"--username={USER}", *options)

    @property
    def url(self) -> str:
        """The URL of the maintenance database."""
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        """The URL of a database; both SQLAlchemy 2.1 and psycopg 3 read it."""
        return f"postgresql://{USER}@{self.host}:{self.port}/{name}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, a copy of `template` if given (nobody may be connected to it); its URL."""
        copy = [f"--template={template}"] if template else []
        self.run(_program("createdb"), *self._address(), *copy, name)
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, disconnecting whoever is still there."""
        self.run(_program("dropdb"), *self._address(), "--force", "--if-exists", name)

    def command(self) -> list[str]:
        """Run on our port, over TCP only."""
        settings = {
            "listen_addresses": self.host,
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "32MB",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        words = [str(_program("postgres")), "-D", str(self._data), "-p", str(self.port)]
        return [*words, *(word for key, value in settings.items() for word in ("-c", f"{key}={value}"))]

    def answers(self) -> bool:
        """Does it accept clients (and not only connections, as during recovery)?"""
        try:
            self.run(_program("pg_isready"), *self._address(), "--quiet")
        except ServerFailed:
            return False
        return True

    def _start(self) -> None:
        # The children of a killed server end a moment after it. Until then the cluster is in use.
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                super()._start()
            except ServerFailed as failed:
                if "is still in use" not in str(failed) or time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE)
            else:
                return

    def stop_immediately(self) -> None:
        """Crash it in PostgreSQL's own way: no checkpoint, the next start recovers from the log."""
        self.stop(signal.SIGQUIT)

    def _address(self) -> list[str]:
        return [f"--host={self.host}", f"--port={self.port}", f"--username={USER}"]


@contextmanager
def postgres(folder: Path | None = None, *, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a private PostgreSQL; raises MissingServer when it is not installed.

    `durable=True` keeps fsync on, for tests of what a crash leaves behind.
    """
    _program("postgres")  # before anything is made
    account = unprivileged("postgres")
    with private_home("postgres", account, folder) as home:
        server = PostgresServer(home, account, durable=durable)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _program(name: str) -> Path:
    """A program of PostgreSQL's newest installed version (Debian keeps them out of the PATH)."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: _number(p.parent.name))
    return find_program(name, "postgresql", *reversed(versions))


def _number(version: str) -> float:
    return float(version) if re.fullmatch(r"\d+(\.\d+)?", version) else 0.0
