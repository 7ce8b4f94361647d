"""The two tickets of which stores are filled with copies, made by maild from mails: an open one, and a closed one."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench.pattern import BEGAN, NUMBER, PLACE, WHO, Pattern, Row
from maild.store.engine import Database
from maild.store.migrate import upgrade
from maild.store.schema import metadata, ticket
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail, reply_to

AGENT = "anna@staff.example"
SETTINGS = f"""
[desk]
name = "Example Support"
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
[letters]
domain_per_hour = 10000000
total_per_10_minutes = 10000000
[[agent]]
name = "Anna Agent"
address = "{AGENT}"
"""
_WORDS = "The pump that we have received does not start after a cold night; the display shows error 17.\r\n" * 6
_LEFT_OUT = {"alembic_version", "contact", "built_on", "lease", "mailbox", "search_due", "lately", "asked", "held_back"}


def make_patterns() -> tuple[Pattern, Pattern]:
    """An open ticket of three mails; and one of three mails that the agent has closed."""
    return _pattern(closed=False), _pattern(closed=True)


def _pattern(*, closed: bool) -> Pattern:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/pattern.db"
        talk = _talk(url, Path(folder))
        talk.receive(_mail(1, _WORDS, {}))
        refers = {"References": f"<o{PLACE}.1@past.example>", "In-Reply-To": f"<o{PLACE}.1@past.example>"}
        for number in range(2, 3 if closed else 4):
            talk.wait(timedelta(minutes=5))
            talk.receive(_mail(number, f"It does not start in case {number}, either.", refers))
        if closed:
            talk.wait(timedelta(minutes=5))
            command = reply_to(talk.letters(AGENT)[-1], "#close resolved")
            talk.receive(
                re.sub(rb"(?m)^Message-ID: <[^>]+>", b"Message-ID: <c%b@staff.example>" % PLACE.encode(), command)
            )
        talk.parts.indexing.run()
        talk.close()
        return Pattern(_rows(url))


def _mail(number: int, words: str, headers: dict[str, str]) -> bytes:
    return new_mail(
        words,
        sender=f"Old {WHO} <old{WHO}@past.example>",
        subject=f"Pump {PLACE}",
        message_id=f"o{PLACE}.{number}@past.example",
        headers=headers,
    )


def _talk(url: str, folder: Path) -> Conversation:
    database = Database(url)
    upgrade(database)
    with database.write() as connection:  # so that the pattern has the number that stands for every number
        connection.execute(insert(ticket).values(number=int(NUMBER) - 1, status="closed", version=0, head=""))
    database.close()
    return Conversation(url, folder, settings=SETTINGS, now=BEGAN)


def _rows(url: str) -> dict[str, list[Row]]:
    """Everything that the store holds of the ticket, table by table."""
    database = Database(url)
    with database.read() as connection:
        names = [table.name for table in metadata.sorted_tables if table.name not in _LEFT_OUT]
        tables = {name: _all(connection.execute(text(f"SELECT * FROM {name}"))) for name in names}  # noqa: S608
        tables["search_words"] = _all(connection.execute(text("SELECT rowid AS ticket, words FROM search_words")))
        started = {row["ticket"] for row in tables["step"]}
    database.close()
    if started:
        tables["step"] = []  # of so many old tickets it would have been done long ago
    tables["ticket"] = [row for row in tables["ticket"] if row["number"] == int(NUMBER)]
    told = [row for row in tables["outbox"] if row["recipient"] == AGENT]
    tables["outbox"] = [row for row in tables["outbox"] if row not in told]
    gone, ids = {row["raw"] for row in told}, {row["message_id"] for row in told}
    tables["raw"] = [row for row in tables["raw"] if row["id"] not in gone]
    tables["thread_key"] = [row for row in tables["thread_key"] if row["key"] not in ids]
    return {name: rows for name, rows in tables.items() if rows}


def _all(found: Iterable[Any]) -> list[Row]:
    return [dict(row._mapping) for row in found]
