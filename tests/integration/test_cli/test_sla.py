"""`maild sla explain` and `maild sla risk`, on a desk with office hours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from maild.app.desk import Desk
from maild.app.known import Wanted
from maild.app.ledger import Ledger
from maild.app.ports import Delivery
from maild.app.service_levels import ServiceLevels
from maild.bootstrap import Parts, make_desk
from maild.cli.main import app
from maild.cli.moved_clocks import Moves, count_moves
from maild.cli.no_bell import NoBell
from maild.config.load import load
from maild.config.model import Config
from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.clocks import Rules
from maild.sla.policies import Policy, built_in_policies
from maild.store import schema
from maild.testing.conversation import Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.tickets.events import EventKind, Facts

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = dict.fromkeys(range(5), ((540, 750), (810, 1050)))  # 09:00-12:30 and 13:30-17:30
OFFICE = Calendar("office", BERLIN, HOURS)
KIM, ANNA = "kim@customer.example", "anna@staff.example"


@dataclass
class SlaDesk:
    """A desk whose clock is the test's, also for commands."""

    talk: Conversation
    file: Path
    calendar: Calendar = OFFICE
    policies: tuple[Policy, ...] = built_in_policies(OFFICE.name)
    fingerprint: str = ""

    def make(self, config: Config) -> Desk:
        """The desk of a configuration, with this calendar."""
        calendars = {self.calendar.name: self.calendar, ALWAYS.name: ALWAYS}
        rules = Rules(calendars=calendars)
        levels = ServiceLevels(rules=rules, policies=self.policies, fingerprint=self.fingerprint)
        return replace(make_desk(config), levels=levels)

    def maild(self, *words: object) -> Result:
        """Run a command."""
        return CliRunner().invoke(app, ["-c", str(self.file), *map(str, words)])

    def text(self, *words: object) -> str:
        """What a command prints."""
        result = self.maild(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def lines(self, *words: object) -> list[dict[str, Any]]:
        """Run a command with --json and read what it prints."""
        return [json.loads(line) for line in self.text(*words, "--json").splitlines()]


@pytest.fixture
def desk(sqlite_copies: SqliteCopies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlaDesk]:
    found: list[SlaDesk] = []

    def made(config: Config, _lists: object = None) -> Desk:
        return found[0].make(config) if found else replace(make_desk(config), levels=SlaDesk.make(BLANK, config).levels)

    def now() -> datetime:
        return found[0].talk.now

    for module in ("sla_explain", "sla_risk", "tickets", "ticket", "show", "status", "outbox"):
        monkeypatch.setattr(f"maild.cli.{module}.utc_now", now)
    for module in ("sla_explain", "sla_risk", "outbox", "moved_clocks"):
        monkeypatch.setattr(f"maild.cli.{module}.make_desk", made)
    monkeypatch.setattr("maild.bootstrap.parts.make_desk", made)
    talk = Conversation(sqlite_copies.make(tmp_path), tmp_path)
    found.append(SlaDesk(talk, tmp_path / "maild.toml"))
    yield found[0]
    talk.close()


BLANK = SlaDesk(None, Path())  # type: ignore[arg-type]  # only for its calendar


def a_story(desk: SlaDesk) -> None:
    """Monday 10:00 in Berlin: a mail; 2 h later a hold, until the customer writes the day after; then it is urgent."""
    talk = desk.talk
    talk.receive(new_mail("It leaks.", subject="The pump leaks"))
    talk.wait(timedelta(hours=2))
    desk.text("ticket", 1, "hold", "waiting for the serial number")
    talk.wait(timedelta(hours=22, minutes=30))
    talk.receive(reply_to(talk.letters(KIM)[0], "It is 4711."))
    talk.wait(timedelta(minutes=30))
    desk.text("ticket", 1, "priority", "high")
    talk.wait(timedelta(hours=1))
    talk.parts.watch_clocks()


def test_explain_tells_the_line_of_time_and_its_numbers_add_up(desk: SlaDesk) -> None:
    a_story(desk)
    shown = desk.text("sla", "explain", 1)
    assert [" ".join(line.split()) for line in shown.splitlines()][:17] == [
        "Ticket 1: The pump leaks",
        "stands: first response due in 30 min",
        "policy internal: its queue is for customers",
        "policy service: its type is not set, not complaint or damage or repair or warranty",
        "policy standard: fits",
        "times: UTC; the calendar office is that of Europe/Berlin",
        "",
        "first response: due Tue 2026-03-03 11:30:00; 87 % used (policy standard, calendar office)",
        "from what counted held why",
        "Mon 2026-03-02 09:00:00 > started target 24:00:00, policy standard",
        "Mon 2026-03-02 09:00:00 counted 2:00:00",
        "Mon 2026-03-02 11:00:00 held 22:30:00 waiting for the serial number",
        "Tue 2026-03-03 09:30:00 counted 1:30:00",
        "Tue 2026-03-03 10:00:00 > target target 4:00:00, policy standard: priority",
        "Tue 2026-03-03 11:00:00 > told 75 % used: anna@staff.example; ben@staff.example",
        "Tue 2026-03-03 11:00:00 > now",
        "Tue 2026-03-03 11:30:00 > due",
    ]
    assert "3:30:00 counted + 0:00:00 closed + 22:30:00 held = 26:00:00 on the wall" in shown
    assert "(of the hold, 6:00:00 would have counted); used 3:30:00 of 4:00:00: 0:30:00 left" in shown


def test_explain_as_one_document(desk: SlaDesk) -> None:
    a_story(desk)
    (document,) = desk.lines("sla", "explain", 1)
    assert (document["ticket"], document["policy"], document["why"][-1]) == (1, "standard", "policy standard: fits")
    assert document["sla"]["standing"] == "first_response_due"
    first, resolution = document["clocks"]
    assert (first["kind"], first["due_at"]) == ("first_response", "2026-03-03T11:30:00+00:00")
    assert (first["used"], first["left"], resolution["target"]) == (12_600, 1800, 86_400)
    assert [row["part"] for row in first["line"]] == ["counted", "held", "counted"]
    assert sum(row["wall"] for row in first["line"]) == first["sums"]["wall"] == 26 * 3600
    assert [mark["sign"] for mark in first["marks"]] == ["started", "target", "told", "due"]
    assert first["marks"][1]["reason"] == "priority"


def test_a_long_line_is_told_by_week_unless_all_is_asked_for(desk: SlaDesk) -> None:
    a_story(desk)
    desk.talk.wait(timedelta(days=70))
    by_week = desk.text("sla", "explain", 1).splitlines()
    every = desk.text("sla", "explain", 1, "--all").splitlines()
    assert len(by_week) < 60
    assert len(every) > 300
    assert [line for line in by_week if " on the wall" in line] == [line for line in every if " on the wall" in line]
    assert any("37:30:00   130:30:00" in line for line in by_week)


def test_years_are_told_by_their_first_and_last_weeks(desk: SlaDesk) -> None:
    desk.talk.receive(new_mail())
    desk.talk.wait(timedelta(days=700))
    assert "66 more, --all shows them" in desk.text("sla", "explain", 1)


def test_what_was_counted_when_a_clock_ended_stays(desk: SlaDesk) -> None:
    desk.talk.receive(new_mail())
    desk.talk.wait(timedelta(hours=6))
    desk.text("ticket", 1, "resolve", "resolved")
    assert "calendar has changed" not in desk.text("sla", "explain", 1)
    desk.calendar = Calendar("office", BERLIN, dict.fromkeys(range(5), ((0, 1440),)))
    shown = desk.text("sla", "explain", 1)
    assert "What was counted then stays: 5:00:00, in time;" in shown
    assert "by today's calendar, as shown above, it would be 6:00:00" in shown
    (clock,) = (c for c in desk.lines("sla", "explain", 1)[0]["clocks"] if c["kind"] == "resolution")
    assert (clock["used"], clock["kept"]) == (18_000, {"used": 18_000, "failed": False})


def test_a_ticket_that_is_not_there(desk: SlaDesk) -> None:
    assert "there is no ticket 9" in desk.maild("sla", "explain", 9).stderr


def test_the_board_has_the_most_urgent_on_top_and_counts_what_is_paused(desk: SlaDesk) -> None:
    talk = desk.talk
    for subject in ("First", "Second", "Third"):
        talk.receive(new_mail(subject=subject))
    desk.text("ticket", 2, "priority", "critical", "+", "assign", ANNA)
    desk.text("ticket", 3, "hold", "parts")
    talk.wait(timedelta(hours=1, minutes=20))
    shown = desk.text("sla", "risk").splitlines()
    assert shown[0].split()[:6] == ["ticket", "clock", "due", "used", "status", "priority"]
    assert shown[1].split()[:9] == ["2", "first", "response", "over", "by", "20", "min", "133", "%"]
    assert [line.split()[0] for line in shown[1:]] == ["2", "2", "1", "1", "2"]
    assert shown[-1] == "2 paused"
    found = desk.lines("sla", "risk", "--agent", ANNA)
    assert [(line["ticket"], line["clock"], line["used_percent"], line["breached"]) for line in found] == [
        (2, "first_response", 133, True),
        (2, "resolution", 33, False),
    ]
    assert desk.text("sla", "risk", "--queue", "sales").splitlines()[1:] == ["none is paused"]
    assert "more than 1" in desk.maild("sla", "risk", "--limit", 1).stderr


def test_tickets_tell_how_they_stand(desk: SlaDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = desk.talk
    talk.receive(new_mail(subject="First"))
    talk.receive(new_mail(subject="Second"))
    desk.text("ticket", 2, "hold", "parts")
    talk.wait(timedelta(hours=1))
    assert "first response due in 3 d" in desk.text("tickets")
    assert [(x["number"], x["sla"]) for x in desk.lines("tickets", "--sla", "paused")] == [
        (2, {"standing": "paused", "clock": None, "due_at": None})
    ]
    (first,) = desk.lines("tickets", "--sla", "first-response-due")
    assert first["sla"] == {
        "standing": "first_response_due", "clock": "first_response", "due_at": "2026-03-05T10:30:00+00:00",
    }  # fmt: skip
    assert "is none of" in desk.maild("tickets", "--sla", "late").stderr
    monkeypatch.setattr("maild.cli.export.utc_now", lambda: talk.now)
    exported = {line["number"]: line["sla"] for line in desk.lines("export", "tickets")}
    assert exported == {line["number"]: line["sla"] for line in desk.lines("tickets", "all")}


def test_show_and_status_tell_of_clocks(desk: SlaDesk) -> None:
    talk = desk.talk
    talk.receive(new_mail())
    talk.receive(new_mail(subject="Another"))
    desk.text("ticket", 2, "hold", "parts")
    assert "  first response:   due in 3 d, 2026-03-05 10:30" in desk.text("show", 1)
    assert "paused since 2026-03-02 09:00" in desk.text("show", 2)
    assert "Clocks        2 running, 2 paused, 0 overdue; next look in 1 d" in desk.text("status")

    talk.wait(timedelta(days=4))
    assert "  first response:   over by 22 h, was due 2026-03-05 10:30" in desk.text("show", 1)
    (document,) = desk.lines("show", 1)
    assert document["sla"]["standing"] == "failed"
    assert [(c["kind"], c["failed"]) for c in document["clocks"]] == [("first_response", True), ("resolution", False)]
    assert "1 overdue; the watcher is" in desk.text("status")
    assert desk.lines("status")[0]["clocks"]["overdue"] == 1

    desk.text("ticket", 1, "resolve", "resolved")
    assert "  resolution:       resolved in time, 1 d 6 h used of 3 d" in desk.text("show", 1)


def first_response(desk: SlaDesk) -> dict[str, Any]:
    """The first response of ticket 1, as explained."""
    (found,) = (c for c in desk.lines("sla", "explain", 1)[0]["clocks"] if c["kind"] == "first_response")
    return dict(found)


def test_an_answer_that_came_back_counts_again_from_when_it_is_sent_again(desk: SlaDesk) -> None:
    talk = desk.talk
    talk.receive(new_mail())
    talk.wait(timedelta(hours=1))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "We are on it."))
    assert first_response(desk)["used"] == 3600
    answer = talk.letters(KIM)[-1]
    (letter,) = (x["id"] for x in desk.lines("outbox", "list") if x["template"] == "answer")
    assert desk.maild("outbox", "retry", letter).exit_code == 1  # it arrived, as far as anybody knows
    talk.wait(timedelta(minutes=10))
    talk.receive(delivery_report(answer), to=answer.sender, envelope_from="")
    assert first_response(desk)["ended_at"] is None

    talk.wait(timedelta(minutes=50))
    desk.text("outbox", "retry", letter)
    counted = first_response(desk)
    assert (counted["why_ended"], counted["used"]) == ("answered", 7200)
    assert counted["ended_at"] == "2026-03-02T11:00:00+00:00"
    talk.work()
    assert len([p for p in talk.letters(KIM) if "We are on it." in p.text]) == 2
    shown = desk.text("show", 1)
    assert "admin: sent an answer again" in shown
    assert desk.lines("audit", "verify")[-1]["faults"] == 0
    (kept,) = (row for row in talk.rows(schema.clock) if row.kind == "first_response")
    assert (kept.used, kept.failed) == (7200, False)


