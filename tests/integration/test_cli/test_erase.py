"""`maild erase`: nothing of a person is left, everything else stands, and the history still verifies."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from maild.clock import utc_now
from maild.store import schema
from maild.store.erasing import Erasing
from maild.store.erasures import begin_erasure
from maild.store.persons import find_person
from maild.store.rows import pack, unpack
from maild.testing.invariants import check

CANARY = ("xylophonist", "quetzalcoatl", "kim@customer.example", "wombatdrawing", "Kimberley")
SHARED = base64.encodebytes(bytes(range(256)) * 60).decode()  # 15 KB: kept once, apart from its mails
KIM = (
    """\
From: Kimberley Kunde <kim@customer.example>
To: support@example.com
Cc: Lee <lee@other.example>
Subject: The xylophonist leaks
Message-ID: <1@kims-laptop.customer.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

quetzalcoatl is broken, order 4711

--b
Content-Type: application/octet-stream; name=wombatdrawing.bin
Content-Disposition: attachment; filename=wombatdrawing.bin
Content-Transfer-Encoding: base64

"""
    + SHARED
    + "--b--\n"
)
LEE = (
    """\
From: Lee <lee@other.example>
To: support@example.com
Subject: Mine
Message-ID: <3@other.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

my own matter, the xylophonist told me
--b
Content-Type: application/octet-stream; name=same.bin
Content-Transfer-Encoding: base64

"""
    + SHARED
    + "--b--\n"
)
ON_LEES = """\
From: Kimberley Kunde <kim@customer.example>
To: support@example.com
Subject: Re: Mine
Message-ID: <4@kims-laptop.customer.example>
In-Reply-To: <3@other.example>

quetzalcoatl says hello
"""


@pytest.fixture
def store_url(request: pytest.FixtureRequest, new_store: Callable[[str], str]) -> str:
    """An empty database: SQLite, unless the test is `on_both`."""
    return new_store(getattr(request, "param", "sqlite"))


on_both = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def met(empty: Any) -> Any:
    """Kim has a ticket, and has written on Lee's; files are packed and words indexed."""
    empty.accept(KIM, LEE)
    empty.work()
    empty.sql(
        "INSERT INTO participant (ticket, address, name, role, answer_to)"
        " VALUES (2, 'kim@customer.example', 'Kimberley', 'copied', '')"
    )
    empty.accept(ON_LEES)
    empty.work()
    assert empty.maild("ticket", 1, "#note quetzalcoatl called").exit_code == 0
    empty.parts.packing.run()
    empty.parts.indexing.run()
    return empty


def _everything(house: Any) -> str:
    """All that the database says, as one text."""
    with house.database.read() as connection:
        rows = [row for table in schema.metadata.sorted_tables for row in connection.execute(select(table)).all()]
        words = connection.exec_driver_sql("SELECT words FROM search_words").all()
        raws = [unpack(body) for (body,) in connection.execute(select(schema.raw.c.body)) if body]
    return repr([rows, words, raws])


@on_both
def test_nothing_of_the_person_is_left(met: Any) -> None:
    before = _everything(met)
    assert all(word.lower() in before.lower() for word in CANARY)

    result = met.maild("erase", "Kim@Customer.example", "--yes", "--reason", "asked by letter")

    assert result.exit_code == 0, result.output
    after = _everything(met).lower()
    left = [word for word in CANARY if word.lower() in after]
    assert left == ["xylophonist"]  # Lee's own words
    assert met.maild("audit", "verify").exit_code == 0
    assert met.lines("tickets") != []
    shown = met.maild("show", 1).stdout
    assert "(erased)" in shown
    assert "erasure 1, ordered by a person" in shown
    assert not any(word in shown for word in CANARY)
    lees = met.maild("show", 2).stdout
    assert "my own matter" in lees
    assert "Kimberley" not in lees


def test_the_bytes_are_in_the_files_no_more(met: Any, tmp_path: Path) -> None:
    raw = KIM.replace("\n", "\r\n").encode()
    files = [path for path in (tmp_path / "data").iterdir() if path.name.startswith("maild.db")]
    assert any(b"quetzalcoatl" in path.read_bytes() for path in files)

    assert met.maild("erase", "kim@customer.example", "--yes").exit_code == 0

    held = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file())
    for word in CANARY[1:]:
        assert word.encode() not in held, word
    assert pack(raw)[20:120] not in held


def test_a_file_that_somebody_else_sent_as_well_stays(met: Any, tmp_path: Path) -> None:
    met.maild("erase", "kim@customer.example", "--yes")

    saved = tmp_path / "same.bin"
    assert met.maild("attachment", 2, 2, "--save", saved).exit_code == 0
    assert saved.read_bytes() == bytes(range(256)) * 60
    gone = met.maild("attachment", 1, 2)
    assert gone.exit_code == 1
    assert "the mail itself is no longer kept (erasure 1, 20" in gone.output


def test_without_yes_it_only_says_what_it_would_do(met: Any) -> None:
    met.accept(
        "From: Nia <nia@third.example>\nTo: support@example.com\nSubject: x\n"
        "Message-ID: <7@third.example>\n\nask Kimberley Kunde for it\n"
    )
    met.work()
    before = _everything(met)

    [plan] = met.lines("erase", "kim@customer.example", "--report")

    assert plan["tickets"] == [1]
    assert plan["other_tickets"] == [2]
    assert plan["mails"] == 2
    assert plan["named_in"] == [{"inbox": 4, "ticket": 3}]
    assert "with --yes it is done" in met.maild("erase", plan["contact"]).stdout
    assert _everything(met) == before


