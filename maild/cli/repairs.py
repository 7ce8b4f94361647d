"""What `maild doctor --repair` mends: only what follows from something else, or belongs to nobody alive.

What the daemon mends by itself (claims of the dead, each minute) is mended here as well, for when none runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from maild.bootstrap.owner import is_gone
from maild.cli.findings import Finding
from maild.cli.findings_of_safety import closed_mode, private_files, too_open
from maild.config.model import Config
from maild.store.engine import Database
from maild.store.mending import differing, mend_ticket, search_again, unsearched
from maild.store.outbox import StoredForgotten
from maild.store.processes import forget_processes

_FORGOTTEN = timedelta(hours=36)  # a file in a Maildir's tmp that is older belongs to nobody (maildir(5))
_RUN = "maild doctor --repair"
_RUN_DEEP = "maild doctor --deep --repair"


def closed_files(config: Config, file: Path) -> Iterator[Finding]:
    """Take what is private away from others."""
    for path in private_files(config, file):
        if mode := too_open(path):
            try:
                path.chmod(closed_mode(path))
            except OSError as error:
                why = f"{error.strerror}: run this as the owner of {path}"
                yield Finding(f"mode of {path.name}", f"{mode:04o}", why)
            else:
                yield Finding(f"mode of {path.name}", f"was {mode:04o}, is {closed_mode(path):04o} now")


def claims(database: Database, now: datetime, *, repair: bool) -> Iterator[Finding]:
    """Work that is claimed by processes that are gone."""
    forgotten = StoredForgotten(database)
    if not forgotten.stale(now, is_gone):
        yield Finding("claims", "none of dead workers")
        return
    if not repair:
        yield Finding("claims", "some of dead workers", f"a running maild frees them within a minute; else: {_RUN}")
        return
    swept = forgotten.sweep(now, is_gone)
    freed = f"freed: {swept.mails_freed} mails, {swept.letters_freed} letters"
    unsure = "look at them: maild outbox list --state uncertain" if swept.letters_uncertain else ""
    yield Finding("claims", f"{freed}; {swept.letters_uncertain} letters uncertain", unsure)


def processes(database: Database, *, repair: bool) -> Iterator[Finding]:
    """Rows of processes that have ended without a word."""
    if repair and (count := forget_processes(database, is_gone)):
        yield Finding("processes", f"{count} that have ended are forgotten")


def leftovers(config: Config, *, repair: bool) -> Iterator[Finding]:
    """Letters that were half written into a Maildir when the power went; they were written again under new names."""
    if config.send.kind != "maildir":
        return
    oldest = time.time() - _FORGOTTEN.total_seconds()
    folder = config.send.path / "tmp"
    old = [file for file in folder.glob("*") if file.stat().st_mtime < oldest] if folder.is_dir() else []
    if not old:
        return
    if not repair:
        yield Finding("half-written letters", f"{len(old)} in {folder}", f"nobody needs them: {_RUN}")
        return
    for file in old:
        file.unlink(missing_ok=True)
    yield Finding("half-written letters", f"{len(old)} removed from {folder}")


def deep(database: Database, *, repair: bool) -> Iterator[Finding]:
    """Compare all tickets with their events, and with what is searched: reads the whole store once."""
    found = list(differing(database))
    for each in found:
        if repair and each.mendable and mend_ticket(database, each.ticket):
            yield Finding(f"ticket {each.ticket}", "differed from its events; its row was made anew from them")
            continue
        how = f"its events are whole: {_RUN_DEEP}" if each.mendable else "its history was changed: restore a backup"
        yield Finding(f"ticket {each.ticket}", each.faults[0], how)
    if not found:
        yield Finding("tickets", "agree with their events")
    missing = unsearched(database)
    if missing and repair:
        search_again(database, missing)
        yield Finding("search", f"{len(missing)} tickets are read into it again, in quiet moments")
    elif missing:
        yield Finding("search", f"{len(missing)} tickets are not found by it", _RUN_DEEP)
    else:
        yield Finding("search", "knows every ticket")
