"""`maild sla explain`: why a ticket is due when it is: the line of time of each of its clocks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated

import typer

from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.sla_bar import draw
from maild.cli.sla_lines import ClockLine, TicketLines, document, read_lines
from maild.cli.standing_words import stands_words
from maild.cli.terminal import clean, print_json, say, table
from maild.clock import utc_now
from maild.errors import Permanent
from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.line_of_time import Mark, Part, Row, Sign, by_day, by_week
from maild.sla.terms import LABELS
from maild.store.reading import snapshot

_MOST = 40  # rows of a clock; more are joined by day or by week
_HEAD, _TAIL = 20, 15  # of those that are still too many
_NUMBERS = ("counted", "closed", "held", "ended")
_STYLES = {Part.CLOSED: "dim", Part.HELD: "yellow", Part.ENDED: "blue"}
_MARK = "bold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One line of the table: from when on what was so, how long, and why."""

    at: datetime
    what: str
    lengths: tuple[timedelta, ...] = (timedelta(),) * len(_NUMBERS)
    why: str = ""
    style: str = ""


def explain(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The ticket's number.")],
    *,
    every: Annotated[bool, typer.Option("--all", help="Show every stretch, however many there are.")] = False,
    as_json: Json = False,
) -> None:
    """Explain a ticket's clocks: what counted, what did not and why, changes of target, alerts, and when it is due.

    Example: maild sla explain 42
    """
    config, now = read_config(ctx), utc_now()
    desk = make_desk(config)
    database = open_existing(config)
    try:
        with snapshot(database) as connection:
            lines = read_lines(connection, number, desk, now)
    finally:
        database.close()
    if lines is None:
        raise Permanent(f"there is no ticket {number}")
    if as_json:
        print_json(document(lines, desk, now))
        return
    _head(lines, now, desk.zone)
    for line in lines.clocks:
        say()
        _tell(line, now, desk.zone, every=every)


def _head(lines: TicketLines, now: datetime, zone: tzinfo) -> None:
    say(clean(f"Ticket {lines.ticket.number}: {lines.ticket.subject}"), style="bold")
    say(f"  stands: {stands_words(lines.stands, now) or 'nothing is promised'}")
    for why in lines.choice.why:
        say(clean(f"  {why}"))
    calendars = [line.clock.calendar for line in lines.clocks]
    elsewhere = {each.name: each.zone for each in calendars if _apart(each, zone, now)}
    others = "".join(f"; the calendar {name} is that of {its}" for name, its in elsewhere.items())
    say(f"  times: {zone}{others}")


def _apart(calendar: Calendar, zone: tzinfo, now: datetime) -> bool:
    """Whether a calendar's hours are another zone's; one that is always open has none."""
    return calendar is not ALWAYS and now.astimezone(calendar.zone).utcoffset() != now.astimezone(zone).utcoffset()


def _tell(line: ClockLine, now: datetime, zone: tzinfo, *, every: bool) -> None:
    say(_summary(line, now, zone), style="bold red" if line.failed(now) else "bold")
    if sys.stdout.isatty():
        draw(line, now, zone)
    _table(line, _cells(line, now, zone, every=every), zone)
    say(f"  {_balance(line)}")
    if line.kept is not None:
        was = "late" if line.kept.failed(now) else "in time"
        kept = f"What was counted then stays: {_length(line.used)}, {was}"
        by_now = f"by today's calendar, as shown above, it would be {_length(line.sums.counted)}"
        say(f"  Its calendar has changed since it ended. {kept}; {by_now}.", style="yellow")


def _summary(line: ClockLine, now: datetime, zone: tzinfo) -> str:
    """A clock in one line: where it stands, and how much of its target is used."""
    clock = line.clock
    cycle = f" {clock.cycle}" if clock.cycle > 1 else ""
    due = f"due {_moment(clock.due_at, zone)}" if clock.due_at else "no due time while it is on hold"
    if clock.ended_at is not None:
        state = f"{clock.why_ended} {'too late' if line.failed(now) else 'in time'}, was {due}"
    elif clock.due_at is not None and clock.due_at <= now:
        state = f"breached, was {due}" + (", paused" if clock.paused_at else "")
    elif clock.paused_at is not None:
        state = f"paused; {due}"
    else:
        state = due
    percent = line.used * 100 // clock.target
    promised = f"policy {clock.policy}, calendar {clock.calendar.name}"
    return clean(f"{LABELS[clock.kind]}{cycle}: {state}; {percent} % used ({promised})")


