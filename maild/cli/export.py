"""`maild export`: everything that is stored, as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from maild.cli.database import database_of
from maild.cli.standing_words import stands_json
from maild.cli.terminal import print_json
from maild.clock import utc_now
from maild.store.export import export_events, export_mails, export_tickets
from maild.store.reading import snapshot


class What(StrEnum):
    """The exports there are."""

    TICKETS = "tickets"
    MAILS = "mails"
    EVENTS = "events"


def _tickets(connection: Connection) -> Iterator[dict[str, object]]:
    for ticket, stands in export_tickets(connection, utc_now()):
        yield _fields(ticket) | {"sla": stands_json(stands)}


def _fields(line: Any) -> dict[str, object]:
    return {field.name: getattr(line, field.name) for field in fields(line)}


_EXPORTS: dict[What, Callable[[Connection], Iterator[dict[str, object]]]] = {
    What.TICKETS: _tickets,
    What.MAILS: lambda connection: map(_fields, export_mails(connection)),
    What.EVENTS: lambda connection: map(_fields, export_events(connection)),
}


def export(
    ctx: typer.Context,
    what: Annotated[What, typer.Argument(help="mails: every mail that came and every letter, in order of time.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, which is the only form there is.")] = True,  # noqa: ARG001
) -> None:
    """Write everything of one sort to the standard output, one JSON object a line.

    Example: maild export mails --json > mails.jsonl
    """
    with database_of(ctx) as database, snapshot(database) as connection:
        for line in _EXPORTS[what](connection):
            print_json(line)
