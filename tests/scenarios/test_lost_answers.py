"""The database commits, and its answer is lost on the way: nothing waits for a lease to end, nothing is done twice."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from maild.bootstrap import Parts
from maild.errors import Temporary
from maild.store import schema
from maild.store.engine import Database
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail
from maild.testing.stops import wrap

KIM = "kim@customer.example"


def lose_one_answer(target: str):  # type: ignore[no-untyped-def]
    """The first call takes effect, and its caller hears of trouble."""
    left = [1]

    def around(original: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if left:
            left.clear()
            raise Temporary("database: the connection was cut during COMMIT")
        return result

    return wrap(target, around)


@pytest.mark.parametrize(
    "at",
    [
        "maild.store.inbox:StoredDesktop.claim",
        "maild.store.outbox:StoredOutbox.claim",
        "maild.store.outbox:StoredOutbox.step",
    ],
)
def test_what_was_committed_unheard_is_taken_up_at_once(talk: Conversation, at: str) -> None:
    undo = lose_one_answer(at)
    try:
        talk.accept(new_mail())
        with pytest.raises(Temporary):
            talk.work()
        talk.work()  # the next ring; no time has gone by
    finally:
        undo()
    assert [mail.outcome for mail in talk.settled()] == ["new_ticket"]
    assert len(talk.letters(KIM)) == 1


class Away:
    """The database is away for some transactions in a row, before each of them or when it has committed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.coming = 0  # transactions until it is away
        self.left = 0  # for how many
        self.committed = False  # and whether they took effect
        for name in ("read", "write"):
            monkeypatch.setattr(Database, name, self._around(getattr(Database, name)))

    def _around(self, original: Any) -> Any:
        @contextmanager
        def opened(database: Database) -> Iterator[Any]:
            self.coming -= 1
            away = self.coming < 0 < self.left
            self.left -= away
            if away and not self.committed:
                raise Temporary("database: away")
            with original(database) as connection:
                yield connection
            if away:
                raise Temporary("database: the connection was cut during COMMIT")

        return opened


@pytest.mark.parametrize("committed", [False, True])
def test_at_whatever_moment_the_database_goes_away_no_mail_stays_claimed(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    away = Away(monkeypatch)
    for first in range(6):  # an undisturbed run has five transactions
        for number in range(2):
            talk.accept(new_mail(f"{first} {number}", sender=f"{first}-{number}@x.example"))
        away.coming, away.left, away.committed = first, 3, committed
        for _ in range(3):
            with suppress(Temporary):
                talk.parts.ingest.run()
        away.left = 0
        talk.parts.ingest.run()  # it is back; no time has gone by
        with talk.database.read() as connection:
            claimed = connection.execute(select(schema.inbox.c.id).where(schema.inbox.c.claim.is_not(None)))
            assert claimed.all() == []
    talk.wait(timedelta(minutes=1))  # what failed once waits for its second try
    talk.work()
    assert {mail.outcome for mail in talk.settled()} == {"new_ticket"}


def test_a_reload_during_an_outage_leaves_no_mail_claimed(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        away = Away(patch)
        talk.accept(new_mail())
        away.coming, away.left = 2, 9  # a group is claimed
        with pytest.raises(Temporary):
            talk.parts.ingest.run()
    reloaded = Parts(talk.parts.config, talk.database, talk, clock=lambda: talk.now)
    reloaded.take_over(talk.parts)

    reloaded.ingest.run()  # no time has gone by

    assert [mail.outcome for mail in talk.settled()] == ["new_ticket"]
    talk.work()
