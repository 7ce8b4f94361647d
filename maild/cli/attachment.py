"""`maild attachment`: the files of a mail, listed or written out."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from maild.app.opening import file_bytes, opened
from maild.cli.database import database_of
from maild.cli.options import Json
from maild.cli.terminal import print_json, say, size, table
from maild.confined.opening import open_package
from maild.errors import Permanent
from maild.mail import Attachment, read_mail
from maild.store.reading import snapshot
from maild.store.rows import raw_of_inbox


def attachment(
    ctx: typer.Context,
    mail: Annotated[str, typer.Argument(metavar="MAIL", help="Inbox id, as in `maild show`, or a file; - is stdin.")],
    part: Annotated[str, typer.Argument(help="Which one, as in the list; none lists them.")] = "",
    *,
    save: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Save it as this new file, or into this folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the files of a mail, or write one of them to the standard output.

    A forwarded mail is a file like any other, and so is what a winmail.dat holds.

    Example: maild attachment 17 2 > drawing.pdf
    """
    raw = _raw(ctx, mail)
    found, _ = opened(read_mail(raw), raw, open_package)
    if not part:
        _list(found.attachments, as_json=as_json)
        return
    try:
        data = file_bytes(raw, part, open_package)
    except KeyError:
        raise Permanent(f"mail {mail} has no file {part}; see them with: maild attachment {mail}") from None
    if save is not None:
        name = next((file.name for file in found.attachments if file.part == part), "part")
        _save(data, save / name if save.is_dir() else save)
    elif sys.stdout.isatty() and (b"\x1b" in data or b"\0" in data):
        raise Permanent("it may command your terminal: send it to a file with > or --save")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def _raw(ctx: typer.Context, mail: str) -> bytes:
    """The mail as it came, from the store or a file."""
    if mail == "-":
        return sys.stdin.buffer.read()
    if not mail.isdecimal() or Path(mail).is_file():
        try:
            return Path(mail).read_bytes()
        except OSError as error:
            raise Permanent(f"{mail} cannot be read: {error.strerror}") from None
    with database_of(ctx) as database, snapshot(database) as connection:
        raw = raw_of_inbox(connection, int(mail))
    if raw is None:
        raise Permanent(f"there is no inbox row {mail}")
    return raw


def _list(files: tuple[Attachment, ...], *, as_json: bool) -> None:
    if as_json:
        for file in files:
            print_json(asdict(file))
        return
    table(
        ["part", "name", "type", "size", ""],
        [[f.part, f.name, f.type, size(f.size), "inline" if f.inline else ""] for f in files],
    )


def _save(data: bytes, path: Path) -> None:
    try:
        with path.open("xb") as file:  # never over another file
            file.write(data)
    except OSError as error:
        raise Permanent(f"{path} cannot be written: {error.strerror}") from None
    say(f"saved as {path}")
