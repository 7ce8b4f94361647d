"""`maild status`: how it stands, on one page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import typer

from maild.bootstrap import database_url
from maild.bootstrap.directories import last_words_file
from maild.cli.config_file import config_path, read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.terminal import ago, clean, length, print_json, say, size
from maild.clock import utc_now
from maild.config.model import Config
from maild.directories.kept import LastWords, last_words
from maild.store.at_risk import ClockCounts
from maild.store.migrate import newest
from maild.store.overview import MailboxLine, Overview, read_overview
from maild.store.reading import snapshot
from maild.tickets.lifecycle import LABELS, Status


def status(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show what waits, what is in trouble and what came lately; exits with 1 when a person is needed.

    Example: maild status
    """
    config, now = read_config(ctx), utc_now()
    database = open_existing(config)
    try:
        with snapshot(database) as connection:
            overview = read_overview(connection, now)
    finally:
        database.close()
    directories = [(each.name, last_words(last_words_file(config, each.name))) for each in config.directory]
    needs = _needs(overview)
    if as_json:
        mailboxes = [asdict(line) | {"in_trouble": line.in_trouble} for line in overview.mailboxes]
        facts = asdict(overview) | {"mailboxes": mailboxes, "version": newest(), "at": now}
        facts["directories"] = [{"name": name, **(asdict(said) if said else {})} for name, said in directories]
        print_json(facts | {"needs_a_person": needs, "ok": not needs})
    else:
        say(f"Configuration {config_path(ctx)}")
        say(f"Database      {_where(config)}, version {newest()}, {size(overview.database_bytes)}")
        _tell(overview, config, now)
        for name, said in directories:
            say(clean(f"Directory     {name}: {_directory(said, now)}"))
        say()
        for need in needs:
            say(f"! {need}", style="red")
        if not needs:
            say("Nothing needs a person.", style="green")
    if needs:
        raise typer.Exit(1)


def _where(config: Config) -> str:
    """The database without its password, which stands before the @."""
    url = database_url(config)
    return url.removeprefix("sqlite:///") if url.startswith("sqlite") else "postgresql on " + url.rpartition("@")[2]


def _tell(overview: Overview, config: Config, now: datetime) -> None:
    waits = f", the oldest came {ago(overview.oldest_mail, now)}" if overview.oldest_mail else ""
    say(f"Mails in      {_counts(overview.inbox)}{waits}")
    say(f"              {overview.last_hour} in the last hour, {overview.last_day} in the last day")
    waits = f", the oldest written {ago(overview.oldest_letter, now)}" if overview.oldest_letter else ""
    say(f"Letters out   {_counts(overview.outbox) or 'all sent'}{waits}")
    if overview.last_failure:
        say(clean(f"              last failure: {overview.last_failure}"))
    labelled = {LABELS[s]: overview.tickets[s] for s in Status if s in overview.tickets}
    say(f"Tickets       {_counts(labelled) or 'none'}")
    say(f"Clocks        {_clocks(overview.clocks, now)}")
    stored = {line.name: line for line in overview.mailboxes}
    for name in sorted({m.name for m in config.mailbox} | set(stored)):
        say(clean(f"Mailbox       {name}: {_mailbox(stored.get(name), now)}"))


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _clocks(clocks: ClockCounts, now: datetime) -> str:
    """How many run; and how long the oldest that is due waits, which is how far the watcher is behind."""
    counts = f"{clocks.running} running, {clocks.paused} paused, {clocks.overdue} overdue"
    if clocks.next_look is None:
        return counts
    if clocks.next_look > now:
        return f"{counts}; next look {ago(clocks.next_look, now)}"
    return f"{counts}; the watcher is {length(now - clocks.next_look)} behind"


def _mailbox(line: MailboxLine | None, now: datetime) -> str:
    if line is None:
        return "never read"
    seen = f"last read {ago(line.last_success, now)}" if line.last_success else "never read"
    cursor = f", up to UID {line.last_uid} of {line.uidvalidity}" if line.last_uid is not None else ""
    trouble = f"; trouble {ago(line.trouble_at, now)}: {line.trouble}" if line.in_trouble and line.trouble_at else ""
    return seen + cursor + trouble


def _directory(said: LastWords | None, now: datetime) -> str:
    """As the daemon found it last; nobody is asked here."""
    if said is None:
        return "no trouble is known"
    read = f"{said.entries} entries, read {ago(said.at, now)}" if said.at and said.entries else "answers"
    if not said.trouble:
        return read
    since = f" {ago(said.since, now)}" if said.since else ""
    last = f"; what it said {ago(said.at, now)} stands" if said.at and said.entries else ""
    return f"trouble{since}: {said.trouble}{last}"


def _needs(overview: Overview) -> list[str]:
    """What a person has to look at, each with the command for it."""
    needs = []
    if count := overview.inbox["quarantined"]:
        needs.append(f"in quarantine: {count} ({_command('quarantine list')})")
    if count := overview.outbox.get("uncertain", 0):
        needs.append(f"letters that may not have arrived: {count} ({_command('outbox list --state uncertain')})")
    if overview.untold:
        needs.append(f"letters that failed just now: {overview.untold} ({_command('outbox list --state failed')})")
    needs += [f"mailbox {line.name}: {line.trouble}" for line in overview.mailboxes if line.in_trouble]
    return needs


def _command(words: str) -> str:
    return f"maild {words}"