def test_a_hold_forbids_it(met: Any) -> None:
    assert met.maild("hold", 1, "--reason", "case 7").exit_code == 0
    [held] = met.lines("hold")
    assert (held["name"], held["reason"]) == ("ticket:1", "case 7")
    before = _everything(met)

    refused = met.maild("erase", "kim@customer.example", "--yes")

    assert refused.exit_code == 1
    assert "ticket 1 must be kept (case 7" in refused.output
    assert _everything(met) == before
    assert met.maild("hold", 1, "--end").exit_code == 0
    assert met.maild("erase", "kim@customer.example", "--yes").exit_code == 0


def test_an_agent_and_a_stranger_are_refused(met: Any) -> None:
    assert "is an agent" in met.maild("erase", "anna@example.com", "--yes").output
    assert "nothing is stored about" in met.maild("erase", "who@nowhere.example", "--yes").output
    assert "there is no contact 999" in met.maild("erase", 999, "--yes").output


def test_a_bare_number_may_be_meant_as_a_ticket_and_erases_nobody(met: Any) -> None:
    [plan] = met.lines("erase", "kim@customer.example")
    refused = met.maild("erase", plan["contact"], "--yes")

    assert refused.exit_code == 1
    assert f"contact:{plan['contact']}" in refused.output
    assert met.lines("erase", "kim@customer.example") == [plan]
    assert met.maild("erase", f"contact:{plan['contact']}", "--yes").exit_code == 0


def test_who_writes_again_begins_anew_and_hears_nothing_of_the_old_ticket(met: Any) -> None:
    met.maild("erase", "kim@customer.example", "--yes")
    met.accept(KIM)
    met.work()

    tickets = met.lines("tickets")

    assert len(tickets) == 3
    actors = [row[0] for row in met.sql("SELECT actor FROM event WHERE kind = 'opened' ORDER BY ticket")]
    assert len(set(actors)) == 3  # the old number is nobody's

    assert met.maild("ticket", 1, "#resolve resolved").exit_code == 0
    met.work()
    assert not met.sql("SELECT recipient FROM outbox WHERE ticket = 1 AND recipient LIKE 'kim%'")
    assert met.maild("audit", "verify").exit_code == 0
    assert check(met.database) == []


def _meanwhile(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Let others do something once, between two tickets that are erased."""
    once = [work]
    begin = Erasing._own

    def with_others(self: Erasing, number: int) -> int:
        done = begin(self, number)
        if once:
            once.pop()()
        return done

    monkeypatch.setattr(Erasing, "_own", with_others)


def test_who_writes_while_being_erased_is_erased_with_it(met: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def write() -> None:
        met.accept(KIM.replace("<1@", "<8@").replace("Subject: The", "Subject: Again the"))
        met.work()

    _meanwhile(monkeypatch, write)

    assert met.maild("erase", "kim@customer.example", "--yes").exit_code == 0

    left = [word for word in CANARY if word.lower() in _everything(met).lower()]
    assert left == ["xylophonist"]  # Lee's own words
    assert "erasure 1, ordered by a person" in met.maild("show", 3).stdout
    assert met.maild("audit", "verify").exit_code == 0


def test_a_hold_stops_an_erasure_that_has_begun(met: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _meanwhile(monkeypatch, lambda: met.maild("hold", 2, "--reason", "case 7"))

    result = met.maild("erase", "kim@customer.example", "--yes")

    assert result.exit_code == 1
    assert "ticket 2 must be kept" in result.output
    assert "quetzalcoatl" in met.maild("show", 2).stdout


def test_many_tickets_of_a_person_cost_no_more_looks_at_whole_tables_than_one(met: Any) -> None:
    def walked() -> int:
        asked: list[str] = []
        count = lambda *words: asked.append(words[2])  # noqa: E731
        event.listen(met.database.engine, "before_cursor_execute", count)
        erasure = Erasing(met.database, address="kim@customer.example", pseudonym="x", erasure=1, now=utc_now())
        with met.database.write() as connection:
            begin_erasure(connection, address="kim@customer.example", number=None, by="a", reason="b", now=utc_now())
        erasure.run()
        event.remove(met.database.engine, "before_cursor_execute", count)
        tables = ("seen", "thread_key", "clue")
        return sum(f"FROM {table} \nWHERE" in each for each in asked for table in tables if "SELECT" in each)

    one = walked()
    for number in range(8):
        met.accept(KIM.replace("<1@", f"<{20 + number}@").replace("leaks", f"leaks {number}"))
    met.work()

    assert one > 0
    assert walked() <= one


def test_finding_a_person_opens_no_mail_that_was_read(met: Any) -> None:
    asked: list[str] = []
    event.listen(met.database.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    with met.database.read() as connection:
        find_person(connection, "kim@customer.example")

    for each in [each for each in asked if each.startswith("SELECT")]:
        steps = [row[3] for row in met.sql(f"EXPLAIN QUERY PLAN {each}".replace("?", "'1'"))]
        assert not [step for step in steps if step.startswith("SCAN raw")]
        if "JOIN raw" in each:  # looked up only after it is known that its words are not kept
            assert "EXISTS" in each
        if "count(" in each:  # what waits has a small index
            assert not [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
