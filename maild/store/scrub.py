"""Sees to it that what was taken away is in the files of the database no more, as far as that can be done from here.

SQLite overwrites what is deleted (`secure_delete`, for every connection), but the search's index keeps words
of deleted rows until its parts are merged, and the write-ahead log keeps pages until it is emptied.
PostgreSQL keeps dead rows until they are vacuumed.
"""

from __future__ import annotations

from sqlalchemy import text

from maild.store.engine import Database

_PAGES = 200  # of one merge; others write between two of them
_MOST = 100_000  # merges


def scrub(database: Database) -> bool:
    """Returns False when somebody who reads keeps SQLite's log from being emptied: it is at the next checkpoint."""
    return _scrub_sqlite(database) if database.sqlite else _vacuum(database)


def _scrub_sqlite(database: Database) -> bool:
    merge = text("INSERT INTO search_words (search_words, rank) VALUES ('merge', :pages)")
    pages = -_PAGES  # negative: begin to merge everything into one
    for _ in range(_MOST):
        with database.write() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            connection.execute(merge, {"pages": pages})
            if connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before < 2:  # as FTS5's manual says
                break
        pages = _PAGES
    raw = database.engine.raw_connection()  # outside of any transaction, or nothing is written back
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone() or (1,)
        return not busy
    finally:
        raw.close()


def _vacuum(database: Database) -> bool:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("raw", "blob", "inbox", "mail", "outbox", "event_content", "ticket", "search_words", "contact"):
            connection.execute(text(f"VACUUM {table}"))
    return True
