"""`maild export`: everything that is stored, as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import StrEnum
from typing import Annotated, Any

import typer

from maild.cli.database import database_of
from maild.cli.terminal import print_json
from maild.store.export import export_events, export_mails, export_tickets
from maild.store.reading import snapshot


class What(StrEnum):
    """The exports there are."""

    TICKETS = "tickets"
    MAILS = "mails"
    EVENTS = "events"


_EXPORTS: dict[What, Callable[[Any], Iterator[Any]]] = {
    What.TICKETS: export_tickets,
    What.MAILS: export_mails,
    What.EVENTS: export_events,
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
            print_json({field.name: getattr(line, field.name) for field in fields(line)})
