"""`maild route test`: where mails would go, with every rule that hit or missed."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from maild.app.desk import Desk
from maild.bootstrap import make_desk
from maild.bootstrap.deciding import decide_raw
from maild.cli.config_file import read_config
from maild.cli.mail_files import mails_at
from maild.cli.options import Json
from maild.cli.progress import progress
from maild.cli.route_lines import document, tell_decision, tell_rules
from maild.cli.terminal import clean, complain, print_json, say
from maild.cli.what_if import read_moment
from maild.clock import utc_now


def where(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="MAIL", help="Mail files, folders, mboxes; - is stdin.")],
    *,
    reply: Annotated[bool, typer.Option("--reply", help="As replies on tickets, not as new mails.")] = False,
    at: Annotated[str, typer.Option(metavar="TIME", help="As if they came then; ISO 8601, in desk.timezone.")] = "",
    as_json: Json = False,
) -> None:
    """Say where mails would go, with every rule that hit or missed and why; with --json one object a line.

    Needs no database and changes nothing. Exits with 1 when a mail could not be read.

    Example: maild route test mail.eml
    """
    for path in paths:
        if str(path) != "-" and not path.exists():
            raise typer.BadParameter(f"{path} does not exist", param_hint="MAIL")
    desk = make_desk(read_config(ctx))
    try:
        moment = read_moment(at, desk.zone) if at else utc_now()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None
    unread = 0
    with progress("mails", shown=not sys.stdout.isatty()) as count:
        for path in paths:
            for name, found in mails_at(path):
                count(1)
                if isinstance(found, str):
                    complain([f"{name}: could not be read: {found}"])
                    unread += 1
                    continue
                _test(name, found, desk, moment, reply=reply, as_json=as_json)
    if unread:
        raise typer.Exit(1)


def _test(name: str, raw: bytes, desk: Desk, moment: datetime, *, reply: bool, as_json: bool) -> None:
    decided = decide_raw(raw, desk, moment, reply=reply)
    tried = desk.router.try_all(decided.facts)
    if as_json:
        print_json({"file": name, **document(decided.decision, tried)})
        return
    say(clean(f"== {name}: {decided.facts.subject or '(no subject)'}"), style="bold")
    tell_decision(decided.decision)
    tell_rules(tried)
    say()
