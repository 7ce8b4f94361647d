"""`maild sla due`: when something would be due, without a ticket."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from maild.cli.config_file import config_path
from maild.cli.exits import EX_DATAERR
from maild.cli.options import Json
from maild.cli.terminal import complain, print_json, say
from maild.cli.what_if import Answer, Question, answer, find_calendar, read_hold, read_moment, read_question
from maild.clock import utc_now
from maild.config.level_values import read_target
from maild.config.load import load_calendars
from maild.config.values import read_duration, write_duration
from maild.errors import ConfigError
from maild.sla.calendar import ALWAYS, Calendar

_STYLES = {"paused": "yellow", "breached": "red"}


def due(
    ctx: typer.Context,
    *,
    calendar: Annotated[str, typer.Option(metavar="NAME", help="A [[calendar]] of the configuration, or 24x7.")] = "",
    target: Annotated[str, typer.Option(metavar="240m", help="Counted time: 30m, 4h; a d is 24 counted hours.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="When it began to count.")] = "",
    hold: Annotated[list[str] | None, typer.Option(metavar="START/END", help="On hold; START/ is open.")] = None,
    now: Annotated[str, typer.Option(metavar="TIME", help="Instead of the current time.")] = "",
    batch: Annotated[str, typer.Option(metavar="FILE", help="Answer each JSON line of a file; - reads stdin.")] = "",
    as_json: Json = False,
) -> None:
    """Say when something would be due: what a target on a calendar comes to, from a start, with holds.

    Times are ISO 8601; one without an offset is in the calendar's zone. Only the calendars of the
    configuration are read. With --batch, each line is {"id", "calendar", "target_minutes", "opened_at",
    "holds": [[start, end or null], ...], "now"}; exits with 65 when a line could not be answered.

    Example: maild sla due --calendar office --target 8h --from 2026-03-06T16:00
    """
    calendars = _calendars(ctx)
    if batch:
        if calendar or target or start or hold:
            raise typer.BadParameter("each line says it; leave --calendar, --target, --from and --hold out")
        _answer_lines(batch, calendars, now)
        return
    for option, given in (("--calendar", calendar), ("--target", target), ("--from", start)):
        if not given:
            raise typer.BadParameter("is missing; or give many questions with --batch FILE", param_hint=option)
    question = _question(calendars, calendar=calendar, target=target, start=start, holds=hold or [], now=now)
    found = answer(question)
    if as_json:
        print_json(found.as_json())
    else:
        _tell(question, found)


def _calendars(ctx: typer.Context) -> Mapping[str, Calendar]:
    """The configured calendars; without a configuration there is still 24x7."""
    try:
        path = config_path(ctx)
    except ConfigError:
        return {ALWAYS.name: ALWAYS}
    return load_calendars(path)


def _question(
    calendars: Mapping[str, Calendar], *, calendar: str, target: str, start: str, holds: list[str], now: str
) -> Question:
    option = "--calendar"
    try:
        found = find_calendar(calendar, calendars)
        option = "--target"
        length = read_target(read_duration(target))
        option = "--from"
        began = read_moment(start, found.zone)
        option = "--hold"
        spans = [read_hold(text, found.zone) for text in holds]
        option = "--now"
        moment = read_moment(now, found.zone) if now else utc_now()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    return Question(calendar=found, target=length, start=began, holds=spans, now=moment)


def _tell(question: Question, found: Answer) -> None:
    left = question.target - found.used
    say(f"due     {_both(found.due_at, question.calendar) if found.due_at else _never(question)}")
    say(f"used    {_length(found.used)} of {_length(question.target)} by {_both(question.now, question.calendar)}")
    say(f"{'left' if left >= timedelta() else 'over'}    {_length(abs(left))}")
    say(f"status  {found.status}", style=_STYLES.get(found.status, ""))


def _never(question: Question) -> str:
    is_open = any(hold.end is None for hold in question.holds)
    return "nobody can tell while the hold is open" if is_open else "never, the calendar has too few hours"


def _both(moment: datetime, calendar: Calendar) -> str:
    """A moment in the calendar's zone and in UTC."""
    here = moment.astimezone(calendar.zone)
    shown = "%Y-%m-%d %H:%M" if moment.second == moment.microsecond == 0 else "%Y-%m-%d %H:%M:%S"
    if here.utcoffset() == timedelta():
        return f"{here:%a} {here:{shown}} UTC"
    utc = "%H:%M" if here.date() == moment.date() else "%Y-%m-%d %H:%M"
    return f"{here:%a} {here:{shown}} {here:%Z} ({moment:{utc}} UTC)"


def _length(span: timedelta) -> str:
    """Counted time as it is written in targets, but in hours: a d of 24 counted hours is easily misread."""
    hours, rest = divmod(span, timedelta(hours=1))
    parts = [f"{hours}h"] if hours else []
    return " ".join([*parts, write_duration(rest)] if rest or not hours else parts)


def _answer_lines(batch: str, calendars: Mapping[str, Calendar], now: str) -> None:
    try:
        moment = read_moment(now, UTC) if now else utc_now()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--now") from None
    faults = 0
    for number, line in enumerate(_lines(batch), 1):
        if not line.strip():
            continue
        try:
            ident, question = read_question(line, calendars, moment)
        except ValueError as error:
            complain([f"{batch}:{number}: {error}"])
            faults += 1
        else:
            print_json({"id": ident, **answer(question).as_json()})
    if faults:
        raise typer.Exit(EX_DATAERR)


def _lines(batch: str) -> Iterator[bytes]:
    if batch == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(batch).open("rb") as file:
            yield from file
    except OSError as error:
        raise typer.BadParameter(f"cannot read {batch}: {error.strerror}", param_hint="--batch") from None
