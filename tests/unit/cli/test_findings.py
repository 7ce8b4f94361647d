"""What the doctor finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from maild.app.service_levels import ServiceLevels
from maild.bootstrap import make_desk
from maild.cli.findings import Finding, desk, machine, promises, python_finding, work
from maild.config.connection_tables import Mailbox
from maild.config.model import Agent, Config, Desk
from maild.sla.escalations import Escalation
from maild.store.at_risk import ClockCounts
from maild.store.overview import MailboxLine, Overview

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def overview(**changes: object) -> Overview:
    calm: dict[str, object] = {
        "database_bytes": 0,
        "inbox": {},
        "oldest_mail": None,
        "outbox": {},
        "oldest_letter": None,
        "last_failure": "",
        "untold": 0,
        "tickets": {},
        "mailboxes": (),
        "last_hour": 0,
        "last_day": 0,
    }
    return Overview(**{**calm, **changes})  # type: ignore[arg-type]


def mailbox(**changes: object) -> MailboxLine:
    fine: dict[str, object] = {
        "name": "office",
        "uidvalidity": 1,
        "last_uid": 1,
        "last_success": NOW,
        "trouble": None,
        "trouble_at": None,
    }
    return MailboxLine(**{**fine, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "ok"), [((3, 11, 7), False), ((3, 11, 15), True), ((3, 13, 2), False), ((3, 15, 0), True)]
)
def test_an_old_patch_release_of_python_is_named(version: tuple[int, int, int], ok: bool) -> None:
    assert python_finding(version).ok is ok


def test_a_calm_store_needs_nothing() -> None:
    assert all(f.ok for f in work(overview(mailboxes=(mailbox(),)), NOW))


def test_clocks_that_nobody_looks_at_are_named() -> None:
    def finding(behind: timedelta) -> Finding:
        clocks = ClockCounts(running=3, next_look=NOW - behind)
        return next(f for f in work(overview(clocks=clocks), NOW) if f.what == "clocks")

    assert finding(timedelta(seconds=30)).ok
    assert "is maild running?" in finding(timedelta(minutes=2)).advice


def test_a_breach_that_nobody_is_told_of_is_named() -> None:
    secret = SecretStr("0123456789abcdef0123456789abcdef")
    anna = Agent(name="Anna", address="anna@example.com")
    staffed = make_desk(Config(desk=Desk(address="support@example.com", secret=secret), agent=(anna,)))
    assert list(promises(staffed)) == []
    rule = Escalation(name="vip", notify=("manager",))
    alone = replace(staffed, agents={}, levels=ServiceLevels(escalations=(rule,)))
    assert [(f.what, f.says) for f in promises(alone)] == [
        ("breaches in support", "told to nobody"),
        ("queue support", "no manager, whom vip asks for"),
    ]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"inbox": {"waiting": 1}, "oldest_mail": NOW - timedelta(minutes=3)}, "mails waiting"),
        ({"inbox": {"quarantined": 1}}, "mails in quarantine"),
        ({"outbox": {"uncertain": 1}}, "letters uncertain"),
        ({"outbox": {"failed": 1}, "last_failure": "550 no"}, "letters failed"),
        ({"mailboxes": (mailbox(last_success=NOW - timedelta(hours=1)),)}, "mailbox office"),
        ({"mailboxes": (mailbox(trouble="login refused", trouble_at=NOW + timedelta(seconds=1)),)}, "mailbox office"),
    ],
)
def test_what_needs_a_person_is_said(changes: dict[str, object], what: str) -> None:
    assert [f.what for f in work(overview(**changes), NOW) if not f.ok] == [what]


def test_a_mail_that_has_just_come_is_not_late() -> None:
    found = work(overview(inbox={"waiting": 1}, oldest_mail=NOW - timedelta(seconds=5)), NOW)
    assert all(f.ok for f in found)


def test_what_the_configuration_leaves_out_is_said() -> None:
    bare = Config(desk=Desk(address="support@example.com"))
    assert {f.what for f in desk(bare)} == {"agents", "alerts", "letters", "doors"}
    full = bare.model_copy(
        update={
            "agent": (Agent(name="Anna", address="anna@example.com"),),
            "mailbox": (Mailbox(name="office", host="imap.example.com", username="support"),),
        }
    )
    assert {f.what for f in desk(full)} == {"alerts", "letters"}


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    config = Config(desk=Desk(address="support@example.com", data=tmp_path))
    assert {f.what for f in machine(config)} == {"Python", "free disk", "disk sync"}
    limits = config.limits.model_copy(update={"free_disk": 1 << 60})
    full = config.model_copy(update={"limits": limits})
    assert [f.what for f in machine(full) if "make room" in f.advice] == ["free disk"]
