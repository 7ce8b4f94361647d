"""Counting, and what Prometheus reads."""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from maild.app.arrival import Arrival, Door
from maild.app.trouble_facts import Expiry, Facts, MailboxFacts, ProcessFacts
from maild.app.troubles import Trouble
from maild.cli.logs import set_up_logs
from maild.errors import Temporary
from maild.intake.imap_trouble import Reporter
from maild.monitoring.exposition import write_metrics
from maild.monitoring.look import Look, unhealthy, unready
from maild.monitoring.meters import Counted, CountedLines, MeteredInbox, Meters, label
from maild.monitoring.names import COUNTERS, GAUGES, HISTOGRAMS
from tests.integration.test_imap_fakes import FakeStore

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LINE = re.compile(r'[a-z_]+(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? -?[0-9.e+-]+')


def nothing(event: str, **facts: object) -> None:
    """A log that nobody reads."""


def counting() -> tuple[Meters, Counted]:
    meters = Meters()
    return meters, Counted(nothing, meters, lambda: None)


def look(**changes: Any) -> Look:
    worker = ProcessFacts(
        place="desk", pid=7, roles=frozenset({"doors", "worker"}), started_at=NOW, silent=timedelta(), worked_at=None
    )
    facts: dict[str, Any] = {"now": NOW, "since": NOW, "inbox": {}, "outbox": {}, "processes": [worker]}
    facts |= changes.pop("facts", {})
    moment: dict[str, Any] = {"now": NOW, "written_at": NOW, "facts": Facts(**facts)}
    return Look(**moment | changes)


def samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_what_a_door_writes_to_the_log_itself_is_counted(tmp_path: Path) -> None:
    meters = Meters()
    lines = CountedLines(meters)
    logging.getLogger("maild.intake").addHandler(lines)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        with (tmp_path / "log").open("w") as stream:
            set_up_logs("info", "json", stream=stream)
            door = Reporter(FakeStore(), "office", lambda: NOW)
            door.log.info("imap.connected")
            door.trouble("imap.trouble", "no answer")
            door.alarm("imap.gap", "mails are missing")
            door.trouble("imap.trouble", "no answer")
    finally:
        logging.getLogger("maild.intake").removeHandler(lines)
        root.handlers[:], root.level = before, level
        structlog.reset_defaults()
    assert meters.take() == {
        ("maild_errors_total", 'event="imap.trouble"'): 2,
        ("maild_errors_total", 'event="imap.gap"'): 1,
    }


def test_the_log_is_counted() -> None:
    meters, log = counting()
    log("mail", outcome="reply", seconds=0.2, inbox=1)
    log("mail", outcome="reply", seconds=4.0, inbox=2)
    log("mail quarantined", inbox=3, trouble="too large")
    log("letter", state="sent", code="250")
    log("letter", state="waiting", code="")
    log("budget used up", scope="to")
    log("job failed", bell="ingest", error=OSError())
    log("ready")
    shown = samples(write_metrics(look(counted=[(*key, value) for key, value in meters.take().items()])))
    assert shown['maild_mails_total{outcome="reply"}'] == 2
    assert shown['maild_mails_total{outcome="quarantined"}'] == 1
    assert shown['maild_letters_total{state="waiting"}'] == 1
    assert shown['maild_relay_answers_total{code="2xx"}'] == shown['maild_relay_answers_total{code="none"}'] == 1
    assert shown['maild_budget_refusals_total{scope="to"}'] == 1
    assert shown['maild_errors_total{event="job failed"}'] == 1
    assert [shown[f'maild_mail_seconds_bucket{{le="{le}"}}'] for le in ("0.1", "0.25", "2.5", "5", "+Inf")] == [
        0, 1, 1, 2, 2,
    ]  # fmt: skip
    assert shown["maild_mail_seconds_count"] == 2
    assert shown["maild_mail_seconds_sum"] == pytest.approx(4.2)


