"""`maild outbox`: the letters, and what an admin can do about those in trouble."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from maild.app.deliver import LetterState
from maild.app.retry import Retry
from maild.app.story import LetterLine
from maild.app.webhooks import WEBHOOK
from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.database import database_of
from maild.cli.group import group
from maild.cli.options import Json, Limit
from maild.cli.raw_mail import tell_raw
from maild.cli.terminal import ago, complain, print_json, say, table
from maild.clock import utc_now
from maild.errors import Permanent
from maild.store.inbox import StoredDesktop
from maild.store.letters_read import drop_letters, list_letters, read_letter
from maild.store.reading import snapshot

outbox = group("Look at letters and webhooks, send them again or drop them.", "maild outbox list --state failed")

Ids = Annotated[list[int] | None, typer.Argument(metavar="OUTBOX", help="Outbox ids, as in the list.")]
All = Annotated[bool, typer.Option("--all", help="Every letter that failed or is uncertain.")]


@outbox.command("list")
def list_(
    ctx: typer.Context,
    *,
    state: Annotated[
        list[LetterState] | None, typer.Option(help="Only letters in this state; may be repeated.")
    ] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List letters and webhooks, the newest first; with --json one object a line.

    Example: maild outbox list --state failed --state uncertain
    """
    with database_of(ctx) as database, snapshot(database) as connection:
        found = list_letters(connection, state or [], limit=limit)
    if as_json:
        for letter in found:
            print_json(asdict(letter))
        return
    now = utc_now()
    table(
        ["outbox", "state", "tries", "written", "ticket", "letter", "to", "last answer"],
        [
            [x.id, x.state, x.attempts, ago(x.created_at, now), x.ticket or "-", x.template, x.recipient, x.answer]
            for x in found
        ],
        right=["outbox", "tries", "ticket"],
    )


@outbox.command()
def show(
    ctx: typer.Context,
    letter: Annotated[int, typer.Argument(metavar="OUTBOX", help="Outbox id, as in the list.")],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Write the letter as it is sent to the standard output.")] = False,
    as_json: Json = False,
) -> None:
    """Show a letter: where it stands, its headers and its first lines.

    Example: maild outbox show 5
    """
    with database_of(ctx) as database, snapshot(database) as connection:
        found = read_letter(connection, letter)
    if found is None:
        raise Permanent(f"there is no letter {letter}")
    facts, body = found
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
    elif as_json:
        print_json(asdict(facts))
    else:
        _tell(facts)
        _tell_body(facts, body)


def _tell_body(letter: LetterLine, body: bytes) -> None:
    if letter.template == WEBHOOK:
        say()
        say(json.dumps(json.loads(body), ensure_ascii=False, indent=2))
    else:
        tell_raw(body)


def _tell(letter: LetterLine) -> None:
    tries = f"{letter.attempts} tries" if letter.attempts != 1 else "1 try"
    unsure = "; one of them may have arrived" if letter.uncertain else ""
    say(f"Outbox {letter.id}: {letter.template} to {letter.recipient}")
    say(f"State: {letter.state} after {tries}{unsure}")
    say(f"Ticket: {letter.ticket or 'none'}; caused by {_cause(letter.cause)}")
    say(f"Written: {letter.created_at:%Y-%m-%d %H:%M} UTC, given up after {letter.expires_at:%Y-%m-%d %H:%M} UTC")
    if letter.state == "waiting":
        say(f"Next try: {letter.due_at:%Y-%m-%d %H:%M:%S} UTC")
    if letter.answer:
        say(f"Last answer: {letter.answer}")
    if letter.bounced:
        say(f"Came back: {letter.bounced}", style="red")


def _cause(cause: int | None) -> str:
    if cause is None:
        return "no mail"
    return f"inbox {cause}" if cause > 0 else f"the failure of letter {-cause}"


@outbox.command()
def retry(ctx: typer.Context, letters: Ids = None, *, every: All = False) -> None:
    """Send letters again, under their old Message-ID; also one that came back.

    An answer that had not arrived counts from now on for the clocks of its ticket.

    Example: maild outbox retry 5 6
    """
    wanted = _wanted(letters or [], every=every)
    desk = make_desk(read_config(ctx))
    with database_of(ctx) as database:
        retrying = Retry(
            unit=StoredDesktop(database).unit, desk=desk, clock=utc_now, salt=lambda: secrets.token_hex(16)
        )
        done = retrying.run(wanted)
    _report("waiting to be sent", "; the daemon tries within seconds when it runs", done, wanted)


@outbox.command()
def drop(ctx: typer.Context, letters: Ids = None, *, every: All = False) -> None:
    """Never send these letters.

    Example: maild outbox drop 5
    """
    wanted = _wanted(letters or [], every=every)
    with database_of(ctx) as database:
        done = drop_letters(database, wanted)
    _report("dropped", "", done, wanted)


def _wanted(letters: list[int], *, every: bool) -> list[int] | None:
    if bool(letters) == every:
        raise typer.BadParameter("give the outbox ids, or --all", param_hint="OUTBOX")
    return None if every else letters


def _report(what: str, then: str, done: list[int], wanted: list[int] | None) -> None:
    if done:
        say(f"{what}: letter {', '.join(map(str, done))}{then}")
    missing = sorted(set(wanted or []) - set(done))
    if missing:
        complain(
            f"letter {letter} is not {what}: it does not exist, or its state does not allow it" for letter in missing
        )
        raise typer.Exit(1)
    if not done:
        say("there is no such letter")
