"""A child reads mails while ingest saves those before them: nothing becomes of them that would not without it."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

import pytest

from maild.app.prepare import Prepared, prepare
from maild.app.work import Claimed
from maild.errors import Temporary
from maild.reader.ahead import FEW
from maild.store import schema
from maild.testing.conversation import Conversation, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.readers import WaitingReader, readers


@pytest.fixture
def reader() -> Iterator[WaitingReader]:
    made = WaitingReader()
    yield made
    made.close()


def ten_at_once(talk: Conversation, count: int) -> None:
    talk.parts.ingest = replace(talk.parts.ingest, group=FEW)
    for number in range(1, count + 1):
        talk.accept(new_mail(f"Question {number}", subject=f"Question {number}", message_id=f"q{number}@kim.example"))


def in_order(talk: Conversation) -> list[tuple[str, int | None]]:
    return [(one.outcome, one.ticket) for one in talk.settled()]


def test_the_next_group_is_claimed_while_one_is_read(new_talk: Talk, reader: WaitingReader) -> None:
    talk = new_talk(reader=reader)
    ten_at_once(talk, 3 * FEW)
    working: list[int] = []

    class Watched(type(talk.parts.ingest.desktop)):  # type: ignore[misc]
        def unit(self):  # type: ignore[no-untyped-def]
            working.append(sum(one.state == "working" for one in talk.settled()))
            return super().unit()

    talk.parts.ingest = replace(talk.parts.ingest, desktop=Watched(talk.database))
    talk.work()
    assert working == [2 * FEW, 2 * FEW, FEW]
    assert in_order(talk) == [("new_ticket", number) for number in range(1, 3 * FEW + 1)]
    assert reader.lines == []


def test_a_reply_in_the_group_behind_its_parent_joins_it(new_talk: Talk, reader: WaitingReader) -> None:
    talk = new_talk(reader=reader)
    ten_at_once(talk, FEW)
    for number in range(1, FEW + 1):
        refers = {"In-Reply-To": f"<q{number}@kim.example>", "References": f"<q{number}@kim.example>"}
        talk.accept(new_mail("And this", subject=f"Re: Question {number}", headers=refers))
    talk.work()
    assert in_order(talk)[FEW:] == [("reply", number) for number in range(1, FEW + 1)]
    talk.receive(reply_to(talk.letters("kim@customer.example")[0], "Thank you, and one more thing: it leaks."))
    assert in_order(talk)[-1] == ("reply", 1)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
def test_mails_of_a_child_that_is_lost_are_read_here_in_their_order(
    new_talk: Talk, sign: signal.Signals, reader: WaitingReader
) -> None:
    reader = WaitingReader(patience=0.2)
    talk = new_talk(reader=reader)
    ten_at_once(talk, 4 * FEW)
    begun = 0

    def lose_it(_most: timedelta) -> bool:
        nonlocal begun
        begun += 1
        if begun == 3:  # one group is saved, one is read
            for child in readers(parent=os.getpid()):
                os.kill(child, sign)
        return True

    talk.parts.ingest = replace(talk.parts.ingest, stand_back=lose_it)
    talk.work()
    assert in_order(talk) == [("new_ticket", number) for number in range(1, 4 * FEW + 1)]
    assert {row.attempts for row in talk.rows(schema.inbox)} == {1}
    assert reader.lines == ["the reader is of no use, mails are read here"]
    assert readers(parent=os.getpid()) == []


def test_what_was_claimed_ahead_is_put_back_untried_at_the_end(new_talk: Talk, reader: WaitingReader) -> None:
    talk = new_talk(reader=reader)
    ten_at_once(talk, 3 * FEW)
    talk.parts.ingest = replace(talk.parts.ingest, stopping=lambda: any(one.outcome for one in talk.settled()))
    assert talk.parts.ingest.run() == FEW
    states = [(row.state, row.attempts) for row in talk.rows(schema.inbox)]
    assert states == [("done", 1)] * FEW + [("waiting", 0)] * 2 * FEW
    talk.parts.ingest = replace(talk.parts.ingest, stopping=lambda: False)
    talk.work()
    assert in_order(talk) == [("new_ticket", number) for number in range(1, 3 * FEW + 1)]


def test_when_the_database_goes_away_only_what_was_begun_counts_as_tried(new_talk: Talk, reader: WaitingReader) -> None:
    talk = new_talk(reader=reader)
    ten_at_once(talk, 2 * FEW)
    whole = talk.parts.ingest.desktop

    class Away(type(whole)):  # type: ignore[misc]
        @cached_property
        def trouble(self) -> Temporary:
            return Temporary("database: away")

        def unit(self):  # type: ignore[no-untyped-def]
            raise self.trouble

        def failed(self, *_facts: object) -> None:
            raise self.trouble

    talk.parts.ingest = replace(talk.parts.ingest, desktop=Away(talk.database))
    with pytest.raises(Temporary):
        talk.parts.ingest.run()
    talk.parts.ingest = replace(talk.parts.ingest, desktop=whole)
    talk.work()
    assert [row.attempts for row in talk.rows(schema.inbox)] == [2] * FEW + [1] * FEW
    assert {outcome for outcome, _ in in_order(talk)} == {"new_ticket"}


def test_a_mail_that_cannot_be_read_is_written_down_alone(
    new_talk: Talk, reader: WaitingReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails in the child, fails here as well, with its reason."""
    talk = new_talk(reader=reader)
    ten_at_once(talk, FEW)

    def refuse(row: Claimed, *given: object) -> Prepared:
        if b"Question 3" in row.raw:
            raise ValueError("a bug")
        return prepare(row, *given)  # type: ignore[arg-type]

    monkeypatch.setattr("maild.app.reader.prepare", refuse)
    monkeypatch.setattr("maild.reader.ahead.unpack_read", lambda _row, _body: None)  # as if it had failed there
    talk.parts.ingest.run()
    assert [row.state for row in talk.rows(schema.inbox)].count("done") == FEW - 1
    assert "ValueError: a bug" in [row.trouble for row in talk.rows(schema.inbox)]
    monkeypatch.undo()
    talk.wait(timedelta(hours=1))
    talk.work()
    assert {outcome for outcome, _ in in_order(talk)} == {"new_ticket"}
