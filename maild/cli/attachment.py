"""`maild attachment`: the files of a mail, listed or written out."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from maild.app.opening import file_bytes, opened
from maild.bootstrap.desk import file_policy
from maild.cli.config_file import read_config
from maild.cli.database import database_of
from maild.cli.options import Json
from maild.cli.terminal import print_json, say, size, table
from maild.confined.opening import open_package
from maild.errors import Permanent
from maild.mail import Attachment, read_mail
from maild.mail.file_policy import may_hand_out
from maild.store.reading import snapshot
from maild.store.rows import raw_of_inbox
from maild.store.scans import scan_of


def attachment(
    ctx: typer.Context,
    mail: Annotated[str, typer.Argument(metavar="MAIL", help="Inbox id, as in `maild show`, or a file; - is stdin.")],
    part: Annotated[str, typer.Argument(help="Which one, as in the list; none lists them.")] = "",
    *,
    save: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Save it as this new file, or into this folder.")
    ] = None,
    even_so: Annotated[bool, typer.Option("--even-so", help="Also a file that is not handed out.")] = False,
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
    if not even_so and (refused := _refused(ctx, mail, part, found.attachments)):
        raise Permanent(f"{part} is not handed out: {refused}; with --even-so you take it at your own risk")
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


def _refused(ctx: typer.Context, mail: str, part: str, files: tuple[Attachment, ...]) -> str:
    """Why a file of a stored mail is not handed out, as an agent would be told; a file at hand is the admin's own."""
    if not _is_stored(mail):
        return ""
    with database_of(ctx) as database, snapshot(database) as connection:
        scanned = scan_of(connection, int(mail), part)
    chosen = (replace(file, scan=scanned) for file in files if file.part == part)
    return next((may_hand_out(file, file_policy(read_config(ctx))) for file in chosen), "")


def _is_stored(mail: str) -> bool:
    return mail.isdecimal() and not Path(mail).is_file()


def _raw(ctx: typer.Context, mail: str) -> bytes:
    """The mail as it came, from the store or a file."""
    if mail == "-":
        return sys.stdin.buffer.read()
    if not _is_stored(mail):
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
