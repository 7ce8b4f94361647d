"""Where tickets stand with their promises, as lists and commands spell it."""

from __future__ import annotations

from datetime import datetime, tzinfo

import typer

from maild.app.letter_facts import span_words
from maild.cli.terminal import ago, length
from maild.sla.standing import DUE, Standing, Stands
from maild.sla.terms import LABELS
from maild.store.standings import KeptClock

WORDS = {standing.replace(" ", "_"): standing for standing in Standing}


def read_standing(word: str) -> Standing:
    """The standing that an option names, with underscores or dashes; raises typer.BadParameter."""
    found = WORDS.get(word.lower().replace("-", "_"))
    if found is None:
        raise typer.BadParameter(f"{word} is none of {', '.join(WORDS)}")
    return found


def stands_words(stands: Stands, now: datetime) -> str:
    """The standing in a list: "first response due in 2 h", "paused", "failed", "" where nothing was promised."""
    if stands.standing is Standing.NONE:
        return ""
    if stands.standing not in DUE.values() or stands.due_at is None:
        return stands.standing
    return f"{stands.standing} {ago(stands.due_at, now)}"


def stands_json(stands: Stands) -> dict[str, object]:
    """The standing for programs; the moment of a clock that is or was due."""
    return {"standing": stands.standing.replace(" ", "_"), "clock": stands.clock, "due_at": stands.due_at}


def clock_words(clock: KeptClock, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """A clock's name, and how it stands: "first response", "due in 2 h, 2026-03-05 10:30"."""
    name = LABELS[clock.kind] + (f" {clock.cycle}" if clock.cycle > 1 else "")
    at = f"{clock.due_at.astimezone(zone):%Y-%m-%d %H:%M}" if clock.due_at else ""
    late = clock.failed(now)
    if clock.ended_at is not None and clock.used is not None:
        used = f"{span_words(clock.used)} used of {span_words(clock.target)}"
        return name, f"{clock.why_ended} {'too late' if late else 'in time'}, {used}"
    if clock.paused_at is not None:
        since = f"paused since {clock.paused_at.astimezone(zone):%Y-%m-%d %H:%M}"
        return name, f"{since}; was due {at}" if late else since
    if clock.due_at is None:
        return name, "never due: its calendar is never open for long enough"
    if late:
        return name, f"over by {length(now - clock.due_at)}, was due {at}"
    return name, f"due {ago(clock.due_at, now)}, {at}"


def clock_json(clock: KeptClock, now: datetime) -> dict[str, object]:
    """A clock for programs; lengths in seconds, `used` once it has ended."""
    names = ("kind", "cycle", "policy", "target", "started_at", "due_at", "paused_at", "ended_at", "why_ended", "used")
    return {name: getattr(clock, name) for name in names} | {"failed": clock.failed(now)}