def test_a_letter_that_is_tried_again_changes_no_clock_unless_it_is_a_lost_answer(desk: SlaDesk) -> None:
    talk = desk.talk
    talk.sender.answer = lambda _letter: Delivery(sent=False, answer="550 no such user")
    talk.receive(new_mail())
    before = [row.kind for row in talk.events(1)]
    desk.text("outbox", "retry", "--all")
    assert [row.kind for row in talk.events(1)] == before


def test_show_tells_what_was_promised_and_what_was_said_of_it(desk: SlaDesk) -> None:
    talk = desk.talk
    talk.receive(new_mail())
    desk.text("ticket", 1, "priority", "high")
    with talk.parts.ingest.desktop.unit() as unit:
        known = unit.load(Wanted(tickets={1}), talk.now)
        ledger = Ledger(unit=unit, known=known, now=talk.now, salt=lambda: "5a17")
        about: Facts = {"clock": "first_response", "cycle": 1}
        alert = {**about, "revision": 2, "level": 75, "told": f"{ANNA}, in a digest"}
        ledger.record(1, EventKind.ALERT, at=talk.now, actor="system", mail=None, facts=alert)
        rule = {**about, "rule": "vip", "done": f"assigned: {ANNA}"}
        ledger.record(1, EventKind.ESCALATED, at=talk.now, actor="system", mail=None, facts=rule)
        unit.save(ledger.changes, known, talk.now)
    shown = [line.strip() for line in desk.text("show", 1).splitlines()]
    assert "policy standard, calendar office: first response 1 d, resolution 3 d" in shown
    assert "2026-03-02 09:00  system: promised" in shown
    assert "policy standard, calendar office: first response 4 h, resolution 1 d (priority)" in shown
    assert f"first response: 75 % used; told: {ANNA}, in a digest" in shown
    assert f"rule vip, first response: assigned: {ANNA}" in shown
    explained = [" ".join(line.split()) for line in desk.text("sla", "explain", 1).splitlines()]
    assert f"Mon 2026-03-02 09:00:00 > told 75 % used: {ANNA}, in a digest" in explained
    assert f"Mon 2026-03-02 09:00:00 > escalated rule vip: assigned: {ANNA}" in explained


