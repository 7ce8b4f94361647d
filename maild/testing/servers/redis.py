"""A private Redis that keeps nothing on disk."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maild.testing.servers.daemon import PrivateServer, find_program
from maild.testing.servers.home import Account, private_home, unprivileged


class RedisServer(PrivateServer):
    """Redis without persistence: after `stop` and `start` it is empty, like one that lost everything."""

    def __init__(self, home: Path, account: Account) -> None:
        """Find Redis."""
        super().__init__(home, account)
        self._program = find_program("redis-server", "redis-server")

    @property
    def url(self) -> str:
        """The URL of database 0; there are 16."""
        return self.database_url(0)

    def database_url(self, number: int) -> str:
        """The URL of one of the 16 databases."""
        return f"redis://{self.host}:{self.port}/{number}"

    def command(self) -> list[str]:
        """Run on our port, in memory only."""
        options = {"port": str(self.port), "bind": self.host, "save": "", "appendonly": "no", "dir": "."}
        return [str(self._program), *(word for key, value in options.items() for word in (f"--{key}", value))]

    def answers(self) -> bool:
        """Does it answer a PING?"""
        return self._ask(b"PING") == b"+PONG\r\n"

    def flush(self) -> None:
        """Empty all databases."""
        self._ask(b"FLUSHALL")

    def _ask(self, command: bytes) -> bytes:
        # By hand: two commands need no client library, and only maild.worker may know one.
        with socket.create_connection((self.host, self.port), timeout=10) as client:
            client.sendall(command + b"\r\n")
            return client.recv(64)


@contextmanager
def redis(folder: Path | None = None) -> Iterator[RedisServer]:
    """Run a private Redis; raises MissingServer when it is not installed."""
    account = unprivileged("redis")
    with private_home("redis", account, folder) as home:
        server = RedisServer(home, account)
        try:
            server.start()
            yield server
        finally:
            server.stop()
