"""`maild explain`: what the daemon would do with mails, or has done with one, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from maild.bootstrap import Parts, make_desk
from maild.cli.config_file import config_path, read_config
from maild.cli.database import database_of, open_existing
from maild.cli.explain_text import tell_decision, tell_mail
from maild.cli.explaining import Explained, Explainer, unreadable
from maild.cli.mail_files import mails_at
from maild.cli.no_bell import NoBell
from maild.cli.options import Json
from maild.cli.progress import progress
from maild.cli.terminal import complain, print_json
from maild.clock import utc_now
from maild.config.model import Config
from maild.errors import ConfigError, MaildError, Permanent
from maild.mail import as_json as mail_as_json
from maild.mail import received_hops
from maild.store.decision import read_decision
from maild.store.reading import snapshot


def explain(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Mail files, folders, mboxes; - is stdin."),
    ] = None,
    *,
    inbox: Annotated[int | None, typer.Option(help="Show what was decided about this inbox row instead.")] = None,
    as_json: Json = False,
) -> None:
    """Explain what the daemon would do with mails, changing nothing; with --json one object a line.

    Works without a configuration. With one, and its database, mails are also matched with tickets;
    each is looked at by itself, as if it had just arrived.

    Example: maild explain mail.eml
    """
    if (inbox is None) == (not paths):
        raise typer.BadParameter("give mails to explain, or --inbox ID", param_hint="PATH")
    for path in paths or ():
        if str(path) != "-" and not path.exists():
            raise typer.BadParameter(f"{path} does not exist", param_hint="PATH")
    if inbox is not None:
        _past(ctx, inbox, as_json=as_json)
        return
    now = utc_now()
    # On a terminal the mails themselves show how far it has come.
    with _explainer(ctx) as explainer, progress("mails", shown=not sys.stdout.isatty()) as count:
        for path in paths or ():
            for name, found in mails_at(path):
                explained = unreadable(found) if isinstance(found, str) else explainer.explain(found, now)
                way = () if isinstance(found, str) else received_hops(found)
                if as_json:
                    print_json({"file": name, **document(explained), "way": [asdict(hop) for hop in way]})
                else:
                    tell_mail(name, explained, way, explainer.desk.zone if explainer.desk else UTC)
                count(1)


def _past(ctx: typer.Context, inbox: int, *, as_json: bool) -> None:
    with database_of(ctx) as database, snapshot(database) as connection:
        decision = read_decision(connection, inbox)
    if decision is None:
        raise Permanent(f"there is no inbox row {inbox}")
    if as_json:
        print_json(asdict(decision))
    else:
        tell_decision(decision)


@contextmanager
def _explainer(ctx: typer.Context) -> Iterator[Explainer]:
    """As much of an explainer as configuration and database allow."""
    config = _config(ctx)
    if config is None:
        yield Explainer()
        return
    try:
        database = open_existing(config)
    except MaildError as error:
        complain([f"without a database nothing is matched: {error}"])
        yield Explainer(desk=make_desk(config))
        return
    try:
        parts = Parts(config, database, NoBell())
        letters = parts.letters
        files = replace(letters.desk.files, scanning=False)  # no scanner is asked
        letters = replace(letters, desk=replace(letters.desk, files=files))
        yield Explainer(desk=letters.desk, letters=letters, database=database, lookups=parts.directories)
    finally:
        database.close()


def _config(ctx: typer.Context) -> Config | None:
    try:
        config_path(ctx)
    except ConfigError:
        return None
    return read_config(ctx)


def document(explained: Explained) -> dict[str, object]:
    """What `--json` tells of a mail; tests/golden/mails rely on its keys."""
    facts = mail_as_json(explained.mail, explained.verdict, explained.reply)
    facts |= {"authenticity": asdict(explained.authenticity), "over_limit": explained.mail.over_limit}
    found = explained.with_store
    if found is None:
        return facts
    sender = explained.mail.sender
    return facts | {
        "match": {"ticket": found.match.ticket, "linked": found.match.linked, "why": found.match.why},
        "customer": {
            "contact": found.contact,
            "name": sender.name if sender else "",
            "address": sender.address.lower() if sender else "",
        },
        "route": asdict(found.route),
        "outcome": found.outcome,
        "outcome_why": found.why,
        "letters": [{"template": template, "to": recipient} for template, recipient in found.letters],
    }
