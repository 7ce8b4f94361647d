"""`maild sla risk`: the board of running clocks, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer

from maild.app.desk import Desk
from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.options import Json, Limit
from maild.cli.terminal import complain, length, print_json, say, table
from maild.clock import utc_now
from maild.sla.clocks import derive
from maild.sla.facts import Fact
from maild.sla.policies import BREACH
from maild.sla.terms import LABELS, ClockKind
from maild.store.at_risk import AtRisk, Whose, at_risk, count_paused
from maild.store.clocks import load_facts
from maild.store.reading import snapshot

_WARNED = 75  # percent of the target from which on a line is yellow
_FACTS = 500  # tickets whose events are read at a time
Key = tuple[int, ClockKind, int]


def risk(
    ctx: typer.Context,
    *,
    queue: Annotated[str, typer.Option(help="Only this queue.")] = "",
    agent: Annotated[str, typer.Option(help="Only what this agent has: an address.")] = "",
    team: Annotated[str, typer.Option(help="Only what this team has.")] = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List running clocks, the one that is due first on top; with --json one object a line.

    Example: maild sla risk --queue support
    """
    config, now = read_config(ctx), utc_now()
    desk = make_desk(config)
    queues = [each.name for each in desk.queues if team and each.team == team]
    whose = Whose(queue=queue, agent=agent, team=team, team_queues=queues)
    database = open_existing(config)
    try:
        with snapshot(database) as connection:
            found = at_risk(connection, whose, limit + 1)
            paused = count_paused(connection, whose)
            shown, more = found[:limit], len(found) > limit
            facts: dict[int, list[Fact]] = {}
            numbers = sorted({line.clock.ticket for line in shown})
            for start in range(0, len(numbers), _FACTS):
                facts |= load_facts(connection, numbers[start : start + _FACTS])
    finally:
        database.close()
    derived = {number: derive(facts.get(number, ()), desk.levels.rules).each for number in numbers}
    used = {(number, c.kind, c.cycle): c.used(now) for number, clocks in derived.items() for c in clocks}
    if as_json:
        for line in shown:
            print_json(_document(line, used, now))
    else:
        _show(shown, used, desk, now)
        say(f"{paused} paused" if paused else "none is paused")
    if more:
        complain([f"there are more than {limit}: --limit shows more"])


def _percent(line: AtRisk, used: dict[Key, timedelta]) -> int | None:
    """The share of the target that is used; None when its events no longer say so."""
    clock = line.clock
    counted = used.get((clock.ticket, clock.kind, clock.cycle))
    return None if counted is None else counted * 100 // clock.target


def _show(lines: Sequence[AtRisk], used: dict[Key, timedelta], desk: Desk, now: datetime) -> None:
    rows, styles = [], []
    for line in lines:
        percent = _percent(line, used)
        due = line.clock.due_at or now
        late = due <= now
        rows.append(
            [
                line.clock.ticket,
                LABELS[line.clock.kind],
                f"over by {length(now - due)}" if late else f"in {length(due - now)}",
                "" if percent is None else f"{percent} %",
                desk.label(line.status),
                line.priority,
                line.assignee or "-",
                line.customer,
                line.subject,
            ]
        )
        styles.append("red" if late or (percent or 0) >= BREACH else "yellow" if (percent or 0) >= _WARNED else "")
    head = ["ticket", "clock", "due", "used", "status", "priority", "assignee", "customer", "subject"]
    table(head, rows, right=["ticket", "used"], styles=styles)


def _document(line: AtRisk, used: dict[Key, timedelta], now: datetime) -> dict[str, object]:
    clock = line.clock
    return {
        "ticket": clock.ticket,
        "clock": clock.kind,
        "cycle": clock.cycle,
        "due_at": clock.due_at,
        "breached": clock.failed(now),
        "used_percent": _percent(line, used),
        "target": clock.target,
        "policy": clock.policy,
        "status": line.status,
        "priority": line.priority,
        "queue": line.queue,
        "assignee": line.assignee,
        "customer": line.customer,
        "subject": line.subject,
    }
