"""The commands that show what is stored."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest


def test_tickets_are_listed_newest_first(house: Any) -> None:
    found = house.lines("tickets")

    assert [(t["number"], t["status"], t["contact"], t["contact_name"]) for t in found] == [
        (2, "new", "lee@other.example", "Lee"),
        (1, "new", "kim@customer.example", "Kim"),
    ]


def test_lists_hold_what_their_names_say(house: Any) -> None:
    house.maild("ticket", 1, "assign", "anna@example.com")
    house.maild("ticket", 2, "resolve", "resolved")

    def numbers(*words: str) -> list[int]:
        return [t["number"] for t in house.lines("tickets", *words)]

    assert numbers("open") == [1]
    assert numbers("unassigned") == []
    assert numbers("mine", "--agent", "Anna@example.com") == [1]
    assert numbers("mine", "--agent", "bob@example.com") == []
    assert numbers("resolved") == [2]
    assert numbers("all") == [2, 1]
    assert numbers("all", "--queue", "support") == [2, 1]
    assert numbers("all", "--queue", "sales") == []
    assert house.maild("tickets", "mine").exit_code == 2


def test_tickets_are_searched_by_their_words_whatever_their_status(house: Any) -> None:
    house.maild("ticket", 2, "resolve", "resolved")

    def numbers(*words: str) -> list[int]:
        return [t["number"] for t in house.lines("tickets", *words)]

    assert numbers("--search", "INVOICE") == [2]
    assert numbers("--search", "pum*") == [1]
    assert numbers("--search", "invoice pump") == []
    assert numbers("open", "--search", "invoice") == []


def test_a_list_that_is_cut_says_so(house: Any) -> None:
    result = house.maild("tickets", "--limit", 1)

    assert "more than 1" in result.stderr
    assert "Invoice" in result.stdout
    assert "pump" not in result.stdout


def test_no_mail_commands_the_terminal(house: Any) -> None:
    for words in (("tickets",), ("show", 1, "--full"), ("quarantine", "show", 5), ("export", "tickets")):
        result = house.maild(*words)
        assert result.exit_code == 0, result.output
        assert "\x1b" not in result.output


def test_show_tells_the_story_in_order(house: Any) -> None:
    house.maild("ticket", 1, "hold", "waiting", "for", "a", "part")
    result = house.maild("show", 1)

    assert result.exit_code == 0, result.output
    order = [
        "Ticket 1: The pump",
        "kim@customer.example: opened",
        "kim@customer.example: wrote",
        "inbox 1",
        "| one",
        "2 more lines (--full)",
        "file: drawing.pdf (application/pdf, 3 B, part 2)",
        "letter to kim@customer.example: acknowledgement",
        "outbox 1, sent",
        "letter to anna@example.com: notification",
        "| it leaks more",
        "admin: set the status",
        "new becomes on hold: waiting for a part",
    ]
    at = -1
    for words in order:
        at = result.stdout.index(words, at + 1)
    assert "| eight" not in result.stdout
    assert "2 quoted lines (--full)" in result.stdout
    assert "What leaks?" not in result.stdout
    whole = house.maild("show", 1, "--full").stdout
    assert "| eight" in whole
    assert "> What leaks?" in whole


def test_show_says_what_comes_next(house: Any) -> None:
    assert "closes by itself" not in house.maild("show", 2).stdout
    house.maild("ticket", 2, "resolve", "resolved")
    assert "closes by itself on" in house.maild("show", 2).stdout
    (document,) = house.lines("show", 2)
    assert document["next"]["step"] == "close"


def test_show_json_is_one_document(house: Any) -> None:
    (document,) = house.lines("show", 1)

    assert document["ticket"]["number"] == 1
    assert document["participants"] == [{"address": "kim@customer.example", "name": "Kim", "role": "contact"}]
    mails = [e["mail"]["inbox"] for e in document["timeline"] if e["mail"]]
    assert mails == [1, 2]
    assert [e["mail"]["cut"][-13:] for e in document["timeline"] if e["mail"]] == ["", "> What leaks?"]
    assert [e["letter"]["template"] for e in document["timeline"] if e["letter"]] == [
        "acknowledgement",
        "notification",
        "notification",
    ]


def test_what_is_not_there_is_told_and_ends_with_1(house: Any) -> None:
    for words in (("show", 99), ("explain", "--inbox", 99), ("quarantine", "show", 1), ("outbox", "show", 99)):
        result = house.maild(*words)
        assert result.exit_code == 1
        assert "99" in result.stderr or "not in quarantine" in result.stderr


def test_status_tells_what_needs_a_person(house: Any) -> None:
    result = house.maild("status")
    (facts,) = house.lines("status")

    assert result.exit_code == 1
    assert "in quarantine: 1" in result.stdout
    assert facts["inbox"] == {"waiting": 0, "working": 0, "quarantined": 1}
    assert facts["tickets"] == {"new": 2}
    assert facts["last_hour"] == facts["last_day"] == 5
    assert facts["database_bytes"] > 0
    assert "0123456789abcdef" not in result.stdout


def test_status_is_0_when_all_is_well(empty: Any) -> None:
    assert empty.maild("status").exit_code == 0


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE outbox SET state = 'uncertain' WHERE id = 1", "may not have arrived: 1"),
        ("UPDATE outbox SET state = 'failed' WHERE id = 1", "failed just now: 1"),
    ],
    ids=["uncertain", "untold"],
)
def test_letters_in_trouble_need_a_person(house: Any, statement: str, told: str) -> None:
    house.sql("UPDATE inbox SET state = 'done'")
    assert house.maild("status").exit_code == 0
    house.sql(statement)
    result = house.maild("status")

    assert result.exit_code == 1
    assert told in result.stdout


def test_a_mailbox_needs_a_person_until_it_is_read_again(empty: Any) -> None:
    now = datetime.now(UTC)
    empty.parts.mailboxes.note_success("main", now - timedelta(hours=1))
    empty.parts.mailboxes.note_trouble("main", now - timedelta(minutes=1), "login refused")
    assert "login refused" in empty.maild("status").stdout
    assert empty.maild("status").exit_code == 1

    empty.parts.mailboxes.note_success("main", now)
    assert empty.maild("status").exit_code == 0


def test_status_names_what_waits(house: Any) -> None:
    house.accept(OTHER_MAIL)
    house.sql("UPDATE outbox SET state = 'waiting' WHERE id = 1")
    (facts,) = house.lines("status")

    assert facts["inbox"]["waiting"] == 1
    assert facts["oldest_mail"] is not None
    assert facts["outbox"] == {"waiting": 1}
    assert "1 waiting" in house.maild("status").stdout


OTHER_MAIL = "From: Pat <pat@other.example>\nTo: support@example.com\nSubject: hi\n\nhello\n"


def test_every_mail_in_and_out_is_exported_once_in_order_of_time(house: Any) -> None:
    house.accept(OTHER_MAIL)
    found = house.lines("export", "mails")

    assert set(found[0]) == {
        "ticket", "message_id", "direction", "received_at", "kind", "outcome", "inbox", "outbox",
    }  # fmt: skip
    came = [(m["inbox"], m["ticket"], m["message_id"], m["kind"], m["outcome"]) for m in found if m["inbox"]]
    assert came == [
        (1, 1, "1@customer.example", "human", "new_ticket"),
        (2, 1, "2@customer.example", "human", "reply"),
        (3, 2, "3@other.example", "human", "new_ticket"),
        (4, came[3][1], "1@customer.example", None, "duplicate"),
        (5, None, "4@other.example", None, "quarantined"),
        (6, None, "", None, None),
    ]
    went = [(m["ticket"], m["kind"], m["outcome"]) for m in found if m["direction"] == "out"]
    assert went == [
        (1, "acknowledgement", "sent"),
        (1, "notification", "sent"),
        (1, "notification", "sent"),
        (2, "acknowledgement", "sent"),
        (2, "notification", "sent"),
    ]
    times = [m["received_at"] for m in found]
    assert times == sorted(times)
    assert {m["direction"] for m in found} == {"in", "out"}


def test_tickets_and_events_are_exported(house: Any) -> None:
    assert [t["number"] for t in house.lines("export", "tickets")] == [1, 2]
    events = house.lines("export", "events")
    assert [(e["ticket"], e["seq"]) for e in events] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    assert events[1]["prev"] == events[0]["hash"]
    assert events[0]["content"]["contact"] == "kim@customer.example"


def test_the_past_decision_about_a_mail_is_shown(house: Any) -> None:
    (decision,) = house.lines("explain", "--inbox", 2)

    assert decision["outcome"] == "reply"
    assert decision["ticket"] == 1
    assert any("1@customer.example" in why for why in decision["why"])
    assert "ticket 1" in house.maild("explain", "--inbox", 2).stdout


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # no PostgreSQL server makes a database by itself
def test_nothing_is_read_from_a_database_that_is_not_there(empty: Any) -> None:
    file = empty.file.parent / "data" / "maild.db"
    empty.database.close()
    for each in file.parent.glob("maild.db*"):
        each.unlink()
    result = empty.maild("tickets")

    assert result.exit_code == 1
    assert "maild db upgrade" in result.stderr
    assert not file.exists()
    assert empty.maild("db", "version").exit_code == 1
    assert not file.exists()
    assert empty.maild("db", "upgrade").exit_code == 0
    assert empty.maild("db", "version").exit_code == 0
    assert empty.lines("tickets") == []


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the version is no table of ours that is emptied
def test_a_database_of_another_version_is_not_touched(house: Any) -> None:
    house.sql("UPDATE alembic_version SET version_num = '9999'")

    assert "update maild" in house.maild("tickets").stderr
    assert house.maild("tickets").exit_code == 1


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # it is the pipe that breaks
def test_a_reader_who_leaves_early_gets_no_traceback(house: Any) -> None:
    command = [sys.executable, "-m", "maild", "-c", str(house.file), "export", "events"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        assert b"Traceback" not in done.stderr.read()
