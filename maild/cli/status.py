"""`maild status`: how it stands, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime

import typer

from maild.app.tell_troubles import Told
from maild.app.trouble_facts import Facts
from maild.app.troubles import Trouble, machine_in, troubles
from maild.bootstrap.directories import last_words_file
from maild.bootstrap.monitored import bounds_of, local_facts
from maild.cli.config_file import config_path, read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.status_lines import Standing, tell
from maild.cli.terminal import print_json
from maild.clock import utc_now
from maild.config.model import Config
from maild.directories.kept import last_words
from maild.store.migrate import newest
from maild.store.overview import Overview, read_overview
from maild.store.processes import database_now
from maild.store.reading import snapshot
from maild.store.standing_troubles import read_told
from maild.store.vital_facts import latest_mails, read_facts


def status(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show what waits, what is in trouble, who works; exits with 1 when a person is needed.

    Example: maild status
    """
    config, now = read_config(ctx), utc_now()
    standing = read_standing(config, now)
    needs = needs_of(standing)
    if as_json:
        print_json(_document(standing, now) | {"needs_a_person": needs, "ok": not needs})
    else:
        tell(standing, config, str(config_path(ctx)), needs)
    if needs:
        raise typer.Exit(1)


def read_standing(config: Config, now: datetime) -> Standing:
    """Everything that is shown. Raises what `open_existing` raises."""
    database = open_existing(config)
    try:
        with snapshot(database) as connection:
            overview = read_overview(connection, now)
            stored = read_facts(connection, now, now, [box.name for box in config.mailbox])
            told, latest = read_told(connection), latest_mails(connection)
            skew = database_now(connection) - utc_now()
    finally:
        database.close()
    local = local_facts(stored, config)
    facts = replace(
        local,
        since=_began(local, config, "doors") or now,  # nobody reads mailboxes: they are not late
        resumed=_began(local, config, "worker"),
    )
    return Standing(
        overview=overview,
        facts=facts,
        troubles=[*troubles(facts, bounds_of(config), told), *_elsewhere(facts, told)],
        since={name: each.since for name, each in told.items()},
        latest=latest,
        skew=skew,
        directories=[(each.name, last_words(last_words_file(config, each.name))) for each in config.directory],
    )


def _elsewhere(facts: Facts, told: Mapping[str, Told]) -> list[Trouble]:
    """What other machines have said of themselves: nobody can look there from here."""
    return [
        Trouble(name=each.name, says=each.says)
        for each in told.values()
        if each.gone_at is None and machine_in(each.name) not in ("", facts.here)
    ]


def _began(facts: Facts, config: Config, role: str) -> datetime | None:
    """Since when somebody has this role; None: nobody has."""
    silent = config.monitoring.process_silent
    lives = (each for each in facts.processes if role in each.roles and each.silent < silent and not each.died)
    return min((each.started_at for each in lives), default=None)


def _document(standing: Standing, now: datetime) -> dict[str, object]:
    overview, facts = standing.overview, standing.facts
    read = {box.name: box for box in facts.mailboxes}
    return asdict(overview) | {
        "mailboxes": [asdict(line) | {"in_trouble": line.in_trouble} for line in overview.mailboxes],
        "never_read": [name for name, box in read.items() if box.read_at is None],
        "latest_mail": standing.latest,
        "processes": [asdict(each) for each in facts.processes],
        "expires": [{"what": e.what, "until": e.until, "trouble": e.trouble} for e in facts.expiries],
        "troubles": [asdict(each) | {"since": standing.since.get(each.name)} for each in standing.troubles],
        "free_disk": facts.free_disk,
        "backup_at": facts.backup_at,
        "version": newest(),
        "at": now,
        "directories": [{"name": name, **(asdict(said) if said else {})} for name, said in standing.directories],
    }


def needs_of(standing: Standing) -> list[str]:
    """What a person has to look at, each with the command for it."""
    overview: Overview = standing.overview
    needs = []
    if count := overview.inbox["quarantined"]:
        needs.append(f"in quarantine: {count} (maild quarantine list)")
    if count := overview.outbox.get("uncertain", 0):
        needs.append(f"letters that may not have arrived: {count} (maild outbox list --state uncertain)")
    if overview.untold:
        needs.append(f"letters that failed just now: {overview.untold} (maild outbox list --state failed)")
    needs += [_sentence(trouble) for trouble in standing.troubles]
    named = {trouble.name for trouble in standing.troubles}
    needs += [
        f"mailbox {line.name}: {line.trouble}"
        for line in overview.mailboxes
        if line.in_trouble and f"mailbox {line.name}" not in named
    ]
    return needs


def _sentence(trouble: Trouble) -> str:
    told = (
        trouble.command in trouble.says or not trouble.command or trouble.command == "maild status"
    )  # whoever reads this has just called it
    return trouble.says if told else f"{trouble.says} ({trouble.command})"
