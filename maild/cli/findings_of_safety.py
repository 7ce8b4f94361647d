"""What `maild doctor` finds of the installation itself: files, clocks, the database's promises, connections."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from maild.bootstrap.monitored import certificates, tokens
from maild.cli.findings import Finding
from maild.cli.probes import connections, run_probes
from maild.cli.terminal import length
from maild.config.model import Config
from maild.store.letters_again import SentAgain
from maild.store.processes import database_now

_SKEW = timedelta(seconds=5)  # beyond it, moments of several machines are not in order
_LATELY = timedelta(days=7)
_PROMISES = {"fsync": "on", "full_page_writes": "on"}  # of PostgreSQL, which a commit needs to be durable


def files(config: Config, file: Path) -> Iterator[Finding]:
    """Who else on this machine may read or change what is private."""
    open_ones = [(path, mode) for path in private_files(config, file) if (mode := too_open(path))]
    for path, mode in open_ones:
        yield Finding(
            f"mode of {path.name}",
            f"{mode:04o}",
            f"others may read it: maild doctor --repair, or chmod {_closed(path)} {path}",
        )
    if not open_ones:
        yield Finding("file modes", "closed to others")


def private_files(config: Config, file: Path) -> list[Path]:
    """What holds mail or secrets and can be reached. Secret files are checked whenever the configuration is read.

    The data folder itself stays as it is: the socket of a receiver may be in it, which a mail system must reach.
    """
    data = config.desk.data
    found = [data / name for name in ("maild.db", "maild.db-wal", "maild.db-shm", "oauth")]
    if not stat.S_IMODE(data.stat().st_mode) & 0o001:
        found.clear()
    if any(word in file.read_text("utf-8", errors="replace") for word in ("password", "secret", "://")):
        found.append(file)
    return [path for path in found if path.exists()]


def too_open(path: Path) -> int:
    """Its mode, if people outside its group may read or change it; else 0."""
    mode = stat.S_IMODE(path.stat().st_mode)
    return mode if mode & 0o007 else 0


def _closed(path: Path) -> str:
    return f"{closed_mode(path):04o}"


def closed_mode(path: Path) -> int:
    """The same mode without anything for others."""
    return stat.S_IMODE(path.stat().st_mode) & ~0o007


def database(connection: Connection) -> Iterator[Finding]:
    """Whether what is committed is there after a power cut, and whether clocks agree."""
    if connection.dialect.name == "sqlite":
        mode = str(connection.execute(text("PRAGMA journal_mode")).scalar_one())
        synchronous = int(connection.execute(text("PRAGMA synchronous")).scalar_one())
        wrong = mode != "wal" or synchronous < 2
        says = f"journal {mode}, synchronous {'FULL' if synchronous >= 2 else synchronous}"
        yield Finding("durability", says, "report this: maild sets both itself" if wrong else "")
        return
    off = [
        f"{name} = {value}"
        for name, wanted in _PROMISES.items()
        if (value := connection.execute(text(f"SHOW {name}")).scalar_one()) != wanted
    ]
    if connection.execute(text("SHOW synchronous_commit")).scalar_one() == "off":
        off.append("synchronous_commit = off")
    version = str(connection.execute(text("SHOW server_version")).scalar_one())
    advice = f"a power cut loses mail that got 250: set {', '.join(off)} the other way" if off else ""
    yield Finding("durability", f"PostgreSQL {version.partition(' ')[0]}", advice)
    skew = database_now(connection) - datetime.now(UTC)
    late = (
        f"this machine's clock is {length(abs(skew))} {'behind' if skew > timedelta() else 'ahead of'} the database's"
    )
    yield Finding("clock", f"{skew.total_seconds():+.1f} s", f"{late}: set it by NTP" if abs(skew) > _SKEW else "")


def ends(config: Config, now: datetime) -> Iterator[Finding]:
    """Certificates and tokens that expire."""
    for each in (*certificates(config), *tokens(config, now)):
        left = None if each.until is None else each.until - now
        soon = left is not None and left <= config.monitoring.expires
        says = f"until {each.until:%Y-%m-%d}" if each.until else "no end is known"
        advice = f"{each.advice} {each.command}" if soon or each.trouble else ""
        yield Finding(each.what, each.trouble or says, advice)


def servers(config: Config) -> Iterator[Finding]:
    """Mailboxes and the relay, tried as `maild check` does."""
    probes = [probe for probe in connections(config) if probe.key[0] in ("mailbox", "send")]
    for outcome in run_probes(probes, config):
        yield Finding(outcome.what, "does not work" if outcome.problems else "answers", "; ".join(outcome.problems))


def erasures(interrupted: Sequence[int]) -> Iterator[Finding]:
    """People whose erasure was ordered, and not finished."""
    if interrupted:
        yield Finding("erasures", f"{len(interrupted)} not finished", "give each order again: maild erase ADDRESS")


def sent_again(letters: SentAgain, now: datetime) -> Iterator[Finding]:
    """Answers that were sent a second time after a crash: nothing is to be done, but somebody may ask."""
    recent = [letter for letter in letters.letters if now - letter.at < _LATELY]
    if letters.count:
        named = ", ".join(
            f"{letter.id} (ticket {letter.ticket})" if letter.ticket else str(letter.id) for letter in recent
        )
        says = f"{letters.count} in all" + (f"; in the last week: {named}" if named else "")
        yield Finding("letters sent again after a crash", f"{says}; whoever got two has the same Message-ID twice")
