"""Private servers for tests: started on free loopback ports, in a temporary folder, and stopped.

    with dovecot(users={"support": "secret"}) as server:
        client = IMAPClient(server.host, server.port, ssl=False)

They run from the installed programs and touch nothing else on the machine. They die with the
thread that started them (on Linux), so a killed test run leaves no orphans.
"""

from maild.testing.servers.daemon import MissingServer, PrivateServer, ServerFailed
from maild.testing.servers.dovecot import DovecotServer, dovecot
from maild.testing.servers.postgres import PostgresServer, postgres
from maild.testing.servers.redis import RedisServer, redis

__all__ = [
    "DovecotServer",
    "MissingServer",
    "PostgresServer",
    "PrivateServer",
    "RedisServer",
    "ServerFailed",
    "dovecot",
    "postgres",
    "redis",
]
