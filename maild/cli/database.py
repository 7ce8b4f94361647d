"""Opens the configured database for a command, which neither makes nor changes its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from maild.bootstrap import database_url
from maild.bootstrap.restoring import refuse_while_restoring
from maild.cli.config_file import read_config
from maild.config.model import Config
from maild.errors import Permanent
from maild.store.engine import Database
from maild.store.migrate import current, newest
from maild.store.reading import exists


@contextmanager
def database_of(ctx: typer.Context) -> Iterator[Database]:
    """The database of the command's configuration; raises ConfigError, and what `open_existing` raises."""
    database = open_existing(read_config(ctx))
    try:
        yield database
    finally:
        database.close()


def open_existing(config: Config) -> Database:
    """The database, which must be at this program's version.

    Raises Permanent when there is none or it is at another version, Temporary when it cannot be reached.
    """
    refuse_while_restoring(config.desk.data)
    try:
        database = Database(database_url(config))
    except ModuleNotFoundError as error:
        raise Permanent(f"the database's driver is not installed: {error.name}; install maild[postgresql]") from None
    version = current(database) if exists(database) else ""
    if version == newest():
        return database
    database.close()
    if not version:
        raise Permanent("there is no database yet: `maild run` or `maild db upgrade` makes it")
    if version > newest():
        raise Permanent(f"the database is at version {version}, newer than this maild knows ({newest()}): update maild")
    raise Permanent(f"the database is at version {version}, this maild needs {newest()}: run `maild db upgrade`")
