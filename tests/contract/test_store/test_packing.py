"""A file that comes in many mails is kept once, and every mail stays what it was."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection

from maild.app.ports import Delivery
from maild.mail import attachment_bytes
from maild.store import schema
from maild.store.letters_read import wait_again
from maild.store.packing import Packing
from maild.store.quarantine import Handling, leave_quarantine
from maild.store.rows import load_raw
from maild.testing.conversation import SETTINGS, Conversation
from maild.testing.invariants import check
from maild.testing.mails import new_mail, reply_to

KIM, ANNA = "kim@customer.example", "anna@staff.example"
# Pictures hardly get smaller by compression, and neither do random bytes.
PICTURE = ("machine.jpg", "image/jpeg", random.Random(1).randbytes(100_000))
OTHER = ("other.jpg", "image/jpeg", random.Random(2).randbytes(50_000))


@pytest.fixture
def talk(store_url: str, tmp_path: Path) -> Iterator[Conversation]:
    """A desk whose letters to agents carry no files, so that the mails alone have them."""
    made = Conversation(store_url, tmp_path, settings=f"{SETTINGS}\n[letters]\nattach_up_to = 0\n")
    yield made
    made.close()


def stored_bytes(talk: Conversation) -> int:
    """What the raw mails and their files take."""
    return sum(len(row.body) for table in (schema.raw, schema.blob) for row in talk.rows(table))


def raws(talk: Conversation) -> dict[int, bytes]:
    with talk.database.read() as connection:
        return load_raw(connection, [row.id for row in talk.rows(schema.raw)])


def pack(talk: Conversation) -> int:
    return talk.parts.packing.run()


def test_more_mails_are_read_at_once_than_a_statement_may_have_parameters(talk: Conversation) -> None:
    talk.receive(new_mail("It is broken"))
    [mail] = [row.raw for row in talk.rows(schema.inbox)]
    with talk.database.read() as connection:
        assert b"It is broken" in load_raw(connection, range(1, 300_001))[mail]


def test_the_same_picture_in_ten_mails_of_a_thread_is_kept_once(talk: Conversation) -> None:
    talk.receive(new_mail("It is broken", message_id="first@customer.example", files=[PICTURE]))
    for number in range(9):
        answered = {"In-Reply-To": "<first@customer.example>"}
        talk.receive(new_mail(f"Still broken ({number})", headers=answered, files=[PICTURE]))
    before, whole = raws(talk), stored_bytes(talk)
    assert whole > 10 * 100_000
    assert pack(talk) >= 10
    assert [(row.sha256, row.size) for row in talk.rows(schema.blob)] == [
        (talk.rows(schema.attachment)[0].sha256, 100_000)
    ]
    assert len(talk.rows(schema.piece)) == 10
    assert stored_bytes(talk) < whole - 9 * 100_000
    assert raws(talk) == before
    came_in = {row.id: row.raw for row in talk.rows(schema.inbox)}
    for row in talk.rows(schema.attachment):
        assert attachment_bytes(before[came_in[row.inbox]], row.part) == PICTURE[2]
    assert pack(talk) == 0
    assert check(talk.database) == []


def test_the_copies_that_go_along_with_letters_are_kept_once_with_the_mail(store_url: str, tmp_path: Path) -> None:
    talk = Conversation(store_url, tmp_path)
    talk.receive(new_mail(files=[PICTURE]))
    assert PICTURE[2] in [part.get_content() for part in talk.letters(ANNA)[0].mail.iter_attachments()]
    before = raws(talk)
    pack(talk)
    assert len(talk.rows(schema.blob)) == 1
    assert len(talk.rows(schema.piece)) == 3  # of the mail, and of the letters to two agents
    assert raws(talk) == before
    assert check(talk.database, posted=talk.sender.posted) == []
    talk.close()


def test_an_agents_answer_shares_its_file_with_the_mail_that_brought_it(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "Here is the picture.", files=[PICTURE]))
    before = raws(talk)
    pack(talk)
    assert len(talk.rows(schema.blob)) == 1
    assert len(talk.rows(schema.piece)) == 2
    assert raws(talk) == before
    assert check(talk.database, posted=talk.sender.posted) == []


def test_a_mail_in_pieces_is_worked_on_as_it_came(talk: Conversation) -> None:
    too_many = b"\r\n" + b"X-A: b\r\n" * 1001 + b"\r\n"
    raw = new_mail("Look at this", files=[PICTURE, OTHER]).replace(b"\r\n\r\n", too_many, 1)
    assert talk.receive(raw, to="support@example.com", envelope_from=KIM).outcome == "quarantined"
    pack(talk)
    assert len(talk.rows(schema.piece)) == 2
    leave_quarantine(talk.database, [1], Handling.REPLAY, talk.now)
    talk.work()
    assert [row.name for row in talk.rows(schema.attachment)] == ["machine.jpg", "other.jpg"]
    assert check(talk.database, accepted=[raw]) == []


def test_a_letter_in_pieces_is_sent_as_it_was_written(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.sender.answer = lambda letter: Delivery(sent=False, answer="550 no") if len(letter.raw) > 100_000 else None
    talk.receive(reply_to(talk.letters(ANNA)[0], "Here is the picture.", files=[PICTURE]))
    [letter] = [row for row in talk.rows(schema.outbox) if row.template == "answer"]
    pack(talk)
    talk.sender.answer = lambda _letter: None
    with talk.database.write() as connection:
        wait_again(connection, [letter.id], talk.now, talk.now + talk.parts.desk.letter_expire)
    talk.work()
    [file] = [part for posted in talk.letters(KIM) for part in posted.mail.iter_attachments()]
    assert file.get_content() == PICTURE[2]
    assert check(talk.database, posted=talk.sender.posted) == []


def test_nothing_is_packed_while_there_is_other_work(talk: Conversation) -> None:
    talk.accept(new_mail(files=[PICTURE]))
    assert pack(talk) == 0
    talk.work()
    assert pack(talk) == 1


def test_small_mails_are_not_even_looked_at(talk: Conversation) -> None:
    talk.receive(new_mail("x" * 1000))
    assert pack(talk) == 0


@pytest.mark.parametrize("broken", [zlib.compress(b""), zlib.compress(b"something else"), b"not even compressed"])
def test_a_mail_stays_whole_when_its_file_is_stored_already_and_damaged(talk: Conversation, broken: bytes) -> None:
    talk.receive(new_mail("one", files=[PICTURE]))
    pack(talk)
    with talk.database.write() as connection:
        connection.execute(schema.blob.update().values(body=broken))
    talk.receive(new_mail("two", files=[PICTURE]))
    [second] = [row.raw for row in talk.rows(schema.inbox) if row.id == 2]
    with talk.database.read() as connection:
        before = load_raw(connection, [second])
    assert pack(talk) == 1
    with talk.database.read() as connection:
        assert load_raw(connection, [second]) == before
    assert [line["event"] for line in talk.log if "left whole" in str(line["event"])] == ["mail left whole"]
    assert pack(talk) == 0


def test_two_workers_pack_a_mail_once(talk: Conversation) -> None:
    talk.receive(new_mail(files=[PICTURE]))
    before = raws(talk)

    @contextmanager
    def overtaken() -> Iterator[Connection]:
        pack(talk)  # another worker, after this one read the mail and before it saves
        with talk.database.write() as connection:
            yield connection

    said: list[str] = []
    slow: Any = SimpleNamespace(read=talk.database.read, write=overtaken)
    assert Packing(slow, clock=lambda: talk.now, log=lambda event, **_: said.append(event)).run() == 1
    assert said == []
    assert len(talk.rows(schema.piece)) == 1
    assert raws(talk) == before


def test_a_mail_may_hold_the_same_file_twice(talk: Conversation) -> None:
    talk.receive(new_mail(files=[PICTURE, OTHER, PICTURE]))
    before = raws(talk)
    pack(talk)
    assert len(talk.rows(schema.blob)) == 2
    assert [row.blob for row in talk.rows(schema.piece)] == [row.sha256 for row in talk.rows(schema.attachment)]
    assert raws(talk) == before
