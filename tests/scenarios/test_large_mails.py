"""A large mail is several times its size while it is handled, so a process handles one at a time."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from maild.app.arrival import LARGE
from maild.store import schema
from maild.testing.conversation import Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.mails import new_mail
from maild.testing.waiting import wait_until

FILM = ("film.bin", "application/octet-stream", b"\x00\x01\x02" * (LARGE // 3))


@pytest.fixture
def talk(sqlite_copies: SqliteCopies, tmp_path: Path) -> Iterator[Conversation]:
    made = Conversation(sqlite_copies.make(tmp_path), tmp_path)
    yield made
    made.close()


def beside_another(talk: Conversation, work: Callable[[], object], meanwhile: Callable[[], None]) -> None:
    """Do the work in a thread while another large mail is in memory; look at the desk as soon as it waits for that."""
    thread = threading.Thread(target=work)
    with talk.parts.large_mails.room(LARGE + 1):
        thread.start()
        wait_until(lambda: talk.parts.large_mails.waiting == 1)
        meanwhile()
    thread.join()


def test_a_large_mail_is_read_when_no_other_is_in_memory_and_small_ones_before_it_at_once(talk: Conversation) -> None:
    talk.accept(new_mail("Small"))
    talk.accept(new_mail("Large", files=[FILM]))

    def only_the_small_one() -> None:
        assert [row.state for row in talk.rows(schema.inbox)] == ["done", "waiting"]

    beside_another(talk, talk.parts.ingest.run, only_the_small_one)
    assert [row.state for row in talk.rows(schema.inbox)] == ["done", "done"]


def test_a_large_mail_is_packed_when_no_other_is_in_memory(talk: Conversation) -> None:
    talk.accept(new_mail("Large", files=[FILM]))
    talk.work()

    def not_yet() -> None:
        assert talk.rows(schema.blob) == []

    beside_another(talk, talk.parts.packing.run, not_yet)
    assert [row.size for row in talk.rows(schema.blob)] == [len(FILM[2])]


def test_no_connection_is_kept_that_a_large_mail_went_through(talk: Conversation) -> None:
    made: list[object] = []
    event.listen(talk.database.engine, "connect", lambda connection, _record: made.append(connection))
    talk.accept(new_mail("Small"))
    talk.accept(new_mail("Small too"))
    before = len(made)
    talk.accept(new_mail("Large", files=[FILM]))
    talk.accept(new_mail("Small again"))
    assert len(made) == before + 1
