"""docs/operations.md explains everything that operators meet: events of the log, metrics, troubles, keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maild.app.trouble_facts import Expiry, Facts, MailboxFacts, Outage, ProcessFacts
from maild.app.troubles import Bounds, troubles
from maild.config.monitoring_tables import Monitoring
from maild.monitoring.names import COUNTERS, GAUGES, HISTOGRAMS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
# What is written by the port `Log`, by structlog's loggers, and by the reporter of a mailbox.
LOGGED = re.compile(
    r"(?:\b_?log|\bwrite_log|_reporter|reporter)(?:\.log)?(?:\.(?:info|warning|error|exception|alarm|trouble))?"
    r"\(\s*\"([a-z][^\"]*)\""
)


def events() -> set[str]:
    """Every event that the code logs."""
    files = [path for path in (ROOT / "maild").rglob("*.py") if not {"testing", "demo", "cli"} & set(path.parts)]
    return {event for path in files for event in LOGGED.findall(path.read_text("utf-8"))}


def test_every_event_of_the_log_is_explained() -> None:
    assert len(events()) > 50, "the pattern no longer finds them"
    assert [event for event in sorted(events()) if f"`{event}`" not in PAGE] == []


def test_every_metric_is_explained() -> None:
    assert [name for name in (*GAUGES, *COUNTERS, *HISTOGRAMS) if f"`{name}`" not in PAGE] == []


def test_every_trouble_is_explained() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    ago = now - timedelta(days=3)
    worst = Facts(
        now=now,
        since=ago,
        mailboxes=[MailboxFacts(name="NAME", read_at=None)],
        inbox={},
        mail_due=ago,
        outbox={"waiting": 10_000},
        next_look=ago,
        processes=[
            ProcessFacts(place="", pid=1, roles=frozenset(), started_at=ago, silent=timedelta(), worked_at=None)
        ],
        expiries=[Expiry(what="certificate of ADDRESS", until=now), Expiry(what="token of NAME", until=now)],
        free_disk=0,
        broker_up=False,
        broker_away=ago,
        outage=Outage(since=ago, until=now),
    )
    found = troubles(worst, Bounds(backup_age=timedelta(days=1)))
    assert len(found) == 11
    assert [trouble.name for trouble in found if f"| `{trouble.name}` |" not in PAGE] == []


def test_every_key_of_monitoring_is_explained() -> None:
    assert [key for key in Monitoring.model_fields if f"`{key}`" not in PAGE] == []
