"""What `maild doctor` finds: each finding says what is so, how bad that is, and what to do."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from maild.app.desk import Desk
from maild.app.recipients import manager_of, recipients_of
from maild.app.service_levels import MANAGER
from maild.bootstrap.directories import make_directories, tried
from maild.bootstrap.settings import make_scanner
from maild.clock import utc_now
from maild.config.model import Config
from maild.store.overview import Overview
from maild.store.references import ReferenceCounts
from maild.tickets.model import Ticket

# The first patch releases without the known faults of the email and HTML parsers that mail can reach
# (RELIABILITY §5.1). Older ones work; they are named, not refused.
PATCHED = {(3, 11): 15, (3, 12): 13, (3, 13): 15, (3, 14): 7}
_LATE = timedelta(minutes=2)  # a mail that waits for longer finds no worker
_UNWATCHED = timedelta(minutes=1)
_SILENT = timedelta(minutes=15)
_SLOW_SYNC = 0.02  # seconds
_SYNCS = 9


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    says: str
    advice: str = ""  # "" when all is well

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.advice


def machine(config: Config) -> Iterator[Finding]:
    """Python and the disk."""
    yield python_finding(sys.version_info[:3])
    free = shutil.disk_usage(config.desk.data).free
    enough = free > 2 * config.limits.free_disk
    advice = "" if enough else "make room: with less than limits.free_disk no mail is taken"
    yield Finding("free disk", f"{free / (1 << 30):.1f} GiB", advice)
    seconds = sync_time(config.desk.data)
    slow = "mail is accepted no faster than the disk syncs: use a quicker disk for desk.data"
    yield Finding("disk sync", f"{seconds * 1000:.1f} ms", slow if seconds > _SLOW_SYNC else "")


def python_finding(version: tuple[int, ...]) -> Finding:
    """Whether this Python has the patches that mail parsing wants."""
    major, minor, patch = version[:3]
    wanted = PATCHED.get((major, minor), 0)
    advice = "" if patch >= wanted else f"update to {major}.{minor}.{wanted}: it mends faults that mail can reach"
    return Finding("Python", f"{major}.{minor}.{patch}", advice)


def sync_time(folder: Path) -> float:
    """The median seconds that the disk takes to make one page durable."""
    times = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def desk(config: Config) -> Iterator[Finding]:
    """What the configuration leaves out."""
    if not config.agent:
        yield Finding("agents", "none", "nobody is notified: add an [[agent]]")
    if not config.desk.alerts_to:
        yield Finding("alerts", "to nobody", "set desk.alerts_to, to be told of quarantined mail")
    if config.send.kind == "maildir":
        yield Finding("letters", f"only to {config.send.path}", "customers get nothing: set send.kind to smtp")
    if not config.receiver and not config.mailbox:
        yield Finding("doors", "none", "add a [[mailbox]] or a [[receiver]]")


def promises(desk: Desk) -> Iterator[Finding]:
    """Whether somebody is told of what was promised and may be broken."""
    rules = [rule.name for rule in desk.levels.escalations if MANAGER in (*rule.notify, rule.assign)]
    for queue in desk.queues:
        ticket = Ticket(number=0, queue=queue.name)
        if desk.agents and not desk.told(ticket):
            yield Finding(f"queue {queue.name}", "no agent may read its tickets", "give somebody a role: maild roles")
        if not recipients_of(desk.levels.alert_to.breach, ticket, desk):
            advice = "give the queue agents, or a team with a manager"
            yield Finding(f"breaches in {queue.name}", "told to nobody", advice)
        if rules and not manager_of(ticket, desk):
            advice = "give its team a manager, or name somebody else in the escalation"
            yield Finding(f"queue {queue.name}", f"no manager, whom {', '.join(rules)} asks for", advice)


def scanner(config: Config) -> Iterator[Finding]:
    """Whether the virus scanner answers, if there is one."""
    chosen = make_scanner(config)
    if chosen is not None:
        trouble = chosen.ping()
        kept = f"{trouble}: start it; until then no file is handed out" if trouble else ""
        yield Finding("virus scanner", f"clamd at {config.virus_scan.clamd}", kept)


def directories(config: Config) -> Iterator[Finding]:
    """Whether directories answer."""
    if not config.directory:
        return
    for standing in tried(make_directories(config, utc_now)):
        has = "is asked about one key at a time" if standing.by_key else f"{standing.entries} entries"
        stale = f"{standing.trouble}; until it answers, what it said last stands" if standing.trouble else ""
        yield Finding(f"directory {standing.name}", has, stale)


def references(counts: ReferenceCounts) -> Iterator[Finding]:
    """What open tickets name and directories no longer have."""
    if counts.looked_at:
        lost = "look at these tickets: a note on each says what has changed" if counts.lost else ""
        says = f"{counts.looked_at} in open tickets, {counts.lost} no longer fit, {counts.stale} not checked lately"
        yield Finding("references", says, lost)


def unscanned(count: int) -> Iterator[Finding]:
    """Files that wait for the virus scanner."""
    if count:
        advice = "they are scanned within minutes once the virus scanner answers: maild scan list"
        yield Finding("files not scanned", str(count), advice)


def work(overview: Overview, now: datetime) -> Iterator[Finding]:
    """What waits, and what is in trouble."""
    waiting = overview.inbox.get("waiting", 0)
    late = overview.oldest_mail is not None and now - overview.oldest_mail > _LATE
    yield Finding("mails waiting", str(waiting), "no worker takes them: is maild running?" if late else "")
    held = overview.inbox.get("quarantined", 0)
    yield Finding("mails in quarantine", str(held), "look at them: maild quarantine list" if held else "")
    uncertain = overview.outbox.get("uncertain", 0)
    unsure = "maild or the relay died over them: maild outbox list --state uncertain, then retry or drop"
    yield Finding("letters uncertain", str(uncertain), unsure if uncertain else "")
    failed = overview.outbox.get("failed", 0)
    yield Finding("letters failed", str(failed), f"last: {overview.last_failure}" if failed else "")
    look = overview.clocks.next_look
    unwatched = look is not None and now - look > _UNWATCHED
    clocks = f"{overview.clocks.running} running, {overview.clocks.overdue} overdue"
    yield Finding("clocks", clocks, "no watcher looks at those that are due: is maild running?" if unwatched else "")
    for mailbox in overview.mailboxes:
        silent = mailbox.last_success is None or now - mailbox.last_success > _SILENT
        advice = ""
        if mailbox.in_trouble:
            advice = mailbox.trouble or ""
        elif silent:
            advice = "it has not answered for 15 minutes: is maild running?"
        last = f"{mailbox.last_success:%Y-%m-%d %H:%M} UTC" if mailbox.last_success else "never"
        yield Finding(f"mailbox {mailbox.name}", f"last answer {last}", advice)
