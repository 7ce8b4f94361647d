"""`maild scan`: files that the virus scanner keeps back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from maild.cli.database import database_of
from maild.cli.group import group
from maild.cli.options import Json, Limit
from maild.cli.terminal import clean, print_json, say, size, table
from maild.mail.model import Scan
from maild.store.reading import snapshot
from maild.store.scans import list_kept_back, scan_again

scan = group("Look at files that the virus scanner keeps back, and have them scanned again.", "maild scan list")


@scan.command("list")
def list_(ctx: typer.Context, *, limit: Limit = 50, as_json: Json = False) -> None:
    """List files that are infected or not scanned, the newest first; with --json one object a line.

    Example: maild scan list
    """
    with database_of(ctx) as database, snapshot(database) as connection:
        found = list_kept_back(connection, limit=limit)
    if as_json:
        for one in found:
            print_json(asdict(one))
        return
    rows = [[f.inbox, f.ticket or "-", clean(f.name), size(f.size), f.scan, clean(f.scan_says)] for f in found]
    table(["inbox", "ticket", "file", "size", "scan", "why"], rows, right=["inbox", "ticket"])


@scan.command()
def again(
    ctx: typer.Context,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Also files that came before there was a virus scanner.")
    ] = False,
) -> None:
    """Have the files that the virus scanner would not take scanned again, by the daemon within minutes.

    Example: maild scan again, after StreamMaxLength was raised
    """
    with database_of(ctx) as database, database.write() as connection:
        count = scan_again(connection, Scan.UNSCANNABLE, *([Scan.UNASKED] if every else []))
    say(f"files to be scanned again: {count}")
