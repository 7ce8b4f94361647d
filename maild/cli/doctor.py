"""`maild doctor`: what a person should know about this installation."""

from __future__ import annotations

import typer

from maild.bootstrap import make_desk
from maild.cli import findings
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.terminal import print_json, table
from maild.clock import utc_now
from maild.errors import MaildError
from maild.store.overview import read_overview
from maild.store.reading import snapshot
from maild.store.references import count_references
from maild.store.scans import count_unscanned


def doctor(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Look at the machine, the configuration and the store; say what should be done.

    Exits with 1 when something should be done.

    Example: maild doctor
    """
    config = read_config(ctx)
    config.desk.data.mkdir(parents=True, exist_ok=True)
    found = [
        *findings.machine(config),
        *findings.desk(config),
        *findings.scanner(config),
        *findings.directories(config),
    ]
    found += findings.promises(make_desk(config)) if config.agent else ()
    try:
        database = open_existing(config)
        try:
            with snapshot(database) as connection:
                found += findings.work(read_overview(connection, utc_now()), utc_now())
                found += findings.unscanned(count_unscanned(connection))
                found += findings.references(count_references(connection))
        finally:
            database.close()
    except MaildError as error:
        found.append(findings.Finding("database", "not usable", str(error)))
    if as_json:
        print_json([{"what": f.what, "says": f.says, "ok": f.ok, "advice": f.advice} for f in found])
    else:
        table(["", "what", "", "to do"], [["ok" if f.ok else "!!", f.what, f.says, f.advice] for f in found])
    if not all(f.ok for f in found):
        raise typer.Exit(1)
