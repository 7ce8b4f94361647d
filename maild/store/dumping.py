"""Has PostgreSQL's own programs write a dump of the database, and take one in.

A password goes to them by the environment, which only their own user can read; never on a command line.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, Connection, text

from maild.errors import Permanent, Temporary
from maild.store.engine import Database
from maild.store.fingerprint import Fingerprint, fingerprint
from maild.store.reading import snapshot

OLD = "maild_before_"  # schemas of stores that a restore has put aside; no backup holds them
HOMES = Path("/usr/lib/postgresql")  # a folder for each version that is installed
_PROGRAMS = ("pg_dump", "pg_restore", "psql")
_HEAD = 4096  # bytes of a script in which its settings surely are; no data
_SETS = re.compile(rb"(?m)^SET (\w+) = ")
_NEWER = "; it was written by a later pg_dump than there is here: install that one's postgresql-client"
_PAGES = 0.2  # seconds between two looks at how large the dump is
_SETTINGS = {"host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "sslmode": "PGSSLMODE",
             "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "service": "PGSERVICE",
             "passfile": "PGPASSFILE"}  # fmt: skip


def dump(database: Database, target: Path, progress: Callable[[int], None]) -> Fingerprint:
    """Write a dump in PostgreSQL's custom format to a new file, mode 0600; returns its figures.

    Others go on writing: the dump and the figures see one moment. `progress` is told its bytes so far.
    Raises Permanent when pg_dump is missing or too old, Temporary when it has failed.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with snapshot(database) as connection:
        program = _fitting(connection)[0] / "pg_dump"
        moment = connection.scalar(text("SELECT pg_export_snapshot()"))
        words = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={OLD}*", "--no-password"]
        command = [str(program), *words, f"--snapshot={moment}", f"--file={target}"]
        with subprocess.Popen(  # noqa: S603  # a program that we looked up
            command, env=_environment(database.engine.url), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as running:
            figures = fingerprint(connection)  # meanwhile
            said = _wait(running, lambda: progress(target.stat().st_size))
    if running.returncode:
        raise Temporary(f"pg_dump failed: {said}")
    return figures


def check_dump(file: Path) -> None:
    """Raises Permanent when pg_restore cannot read a dump's table of contents."""
    if said := _unreadable(_folders()[-1][1], file):  # the latest reads all
        raise Permanent(f"the dump in it is damaged: {said}{_NEWER if 'unsupported version' in said else ''}")


def take_in(database: Database, file: Path, script: Path, *, aside: str, then: Sequence[str]) -> None:
    """Put a dump in the place of what is in the database, in one transaction; `then` are its last statements.

    What is there becomes the schema `aside`, or is dropped when that is "". Raises Permanent when a program is missing,
    Temporary when the database refused.
    """
    with database.read() as connection:
        fitting = _fitting(connection)
        known = frozenset(connection.execute(text("SELECT name FROM pg_settings")).scalars())
    folder = _reader(fitting, file)
    words = [str(folder / "pg_restore"), "--no-owner", "--no-privileges", f"--file={script}", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Permanent(f"pg_restore cannot read the dump: {_last(done.stderr)}")
    _spare_unknown_settings(script, known)
    away = f'ALTER SCHEMA public RENAME TO "{aside}"' if aside else "DROP SCHEMA public CASCADE"
    first = [away, "CREATE SCHEMA public"]
    command = [str(folder / "psql"), "--no-psqlrc", "--quiet", "--no-password"]
    command += ["--single-transaction", "--set=ON_ERROR_STOP=1"]
    command += [word for statement in first for word in ("--command", statement)]
    command += ["--file", str(script), *[word for statement in then for word in ("--command", statement)]]
    done = subprocess.run(  # noqa: S603
        command,
        env=_environment(database.engine.url),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Temporary(f"the database did not take the dump, nothing has changed: {_last(done.stderr)}")


def others_connected(connection: Connection) -> int:
    """How many others use this database now."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return int(connection.scalar(text(query)) or 0)


def _wait(running: subprocess.Popen[str], look: Callable[[], None]) -> str:
    while True:
        with suppress(subprocess.TimeoutExpired):
            return _last(running.communicate(timeout=_PAGES)[1])
        look()


def _last(said: str) -> str:
    """The last line of what a program said, without a password that a URL in it may hold."""
    lines = [line for line in said.strip().splitlines() if line] or ["it said nothing"]
    return re.sub(r"://[^\s@]*@", "://***@", lines[-1])


def _folders() -> list[tuple[int, Path]]:
    """(version, folder) of PostgreSQL's programs here, the oldest first; Debian keeps them out of the PATH."""
    found = shutil.which("pg_dump")
    folders = [*HOMES.glob("*/bin"), *([Path(found).parent] if found else [])]
    whole = [each for each in folders if all((each / name).exists() for name in _PROGRAMS)]
    if not whole:
        raise Permanent("pg_dump is not installed: it comes with PostgreSQL's client (Debian: postgresql-client)")
    return sorted(((_version(each), each) for each in whole), key=lambda each: each[0])


def _version(folder: Path) -> int:
    said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    return _major(said.rpartition(") ")[2])


def _fitting(connection: Connection) -> list[Path]:
    """Those that are not older than the server, its own version first: a later one uses what the server may not know.

    Raises Permanent when there is none.
    """
    server = str(connection.scalar(text("SHOW server_version")))
    folders = _folders()
    fitting = [folder for version, folder in folders if version >= _major(server)]
    if not fitting:
        raise Permanent(
            f"pg_dump {folders[-1][0]} is older than the server ({server}): install postgresql-client-{_major(server)}"
        )
    return fitting


def _reader(folders: Sequence[Path], file: Path) -> Path:
    """The first of them whose pg_restore reads the dump. Raises Permanent when none does."""
    said = ""
    for folder in folders:
        if not (said := _unreadable(folder, file)):
            return folder
    raise Permanent(f"pg_restore cannot read the dump: {said}{_NEWER if 'unsupported version' in said else ''}")


def _unreadable(folder: Path, file: Path) -> str:
    """Why pg_restore cannot read a dump's table of contents; "" when it can."""
    done = subprocess.run([folder / "pg_restore", "--list", str(file)], capture_output=True, text=True, check=False)  # noqa: S603
    return _last(done.stderr) if done.returncode else ""


def _spare_unknown_settings(script: Path, known: Collection[str]) -> None:
    """Make comments of the settings at a script's head that the server does not know, in place.

    pg_restore 17 sets transaction_timeout for whatever server takes the script; one before 17 would refuse all of it.
    """
    with script.open("r+b") as opened:
        head = opened.read(_HEAD).partition(b"\nCREATE ")[0]
        kept = _SETS.sub(lambda found: found[0] if found[1].decode() in known else b"-- " + found[0][3:], head)
        opened.seek(0)
        opened.write(kept)


def _major(version: str) -> int:
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0


def _environment(url: URL) -> dict[str, str]:
    """Where the database is, and the password, as libpq reads them."""
    query = {key: value if isinstance(value, str) else ",".join(value) for key, value in url.query.items()}
    facts = {"host": url.host, "port": url.port and str(url.port), **query}
    named = {_SETTINGS[key]: value for key, value in facts.items() if key in _SETTINGS and value}
    own = {"PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": url.database}
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "PGPASSFILE")}
    return {**kept, **named, **{key: str(value) for key, value in own.items() if value}}
