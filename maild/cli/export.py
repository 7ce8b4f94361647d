"""`maild export`: everything that is stored, as JSON lines, or what is stored about one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from maild.cli.database import database_of
from maild.cli.export_person import export_person
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
    what: Annotated[
        str,
        typer.Argument(
            metavar="tickets|mails|events|CONTACT",
            help="mails: every mail that came and every letter, in order of time; CONTACT: an address, or contact:17.",
        ),
    ],
    *,
    to: Annotated[Path | None, typer.Option(metavar="FILE.zip", help="Of one person: the file to make.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Also of one person; else JSON lines are all there is.")
    ] = False,
) -> None:
    """Write everything of one sort to the standard output, one JSON object a line; or all about one person into a zip.

    Example: maild export mails --json > mails.jsonl

    Example: maild export kim@customer.example --to kim.zip
    """
    if what not in list(What):
        if "@" not in what and not what.removeprefix("contact:").isdecimal():
            raise typer.BadParameter(f"{what} is none of {', '.join(What)}, no address and no contact:17", ctx)
        if to is None:
            raise typer.BadParameter(f"say into which file, as --to {what.partition('@')[0]}.zip", ctx)
        export_person(ctx, what, to, as_json=as_json)
        return
    if to is not None:
        raise typer.BadParameter("--to is for one person; these go to the standard output", ctx)
    with database_of(ctx) as database, snapshot(database) as connection:
        for line in _EXPORTS[What(what)](connection):
            print_json(line)
