"""`maild doctor`: what a person should know about this installation, and what can be mended without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from maild.bootstrap import make_desk
from maild.cli import findings, findings_of_safety, repairs
from maild.cli.config_file import config_path, read_config
from maild.cli.database import open_existing
from maild.cli.findings import Finding
from maild.cli.findings_of_versions import versions
from maild.cli.options import Json
from maild.cli.repairs_of_clocks import clocks
from maild.cli.terminal import print_json, table
from maild.clock import utc_now
from maild.config.model import Config
from maild.errors import MaildError
from maild.store.engine import Database
from maild.store.erasures import unfinished
from maild.store.letters_again import sent_again
from maild.store.overview import read_overview
from maild.store.reading import snapshot
from maild.store.references import count_references
from maild.store.scans import count_unscanned


def doctor(
    ctx: typer.Context,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is safe to mend, and say what was done.")] = False,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Compare tickets and clocks with their events and the search; reads the whole store."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Look at the machine, the configuration and the store; say what should be done.

    Nothing is changed without --repair. Exits with 1 when something should be done.

    Example: maild doctor --deep --repair
    """
    config = read_config(ctx)
    config.desk.data.mkdir(parents=True, exist_ok=True)
    found = [*_installation(config, config_path(ctx), repair=repair), *_store(config, repair=repair, deep=deep)]
    if as_json:
        print_json([{"what": f.what, "says": f.says, "ok": f.ok, "advice": f.advice} for f in found])
    else:
        rows = [["ok" if f.ok else "!!", f.what, f.says, f.advice] for f in found]
        table(["", "what", "", "to do"], rows, styles=["" if f.ok else "yellow" for f in found])
    if not all(f.ok for f in found):
        raise typer.Exit(1)


def _installation(config: Config, file: Path, *, repair: bool) -> Iterator[Finding]:
    """What needs no database."""
    yield from findings.machine(config)
    yield from versions()
    if repair:
        yield from repairs.closed_files(config, file)
    yield from findings_of_safety.files(config, file)
    yield from repairs.leftovers(config, repair=repair)
    yield from findings.desk(config)
    yield from findings.scanner(config)
    yield from findings.directories(config)
    yield from findings_of_safety.servers(config)
    yield from findings_of_safety.ends(config, utc_now())
    if config.agent:
        yield from findings.promises(make_desk(config))


def _store(config: Config, *, repair: bool, deep: bool) -> Iterator[Finding]:
    try:
        database = open_existing(config)
        try:
            yield from _in(database, config, repair=repair, deep=deep)
        finally:
            database.close()
    except MaildError as error:
        yield Finding("database", "not usable", str(error))


def _in(database: Database, config: Config, *, repair: bool, deep: bool) -> Iterator[Finding]:
    """What stands in the database; first what is mended, so that the rest is as it is afterwards."""
    now = utc_now()
    yield from repairs.claims(database, now, repair=repair)
    yield from repairs.processes(database, repair=repair)
    if deep:
        yield from repairs.deep(database, repair=repair)
        yield from clocks(database, make_desk(config), repair=repair)
    with snapshot(database) as connection:
        yield from findings_of_safety.database(connection)
        yield from findings.work(read_overview(connection, now), now)
        yield from findings_of_safety.sent_again(sent_again(connection), now)
        yield from findings_of_safety.erasures(unfinished(connection))
        yield from findings.unscanned(count_unscanned(connection))
        yield from findings.references(count_references(connection))