def test_what_cannot_be_stored_is_kept_for_the_next_time() -> None:
    meters, log = counting()
    log("mail", outcome="reply", seconds=1)
    taken = meters.take()
    log("mail", outcome="reply", seconds=1)
    meters.give_back(taken)
    assert meters.take()["maild_mails_total", 'outcome="reply"'] == 2
    assert meters.take() == {}


def test_accepted_mails_and_those_that_were_not_are_counted() -> None:
    class Store:
        away = False

        def accept(self, arrivals: Any, cursor: Any = None) -> int:
            if self.away:
                raise Temporary("the disk is full")
            return len(arrivals)

    store, meters = Store(), Meters()
    inbox = MeteredInbox(store, meters)
    arrival = Arrival(door=Door.LMTP, raw=b"x", received_at=NOW, envelope_from="", envelope_to=("a@b.example",))
    assert inbox.accept([arrival, arrival]) == 2
    store.away = True
    with pytest.raises(Temporary):
        inbox.accept([arrival])
    counted = meters.take()
    assert counted["maild_mails_accepted_total", 'door="lmtp"'] == 2
    assert counted["maild_accept_failures_total", ""] == 1
    assert sum(value for (name, _), value in counted.items() if name == "maild_accept_seconds_bucket") == 2


def test_a_mail_costs_microseconds() -> None:
    meters, log = counting()
    best = float("inf")
    for _ in range(5):  # whatever else runs here makes it only slower
        begun = time.process_time()
        for number in range(2000):
            log("mail", inbox=number, outcome="reply", ticket=number, kind="human", seconds=0.3)
        best = min(best, time.process_time() - begun)
    assert best / 2000 < 100e-6  # three in truth; some machines are slow
    assert meters.take()["maild_mails_total", 'outcome="reply"'] == 10_000


def test_every_metric_has_a_meaning_and_a_unit_in_its_name() -> None:
    full = look(
        counted=[(name, "", 1) for name in COUNTERS],
        troubles=[Trouble(name="disk", says="full")],
        facts={
            "inbox": {"waiting": 1},
            "outbox": {"waiting": 1},
            "mailboxes": [MailboxFacts(name="office", read_at=NOW)],
            "expiries": [Expiry(what="token of office", until=NOW)],
            "free_disk": 1,
            "broker_up": True,
            "backup_at": NOW,
        },
    )
    text = write_metrics(full)
    shown = {name.partition("{")[0] for name in samples(text)}
    assert shown >= {*GAUGES, *COUNTERS, *(f"{name}_count" for name in HISTOGRAMS)}
    for name in (*GAUGES, *COUNTERS, *HISTOGRAMS):
        assert text.count(f"# HELP {name} ") == text.count(f"# TYPE {name} ") == 1
    assert all(name.endswith("_total") for name in COUNTERS)
    assert not any(name.endswith(("_total", "_ms", "_minutes")) for name in (*GAUGES, *HISTOGRAMS))


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    assert label("what", 'a"b\\c\nd') == 'what="a\\"b\\\\c\\nd"'


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"hanging": ("the job ingest has not moved for 1300 s",)}, "the job ingest"),
        ({"stopping": True}, "stopping"),
        ({"written_at": None}, "database"),
        ({"written_at": NOW - timedelta(minutes=1)}, "database"),
        ({"written_at": NOW - timedelta(seconds=30)}, None),
        ({"shut": ("127.0.0.1:25",)}, "door 127.0.0.1:25"),
        ({"facts": {"processes": []}}, "no worker"),
        ({"facts": {"free_disk": 9}, "least_disk": 10}, "disk is full"),
    ],
)
def test_why_it_is_not_ready(changes: dict[str, Any], reason: str | None) -> None:
    moment = look(**changes)
    assert [reason is not None and reason in said for said in unready(moment)] == ([True] if reason else [])
    assert unhealthy(moment) == (unready(moment) if "hanging" in changes else [])
    assert samples(write_metrics(moment))["maild_ready"] == (0 if reason else 1)
