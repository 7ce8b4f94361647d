"""What the use cases get from the tables of service levels."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maild.app.desk_structure import Organisation, Queue, Team
from maild.app.service_levels import AlertTo, ServiceLevels
from maild.bootstrap import make_calendars, make_desk, make_levels
from maild.config.load import load
from maild.config.model import Config
from maild.sla.escalations import Escalation, Task
from maild.sla.policies import Condition, Subject, choose
from maild.sla.terms import ClockKind
from maild.tickets.lifecycle import Status

DESK = '[desk]\naddress = "support@example.com"\nsecret = "0123456789abcdef"\n'
FULL = (
    DESK
    + """
[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "service"
[[queue]]
name = "staff"
addresses = ["staff@example.com"]
internal = true
[[agent]]
name = "Anna"
address = "anna@example.com"
[[team]]
name = "service"
agents = ["Anna@example.com", "anna@example.com"]
manager = "Boss@example.com"
[[organisation]]
name = "Acme"
domains = ["acme.example"]
groups = ["Key"]
tags = ["VIP"]
[sla]
thresholds = [80]
paused_by = ["on_hold", "responded"]
on_reopen = "restart"
quiet = ["22:00-07:00"]
grouped = true
[[calendar]]
name = "office"
timezone = "Europe/Berlin"
[calendar.hours]
mon = ["13:30-17:30", "09:00-12:30"]
thu = ["09:00-17:00"]
fri = ["09:00-17:00"]
sat = ["09:00-17:00"]
[calendar.holidays]
country = "DE"
subdivision = "BE"
dates = ["2026-12-24"]
open = ["2026-10-03"]
[[policy]]
name = "vip"
customers = ["ACME"]
types = ["Repair"]
priorities = ["urgent"]
calendar = "office"
thresholds = [50, 90]
breach_to = ["Boss@example.com"]
[policy.first_response]
urgent = "30m"
normal = "2h"
[[escalation]]
name = "hurry"
tags = ["VIP"]
policies = ["vip"]
clocks = ["resolution"]
at = "150%"
assign = "Anna@example.com"
team = "service"
raise_priority = true
notify = ["Manager", "Boss@example.com"]
status = "in_progress"
tag = "Hurry"
task = { queue = "staff", subject = "Call" }
"""
)


def read(folder: Path, text: str) -> Config:
    file = folder / "maild.toml"
    file.write_text(text, "utf-8")
    return load(file, {})


def test_a_file_without_service_levels_has_the_built_in_ones(tmp_path: Path) -> None:
    levels = make_levels(read(tmp_path, DESK))

    plain = ServiceLevels()
    assert levels.policies == plain.policies
    assert (levels.escalations, levels.alert_to, levels.alert_to_by_policy) == ((), plain.alert_to, {})
    assert (levels.rules.paused_by, levels.rules.restart) == (plain.rules.paused_by, False)
    assert (levels.quiet, levels.grouped) == (None, False)
    assert list(levels.rules.calendars) == ["24x7"]


def test_everything_that_can_be_configured_arrives(tmp_path: Path) -> None:
    desk = make_desk(read(tmp_path, FULL))
    levels = desk.levels

    assert desk.queues == (
        Queue(name="support", addresses=("support@example.com",), team="service"),
        Queue(name="staff", addresses=("staff@example.com",), internal=True),
    )
    assert desk.teams == (Team(name="service", agents=("anna@example.com",), manager="boss@example.com"),)
    assert desk.organisations == (
        Organisation(name="Acme", domains=("acme.example",), groups=frozenset({"key"}), tags=frozenset({"vip"})),
    )
    assert [policy.name for policy in levels.policies] == ["vip", "internal", "service", "standard"]
    vip, *built_in = levels.policies
    assert vip.when == Condition(
        customers=frozenset({"acme"}), types=frozenset({"repair"}), priorities=frozenset({"critical"})
    )
    minutes = timedelta(minutes=1)
    assert vip.targets == {ClockKind.FIRST_RESPONSE: {"medium": 120 * minutes, "critical": 30 * minutes}}
    assert (vip.calendar, vip.thresholds) == ("office", (50, 90))
    assert {(policy.calendar, policy.thresholds) for policy in built_in} == {("24x7", (80,))}
    assert levels.told("vip") == AlertTo(at_risk=("assignee",), breach=("boss@example.com",))
    assert levels.told("standard") == AlertTo()
    assert levels.escalations == (
        Escalation(
            name="hurry",
            when=Condition(tags=frozenset({"vip"})),
            policies=frozenset({"vip"}),
            clocks=frozenset({ClockKind.RESOLUTION}),
            at=150,
            assign="anna@example.com",
            team="service",
            raise_priority=True,
            notify=("manager", "boss@example.com"),
            status="in_progress",
            tag="hurry",
            task=Task(queue="staff", subject="Call"),
        ),
    )
    assert levels.rules.paused_by == {Status.ON_HOLD, Status.RESPONDED}
    assert (levels.rules.restart, levels.grouped) == (True, True)
    assert levels.quiet is not None
    night = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert levels.quiet.closing(night) == datetime(2026, 3, 3, 7, tzinfo=UTC)


def test_an_own_policy_takes_the_place_of_a_built_in_one_of_its_name(tmp_path: Path) -> None:
    text = DESK + '[[policy]]\nname = "Standard"\n[policy.resolution]\nlow = "1h"\n'

    assert [p.name for p in make_levels(read(tmp_path, text)).policies] == ["Standard", "internal", "service"]
    alone = make_levels(read(tmp_path, text + "[sla]\nbuilt_in = false\n"))
    assert [policy.name for policy in alone.policies] == ["Standard"]
    assert choose(Subject(queue="support"), alone.policies).policy == alone.policies[0]


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 12, 23), False),  # a Wednesday, which has no window
        (date(2026, 12, 24), False),  # an own day, a Thursday
        (date(2026, 12, 25), False),  # Christmas, a Friday
        (date(2026, 12, 31), True),
        (date(2026, 10, 3), True),  # German Unity Day, a Saturday, on which we work
        (date(2027, 3, 8), False),  # Women's Day, a holiday in Berlin alone
        (date(2027, 3, 26), False),  # Good Friday of the next year
        (date(2041, 4, 19), False),  # and of a far one
        (date(2041, 4, 26), True),
    ],
)
def test_a_calendar_knows_the_holidays_of_every_year(tmp_path: Path, day: date, is_open: bool) -> None:
    office = make_calendars(read(tmp_path, FULL))["office"]

    assert office.is_open(datetime(day.year, day.month, day.day, 10, tzinfo=UTC)) is is_open


def test_windows_may_be_written_in_any_order(tmp_path: Path) -> None:
    office = make_calendars(read(tmp_path, FULL))["office"]

    monday = datetime(2026, 3, 2, tzinfo=UTC)
    assert office.worked(monday, monday + timedelta(days=1)) == timedelta(hours=7, minutes=30)


CHANGED: dict[str, tuple[str, str]] = {
    "hours": ('fri = ["09:00-17:00"]', 'fri = ["09:00-16:00"]'),
    "zone": ("Europe/Berlin", "Europe/Paris"),
    "country": (
        'country = "DE"\nsubdivision = "BE"\ndates = ["2026-12-24"]\nopen = ["2026-10-03"]\n',
        'country = "AT"\ndates = ["2026-12-24"]\n',
    ),
    "subdivision": ('subdivision = "BE"\n', ""),
    "own days": ('["2026-12-24"]', '["2026-12-23"]'),
    "holidays at work": ('open = ["2026-10-03"]\n', ""),
    "a condition": ('types = ["Repair"]', 'types = ["damage"]'),
    "a target": ('normal = "2h"', 'normal = "3h"'),
    "a policy's calendar": ('calendar = "office"\nthresholds', "thresholds"),
    "built-in policies": ("grouped = true", "grouped = true\nbuilt_in = false"),
    "the calendar of built-in policies": ("grouped = true", 'grouped = true\ncalendar = "office"'),
    "pausing": ('"on_hold", "responded"', '"on_hold"'),
    "reopening": ('"restart"', '"continue"'),
    "whether a queue is internal": ("internal = true", "internal = false"),
    "a group": ('["Key"]', '["small"]'),
    "thresholds": ("thresholds = [50, 90]", "thresholds = [10]"),
    "thresholds of all": ("[80]", "[70]"),
    "an escalation": ('at = "150%"', 'at = "100%"'),
    "quiet hours": ('quiet = ["22:00-07:00"]\n', ""),
    "a tag": ('tags = ["VIP"]\n[sla]', 'tags = ["vip", "new"]\n[sla]'),
}


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED.keys())
def test_what_clocks_follow_from_changes_the_fingerprint(tmp_path: Path, before: str, after: str) -> None:
    assert before in FULL
    assert fingerprint(tmp_path, FULL.replace(before, after)) != fingerprint(tmp_path, FULL)


SAME: dict[str, tuple[str, str]] = {
    "nothing": ("", ""),
    "a team": ("[[team]]", '[[team]]\nname = "others"\nagents = []\n\n[[team]]'),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME.keys())
def test_what_clocks_do_not_follow_from_leaves_the_fingerprint(tmp_path: Path, before: str, after: str) -> None:
    assert before in FULL
    assert fingerprint(tmp_path, FULL.replace(before, after)) == fingerprint(tmp_path, FULL)


def test_another_version_of_the_holidays_is_another_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maild.config import public_holidays

    before = fingerprint(tmp_path, FULL), fingerprint(tmp_path, DESK)
    monkeypatch.setattr(public_holidays, "library_version", lambda: "99.0")

    assert fingerprint(tmp_path, FULL) != before[0]
    assert fingerprint(tmp_path, DESK) == before[1]  # which names no country


def fingerprint(folder: Path, text: str) -> str:
    found: Any = make_levels(read(folder, text)).fingerprint
    assert len(found) == 64
    return str(found)
