"""`maild addresses`: which addresses mail does not reach, and how an admin ends that."""

from __future__ import annotations

from typing import Annotated

import typer

from maild.app.marks import mark_of
from maild.bootstrap import mark_policy
from maild.cli.config_file import read_config
from maild.cli.database import database_of
from maild.cli.group import group
from maild.cli.options import Json
from maild.cli.terminal import ago, complain, print_json, say, table
from maild.clock import utc_now
from maild.store.hard_bounces import all_bounces, forget_bounces
from maild.store.reading import snapshot

addresses = group("Look at addresses that mail does not reach; try them again.", "maild addresses list")


@addresses.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List addresses whose letters came back for good, and until when no automatic ones go there.

    With --json one object a line.

    Example: maild addresses list
    """
    policy, now = mark_policy(read_config(ctx)), utc_now()
    with database_of(ctx) as database, snapshot(database) as connection:
        found = all_bounces(connection)
    marks = {address: mark_of(bounces, policy, now) for address, bounces in found.items()}
    if as_json:
        for address, bounces in found.items():
            mark, last = marks[address], bounces[-1]
            facts = {"address": address, "bounces": len(bounces), "last": last.at, "said": last.said}
            print_json({**facts, "marked_until": mark.until if mark else None})
        return
    rows = []
    for address, bounces in found.items():
        mark, last = marks[address], bounces[-1]
        until = f"{mark.until:%Y-%m-%d}" if mark else "-"
        rows.append([address, len(bounces), ago(last.at, now), until, last.said])
    table(["address", "came back", "last", "waits until", "last words"], rows, right=["came back"])


@addresses.command()
def clear(
    ctx: typer.Context,
    address: Annotated[list[str], typer.Argument(help="Addresses, as in the list.")],
) -> None:
    """Forget what came back from addresses, so that automatic letters go there again.

    Example: maild addresses clear ann@customer.example
    """
    missing = []
    with database_of(ctx) as database, database.write() as connection:
        for each in address:
            if forget_bounces(connection, [each.lower()]):
                say(f"{each} gets automatic letters again")
            else:
                missing.append(f"nothing came back from {each}")
    if missing:
        complain(missing)
        raise typer.Exit(1)
