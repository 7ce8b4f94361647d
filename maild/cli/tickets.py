"""`maild tickets`: lists of tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from maild.cli.database import database_of
from maild.cli.options import Json, Limit
from maild.cli.standing_words import WORDS, read_standing, stands_json, stands_words
from maild.cli.terminal import ago, complain, print_json, table
from maild.clock import utc_now
from maild.sla.standing import Standing
from maild.store.reading import snapshot
from maild.store.search_index import BEFORE_SEARCH, read_words
from maild.store.tickets_read import TicketLine, Which, list_tickets
from maild.tickets.lifecycle import LABELS


def tickets(
    ctx: typer.Context,
    which: Annotated[
        Which | None, typer.Argument(help="open, if nothing is searched for: not resolved, closed or a duplicate.")
    ] = None,
    *,
    agent: Annotated[str, typer.Option(envvar="MAILD_AGENT", help="Whose tickets, for `mine`: an address.")] = "",
    queue: Annotated[str, typer.Option(help="Only this queue.")] = "",
    sla: Annotated[
        Standing | None,
        typer.Option(parser=read_standing, metavar="STANDING", help=f"Only those that are: {', '.join(WORDS)}."),
    ] = None,
    search: Annotated[
        str, typer.Option(metavar="WORDS", help='Only those with all these words; "a phrase" and begin* may be meant.')
    ] = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List tickets, the newest first; with --json one object a line.

    Example: maild tickets mine --agent anna@example.com, maild tickets --search 'pump "does not start"'
    """
    if which is None:
        which = Which.ALL if search else Which.OPEN
    if which is Which.MINE and not agent:
        raise typer.BadParameter("whose? give --agent ADDRESS or set MAILD_AGENT", param_hint="mine")
    now = utc_now()
    with database_of(ctx) as database:
        if search:  # what was said a moment ago may not have been read yet
            with database.write() as connection:
                read_words(connection, BEFORE_SEARCH)
        with snapshot(database) as connection:
            found = list_tickets(
                connection, which, now, agent=agent, queue=queue, stand=sla, words=search, limit=limit + 1
            )
    shown, more = found[:limit], len(found) > limit
    if as_json:
        for line in shown:
            names = (name for name in TicketLine.__slots__ if name != "stands")
            print_json({name: getattr(line, name) for name in names} | {"sla": stands_json(line.stands)})
    else:
        _show(shown, now)
    if more:
        complain([f"there are more than {limit}: --limit shows more"])


def _show(lines: list[TicketLine], now: datetime) -> None:
    table(
        ["number", "status", "priority", "opened", "sla", "customer", "assignee", "subject"],
        [
            [
                line.number,
                LABELS[line.status],
                line.priority,
                ago(line.opened_at, now) if line.opened_at else "",
                stands_words(line.stands, now),
                line.contact_name or line.contact,
                line.assignee or "-",
                line.subject,
            ]
            for line in lines
        ],
        right=["number"],
    )
