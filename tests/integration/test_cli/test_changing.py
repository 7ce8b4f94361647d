"""The commands by which an admin changes something."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When

MAIL = "From: Kim <kim@customer.example>\nTo: support@example.com\nMessage-ID: <9@customer.example>\n\nhello\n"


def test_quarantine_lists_and_shows(house: Any) -> None:
    (one,) = house.lines("quarantine", "list")

    assert one["inbox"] == 5
    assert "1,000 header fields" in one["trouble"]
    shown = house.maild("quarantine", "show", 5).stdout
    assert "1,000 header fields" in shown
    assert "Message-ID: <4@other.example>" in shown
    assert "the body" in shown
    assert "more lines" in shown
    raw = house.maild("quarantine", "show", 5, "--raw").stdout_bytes
    assert raw.startswith(b"From: evil@other.example\r\n")
    assert raw.endswith(b"the body\r\n")


def test_a_ticket_is_for_one_person(house: Any) -> None:
    assert house.maild("ticket", 1, "customer", "lee@other.example").exit_code == 0
    (shown,) = house.lines("show", 1)
    assert [(person["address"], person["role"]) for person in shown["participants"]] == [
        ("lee@other.example", "contact"),
        ("kim@customer.example", "copied"),
    ]


TEAMS = """
[[team]]
name = "purchasing"
agents = ["anna@example.com"]
[[reason]]
code = "damage"
team = "purchasing"
"""
ROBOTS = """
[[rule]]
name = "robots"
when = { words = ["beep"] }
then = { reject = "Please have a person write to us." }
"""
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@on_sqlite
def test_a_new_reason_routes_a_ticket_again_and_the_ticket_shows_it(house: Any) -> None:
    house.configure(TEAMS)
    wrong = house.maild("ticket", 1, "reason", "damge")
    assert wrong.exit_code == 65
    assert "did you mean damage?" in wrong.stderr
    written = house.sql("SELECT id FROM outbox")

    result = house.maild("ticket", 1, "reason", "damage", "+", "priority", "high", "because", "it", "burns")

    assert "routed again: reason damage -> team purchasing" in result.stdout
    assert len(house.sql("SELECT id FROM outbox")) == len(written) + 1  # the new team is told
    shown = house.maild("show", 1).stdout
    for line in (
        "reason code is now damage",
        "priority is now high, because it burns",
        "team is now purchasing",
        "routed again: reason damage -> team purchasing",
    ):
        assert line in shown
    (ticket,) = house.lines("show", 1)
    assert (ticket["ticket"]["team"], ticket["ticket"]["priority"]) == ("purchasing", "high")
    assert house.lines("audit", "verify")[-1]["faults"] == 0


@on_sqlite
def test_what_a_rule_rejects_is_listed_shown_and_taken_in_by_name(house: Any) -> None:
    house.configure(ROBOTS)
    house.accept(MAIL.replace("hello", "beep"))
    house.work()

    (one,) = house.lines("quarantine", "list", "--rejected")
    assert (one["inbox"], one["trouble"]) == (6, "rejected by rule robots")
    assert "beep" in house.maild("quarantine", "show", 6).stdout
    assert house.maild("quarantine", "replay", 6).exit_code == 0
    house.work()

    (decision,) = house.lines("explain", "--inbox", 6)
    assert (decision["outcome"], decision["ticket"]) == ("new_ticket", 3)
    assert any("rule robots" in line for line in decision["why"])
    assert house.lines("quarantine", "list", "--rejected") == []


@pytest.mark.parametrize("which", ["5", "--all"])
def test_a_replay_takes_the_mail_in_in_spite_of_its_limit(house: Any, which: str) -> None:
    result = house.maild("quarantine", "replay", which)
    assert result.exit_code == 0, result.output
    assert "inbox 5" in result.stdout
    assert house.lines("quarantine", "list") == []
    house.work()

    (decision,) = house.lines("explain", "--inbox", 5)
    assert (decision["state"], decision["outcome"], decision["ticket"]) == ("done", "new_ticket", 3)
    assert house.lines("audit", "verify")[-1]["faults"] == 0


def test_a_release_makes_a_ticket_that_only_points_to_the_mail(house: Any) -> None:
    assert house.maild("quarantine", "release", 5).exit_code == 0
    house.work()

    assert "could not be read (inbox 5)" in house.maild("show", 3).stdout


def test_attempts_begin_again_after_quarantine(house: Any) -> None:
    house.sql("UPDATE inbox SET attempts = 5 WHERE id = 5")
    house.maild("quarantine", "replay", 5)

    assert house.sql("SELECT attempts, handling FROM inbox WHERE id = 5") == [(0, "forced")]


def test_only_what_is_in_quarantine_leaves_it(house: Any) -> None:
    result = house.maild("quarantine", "replay", 1, 5)

    assert result.exit_code == 1
    assert "inbox 1 is not in quarantine" in result.stderr
    assert "inbox 5" in result.stdout
    assert house.maild("quarantine", "replay").exit_code == 2
    assert house.maild("quarantine", "replay", 5, "--all").exit_code == 2


def _fail(house: Any, state: str) -> None:
    house.sql("UPDATE outbox SET state = :state, told = :told, expires_at = :at, attempts = 7 WHERE id = 1",
              state=state, told=True, at=_at(house, datetime.now(UTC) - timedelta(days=1)))  # fmt: skip


def _at(house: Any, moment: datetime) -> object:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if house.database.sqlite else moment


@pytest.mark.parametrize("state", ["failed", "uncertain", "dropped", "waiting"])
def test_a_letter_is_tried_again(house: Any, state: str) -> None:
    _fail(house, state)
    result = house.maild("outbox", "retry", 1)
    assert result.exit_code == 0, result.output

    (before,) = house.lines("outbox", "show", 1)
    assert before["state"] == "waiting"
    assert before["attempts"] == 7
    assert datetime.fromisoformat(before["expires_at"]) > datetime.now(UTC) + timedelta(days=4)
    house.work()
    (after,) = house.lines("outbox", "show", 1)
    assert (after["state"], after["message_id"]) == ("sent", before["message_id"])


def test_a_letter_that_was_sent_stays_sent(house: Any) -> None:
    result = house.maild("outbox", "retry", 1)

    assert result.exit_code == 1
    assert "letter 1" in result.stderr
    assert house.maild("outbox", "drop", 1).exit_code == 1
    assert "there is no such letter" in house.maild("outbox", "retry", "--all").stdout


def test_all_means_the_letters_in_trouble(house: Any) -> None:
    _fail(house, "failed")
    house.sql("UPDATE outbox SET state = 'waiting' WHERE id = 2")

    assert "dropped: letter 1\n" in house.maild("outbox", "drop", "--all").stdout
    assert [x["id"] for x in house.lines("outbox", "list", "--state", "dropped")] == [1]


def test_a_dropped_letter_is_not_sent(house: Any) -> None:
    house.sql("UPDATE outbox SET state = 'waiting', claim = 'me', lease_until = due_at WHERE id = 1")
    assert house.maild("outbox", "drop", 1).exit_code == 0
    house.work()

    assert house.sql("SELECT state, claim FROM outbox WHERE id = 1") == [("dropped", None)]


def test_letters_are_listed_by_state_and_shown(house: Any) -> None:
    _fail(house, "failed")

    assert [x["id"] for x in house.lines("outbox", "list", "--state", "failed", "--state", "uncertain")] == [1]
    assert [x["id"] for x in house.lines("outbox", "list")] == [5, 4, 3, 2, 1]
    assert "Subject:" in house.maild("outbox", "show", 1).stdout
    assert b"\r\n\r\n" in house.maild("outbox", "show", 1, "--raw").stdout_bytes


def test_a_webhook_is_listed_shown_and_dropped_like_a_letter_and_is_no_mail(empty: Any) -> None:
    rule = Rule(name="tell", when=When(), then=Then(webhook="https://hooks.example.com/x"))
    letters = empty.parts.ingest.letters
    desk = replace(letters.desk, router=Router([rule]))
    empty.accept(MAIL)
    replace(empty.parts.ingest, letters=replace(letters, desk=desk)).run()

    [line] = [x for x in empty.lines("outbox", "list") if x["template"] == "webhook"]
    assert (line["recipient"], line["state"], line["cause"]) == ("https://hooks.example.com/x", "waiting", 1)
    shown = empty.maild("outbox", "show", line["id"]).stdout
    assert "webhook to https://hooks.example.com/x" in shown
    assert '"event": "ticket.routed"' in shown
    assert "webhook to hooks.example.com" in empty.maild("show", 1).stdout
    assert "webhook" not in {x["kind"] for x in empty.lines("export", "mails")}
    assert empty.maild("outbox", "drop", line["id"]).exit_code == 0


def test_commands_change_a_ticket_and_its_chain(house: Any) -> None:
    result = house.maild(
        "ticket", 1, "hold", "waiting", "for", "a", "part", "+", "#priority", "high", "+", "note", "hm"
    )

    assert result.exit_code == 0, result.output
    assert "waiting for a part" in result.stdout
    (document,) = house.lines("show", 1)
    assert document["ticket"]["status"] == "on_hold"
    assert document["ticket"]["priority"] == "high"
    assert {e["event"]["actor"] for e in document["timeline"] if e["event"]} == {"contact:1", "admin", "system"}
    assert "admin: noted\n    | hm\n" in house.maild("show", 1).stdout
    assert house.maild("audit", "verify").exit_code == 0


def test_a_refused_command_changes_nothing_and_ends_with_65(house: Any) -> None:
    result = house.maild("ticket", 1, "priority", "high", "+", "holt", "+", "assign", "nobody@example.com")

    assert result.exit_code == 65
    assert "did you mean #hold" in result.stderr
    assert "no agent has this address" in result.stderr
    assert house.lines("show", 1)[0]["ticket"]["priority"] == "medium"
    assert house.maild("ticket", 99, "resume").exit_code == 65
    assert house.maild("ticket", 1, "+").exit_code == 65


def test_assign_me_needs_to_know_who(house: Any) -> None:
    assert house.maild("ticket", 1, "assign", "me").exit_code == 65
    assert house.maild("ticket", 1, "assign", "me", "--agent", "anna@example.com").exit_code == 0


def test_an_agent_of_the_command_line_may_what_the_role_allows(house: Any) -> None:
    with house.file.open("a") as file:
        file.write('role = "installer"\n')
    refused = house.maild("ticket", 1, "priority", "high", "+", "resolve", "--agent", "anna@example.com")
    assert refused.exit_code == 65
    assert "#resolve: service.resolve is missing: anna@example.com is installer" in refused.stderr
    assert house.lines("show", 1)[0]["ticket"]["priority"] == "medium"

    assert house.maild("ticket", 1, "priority", "high", "--agent", "anna@example.com").exit_code == 0
    (document,) = house.lines("show", 1)
    assert document["ticket"]["priority"] == "high"
    assert "anna@example.com: " in house.maild("show", 1).stdout  # it is recorded who did it
    assert "is no agent" in house.maild("ticket", 1, "note", "x", "--agent", "eve@evil.example").stderr
    assert house.maild("ticket", 1, "resolve").exit_code == 0  # without an agent it is the admin


def test_a_piped_mail_is_durable_when_it_is_taken(empty: Any) -> None:
    result = empty.maild("deliver", "--from", "kim@customer.example", "support@example.com", given=MAIL)
    assert result.exit_code == 0, result.output
    empty.work()

    (line,) = [m for m in empty.lines("export", "mails") if m["direction"] == "in"]
    assert (line["ticket"], line["message_id"]) == (1, "9@customer.example")
    row = "SELECT envelope_from, door FROM inbox"
    assert empty.sql(row) == [("kim@customer.example", "pipe")]


def test_any_trouble_of_a_piped_mail_is_temporary(empty: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[desk]\nnmae = 1\n")
    for words in (
        ("deliver", "-c", wrong),
        ("deliver", "-c", tmp_path / "none.toml"),
        ("deliver", "--frm", "x@example.com"),
    ):
        result = empty.maild(*words, given=MAIL)
        assert result.exit_code == 75, result.output
        assert "Traceback" not in result.output
    if empty.database.sqlite:
        empty.sql("ALTER TABLE inbox RENAME TO gone")
        result = empty.maild("deliver", given=MAIL)
        assert result.exit_code == 75
        assert "no such table" in result.stderr
        assert "Traceback" not in result.output


def test_history_is_imported_once_and_silently(empty: Any, tmp_path: Path) -> None:
    box = tmp_path / "old.mbox"
    box.write_text(
        "From a@b Mon Jan  5 10:00:00 2026\n" + MAIL + "\nFrom a@b Mon Jan  5 10:00:00 2026\nSubject: x\n\ny\n"
    )

    assert empty.lines("import", box) == [{"found": 2, "new": 2, "problems": []}]
    assert empty.lines("import", "--silent", box) == [{"found": 2, "new": 0, "problems": []}]
    empty.work()
    assert {m["direction"] for m in empty.lines("export", "mails")} == {"in"}
    assert empty.maild("import", tmp_path / "none").exit_code == 2


def test_history_may_be_answered(empty: Any, tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_text(MAIL)
    empty.maild("import", "--letters", file)
    empty.work()

    assert "acknowledgement" in {m["kind"] for m in empty.lines("export", "mails")}


MANAGED = """\
[[agent]]
name = "Ben Boss"
address = "ben@example.com"
role = "manager"
[lifecycle]
requires = { closed = ["root_cause"] }
"""
ANNA, BEN = ("--agent", "anna@example.com"), ("--agent", "ben@example.com")
CLOSE = ("ticket", 1, "override", "he", "is", "gone", "+", "close", "no", "answer")


@on_sqlite
def test_an_override_is_asked_for_and_approved_on_the_command_line(house: Any) -> None:
    house.configure(MANAGED)
    refused = house.maild("ticket", 1, "close", "no answer", *ANNA)
    assert refused.exit_code == 65
    assert "root cause (#cause TEXT)" in refused.stderr

    asked = house.maild(*CLOSE, *ANNA)
    assert asked.exit_code == 0
    assert "ben@example.com was asked" in asked.stdout
    assert house.sql("SELECT recipient FROM outbox WHERE template = 'approval'") == [("ben@example.com",)]
    for agent, told in ((ANNA, "service.approve is missing"), (("--agent", "eve@evil.example"), "is no agent")):
        assert told in house.maild("ticket", 1, "approve", *agent).stderr
    assert house.lines("show", 1)[0]["ticket"]["status"] != "closed"

    assert house.maild("ticket", 1, "approve", "fine", *BEN).exit_code == 0
    shown = house.maild("show", 1).stdout
    for line in (
        "anna@example.com: asked for an approval",
        "he is gone; asked: ben@example.com",
        "#close no answer",
        "ben@example.com: approved",
        "of anna@example.com: fine",
        "becomes closed: no_answer",
    ):
        assert line in shown
    assert "nobody asks" in house.maild("ticket", 1, "deny", "no", *BEN).stderr
    assert house.lines("audit", "verify")[-1]["faults"] == 0


@on_sqlite
def test_who_asked_hears_of_an_approval_that_came_too_late(house: Any) -> None:
    house.configure(MANAGED)
    house.maild(*CLOSE, *ANNA)
    house.maild("ticket", 1, "close", "resolved", "+", "cause", "rust")
    late = house.maild("ticket", 1, "approve", *BEN)
    assert late.exit_code == 65
    assert "closed already" in late.stderr
    assert house.sql("SELECT recipient FROM outbox WHERE template = 'problem'") == [("anna@example.com",)]


@on_sqlite
def test_the_admin_of_the_command_line_waits_for_nobody(house: Any) -> None:
    house.configure(MANAGED)
    assert house.maild(*CLOSE).exit_code == 0
    shown = house.maild("show", 1).stdout
    assert "admin: approved" in shown
    assert "of an admin" in shown


@on_sqlite
def test_tickets_are_merged_and_parted_again(house: Any) -> None:
    wrong = house.maild("ticket", 2, "merge", 1)
    assert wrong.exit_code == 65
    assert "#merge 1: it is of another customer (kim@customer.example, not lee@other.example)" in wrong.stderr
    assert house.maild("ticket", 2, "merge", 1, "anyway").exit_code == 0
    (shown,) = house.lines("show", 2)
    assert (shown["ticket"]["status"], shown["ticket"]["continued_by"]) == ("duplicate", 1)
    assert shown["links"] == [{"ticket": 1, "why": "merged into"}]
    assert "linked:           2 (merged with)" in house.maild("show", 1).stdout
    assert "where is it" in house.maild("show", 1).stdout
    done = house.maild("ticket", 2, "undo", "--agent", "anna@example.com")
    assert done.exit_code == 65
    assert "has ordered nothing on this ticket; the last order is of admin" in done.stderr
    assert house.maild("ticket", 2, "undo").exit_code == 0
    assert "linked:" not in house.maild("show", 1).stdout
    assert "where is it" not in house.maild("show", 1).stdout
    assert house.maild("audit", "verify").exit_code == 0


@on_sqlite
def test_a_mail_is_split_off_and_its_ticket_shows_it(house: Any) -> None:
    assert house.maild("ticket", 2, "split").exit_code == 65
    assert "of the mail" in house.maild("ticket", 1, "split", "More", "of", "it").stdout
    assert "it leaks more" in house.maild("show", 3).stdout
    assert house.maild("audit", "verify").exit_code == 0


@on_sqlite
def test_what_only_an_agent_can_do_asks_who(house: Any) -> None:
    assert "say who takes it, by --agent" in house.maild("ticket", 1, "take").stderr
    assert house.maild("ticket", 1, "take", "--agent", "anna@example.com").exit_code == 0
    assert house.maild("ticket", 1, "order", "SO-1", "20", "+", "claim", "WC-2").exit_code == 0
    (shown,) = house.lines("show", 1)
    fields = [shown["ticket"][name] for name in ("assignee", "order_reference", "order_line", "claim")]
    assert fields == ["anna@example.com", "SO-1", "20", "WC-2"]
    missing = house.maild("ticket", 1, "escalate", "owner=Anna")
    assert '#escalate blocker=… owner="Anna" eta=…' in missing.stderr
