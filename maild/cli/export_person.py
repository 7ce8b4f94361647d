"""`maild export CONTACT`: what is stored about one person, in a zip for that person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import typer

from maild.bootstrap.erase import agents_now, person_of
from maild.cli.config_file import read_config
from maild.cli.database import database_of
from maild.cli.terminal import print_json, say
from maild.errors import Permanent
from maild.store.person_export import found_for, person_files
from maild.store.reading import snapshot


def export_person(ctx: typer.Context, who: str, file: Path, *, as_json: bool) -> None:
    """Write the zip. Raises Permanent when nothing is stored, or the file cannot be made."""
    if who.isdecimal():  # what it holds goes to somebody outside
        raise Permanent(f"{who} may be meant as a ticket: say contact:{who}, or the address")
    agents = agents_now(read_config(ctx))
    with database_of(ctx) as database, snapshot(database) as connection:
        _, address = person_of(agents, connection, who)
        names: list[str] = []
        with _made(file) as out, ZipFile(out, "w", ZIP_DEFLATED) as archive:
            for name, content in person_files(connection, address):
                archive.writestr(name, content)
                names.append(name)
            if not names:
                raise Permanent(f"nothing is stored about {address}")
        found = found_for(connection, address)
    counts = {"tickets": len(found.tickets)} | {
        kind: sum(name.startswith(f"{kind}/") for name in names) for kind in ("mails", "letters")
    }
    if as_json:
        print_json({"file": str(file), "address": address, "waiting": found.undone, **counts})
        return
    say(f"{file}: {', '.join(f'{count} {name}' for name, count in counts.items())} of {address}", style="green")
    if found.undone:
        say(f"{found.undone} mails of theirs wait for work: run it again after that")
    say("Look through it before you give it away: events hold agents' notes, and mails may speak of others.")


@contextmanager
def _made(file: Path) -> Iterator[BinaryIO]:
    """A new file for this user's eyes, which is not left half done. Raises Permanent."""
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # never over another file
    except OSError as error:
        raise Permanent(f"{file} cannot be made: {error.strerror}") from None
    try:
        with os.fdopen(opened, "wb") as out:
            yield out
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Permanent(f"{file} cannot be written: {error.strerror}") from None
        raise
