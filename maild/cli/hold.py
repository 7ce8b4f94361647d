"""`maild hold`: says what must not be erased, whoever asks for it and however old it is."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import Annotated

import typer

from maild.cli.database import database_of
from maild.cli.options import Json
from maild.cli.terminal import print_json, say, table
from maild.clock import utc_now
from maild.errors import Permanent
from maild.store.erasures import Hold, every_hold, find_contact, put_on_hold, release
from maild.store.retention import set_back
from maild.store.story import read_ticket


def hold(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(metavar="[TICKET|ADDRESS]", help="A ticket's number, or a contact's address; none lists all."),
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why it must be kept.")] = "legal hold",
    by: Annotated[str, typer.Option(help="Who ordered it; you, unless said.")] = "",
    end: Annotated[bool, typer.Option("--end", help="It need not be kept any more.")] = False,
    as_json: Json = False,
) -> None:
    """Keep a ticket, or all of a contact's tickets, from `maild erase` and [retention]; without a name, list them.

    Example: maild hold 42 --reason "case 7 O 123/26"
    """
    with database_of(ctx) as database:
        if not what:
            with database.read() as connection:
                held = every_hold(connection)
            _list(held, as_json=as_json)
            return
        with database.write() as connection:
            name = ""
            if what.isdecimal():
                if read_ticket(connection, int(what)) is None:
                    raise Permanent(f"there is no ticket {what}")
                name = f"ticket:{int(what)}"
            else:
                number, address = find_contact(connection, what)
                if number is None:
                    raise Permanent(f"there is no contact {address}")
                name = f"contact:{number}"
            if end:
                if not release(connection, name):
                    raise Permanent(f"{what} is not on hold")
                set_back(connection)  # it was passed by
            if not end:
                put_on_hold(
                    connection, Hold(name=name, since=utc_now(), ordered_by=by or getpass.getuser(), reason=reason)
                )
    say(f"{what} {'need not be kept any more' if end else 'is kept, whatever anybody orders'}")


def _list(held: list[Hold], *, as_json: bool) -> None:
    if as_json:
        for each in held:
            print_json(asdict(each))
        return
    table(
        ["kept", "since", "by", "why"],
        [[each.name.replace(":", " "), f"{each.since:%Y-%m-%d}", each.ordered_by, each.reason] for each in held],
    )
