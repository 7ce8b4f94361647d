"""Sets the store back to a backup: all of it or nothing, and so that nothing is sent a second time.

check the file -> nobody uses the store -> the database beside it -> its version -> letters held
-> mails that waited are worked off, their letters held -> chains verified -> in its place
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import inspect, text

from maild.bootstrap.backup_file import DUMP, KEY, Manifest, open_backup, take_out
from maild.bootstrap.parts import Parts, database_url
from maild.bootstrap.restoring import marked, unmark
from maild.bootstrap.running import running_in
from maild.config.model import Config
from maild.config.secret import old_secrets
from maild.errors import MaildError, Permanent, Temporary
from maild.store.after_restore import Held, held_letters, settling
from maild.store.audit import audit
from maild.store.copying import check_sqlite, close_sqlite, put_in_place, remove_sqlite
from maild.store.dumping import OLD, others_connected, take_in
from maild.store.engine import Database
from maild.store.erasures import erased_since
from maild.store.fingerprint import fingerprint
from maild.store.migrate import newest, upgrade
from maild.store.reading import exists, snapshot

_WORKSHOP = ".maild-restore."


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done."""

    manifest: Manifest
    old: str  # where the store of before is kept; "" when there was none
    held: Sequence[Held]
    waiting: int  # mails that could not be worked off
    faults: Sequence[str]  # of the audit
    erased_since: Sequence[int]  # contacts that were erased after the backup: they are in it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """The use case; `say` is told each step."""

    config: Config
    now: datetime
    replace: bool = False
    other_key: bool = False
    say: Callable[[str], None] = lambda _step: None

    def run(self, file: Path) -> Restored:
        """Restore. Raises Permanent or Temporary; nothing was changed then, or the message says what."""
        self._refuse_in_use()
        data = self.config.desk.data
        data.mkdir(parents=True, exist_ok=True)
        with open_backup(file) as (manifest, tar):
            if manifest.store.schema > newest():
                raise Permanent(
                    f"the backup's tables are version {manifest.store.schema}, newer than {newest()}: update maild"
                )
            database = Database(database_url(self.config))
            try:
                if database.sqlite != (manifest.database != DUMP):
                    raise Permanent("the backup is of another sort of database than the configuration names")
                self._check_key(take_out(tar, KEY, manifest, None) if KEY in manifest.files else b"")
                erased = self._look(database, manifest)
                # A SQLite database takes its place in one step: it has to be on that file system.
                beside = Path(str(database.engine.url.database)).absolute().parent if database.sqlite else data
                beside.mkdir(parents=True, exist_ok=True)
                for left in beside.glob(f"{_WORKSHOP}*"):  # of a restore that was interrupted
                    shutil.rmtree(left, ignore_errors=True)
                with TemporaryDirectory(prefix=_WORKSHOP, dir=beside) as work:
                    copy = Path(work) / "database"
                    self.say("reading the backup")
                    take_out(tar, manifest.database, manifest, copy)
                    done = self._sqlite if database.sqlite else self._postgresql
                    old, held, waiting, faults = done(file, manifest, database, copy)
            finally:
                database.close()
        return Restored(manifest=manifest, old=old, held=held, waiting=waiting, faults=faults, erased_since=erased)

    def _refuse_in_use(self) -> None:
        running = [str(each.pid) for each in running_in(self.config.desk.data)]
        if running:
            raise Temporary(f"maild runs here (process {', '.join(running)}): stop it first")

    def _check_key(self, key: bytes) -> None:
        """Replies to letters of before are known by the key that signed them."""
        known = [self.config.desk.secret, *old_secrets(self.config)]
        if (
            key
            and not self.other_key
            and key.decode().strip() not in [each.get_secret_value() for each in known if each]
        ):
            raise Permanent(
                "the configuration has another signing key than the backup, so no reply to an earlier letter would"
                " find its ticket: take the key out (tar -xOf BACKUP keys/secret.key) and put it into"
                " desk.secret_file or desk.old_secrets_file; or go on with --other-key"
            )

    def _look(self, database: Database, manifest: Manifest) -> list[int]:
        """What is there now. Raises Permanent when it must not be replaced, Temporary when it is in use."""
        if not exists(database):
            return []
        try:
            with database.read() as connection:
                tables = inspect(connection)
                tickets = tables.has_table("ticket") and connection.scalar(text("SELECT count(*) FROM ticket"))
                if tickets and not self.replace:
                    raise Permanent(
                        f"the store holds {tickets} tickets: --replace puts the backup in its place, and keeps it"
                    )
                if not database.sqlite and (others := others_connected(connection)):
                    raise Temporary(f"{others} others use the database: stop them first")
                return erased_since(connection, manifest.created) if tables.has_table("erasure") else []
        except MaildError:
            if self.replace and database.sqlite:
                return []  # it cannot be read: reason enough to restore
            raise

    def _sqlite(
        self, file: Path, manifest: Manifest, database: Database, copy: Path
    ) -> tuple[str, Sequence[Held], int, Sequence[str]]:
        """Everything is done on the copy, which then takes the place in one step."""
        if check_sqlite(copy) != manifest.store:
            raise Permanent("the database in the backup is not the one that its manifest tells of")
        place = Path(str(database.engine.url.database))
        database.close()
        if place.exists():
            _close_old(place, self.replace)  # told now that somebody uses it, and not after the work
        new = place.with_name(f"{place.name}.restored")
        remove_sqlite(new)  # of a restore that was interrupted
        copy.rename(new)
        restored = Database(f"sqlite:///{new}")
        try:
            with restored.write() as connection:
                for statement in settling():
                    connection.exec_driver_sql(statement)
            held, waiting, faults = self._settle(restored)
        finally:
            restored.close()
        close_sqlite(new)
        if faults:
            remove_sqlite(new)
            raise Permanent(f"the chains of the backup do not verify, nothing was changed: {faults[0]}")
        self.say("putting it in its place")
        old = place.with_name(f"{place.name}.before-{self.now:%Y%m%dT%H%M%S.%fZ}") if place.exists() else None
        with marked(self.config.desk.data, file):
            try:
                if old is not None:
                    _close_old(place, self.replace)
                put_in_place(new, place, old)
            except BaseException:
                unmark(self.config.desk.data)  # the old one is there, or the new one: never half of one
                raise
        return str(old or ""), held, waiting, faults

    def _postgresql(
        self,
        file: Path,
        manifest: Manifest,
        database: Database,
        copy: Path,
    ) -> tuple[str, Sequence[Held], int, Sequence[str]]:
        """The dump is taken in by one transaction; what follows is done again by a second run, if it is cut."""
        with database.read() as connection:
            holds = inspect(connection).has_table("ticket")
        # To the microsecond: one that is cut short may be run again within a second.
        aside = f"{OLD}{self.now:%Y%m%dt%H%M%S_%f}" if holds else ""
        database.close()
        with marked(self.config.desk.data, file):
            self.say("taking in the dump")
            try:
                take_in(database, copy, copy.with_name("script"), aside=aside, then=settling("public."))
            except MaildError:
                unmark(self.config.desk.data)
                raise
            with snapshot(database) as connection:
                whole = fingerprint(connection) == manifest.store
            held, waiting, faults = self._settle(database)
        if not whole:
            faults = ["the store is not the one that the manifest tells of", *faults]
        return f"schema {aside}" if aside else "", held, waiting, faults

    def _settle(self, database: Database) -> tuple[Sequence[Held], int, Sequence[str]]:
        """Bring it to this version, work off what waited without sending anything, and verify the chains."""
        upgrade(database)
        self.say("working off the mails that waited")
        parts = Parts(self.config, database, _NoBell(), log=_no_log)
        try:
            parts.ingest.run()
        finally:
            parts.senders.close()
        with database.write() as connection:
            for statement in settling():
                connection.exec_driver_sql(statement)
            waiting = int(
                connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE state = 'waiting'").scalar() or 0
            )
        self.say("verifying the chains")
        with snapshot(database) as connection:
            faults = [fault for checked in audit(connection) for fault in checked.faults]
            return held_letters(connection), waiting, faults


def _no_log(event: str, **facts: object) -> None:  # the signature is the port's
    """The port `Log`: whoever restores is told by the command."""


class _NoBell:
    """The port `Doorbell`; nobody hears it."""

    def ring(self, bell: str, wait: timedelta = timedelta()) -> None:
        """Do nothing."""


def _close_old(place: Path, replace: bool) -> None:  # noqa: FBT001  # one caller
    """Bring the old store into one file, if it can be read."""
    try:
        close_sqlite(place)
    except Permanent:
        if not replace:
            raise
