"""`maild quarantine`: mails that were set aside, and their way back."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from maild.cli.database import database_of
from maild.cli.group import group
from maild.cli.options import Json, Limit
from maild.cli.raw_mail import tell_raw
from maild.cli.terminal import ago, complain, print_json, say, size, table
from maild.clock import utc_now
from maild.errors import Permanent
from maild.store.quarantine import Handling, leave_quarantine, list_quarantine, list_rejected, read_quarantined
from maild.store.reading import snapshot

quarantine = group("Look at mails that were set aside, and take them in after all.", "maild quarantine list")

Ids = Annotated[list[int] | None, typer.Argument(metavar="INBOX", help="Inbox ids, as in the list.")]
All = Annotated[bool, typer.Option("--all", help="Everything in quarantine.")]


@quarantine.command("list")
def list_(
    ctx: typer.Context,
    *,
    rejected: Annotated[bool, typer.Option("--rejected", help="What rules turned away, the latest first.")] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List what is in quarantine, the oldest first; with --json one object a line.

    Example: maild quarantine list --rejected
    """
    with database_of(ctx) as database, snapshot(database) as connection:
        found = (list_rejected if rejected else list_quarantine)(connection, limit=limit)
    if as_json:
        for one in found:
            print_json(asdict(one))
        return
    now = utc_now()
    table(
        ["inbox", "came", "door", "from", "size", "why"],
        [[q.inbox, ago(q.received_at, now), q.door, q.envelope_from or "-", size(q.size), q.trouble] for q in found],
        right=["inbox"],
    )


@quarantine.command()
def show(
    ctx: typer.Context,
    inbox: Annotated[int, typer.Argument(help="Inbox id, as in the list.")],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Write the mail as it came to the standard output.")] = False,
    as_json: Json = False,
) -> None:
    """Show a mail that was set aside: why, its headers and its first lines, unread by any parser.

    Example: maild quarantine show 17 --raw > 17.eml
    """
    with database_of(ctx) as database, snapshot(database) as connection:
        found = read_quarantined(connection, inbox)
    if found is None:
        raise Permanent(f"inbox {inbox} is not in quarantine, and no rule turned it away")
    facts, body = found
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
    elif as_json:
        print_json(asdict(facts))
    else:
        to = ", ".join(facts.envelope_to) or "unknown"
        say(f"Inbox {facts.inbox}, by {facts.door} at {facts.received_at:%Y-%m-%d %H:%M} UTC, {size(facts.size)}")
        say(f"Envelope: from {facts.envelope_from or 'unknown'} to {to}")
        say(f"Why: {facts.trouble}", style="red")
        tell_raw(body)


@quarantine.command()
def replay(ctx: typer.Context, inbox: Ids = None, *, every: All = False) -> None:
    """Read mails again as any other; neither limits nor rules turn them away any more. Rejected ones must be named.

    Example: maild quarantine replay 17 18
    """
    _leave(ctx, inbox or [], Handling.REPLAY, every=every)


@quarantine.command()
def release(ctx: typer.Context, inbox: Ids = None, *, every: All = False) -> None:
    """Make tickets of mails without reading them: each only points to its mail.

    Example: maild quarantine release 17
    """
    _leave(ctx, inbox or [], Handling.RELEASE, every=every)


def _leave(ctx: typer.Context, mails: list[int], handling: Handling, *, every: bool) -> None:
    if bool(mails) == every:
        raise typer.BadParameter("give the inbox ids, or --all", param_hint="INBOX")
    with database_of(ctx) as database:
        freed = leave_quarantine(database, None if every else mails, handling, utc_now())
    if freed:
        say(f"waiting for work: inbox {', '.join(map(str, freed))}; the daemon takes them within seconds when it runs")
    missing = sorted(set(mails) - set(freed))
    if missing:
        complain(f"inbox {number} is not in quarantine, and no rule turned it away" for number in missing)
        raise typer.Exit(1)
    if not freed:
        say("nothing is in quarantine")
