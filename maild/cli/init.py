"""`maild init`: write a configuration file, its key and its passwords, and try the connections."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from maild.cli.answers import Answers, ask_rest
from maild.cli.check import tell
from maild.cli.exits import EX_UNAVAILABLE
from maild.cli.terminal import complain, say

_PRIVATE, _SHARED = 0o600, 0o640


def init(
    ctx: typer.Context,
    *,
    name: Annotated[str | None, typer.Option(help="The desk's name, as customers see it.")] = None,
    address: Annotated[str | None, typer.Option(help="The support address.")] = None,
    listen: Annotated[str | None, typer.Option(help="Take mail by SMTP at HOST:PORT; - for no.")] = None,
    imap_host: Annotated[str | None, typer.Option(help="Fetch mail from this IMAP server; - for no.")] = None,
    imap_user: Annotated[str | None, typer.Option(help="Login name at the IMAP server.")] = None,
    imap_password_file: Annotated[Path | None, typer.Option(help="File with its password, mode 0600.")] = None,
    relay_host: Annotated[str | None, typer.Option(help="Send letters through this relay; - for no.")] = None,
    relay_user: Annotated[str | None, typer.Option(help="Login name at the relay; - for none.")] = None,
    relay_password_file: Annotated[Path | None, typer.Option(help="File with its password, mode 0600.")] = None,
    agent: Annotated[list[str] | None, typer.Option(help='"Name <address>"; may be repeated.')] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing, take the defaults.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that exists.")] = False,
    connect: Annotated[bool, typer.Option(help="Try the connections at the end, or do not.")] = True,
) -> None:
    """Write a configuration file by asking a few questions.

    Example: maild init --yes --address support@example.com --agent "Anna Berg <anna@example.org>"
    """
    given = ctx.find_root().obj
    path = given if isinstance(given, Path) else Path("maild.toml")
    if path.exists() and not force:
        complain([f"{path} exists already; take --force to replace it, or another --config PATH"])
        raise typer.Exit(1)
    answers = Answers(
        yes, name, address, listen, imap_host, imap_user, imap_password_file, relay_host, relay_user,
        relay_password_file, list(agent or ()),
    )  # fmt: skip
    _write_all(path, answers)
    _try(path, connect=connect)


def _write_all(path: Path, answers: Answers) -> None:
    """The secrets first: a configuration that stands there is complete."""
    from maild.config.example import example

    values = ask_rest(answers)
    path.parent.mkdir(parents=True, exist_ok=True)
    key = path.parent / "secret.key"
    if key.exists():
        # A new key would make the reply addresses of all earlier letters invalid.
        say(f"kept     {key}")
    else:
        _write(key, base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=") + "\n", _PRIVATE)
    for file, password in answers.passwords.items():
        _write(path.parent / file, password + "\n", _PRIVATE)
    _write(path, example(values), _SHARED)


def _write(path: Path, text: str, mode: int) -> None:
    """Write a file in one step; it is never there half, nor readable for others even for a moment."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)  # left behind by an earlier run that was stopped
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    say(f"written  {path}")


def _try(path: Path, *, connect: bool) -> None:
    """Load what was written, try its mailbox and relay, and say what comes next.

    Raises ConfigError when an answer was wrong in a way that only the whole file shows.
    """
    from maild.cli.probes import connections, run_probes
    from maild.config.load import load

    config = load(path, os.environ)
    outcomes = run_probes(connections(config), config) if connect else []
    tell(path, outcomes)
    option = "" if path == Path("maild.toml") else f" --config {path}"
    say()
    if config.desk.address.endswith("@example.com"):
        say(f"Next: put your own address into {path} (desk.address), then")
    else:
        say(f"Next: look through {path}, where every key is explained, then")
    say(f"  maild{option} check   to try everything it names")
    say(f"  maild{option} run     to start")
    if config.receiver:
        say(f"Mail for {config.desk.address} is taken by SMTP at {config.receiver[0].listen}.")
    if config.send.kind == "maildir":
        say(f'Letters are only written to {config.send.path}; set [send] kind = "smtp" to send them.')
    if any(outcome.problems for outcome in outcomes):
        raise typer.Exit(EX_UNAVAILABLE)
