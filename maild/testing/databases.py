"""Fresh databases for tests: each a copy of one that was migrated once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import text

from maild.store.engine import Database
from maild.store.migrate import upgrade
from maild.store.schema import metadata
from maild.testing.once import build_once
from maild.testing.servers import PostgresServer
from maild.testing.statements import compile_once

_NUMBERS = count(1)  # several sets of copies may live in one server


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


class SqliteCopies:
    """Fresh SQLite databases."""

    def __init__(self, folder: Path) -> None:
        """Migrate one in `folder`."""
        compile_once()
        build_once()
        self._template = folder / "migrated.db"
        _migrate(f"sqlite:///{self._template}")

    def make(self, folder: Path) -> str:
        """The URL of a fresh database, a file in `folder`."""
        path = folder / "maild.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"


class PostgresCopies:
    """Fresh databases in a private PostgreSQL."""

    def __init__(self, server: PostgresServer) -> None:
        """Migrate one there."""
        compile_once()
        build_once()
        self._server = server
        self._shared = ""
        self._template = f"migrated_{next(_NUMBERS)}"
        _migrate(server.create_database(self._template))

    def emptied(self) -> str:
        """The URL of a database that is shared by those who ask here, emptied now: quicker than a fresh one.

        Only for tests inside this process, one at a time: nobody may be connected who was killed.
        """
        if not self._shared:
            self._shared = self._server.create_database(f"shared_{next(_NUMBERS)}", template=self._template)
        database = Database(self._shared)
        tables = ", ".join(f'"{name}"' for name in [*metadata.tables, "search_words"])
        with database.write() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
            connection.execute(text("ALTER SEQUENCE ticket_number_seq RESTART"))
        database.close()
        return self._shared

    @contextmanager
    def one(self) -> Iterator[str]:
        """The URL of a fresh database, dropped at the end."""
        name = f"copy_{next(_NUMBERS)}"
        yield self._server.create_database(name, template=self._template)
        self._server.drop_database(name)
