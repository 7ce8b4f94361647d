"""Connections to PostgreSQL: how a new one is set, and when one that was kept is asked whether it still lives."""

from __future__ import annotations

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_DOUBTFUL = 1.0  # seconds without use, after which a server or a network on the way may have forgotten a connection

# Texts of mails are most of what is written. PostgreSQL's own method takes 0.1 ms of its processor to compress
# one, lz4 takes a third. A server that was built without it, or is older than 14, keeps its own.
_LZ4 = """\
SELECT set_config(name, 'lz4', false) FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"""


def keep_connections(engine: Engine) -> None:
    """Set connections as they are made, and look at those that were kept before they are used again."""

    def ask_if_doubtful(connection: Any, record: Any, _proxy: object) -> None:
        # Asking costs as much as a statement, and one transaction follows another; a server that went away shows.
        idle = time.monotonic() - record.info.get("used", time.monotonic())
        if idle < _DOUBTFUL and not _has_news(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "connect", _set)
    event.listen(engine, "checkin", _used)
    event.listen(engine, "checkout", ask_if_doubtful)


def _set(connection: Any, _record: object) -> None:
    connection.execute(_LZ4).close()
    connection.commit()


def _used(_connection: object, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _has_news(connection: Any) -> bool:
    """Whether the server has said something unasked: most often its end."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
