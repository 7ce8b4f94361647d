"""The database commits, and its answer is lost on the way: nothing waits for a lease to end, nothing is done twice."""

from typing import Any

import pytest

from maild.errors import Temporary
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
