"""Brings the database to this version of the program (Alembic, from inside the package).

Alembic is loaded only when there is something to migrate: with its templates it was a fifth of what a
command reads at its start, and almost every start finds the database at this version.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from maild.store.engine import Database

_LOCK = 0x6D61696C64  # "maild": two daemons that start at once must not migrate at once
_MIGRATIONS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The version that this program needs: the number with which the name of the last migration begins."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(database: Database) -> str:
    """The version that the database is at, as Alembic has noted it; "" for an empty one."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def upgrade(database: Database) -> str:
    """Migrate to the newest version, all or nothing; returns the version that it was at before."""
    before = current(database)
    if before == newest():
        return before
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.write() as connection:
        if not database.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before
