"""`maild agents`: who works on tickets now, how much each has, and who is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import typer
from sqlalchemy import Connection

from maild.app.desk import Desk
from maild.app.desk_structure import Agent
from maild.app.staff import BY_ADMIN, Absence, Load, absent_words, off_shift
from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.database import database_of
from maild.cli.group import group
from maild.cli.options import Json
from maild.cli.terminal import ago, print_json, say, table
from maild.clock import utc_now
from maild.config.faults import nearest
from maild.config.level_values import read_date
from maild.store.reading import snapshot
from maild.store.staff import end_absence, load_absences, load_loads, load_turns, save_absence

agents = group(
    "Look at agents: what each has, who is off shift or away; send them away, or have them back.", "maild agents list"
)

Who = Annotated[str, typer.Argument(metavar="ADDRESS", help="The agent's address.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    agent: Agent
    teams: tuple[str, ...]
    load: Load
    off_shift: str
    absence: Absence | None
    last_turn: datetime | None


@agents.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List agents with what they have.

    Open tickets are those that have not ended and are not on hold; their weight is 1, 2, 4 or 8 by priority.
    With --json one object a line.

    Example: maild agents list
    """
    desk, now = make_desk(read_config(ctx)), utc_now()
    with database_of(ctx) as database, snapshot(database) as connection:
        lines = _lines(desk, connection, now)
    if as_json:
        for line in lines:
            print_json(_facts(line, now))
        return
    rows, styles = [], []
    for line in lines:
        capacity = line.agent.capacity
        is_full = capacity is not None and line.load.tickets >= capacity
        rows.append(
            [
                line.agent.name,
                line.agent.address,
                ", ".join(line.teams) or "-",
                f"{line.load.tickets}/{capacity}" if capacity else line.load.tickets,
                line.load.weight,
                f"off {line.off_shift}" if line.off_shift else "on" if line.agent.shift else "always",
                absent_words(line.absence, desk) if line.absence else "-",
                ago(line.last_turn, now) if line.last_turn else "never",
            ]
        )
        styles.append("dim" if line.absence or line.off_shift else "yellow" if is_full else "")
    head = ["agent", "address", "team", "open", "weight", "shift", "away", "last turn"]
    table(head, rows, right=["open", "weight"], styles=styles)


@agents.command()
def away(
    ctx: typer.Context,
    address: Who,
    *,
    until: Annotated[str, typer.Option(metavar="DATE", help="The last day away; else until `maild agents back`.")] = "",
) -> None:
    """Give an agent no more tickets for a while.

    Those that the agent has stay. The agent's own mails and automatic replies do not change it.

    Example: maild agents away anna@example.org --until 2026-12-31
    """
    desk, now = make_desk(read_config(ctx)), utc_now()
    agent = _known(address, desk)
    absence = Absence(address=agent, since=now, until=_end_of(until, desk, now), source=BY_ADMIN)
    with database_of(ctx) as database, database.write() as connection:
        save_absence(connection, absence)
    say(f"{agent} is away {absent_words(absence, desk)}, and gets no ticket")


@agents.command()
def back(ctx: typer.Context, address: Who) -> None:
    """Give an agent tickets again.

    Tickets that wait are shared out within a minute.

    Example: maild agents back anna@example.org
    """
    agent = _known(address, make_desk(read_config(ctx)))
    with database_of(ctx) as database, database.write() as connection:
        was_away = end_absence(connection, agent)
    say(f"{agent} is back" if was_away else f"{agent} was not away")


def _lines(desk: Desk, connection: Connection, now: datetime) -> list[_Line]:
    loads, turns = load_loads(connection, desk.agents), load_turns(connection)
    absences = {address: each for address, each in load_absences(connection).items() if each.holds(now)}
    return [
        _Line(
            agent=desk.agent_named(address),
            teams=tuple(team.name for team in desk.teams if address in team.agents),
            load=loads.get(address, Load()),
            off_shift=off_shift(desk.agent_named(address).shift, desk, now),
            absence=absences.get(address),
            last_turn=turns.get(address),
        )
        for address in desk.agents
    ]


def _facts(line: _Line, now: datetime) -> dict[str, object]:
    absence = line.absence
    return {
        "address": line.agent.address,
        "name": line.agent.name,
        "teams": line.teams,
        "open": line.load.tickets,
        "weight": line.load.weight,
        "capacity": line.agent.capacity,
        "on_shift": not line.off_shift,
        "absent": absence is not None and absence.holds(now),
        "absent_until": absence.until if absence else None,
        "absent_by": absence.source if absence else None,
        "last_turn": line.last_turn,
    }


def _known(address: str, desk: Desk) -> str:
    """The agent's address as it is configured; BadParameter names the nearest when there is none."""
    if (lower := address.lower()) in desk.agents:
        return lower
    near = nearest(lower, desk.agents)
    hint = f"did you mean {near}?" if near else f"there are {', '.join(desk.agents) or 'none'}"
    raise typer.BadParameter(f"no agent has the address {address}; {hint}", param_hint="ADDRESS")


def _end_of(day: str, desk: Desk, now: datetime) -> datetime | None:
    """The end of a day in the desk's zone; None without a day."""
    if not day:
        return None
    try:
        last = read_date(day)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--until") from None
    end = datetime.combine(last + timedelta(days=1), time(), desk.zone).astimezone(UTC)
    if end <= now:
        raise typer.BadParameter(f"{day} is over; give a day to come", param_hint="--until")
    return end
