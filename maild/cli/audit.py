"""`maild audit`: whether what is stored is what happened."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from maild.cli.database import database_of
from maild.cli.group import group
from maild.cli.options import Json
from maild.cli.progress import counted
from maild.cli.terminal import print_json, say
from maild.store.audit import audit as audit_store
from maild.store.audit import count_tickets
from maild.store.reading import snapshot

audit = group("Check that nobody changed the history of tickets.", "maild audit verify")


@audit.command()
def verify(
    ctx: typer.Context,
    numbers: Annotated[list[int] | None, typer.Argument(metavar="TICKET", help="Only these tickets.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Check the chain of every ticket, rebuild the ticket from it and compare; exits with 1 on any fault.

    With --json one object for each ticket with faults, and the counts in the last line.

    Example: maild audit verify 42
    """
    wanted = numbers or []
    tickets = events = faults = 0
    with database_of(ctx) as database, snapshot(database) as connection:
        total = 0
        if sys.stderr.isatty():
            total = len(wanted) or count_tickets(connection)
        for checked in counted(audit_store(connection, wanted), "tickets", total):
            tickets, events, faults = tickets + 1, events + checked.events, faults + len(checked.faults)
            if checked.ticket in wanted:
                wanted = [number for number in wanted if number != checked.ticket]
            if checked.faults and as_json:
                print_json({"ticket": checked.ticket, "faults": checked.faults})
            for fault in () if as_json else checked.faults:
                say(fault, style="red")
    for number in wanted:
        faults += 1
        if as_json:
            print_json({"ticket": number, "faults": ["there is no such ticket"]})
        else:
            say(f"ticket {number}: there is no such ticket", style="red")
    if as_json:
        print_json({"tickets": tickets, "events": events, "faults": faults})
    else:
        say(f"tickets: {tickets}, events: {events}, faults: {faults or 'none'}")
    if faults:
        raise typer.Exit(1)
