"""`maild import`: brings old mail in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from maild.bootstrap import Parts, open_database
from maild.cli.config_file import read_config
from maild.cli.no_bell import NoBell
from maild.cli.options import Json
from maild.cli.progress import progress
from maild.cli.terminal import complain, print_json, say
from maild.clock import utc_now
from maild.intake.history import count_hint, import_history


def import_mail(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", exists=True, help="An mbox, a Maildir, mail files.")],
    *,
    silent: Annotated[
        bool, typer.Option("--silent/--letters", help="Send nothing for it, or treat it as mail that comes now.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Import old mail: it becomes tickets, and unless --letters is given nobody is written to.

    What was imported before is left out, so that it may be run again. The daemon makes the tickets.

    Example: maild import --silent old.mbox
    """
    config = read_config(ctx)
    database = open_database(config)
    found, new, problems = 0, 0, []
    try:
        inbox = Parts(config, database, NoBell()).inbox
        for path in paths:
            counts: list[int] = []
            try:
                with progress(path.name, count_hint(path)) as count:
                    new += import_history(path, inbox, utc_now(), progress=_each(counts.append, count), silent=silent)
            except (OSError, ValueError) as error:
                problems.append(f"{path}: {error}")
            found += sum(counts)
    finally:
        database.close()
    if as_json:
        print_json({"found": found, "new": new, "problems": problems})
    else:
        say(f"{found} mails found, {new} of them new: the daemon makes tickets of them when it runs")
        complain(problems)
    if problems:
        raise typer.Exit(1)


def _each(*counts: Callable[[int], object]) -> Callable[[int], None]:
    """One function that tells several."""

    def count(more: int) -> None:
        for each in counts:
            each(more)

    return count
