"""The screen of `maild status`: aligned, coloured, within 80 columns and 24 lines on an ordinary desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from maild.app.trouble_facts import Facts, ProcessFacts
from maild.app.troubles import Trouble
from maild.bootstrap import database_url
from maild.cli.terminal import ago, clean, length, say, size
from maild.config.model import Config
from maild.directories.kept import LastWords
from maild.store.at_risk import ClockCounts
from maild.store.migrate import newest
from maild.store.overview import MailboxLine, Overview
from maild.tickets.lifecycle import LABELS, Status

_MOST = 6  # processes that are named; more are counted
_SKEWED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything that is shown."""

    overview: Overview
    facts: Facts
    troubles: Sequence[Trouble] = ()
    since: Mapping[str, datetime] = field(default_factory=dict)  # of a trouble, once people were told
    latest: Mapping[str, datetime] = field(default_factory=dict)  # by door, and by mailbox ("imap:NAME")
    skew: timedelta = timedelta()  # how far the database's clock is ahead
    directories: Sequence[tuple[str, LastWords | None]] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line; the style is a colour, "" for none."""

    name: str
    says: str
    style: str = ""


def tell(standing: Standing, config: Config, file: str, needs: Sequence[str]) -> None:
    """Print the screen."""
    for line in lines_of(standing, config, file):
        say(clean(f"{line.name:<13} {line.says}"), style=line.style)
    say()
    for need in needs:
        say(f"! {clean(need)}", style="red")
    if not needs:
        say("Nothing needs a person.", style="green")


def lines_of(standing: Standing, config: Config, file: str) -> Iterator[Line]:
    """The lines above what needs a person."""
    facts, now = standing.facts, standing.facts.now
    yield Line("Configuration", file)
    yield Line("Database", f"{_where(config)}, version {newest()}, {size(standing.overview.database_bytes)}")
    yield from _disk(standing, config)
    yield from _intake(standing, config)
    yield from _inbox(standing.overview, now)
    yield from _outbox(standing.overview, now)
    labelled = {LABELS[s]: standing.overview.tickets[s] for s in Status if s in standing.overview.tickets}
    yield Line("Tickets", _counts(labelled) or "none open")
    late = standing.overview.clocks.overdue
    yield Line("Clocks", _clocks(standing.overview.clocks, now), "yellow" if late else "")
    yield from _processes(facts, config)
    for each in facts.expiries:
        what = f"until {each.until:%Y-%m-%d} ({ago(each.until, now)})" if each.until else "no end is known"
        bad = bool(each.trouble) or (each.until is not None and each.until - now <= config.monitoring.expires)
        yield Line(each.what.partition(" of ")[0].capitalize(), _of(each.what, each.trouble or what), _if(bad))
    for name, said in standing.directories:
        yield Line("Directory", f"{name}: {_directory(said, now)}", _if(said is not None and bool(said.trouble)))


def _if(bad: object) -> str:
    return "red" if bad else ""


def _of(what: str, says: str) -> str:
    return f"{what.partition(' of ')[2]}: {says}"


def _where(config: Config) -> str:
    """The database without its password, which stands before the @."""
    url = database_url(config)
    return url.removeprefix("sqlite:///") if url.startswith("sqlite") else "postgresql on " + url.rpartition("@")[2]


def _disk(standing: Standing, config: Config) -> Iterator[Line]:
    facts = standing.facts
    backup = f"last backup {ago(facts.backup_at, facts.now)}" if facts.backup_at else "no backup is known"
    free = "" if facts.free_disk is None else f"{size(facts.free_disk)} free; "
    low = facts.free_disk is not None and facts.free_disk < config.monitoring.free_disk
    skewed = abs(standing.skew) > _SKEWED
    skew = f"; this machine's clock is {length(abs(standing.skew))} off the database's" if skewed else ""
    yield Line("Disk", f"{free}{backup}{skew}", _if(low or skewed))


def _intake(standing: Standing, config: Config) -> Iterator[Line]:
    """How old the intake is: each mailbox, each door."""
    now = standing.facts.now
    for receiver in config.receiver:
        latest = standing.latest.get(receiver.protocol)
        yield Line("Door", f"{receiver.protocol} {receiver.listen}: {_latest(latest, now)}")
    stored = {line.name: line for line in standing.overview.mailboxes}
    bad = {trouble.name for trouble in standing.troubles}
    for name in sorted({m.name for m in config.mailbox} | set(stored)):
        line = stored.get(name)
        latest = standing.latest.get(f"imap:{name}")
        text = f"{name}: {_mailbox(line, now)}; {_latest(latest, now)}"
        yield Line("Mailbox", text, _if(f"mailbox {name}" in bad or (line is not None and line.in_trouble)))


def _latest(moment: datetime | None, now: datetime) -> str:
    return f"last mail {ago(moment, now)}" if moment else "no mail lately"


def _mailbox(line: MailboxLine | None, now: datetime) -> str:
    if line is None:
        return "never read"
    seen = f"read {ago(line.last_success, now)}" if line.last_success else "never read"
    cursor = f", up to UID {line.last_uid}" if line.last_uid is not None else ""
    trouble = f"; trouble {ago(line.trouble_at, now)}: {line.trouble}" if line.in_trouble and line.trouble_at else ""
    return seen + cursor + trouble


def _inbox(overview: Overview, now: datetime) -> Iterator[Line]:
    waits = f", the oldest came {ago(overview.oldest_mail, now)}" if overview.oldest_mail else ""
    yield Line("Mails in", f"{_counts(overview.inbox)}{waits}", _if(overview.inbox["quarantined"]))
    yield Line("", f"{overview.last_hour} in the last hour, {overview.last_day} in the last day")


def _outbox(overview: Overview, now: datetime) -> Iterator[Line]:
    waits = f", the oldest written {ago(overview.oldest_letter, now)}" if overview.oldest_letter else ""
    bad = overview.outbox.get("uncertain") or overview.untold
    yield Line("Letters out", f"{_counts(overview.outbox) or 'all sent'}{waits}", _if(bad))
    if overview.last_failure:
        yield Line("", f"last failure: {overview.last_failure}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _clocks(clocks: ClockCounts, now: datetime) -> str:
    """How many run; and how long the oldest that is due waits, which is how far the watcher is behind."""
    counts = f"{clocks.running} running, {clocks.paused} paused, {clocks.overdue} overdue"
    if clocks.next_look is None:
        return counts
    if clocks.next_look > now:
        return f"{counts}; next look {ago(clocks.next_look, now)}"
    return f"{counts}; the watcher is {length(now - clocks.next_look)} behind"


def _processes(facts: Facts, config: Config) -> Iterator[Line]:
    """Who runs, on which machine, since when; and when it worked last."""
    if not facts.processes:
        yield Line("Processes", "none: maild does not run", "yellow")
    for number, each in enumerate(facts.processes[:_MOST]):
        dead = each.died or each.silent >= config.monitoring.process_silent
        yield Line("" if number else "Processes", _process(each, facts.now, dead=dead), _if(dead))
    if (more := len(facts.processes) - _MOST) > 0:
        yield Line("", f"and {more} more (maild status --json)")


def _process(each: ProcessFacts, now: datetime, *, dead: bool) -> str:
    who = f"{each.name} {'+'.join(sorted(each.roles))}"
    if each.died:
        return f"{who}, died: last heard of {length(each.silent)} ago"
    since = f"since {length(max(now - each.started_at, timedelta()))}"
    worked = f"worked {ago(min(each.worked_at, now), now)}" if each.worked_at else "has not worked yet"
    heard = f"not heard of for {length(each.silent)}" if dead else worked
    return f"{who}, {since}, {heard}"


def _directory(said: LastWords | None, now: datetime) -> str:
    """As the daemon found it last; nobody is asked here."""
    if said is None:
        return "no trouble is known"
    read = f"{said.entries} entries, read {ago(said.at, now)}" if said.at and said.entries else "answers"
    if not said.trouble:
        return read
    since = f" {ago(said.since, now)}" if said.since else ""
    last = f"; what it said {ago(said.at, now)} stands" if said.at and said.entries else ""
    return f"trouble{since}: {said.trouble}{last}"
