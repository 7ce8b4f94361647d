"""What events say of links and mails, how an order is taken back, and how commands that join tickets are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.tickets.commands import read_order
from maild.tickets.events import Event, EventKind, Facts, record, split_personal
from maild.tickets.joining import OPPOSITE, OTHER_SIDE, How, Join, Why, are_parted, links_of, mails_of
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket
from maild.tickets.names import Names
from maild.tickets.orders import Move, Order, SetField, undo_line
from maild.tickets.undo import last_order, take_back

ANNA, BEN = "anna@example.com", "ben@example.com"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Chain:
    """Builds the events of ticket 1."""

    def __init__(self) -> None:
        self.ticket = Ticket(number=1)
        self.events: list[Event] = []
        self.add(EventKind.OPENED, "contact:1", 1, subject="Pump", contact="kim@x.example", queue="support")

    def add(self, kind: EventKind, actor: str, mail: int | None, **facts: str | int | None) -> None:
        """One more event, a minute after the last."""
        data, content = split_personal(facts)
        at = START + timedelta(minutes=len(self.events)) if mail is None else START + timedelta(minutes=mail)
        self.ticket, event = record(
            self.ticket, kind, at=at, actor=actor, mail=mail, data=data, content=content, salt="5a17"
        )
        self.events.append(event)

    def undo(self, actor: str, mail: int) -> None:
        """Take the last order of somebody back, as far as it is in the ticket itself."""
        did = last_order(self.events, actor)
        assert did is not None
        back = take_back(1, self.events, did)
        if back.fields:
            self.add(EventKind.SET, actor, mail, **back.fields)
        if back.status:
            self.add(EventKind.STATUS, actor, mail, to=back.status, hold_reason=back.hold_reason)


@pytest.fixture
def chain() -> Chain:
    return Chain()


def linked(chain: Chain, ticket: int, why: str, **more: int) -> None:
    chain.add(EventKind.LINKED, "agent:1", 9, ticket=ticket, why=why, **more)


def test_links_are_the_last_words_on_each_ticket(chain: Chain) -> None:
    for ticket, why in ((2, Why.LINKED), (3, "same thread"), (4, Why.MERGED_WITH), (2, Why.UNLINKED), (5, Why.LINKED)):
        linked(chain, ticket, why)
    assert links_of(chain.events) == {3: "same thread", 4: "merged with", 5: "linked"}


@pytest.mark.parametrize(
    ("words", "parted"),
    [
        ([], False),
        ([Why.LINKED], False),
        ([Why.SPLIT_FROM], True),
        ([Why.MERGED_WITH, Why.GIVEN_BACK], True),
        ([Why.MERGED_INTO, Why.TAKEN_OUT, Why.MERGED_INTO], False),
        ([Why.SPLIT_INTO, Why.REJOINED_BY], False),
    ],
)
def test_two_tickets_are_parted_while_the_last_word_says_so(chain: Chain, words: list[Why], parted: bool) -> None:
    for why in words:
        linked(chain, 2, why)
        linked(chain, 3, Why.LINKED)
    assert are_parted(chain.events, 2) == parted


def test_the_mails_of_a_ticket_are_those_of_its_events_without_those_that_were_split_off(chain: Chain) -> None:
    for mail in (2, 3):
        chain.add(EventKind.MAIL, "contact:1", mail)
    chain.add(EventKind.ALERT, "system", 8, level=75)
    assert mails_of(chain.events) == {1, 2, 3}
    linked(chain, 2, Why.SPLIT_INTO, cause=3)
    assert mails_of(chain.events) == {1, 2}
    linked(chain, 2, Why.REJOINED_BY, cause=3)
    assert mails_of(chain.events) == {1, 2, 3}


def test_every_word_has_an_opposite_and_every_word_that_is_asked_for_another_side() -> None:
    assert {OPPOSITE[OPPOSITE[why]] for why in Why} == set(Why)
    assert {OPPOSITE[OTHER_SIDE[why]] for why in OTHER_SIDE} == {OTHER_SIDE[OPPOSITE[why]] for why in OTHER_SIDE}


# ------------------------------------------------------------------------ undo


def test_an_order_is_all_that_one_mail_did_with_what_followed_from_it(chain: Chain) -> None:
    chain.add(EventKind.SET, "agent:1", 2, reason_code="damage")
    chain.add(EventKind.SET, "system", 2, team="repairs")
    did = last_order(chain.events, "agent:1")
    assert did is not None
    assert [event.seq for event in did.events] == [2, 3]
    assert take_back(1, chain.events, did).fields == {"reason_code": "", "team": ""}


def test_an_order_of_the_command_line_is_what_it_did_at_one_moment(chain: Chain) -> None:
    chain.add(EventKind.SET, "admin", None, priority="high")
    chain.add(EventKind.SET, "admin", None, priority="critical")
    did = last_order(chain.events, "admin")
    assert did is not None
    assert take_back(1, chain.events, did).fields == {"priority": "high"}


def test_of_the_same_field_the_last_to_change_it_since_is_named(chain: Chain) -> None:
    chain.add(EventKind.SET, "agent:1", 2, priority="high", team="first")
    chain.add(EventKind.SET, "agent:2", 3, priority="low")
    chain.add(EventKind.SET, "agent:3", 4, priority="critical")
    did = last_order(chain.events, "agent:1")
    assert did is not None
    assert [(c.what, c.by) for c in take_back(1, chain.events, did).changed] == [("priority", "agent:3")]


def test_who_did_nothing_has_no_order(chain: Chain) -> None:
    chain.add(EventKind.MAIL, "contact:1", 2)
    assert last_order(chain.events, "agent:1") is None
    assert last_order(chain.events, "") is None


ORDERS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"priority": st.sampled_from(["low", "high"]), "team": st.sampled_from(["", "a", "b"])}),
        st.fixed_dictionaries({"to": st.sampled_from([s for s in Status if s is not Status.DUPLICATE])}),
    ),
    min_size=1,
    max_size=6,
)


@given(ORDERS)
def test_undo_brings_back_what_was_and_undo_of_it_what_is(orders: list[Facts]) -> None:
    chain = Chain()
    states = [chain.ticket]
    for mail, facts in enumerate(orders, 2):
        kind = EventKind.STATUS if "to" in facts else EventKind.SET
        chain.add(kind, "agent:1", mail, **{k: v for k, v in facts.items() if not isinstance(v, bool)})
        states.append(chain.ticket)
    for count in range(4):
        chain.undo("agent:1", 100 + count)
        assert same(chain.ticket, states[-2 if count % 2 == 0 else -1])


def same(one: Ticket, other: Ticket) -> bool:
    """Whether two tickets differ in nothing but their chain and the moments of their status."""
    moments = {"held_at": None, "resolved_at": None, "closed_at": None, "version": 0, "head": ""}
    return replace(one, **moments) == replace(other, **moments)  # type: ignore[arg-type]


# ------------------------------------------------------------------------ commands


def order(text: str, **facts: str) -> Order:
    ticket = Ticket(number=7, status=Status.OPEN, **facts)  # type: ignore[arg-type]
    names = Names(agents=((ANNA, "Anna"), (BEN, "Ben")))
    return read_order(text, ticket, agent=ANNA, agents=frozenset({ANNA, BEN}), names=names)


@pytest.mark.parametrize(
    ("text", "joins"),
    [
        ("#merge 41", [Join(how=How.MERGE, ticket=41)]),
        ("#merge #41 anyway", [Join(how=How.MERGE, ticket=41, anyway=True)]),
        ("#merge [#41]", [Join(how=How.MERGE, ticket=41)]),
        ("#merge [2024-41]", [Join(how=How.MERGE, ticket=41)]),
        ("#duplicate 41", [Join(how=How.DUPLICATE, ticket=41)]),
        ("#link 41\n#unlink 42", [Join(how=How.LINK, ticket=41), Join(how=How.UNLINK, ticket=42)]),
        ("#split", [Join(how=How.SPLIT)]),
        ("#split The valve hums", [Join(how=How.SPLIT, subject="The valve hums")]),
    ],
)
def test_what_is_joined(text: str, joins: list[Join]) -> None:
    found = order(text)
    assert (found.problems, list(found.joins)) == ((), joins)


def test_a_merge_ends_the_ticket_and_needs_the_permission_for_that() -> None:
    assert order("#merge 41").moves == (Move(Status.DUPLICATE, "merge", "", 41),)
    assert {str(need) for need in order("#merge 41").needs} == {"service.write", "service.resolve"}
    assert {str(need) for need in order("#link 41").needs} == {"service.write"}


@pytest.mark.parametrize(
    "text", ["#link 41 anyway", "#link", "#merge 0", "#merge 1234567890123456", "#merge 7", "#merge x"]
)
def test_what_names_no_other_ticket_is_a_problem(text: str) -> None:
    assert len(order(text).problems) == 1


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("#order SO-1", [SetField("order_reference", "SO-1")]),
        ("#order SO-1 20", [SetField("order_reference", "SO-1"), SetField("order_line", "20")]),
        ("#set order_reference SO-1", [SetField("order_reference", "SO-1")]),
        ("#serial SN 12", [SetField("serial_number", "SN 12")]),
        ("#product X200 plus", [SetField("product", "X200 plus")]),
        ("#claim WC-7", [SetField("claim", "WC-7")]),
        ("#take", [SetField("assignee", ANNA)]),
    ],
)
def test_what_a_ticket_is_about(text: str, fields: list[SetField]) -> None:
    assert (order(text).problems, list(order(text).fields)) == ((), fields)


def test_another_order_has_no_line_of_the_last_one() -> None:
    assert order("#order SO-2", order_line="20").fields[-1] == SetField("order_line", "")


@pytest.mark.parametrize("text", ["#order", "#serial", "#claim " + "x" * 81])
def test_a_key_is_no_empty_word_and_no_story(text: str) -> None:
    assert len(order(text).problems) == 1


@pytest.mark.parametrize(
    ("text", "whose"), [("#undo", ""), ("#undo (status new)", ""), (f"#undo {BEN}", BEN), ("#undo ben", BEN)]
)
def test_whose_order_is_taken_back(text: str, whose: str) -> None:
    assert (order(text).undo, order(text).undo_of, order(text).problems) == (True, whose, ())


def test_the_undo_line_says_what_it_would_do() -> None:
    before = Ticket(number=7, status=Status.OPEN, contact="kim@x.example")
    assert undo_line(before, order("#merge 41")) == "#undo (status open, #merge 41)"
    assert (
        undo_line(before, order("#customer lee@x.example\n#claim 5")) == "#undo (claim empty, customer kim@x.example)"
    )
    assert undo_line(before, order("#note x")) == ""
