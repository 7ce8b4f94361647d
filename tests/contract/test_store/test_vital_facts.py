"""The facts by which trouble is seen: what they say, and that they cost the same in any store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from maild.app.ports import Delivery
from maild.app.trouble_facts import Facts
from maild.store import letters_again, vital_facts
from maild.store.engine import Database
from maild.store.vital_facts import latest_mails, read_facts
from maild.testing.conversation import START, Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.mails import new_mail


def facts(talk: Conversation) -> Facts:
    with talk.database.read() as connection:
        return read_facts(connection, talk.now, START, ["office"])


def test_what_waits_and_since_when(talk: Conversation) -> None:
    calm = facts(talk)
    assert (calm.inbox, calm.outbox) == ({"waiting": 0, "working": 0, "quarantined": 0}, {})
    assert (calm.mail_due, calm.letter_due, calm.next_look) == (None, None, None)
    talk.accept(new_mail(), at=START - timedelta(days=400))  # an old mail that was fetched now
    talk.wait(timedelta(minutes=3))
    waiting = facts(talk)
    assert waiting.inbox["waiting"] == 1
    assert waiting.mail_due == START
    talk.sender.answer = lambda _: Delivery(sent=False, temporary=True, answer="450 later")
    talk.work()
    done = facts(talk)
    assert (done.inbox["waiting"], done.mail_due) == (0, None)
    assert done.outbox == {"waiting": 3}
    assert done.letter_written == talk.now
    assert done.letter_due == talk.now + timedelta(minutes=1)
    assert done.next_look is not None
    with talk.database.read() as connection:
        assert latest_mails(connection) == {"smtp": START - timedelta(days=400)}


def test_a_mailbox_is_as_it_was_left(talk: Conversation) -> None:
    assert [(box.read_at, box.trouble) for box in facts(talk).mailboxes] == [(None, "")]
    talk.parts.mailboxes.note_success("office", START)
    talk.parts.mailboxes.note_trouble("office", START + timedelta(minutes=1), "login refused")
    assert [(box.read_at, box.trouble) for box in facts(talk).mailboxes] == [(START, "login refused")]
    talk.parts.mailboxes.note_success("office", START + timedelta(minutes=2))
    assert [box.trouble for box in facts(talk).mailboxes] == [""]


def test_they_are_found_in_small_indexes(sqlite_copies: SqliteCopies, tmp_path: Path) -> None:
    database = Database(sqlite_copies.make(tmp_path))
    queries = [
        *vital_facts._INBOX.values(),
        *vital_facts._OUTBOX.values(),
        vital_facts._MAILS,
        vital_facts._LETTERS,
        vital_facts._NEXT_LOOK,
        letters_again._COUNT,
        letters_again._NEWEST,
    ]
    with database.read() as connection:
        for query in queries:
            words = query.compile(database.engine, compile_kwargs={"literal_binds": True})
            plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {words}"))]
            tables = [step for step in plan if step.split()[1] in ("inbox", "outbox", "clock", "ticket")]
            assert tables
            assert [step for step in tables if "INDEX" not in step] == []
    database.close()