def _balance(line: ClockLine) -> str:
    sums = line.sums
    parts = [f"{_length(sums.counted)} counted", f"{_length(sums.closed)} closed", f"{_length(sums.held)} held"]
    if sums.ended:
        parts.append(f"{_length(sums.ended)} ended")
    left = line.clock.target - line.used
    rest = f"{_length(left)} left" if left >= timedelta() else f"{_length(-left)} over"
    would = f" (of the hold, {_length(sums.would_count)} would have counted)" if sums.would_count else ""
    return (
        f"{' + '.join(parts)} = {_length(sums.wall)} on the wall{would};"
        f" used {_length(line.used)} of {_length(line.clock.target)}: {rest}"
    )


def _table(line: ClockLine, cells: Sequence[Cells], zone: tzinfo) -> None:
    """The line of time, each stretch until the next one, without the columns that stay empty."""
    sums = (line.sums.counted, line.sums.closed, line.sums.held, line.sums.ended)
    used = [at for at, total in enumerate(sums) if total or not at]
    names = [_NUMBERS[at] for at in used]
    rows = [
        [_moment(c.at, zone), c.what, *(_length(c.lengths[at]) if c.lengths[at] else "" for at in used), c.why]
        for c in cells
    ]
    rows.append(["", "sum", *(_length(sums[at]) for at in used), ""])
    table(["from", "what", *names, "why"], rows, right=names, styles=[*(c.style for c in cells), _MARK])


def _rows(rows: Sequence[Row], zone: tzinfo, *, every: bool) -> tuple[Sequence[Row], int]:
    """The rows that are shown, and how many of them are left out after the first twenty."""
    if every or len(rows) <= _MOST:
        return rows, 0
    for joined in (by_day(rows, zone), by_week(rows, zone)):
        if len(joined) <= _MOST:
            return joined, 0
    return [*joined[:_HEAD], *joined[-_TAIL:]], len(joined) - _HEAD - _TAIL


def _cells(line: ClockLine, now: datetime, zone: tzinfo, *, every: bool) -> list[Cells]:
    """Rows and marks in one order; a mark at the moment in which a row begins stands before it."""
    rows, hidden = _rows(line.rows, zone, every=every)
    cells = [*map(_mark, line.marks), *map(_row, rows)]
    if hidden:
        after = rows[_HEAD - 1].end
        cells.append(Cells(at=after, what="…", why=f"{hidden} more, --all shows them"))
    if line.clock.ended_at is None:
        cells.append(Cells(at=now.replace(microsecond=0), what="> now", style=_MARK))
    return sorted(cells, key=lambda cell: (cell.at, cell.style != _MARK))


def _row(row: Row) -> Cells:
    lengths = (row.counted, row.closed, row.held, row.ended)
    return Cells(at=row.start, what=row.part, lengths=lengths, why=row.reason, style=_STYLES.get(row.part, ""))


def _mark(mark: Mark) -> Cells:
    facts = mark.facts
    target = f"target {_length(mark.target)}" if mark.target else "no target"
    why = {
        Sign.STARTED: f"{target}, policy {mark.policy}",
        Sign.TARGET: f"{target}, policy {mark.policy}: {facts.get('reason', '')}",
        Sign.TOLD: f"{facts.get('level')} % used: {facts.get('told') or 'nobody'}",
        Sign.ESCALATED: f"rule {facts.get('rule')}: {facts.get('done') or 'nothing to do'}",
        Sign.DUE: "",
        Sign.ENDED: str(facts.get("why", "")),
    }[mark.sign]
    what = "end" if mark.sign is Sign.ENDED else str(mark.sign)
    return Cells(at=mark.at.replace(microsecond=0), what=f"> {what}", why=why, style=_MARK)


def _moment(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M:%S}"


def _length(span: timedelta) -> str:
    """Hours, minutes and seconds: 27:05:00. Lengths that are cut to larger units would not add up."""
    seconds = int(span.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
