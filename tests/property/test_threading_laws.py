"""Threading does not depend on the order in which the mails of a thread arrive."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.store import schema
from maild.testing.conversation import Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.mails import new_mail

PEOPLE = ("kim@customer.example", "lee@other.example")


@st.composite
def threads(draw: st.DrawFn) -> list[bytes]:
    """The mails of one conversation of two people, oldest first, as programs write them that keep all ids or one."""
    size = draw(st.integers(2, 6))
    whole = draw(st.booleans())  # References with the whole chain, or In-Reply-To with the last id only
    chains: list[list[str]] = [[]]
    for i in range(1, size):
        parent = draw(st.integers(0, i - 1))
        chains.append([*chains[parent], f"m{parent}@x"])
    mails = []
    for i, chain in enumerate(chains):
        writer, other = PEOPLE if draw(st.booleans()) else PEOPLE[::-1]
        headers = {"Cc": other}
        if chain:
            headers |= {"References": " ".join(f"<{m}>" for m in chain)} if whole else {"In-Reply-To": f"<{chain[-1]}>"}
        words = f"These are the words of mail {i}."
        mails.append(new_mail(words, sender=writer, subject=f"Matter {i}", message_id=f"m{i}@x", headers=headers))
    return mails


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_thread_is_one_ticket_whatever_the_order_of_its_mails(
    sqlite_copies: SqliteCopies, data: st.DataObject
) -> None:
    mails = data.draw(threads())
    order = data.draw(st.permutations(range(len(mails))))
    together = data.draw(st.booleans())  # in one group, or each by itself
    with TemporaryDirectory() as folder:
        talk = Conversation(sqlite_copies.make(Path(folder)), Path(folder))
        for i in order:
            talk.accept(mails[i])
            if not together:
                talk.work()
        talk.work()
        [found] = {row.ticket for row in talk.rows(schema.mail)}
        goes_on = {row.number: row.continued_by for row in talk.rows(schema.ticket)}
        talk.close()
    assert [number for number, after in goes_on.items() if after is None] == [found]