def test_check_tells_which_clocks_a_changed_configuration_would_move_and_writes_nothing(
    desk: SlaDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = desk.talk
    for subject in ("One", "Two", "Three"):
        talk.receive(new_mail(subject=subject))
    desk.text("ticket", 1, "priority", "critical")
    desk.text("ticket", 3, "resolve", "resolved")
    loads = {table.name: [tuple(row) for row in talk.rows(table)] for table in schema.metadata.sorted_tables}
    assert "open clocks" not in desk.text("check")

    monkeypatch.setattr("maild.cli.moved_clocks.utc_now", lambda: talk.now)
    desk.fingerprint = "another"
    assert "ok   4 open clocks, 0 would be due at another time" in desk.text("check")
    desk.policies = built_in_policies(ALWAYS.name)
    shown = desk.text("check")
    assert "ok   4 open clocks, 3 would be due at another time" in shown
    assert desk.lines("check")[0]["clocks"] == {"tickets": 2, "open": 4, "moved": 3, "complete": True}
    assert desk.lines("check", "--no-connect")[0]["clocks"] is None
    assert {t.name: [tuple(row) for row in talk.rows(t)] for t in schema.metadata.sorted_tables} == loads


def test_check_does_not_look_for_ever(desk: SlaDesk) -> None:
    desk.talk.receive(new_mail())
    desk.fingerprint = "another"
    config = load(desk.file, {})
    assert count_moves(config, patience=-1) == Moves(tickets=0, open=0, moved=0, complete=False)


POLICY = """
[[policy]]
name = "quick"
[policy.resolution]
medium = "1h"
"""


def test_check_compares_with_what_the_daemon_derived_last(house: Any) -> None:
    """The real configuration, on SQLite and PostgreSQL, where a look is a transaction that cannot write."""
    house.parts.watch_clocks()
    assert "open clocks" not in house.maild("check").stdout
    with house.file.open("a") as file:
        file.write(POLICY)
    before = house.sql("SELECT * FROM clock ORDER BY ticket, kind"), house.sql("SELECT * FROM built_on")
    # The resolutions are due earlier, the first responses are promised no more.
    assert "ok   2 open clocks, 4 would be due at another time" in house.maild("check").stdout
    assert before == (house.sql("SELECT * FROM clock ORDER BY ticket, kind"), house.sql("SELECT * FROM built_on"))
    changed = Parts(load(house.file, {}), house.database, NoBell())
    changed.watch_clocks()
    assert "open clocks" not in house.maild("check").stdout
