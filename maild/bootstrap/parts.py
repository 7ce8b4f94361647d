"""The use cases with everything they need, made from one configuration."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from maild.app.aftercare import Reconsider
from maild.app.assign_waiting import AssignWaiting
from maild.app.deliver import Deliver
from maild.app.digest import Digests
from maild.app.ingest import GROUP, Ingest
from maild.app.letters import Letters
from maild.app.ports import Doorbell, Inbox, Log
from maild.app.reader import Reader, ReadHere
from maild.app.recheck import Recheck
from maild.app.rederive import Rederive
from maild.app.rescan import Rescan
from maild.app.sweep import Sweep
from maild.app.undelivered import Undelivered
from maild.app.watch import Watch
from maild.app.work import Claimed
from maild.authentication.check import Check, Peer
from maild.bootstrap.desk import left_out, make_desk
from maild.bootstrap.directories import lists_of, make_directories
from maild.bootstrap.memory import LargeMails
from maild.bootstrap.owner import OWNER, is_gone
from maild.bootstrap.restoring import refuse_while_restoring
from maild.bootstrap.retention import make_retention
from maild.bootstrap.senders import make_lanes
from maild.bootstrap.settings import make_scanner
from maild.clock import Clock, utc_now
from maild.config.model import Config
from maild.confined.opening import open_package
from maild.directories.directories import Directories
from maild.intake.smtp_trace import read_received_line
from maild.mail.authenticity import Authenticity
from maild.outbound.compose import compose
from maild.store.engine import Database
from maild.store.inbox import StoredDesktop, StoredInbox
from maild.store.indexing import Indexing
from maild.store.mailboxes import StoredMailboxes
from maild.store.migrate import upgrade
from maild.store.outbox import StoredForgotten, StoredOutbox
from maild.store.packing import Packing
from maild.store.references import StoredReferences
from maild.store.scans import StoredScans
from maild.templates.own_files import OwnFiles
from maild.templates.site import SiteTemplates, templates_of

# Mails of a group that waits for DNS or for a scanner: the lease must not end before they are done, and of fifty
# files that are scanned one after the other, other workers can take forty.
_WAITING_GROUP = 10


def write_log(event: str, **facts: Any) -> None:
    """The port `Log`: an error is written with its traceback, everything else as one line."""
    error = facts.pop("error", None)
    logger = structlog.get_logger("maild")
    if error is not None:
        logger.warning(event, exc_info=error, **facts)
    else:
        logger.info(event, **facts)


def database_url(config: Config) -> str:
    """The SQLAlchemy URL of the configured database."""
    url = config.store.url.get_secret_value()
    if url == "sqlite":
        return f"sqlite:///{config.desk.data / 'maild.db'}"
    if url.startswith("postgres://"):
        return "postgresql://" + url.removeprefix("postgres://")
    return url


def open_database(config: Config) -> Database:
    """Open the database and bring it to this version. Raises Permanent while it is being restored."""
    config.desk.data.mkdir(parents=True, exist_ok=True)
    refuse_while_restoring(config.desk.data)
    database = Database(database_url(config))
    before = upgrade(database)
    logging.getLogger("maild").debug("database was at version %s", before or "none")
    return database


def make_check(config: Config) -> Callable[[Sequence[Claimed]], Sequence[Authenticity]] | None:
    """Our own check of where mails are from, if it is wanted: a whole group waits for DNS at once."""
    if not config.authenticity.check_here:
        return None
    check = Check()
    pool = ThreadPoolExecutor(_WAITING_GROUP, thread_name_prefix="check")

    def one(row: Claimed) -> Authenticity:
        client = read_received_line(row.raw)
        peer = Peer(*client) if client else None
        return check(row.raw, peer=peer, envelope_from=row.envelope_from, received_at=row.received_at)

    return lambda rows: list(pool.map(one, rows))


class Parts:
    """The joined parts; a reload makes new ones on the same database and doorbell."""

    def __init__(
        self,
        config: Config,
        database: Database,
        doorbell: Doorbell,
        *,
        clock: Clock = utc_now,
        log: Log = write_log,
        stopping: Callable[[], bool] = lambda: False,
        owner: str = OWNER,
        directories: Directories | None = None,
        stand_back: Callable[[timedelta], bool] = lambda _: True,
        large_mails: LargeMails | None = None,
        reader: Reader | None = None,
    ) -> None:
        """`directories`: those that have been read; without them, what they said last is all that is known.

        `stand_back`: see Ingest; `large_mails`: those of this process, whatever is reloaded.
        """
        self.config = config
        self.database = database
        self.large_mails = large_mails or LargeMails()
        self.directories = directories or make_directories(config, clock, log)
        lists = lists_of(self.directories)
        self.desk = make_desk(config, lists)
        if unusable := left_out(config, lists):
            log("entries of directories left out", count=len(unusable))
        self.inbox: Inbox = StoredInbox(database, clock)
        self.mailboxes = StoredMailboxes(database, self.desk.signer.pseudonyms)
        self.lanes = make_lanes(config)
        desktop = StoredDesktop(database)
        templates = templates_of(config.templates.folder, log)
        self.own_letters = templates.own if isinstance(templates, SiteTemplates) else OwnFiles()
        files = frozenset(self.own_letters.files.values())
        self.letters = Letters(desk=self.desk, templates=templates, composer=compose, own=files)

        check = make_check(config)

        def salt() -> str:
            return secrets.token_hex(16)

        scanner = make_scanner(config)
        self.ingest = Ingest(
            desktop=desktop,
            letters=self.letters,
            doorbell=doorbell,
            log=log,
            clock=clock,
            owner=owner,
            salt=salt,
            open_package=open_package,
            scanner=scanner,
            check=check,
            lookups=self.directories,
            stand_back=stand_back,
            room=self.large_mails.room,
            group=_WAITING_GROUP if check or scanner else GROUP,
            stopping=stopping,
            reader=reader or ReadHere(),
        )
        self.rescan = Rescan(
            scanner=scanner,
            files=StoredScans(database),
            letters=self.letters,
            doorbell=doorbell,
            log=log,
            clock=clock,
            salt=salt,
            open_package=open_package,
            stopping=stopping,
        )
        self.recheck = Recheck(
            lookups=self.directories,
            references=StoredReferences(database),
            unit=desktop.unit,
            letters=self.letters,
            log=log,
            clock=clock,
            salt=salt,
            stopping=stopping,
        )
        self.deliver = Deliver(
            outbox=StoredOutbox(database),
            lanes=self.lanes,
            doorbell=doorbell,
            log=log,
            clock=clock,
            owner=owner,
            waits=config.send.retry,
            stopping=stopping,
        )
        self._derived = False
        self.watch = Watch(
            unit=desktop.unit,
            letters=self.letters,
            doorbell=doorbell,
            log=log,
            clock=clock,
            salt=salt,
            begun=clock(),
            after_start=config.aftercare.after_start,
            stopping=stopping,
        )
        forgotten = StoredForgotten(database)
        self.undelivered = Undelivered(
            anything=forgotten.anything_failed, unit=desktop.unit, letters=self.letters, clock=clock, salt=salt
        )
        self.assign_waiting = AssignWaiting(
            anybody=forgotten.anybody_waits,
            unit=desktop.unit,
            letters=self.letters,
            doorbell=doorbell,
            log=log,
            clock=clock,
            salt=salt,
            stopping=stopping,
        )
        self.rederive = Rederive(unit=desktop.unit, desk=self.desk, log=log, clock=clock, salt=salt, stopping=stopping)
        self.reconsider = Reconsider(unit=desktop.unit, desk=self.desk, clock=clock)

        def busy() -> bool:
            return bool(forgotten.due(clock()))

        self.packing = Packing(database, clock=clock, log=log, busy=busy, stopping=stopping, room=self.large_mails.room)
        self.retention = make_retention(config, database, clock=clock, log=log, busy=busy, stopping=stopping)
        self.indexing = Indexing(database, clock=clock, busy=busy, stopping=stopping)
        digests = Digests(due=forgotten.held_since, unit=desktop.unit, letters=self.letters, clock=clock, salt=salt)
        self.sweep = Sweep(
            forgotten=forgotten,
            doorbell=doorbell,
            log=log,
            clock=clock,
            gone=is_gone,
            bounces_kept=self.desk.marks.within + self.desk.marks.lasts,
            mail_wait=max(config.worker.retry),
            letter_wait=max(config.send.retry),
            digests=digests.run,
        )

    def take_over(self, former: Parts) -> None:
        """Go on in place of former parts: mails that they left claimed when the database went away are ours to free."""
        self.ingest = replace(
            self.ingest,
            unfinished=former.ingest.unfinished,
            ahead=former.ingest.ahead,
            unsure=former.ingest.unsure,
        )

    def watch_clocks(self) -> None:
        """Give tickets that wait to agents; derive clocks anew if the configuration has changed; do what is due."""
        if not self._derived:  # once for each configuration
            self.rederive.run()
            self.reconsider.run()
            self._derived = True
        self.assign_waiting.run()  # first: whom the watch tells of a clock may be who gets the ticket now
        self.watch.run()

    def send_all(self) -> None:
        """Send what is due, and tell people of what was given up."""
        self.deliver.run()
        while self.undelivered.run():
            self.deliver.run()
