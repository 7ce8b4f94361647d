"""Turns, absences, loads and tickets that wait, as the store keeps them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from maild.app.known import Wanted
from maild.app.staff import BY_ADMIN, Absence, Load
from maild.store import schema
from maild.store.engine import Database
from maild.store.staff import end_absence, last_agents, load_absences, load_loads, save_absence
from maild.testing.conversation import START, Conversation
from maild.testing.mails import new_mail, reply_to

KIM, ANNA, BEN = "kim@customer.example", "anna@staff.example", "ben@staff.example"
DAY = timedelta(days=1)


def absence(days: int | None, source: str = "mail") -> Absence:
    until = None if days is None else START + days * DAY
    return Absence(address=ANNA, since=START, until=until, source=source, mail=7 if source == "mail" else None)


def saved(database: Database, *absences: Absence) -> list[Absence]:
    with database.write() as connection:
        for each in absences:
            save_absence(connection, each)
        return list(load_absences(connection).values())


MAIL, LONGER, ADMIN = absence(2), absence(5), absence(None, BY_ADMIN)
OVER = Absence(address=ANNA, since=START - 9 * DAY, until=START - DAY, source=BY_ADMIN)


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        pytest.param([MAIL, LONGER], LONGER, id="the last reply counts"),
        pytest.param([ADMIN, MAIL], ADMIN, id="a reply does not shorten what an admin said"),
        pytest.param([MAIL, ADMIN], ADMIN, id="an admin stands above a reply"),
        pytest.param([OVER, MAIL], MAIL, id="what is over stands above nothing"),
    ],
)
def test_whose_word_of_an_absence_counts(database: Database, said: list[Absence], stands: Absence) -> None:
    assert saved(database, *said) == [stands]


def test_an_admin_ends_any_absence(database: Database) -> None:
    saved(database, ADMIN)
    with database.write() as connection:
        assert end_absence(connection, ANNA)
        assert not end_absence(connection, ANNA)


def test_an_agents_own_mail_does_not_end_what_an_admin_said(talk: Conversation) -> None:
    talk.receive(new_mail())
    saved(talk.database, ADMIN)
    talk.receive(reply_to(talk.letters(ANNA)[0], "Try again.", sender=ANNA))
    assert len(talk.rows(schema.absence)) == 1


def test_loads_count_what_is_open_by_weight(talk: Conversation) -> None:
    for number in range(4):
        talk.receive(new_mail(f"Broken, {number}.", sender=f"c{number}@customer.example"))
    first, second, third, fourth = talk.letters(ANNA)
    talk.receive(reply_to(first, "#assign me\n#priority critical", sender=ANNA))
    talk.receive(reply_to(second, "#assign me\n#priority low", sender=ANNA))
    talk.receive(reply_to(third, "#assign me\n#hold a part", sender=ANNA))
    talk.receive(reply_to(fourth, "#assign me\n#close resolved", sender=ANNA))
    with talk.database.read() as connection:
        assert load_loads(connection, [ANNA, BEN]) == {ANNA: Load(9, 2)}


def test_the_last_agent_is_that_of_the_newest_ticket_that_anybody_has(talk: Conversation) -> None:
    for number in range(3):
        talk.receive(new_mail(f"Broken, {number}."))
    for ticket, command in ((0, "#assign me"), (1, f"#assign {BEN}")):
        talk.receive(reply_to(talk.letters(ANNA)[ticket], command, sender=ANNA))
    with talk.database.read() as connection:
        assert last_agents(connection, [KIM, "nobody@x.example"]) == {KIM: BEN}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_neither_question_reads_more_than_an_index(talk: Conversation) -> None:
    questions = {
        "ticket_assignee": "SELECT assignee, priority, count(*) FROM ticket WHERE assignee IN ('a', 'b')"
        " AND status IN ('new', 'open') GROUP BY assignee, priority",
        "ticket_last_agent": "SELECT assignee FROM ticket WHERE contact = 'a' AND assignee <> ''"
        " ORDER BY number DESC LIMIT 1",
    }
    with talk.database.read() as connection:
        for index, question in questions.items():
            plan = " ".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {question}")))
            assert f"INDEX {index}" in plan
            assert "SCAN" not in plan
            assert "ORDER BY" not in plan


def test_what_an_agent_has_open_is_listed_the_most_urgent_first(talk: Conversation) -> None:
    for number, (priority, status) in enumerate([("low", ""), ("high", ""), ("critical", "hold"), ("high", "")], 1):
        talk.receive(new_mail(f"Mail {number}", subject=f"Case {number}"))
        order = f"#assign me\n#priority {priority}" + ("\n#hold parts" if status else "")
        talk.receive(reply_to(talk.letters("anna@staff.example")[-1], order))
    with talk.parts.ingest.desktop.unit() as unit:
        assert unit.busy_tickets("anna@staff.example", 10) == [2, 4, 1]
        assert unit.busy_tickets("anna@staff.example", 1) == [2]
        assert unit.busy_tickets("ben@staff.example", 10) == []


def test_a_ticket_is_loaded_with_the_absence_of_who_has_it(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters("anna@staff.example")[-1], "#assign me"))
    away = Absence(address=ANNA, since=START, until=START + DAY)
    other = Absence(address=BEN, since=START, until=None)
    with talk.database.write() as connection:
        save_absence(connection, away)
        save_absence(connection, other)
    with talk.parts.ingest.desktop.unit() as unit:
        assert unit.load(Wanted(tickets={1}), START).absences == {ANNA: away}
