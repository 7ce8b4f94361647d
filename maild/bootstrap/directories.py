"""Makes directories from their tables."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from maild.app.lookups import Asked
from maild.app.ports import Log
from maild.bootstrap.desk_lists import Listed
from maild.clock import Clock
from maild.config.directory_checks import key_of
from maild.config.directory_tables import SORTS, DirectoryTable
from maild.config.model import Config
from maild.directories.cached import Directory, Standing
from maild.directories.csv_source import CsvSource
from maild.directories.directories import Directories
from maild.directories.kept import Kept
from maild.directories.source import Reading, Source, Trouble
from maild.routing.references import Finder

OF_DESK = frozenset({"customers", "agents", "teams", "branches"})  # what is known before a mail comes
_ANY_KEY = "0"


def unheard(event: str, **facts: object) -> None:
    """The port `Log`, for commands that say themselves what is wrong."""


def make_directories(config: Config, clock: Clock, log: Log = unheard) -> Directories:
    """The directories of a configuration; nobody is asked yet."""
    made = [(_directory(table, config, clock, log), table.timeout.total_seconds()) for table in config.directory]
    return Directories(made)


def make_finders(config: Config) -> tuple[Finder, ...]:
    """By which patterns keys of directories are recognised in mails."""
    return tuple(
        Finder(sort=SORTS[table.of], patterns=table.patterns, name=table.name)
        for table in config.directory
        if table.of in SORTS and table.patterns
    )


def open_directories(config: Config, clock: Clock, log: Log) -> Directories:
    """The same, with the lists read that the desk is made of; waits for no longer than their time limits."""
    directories = make_directories(config, clock, log)
    directories.load(OF_DESK)
    return directories


def tried(directories: Directories) -> list[Standing]:
    """How directories stand when each is asked now: for its whole list, or about a key that it may not know."""
    everything = {each.of for each in directories}
    directories.load(everything, force=True)
    directories.look_up([Asked(each.name, _ANY_KEY) for each in directories if each.by_key])
    return directories.standings()


def lists_of(directories: Directories) -> list[Listed]:
    """What directories say of customers, agents, teams and branches, as they were read last."""
    return [Listed(each.name, each.of, each.entries) for each in directories if each.of in OF_DESK]


def kept_lists(config: Config) -> list[Listed]:
    """The same as the last process that read them left it; nobody is asked, and no source is opened."""
    tables = [table for table in config.directory if table.of in OF_DESK]
    read = [(table, _kept(table, config).read()) for table in tables]
    return [Listed(table.name, table.of, found[1]) for table, found in read if found]


def last_words_file(config: Config, name: str) -> Path:
    """Where a directory's list and its last trouble are kept."""
    return config.desk.data / "directories" / f"{name}.json"


def _directory(table: DirectoryTable, config: Config, clock: Clock, log: Log) -> Directory:
    kept = _kept(table, config)
    return Directory(table.name, table.of, _source(table), refresh=table.refresh, clock=clock, log=log, kept=kept)


def _kept(table: DirectoryTable, config: Config) -> Kept:
    return Kept(last_words_file(config, table.name), _fingerprint(table), whole=table.of in OF_DESK)


def _source(table: DirectoryTable) -> Source | Trouble:
    """Where it is read from; the heavier libraries are loaded for those who use them."""
    reading = Reading(
        columns=table.columns,
        key=key_of(table.of),
        timeout=table.timeout.total_seconds(),
        largest=table.largest,
    )
    if table.sql is not None:
        from maild.directories.sql_source import SqlSource

        try:
            return SqlSource(table.sql.url.get_secret_value() if table.sql.url else "", table.sql.query, reading)
        except Trouble as trouble:
            return trouble
    if table.http is not None:
        from maild.directories.http_source import Endpoint, HttpSource

        http = table.http
        token = http.token.get_secret_value() if http.token else ""
        return HttpSource(Endpoint(url=http.url, headers=http.headers, token=token, rows=http.rows), reading)
    return CsvSource(table.csv or Path(), reading)


def _fingerprint(table: DirectoryTable) -> str:
    """Tells whether a kept list was read under the same settings; of secrets nothing can be read out of it."""
    about = table.model_dump(mode="json", include={"of", "csv", "sql", "http", "columns"})
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]
