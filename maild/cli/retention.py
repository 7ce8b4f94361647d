"""`maild retention`: how long what is kept, how far the daemon has come, and what it lets go next."""

from __future__ import annotations

from typing import Annotated

import typer

from maild.bootstrap.retention import kept_for
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.terminal import length, print_json, say, table
from maild.clock import utc_now
from maild.store.reading import snapshot
from maild.store.retention import Mark, count_due, marks


def retention(
    ctx: typer.Context,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Also count what would go by the configuration as it is now.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show how long what is kept by [retention], and what has gone; the daemon lets it go in quiet moments.

    Change the configuration and look at it with --dry-run before `maild reload`.

    Example: maild retention --dry-run
    """
    config, now = read_config(ctx), utc_now()
    database = open_existing(config)
    try:
        with snapshot(database) as connection:
            done = marks(connection)
            due = {
                what: count_due(connection, what, now - age)
                for what, age in kept_for(config).items()
                if dry_run and age
            }
    finally:
        database.close()
    if as_json:
        print_json(
            {
                what.value: {"kept": age or None, "gone": done.get(what, Mark()).gone}
                | ({"due": due.get(what, 0)} if dry_run else {})
                for what, age in kept_for(config).items()
            }
        )
        return
    table(
        ["what", "kept", "gone so far", *(["goes next"] if dry_run else [])],
        [
            [what.value, length(age) if age else "for ever", done.get(what, Mark()).gone]
            + ([due.get(what, 0)] if dry_run else [])
            for what, age in kept_for(config).items()
        ],
        right=["gone so far", "goes next"],
    )
    if dry_run:
        say("Nothing was changed. What `maild hold` keeps is counted, and stays.")
