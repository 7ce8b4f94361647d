"""`maild db`: the database's version."""

from __future__ import annotations

import typer

from maild.bootstrap import database_url, open_database
from maild.cli.config_file import read_config
from maild.cli.group import group
from maild.cli.options import Json
from maild.cli.terminal import print_json, say
from maild.store.engine import Database
from maild.store.migrate import current, newest
from maild.store.reading import exists

db = group("Show the database's version, or bring it to this program's.", "maild db upgrade")


@db.command()
def upgrade(ctx: typer.Context) -> None:
    """Bring the database to this program's version, all or nothing; makes it when there is none.

    Example: maild db upgrade
    """
    config = read_config(ctx)
    before = _version(Database(database_url(config)))
    open_database(config).close()
    if before == newest():
        say(f"the database is at version {before}, nothing to do")
    else:
        say(f"the database went from version {before or 'none'} to {newest()}")


@db.command()
def version(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show the version of the database and the one that this program needs; exits with 1 when they differ.

    Example: maild db version --json
    """
    found = _version(Database(database_url(read_config(ctx))))
    if as_json:
        print_json({"database": found or None, "program": newest()})
    else:
        say(f"database {found or 'none'}, program {newest()}")
    if found != newest():
        raise typer.Exit(1)


def _version(database: Database) -> str:
    try:
        return current(database) if exists(database) else ""
    finally:
        database.close()
