"""What a list shows is what its reader may read, says the same database that finds it; on both databases."""

from __future__ import annotations

from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from maild.app.list_lines import Readable
from maild.mail.asked_lists import Asked, Which
from maild.store import schema
from maild.store.dry_unit import DryUnit
from maild.store.engine import Database
from maild.store.listing import listed, may_read
from maild.store.search_index import read_words
from maild.testing.conversation import START, Conversation
from maild.testing.mails import new_mail
from maild.tickets.permissions import Held, Permission, Person, Role, may, reach

TEAMS = {"a": "x", "b": "y", "c": ""}  # by queue; d is configured no more, so its tickets are the first queue's
QUEUES, ANNA, BEN = ("a", "b", "c", "d"), "anna@staff.example", "ben@staff.example"
TICKETS = list(enumerate(product(QUEUES, ("", "x", "y"), ("", ANNA, BEN)), 1))
SOME_QUEUES, SOME_TEAMS = (st.frozensets(st.sampled_from(names), max_size=2) for names in (QUEUES, ("x", "y", "z")))
ROLES = st.builds(
    Role,
    name=st.just("r"),
    permissions=st.sampled_from([frozenset(), frozenset({Permission.READ}), frozenset(Permission)]),
    queues=SOME_QUEUES,
    teams=SOME_TEAMS,
)
PEOPLE = st.builds(
    Person,
    address=st.just(ANNA),
    roles=st.lists(ROLES, max_size=2).map(tuple),
    queues=SOME_QUEUES,
    teams=SOME_TEAMS,
)


def keep_tickets(database: Database) -> None:
    with database.write() as connection:
        if connection.execute(select(schema.ticket.c.number)).first():
            return
        rows = [
            {"number": n, "status": "open", "queue": q, "team": t, "assignee": a, "version": 0, "head": ""}
            for n, (q, t, a) in TICKETS
        ]
        connection.execute(insert(schema.ticket), rows)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(PEOPLE)
def test_the_database_and_the_permissions_agree_on_every_ticket(database: Database, person: Person) -> None:
    keep_tickets(database)
    readable = Readable(reach=reach(person, Permission.READ), teams=TEAMS, other_team=TEAMS["a"])
    with database.read() as connection:
        found = connection.execute(select(schema.ticket.c.number).where(may_read(readable))).scalars().all()
    wanted = [
        number
        for number, (queue, team, assignee) in TICKETS
        if not may(person, Permission.READ, Held(queue=queue, team=team or TEAMS.get(queue, "x"), assignee=assignee))
    ]
    assert sorted(found) == wanted


def test_a_page_behind_the_last_one_is_the_last_one(database: Database) -> None:
    keep_tickets(database)
    everything = Readable(reach=reach(Person(address=ANNA, roles=(READER,)), Permission.READ))
    asked = [Asked(which=Which.UNASSIGNED, page=page) for page in (1, 2, 9)]
    with database.read() as connection:
        pages = [listed(connection, one, ANNA, everything, START, limit=10) for one in asked]
    assert [(len(lines), page, total) for lines, page, total in pages] == [(10, 1, 12), (2, 2, 12), (2, 2, 12)]
    assert [line.number for lines, _, _ in pages[:2] for line in lines] == [n for n, (_, _, who) in TICKETS if not who]


READER = Role(name="reader", permissions=frozenset({Permission.READ}))


def test_maild_explain_searches_without_writing(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    everything = Readable(reach=reach(Person(address=ANNA, roles=(READER,)), Permission.READ))
    with talk.database.write() as connection:
        read_words(connection, 100)
    talk.receive(new_mail("Another pump."))  # nobody has read its words yet
    asked = Asked(which=Which.SEARCH, what="pump")
    with talk.database.read() as connection:
        lines, _, total = DryUnit(connection).listed(asked, ANNA, everything, START, limit=10)
    assert ([line.number for line in lines], total) == ([1], 1)
