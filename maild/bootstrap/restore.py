"""Sets the store back to a backup: all of it or nothing, and so that nothing is sent a second time.

check the file -> nobody uses the store -> what was ordered since -> the database beside it -> letters held
-> settled (`settle.py`) -> in its place
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import inspect, text

from maild.bootstrap.backup_file import DUMP, KEY, Manifest, open_backup, take_out
from maild.bootstrap.parts import database_url
from maild.bootstrap.restoring import Ordered, interrupted, marked, unmark
from maild.bootstrap.running import running_in
from maild.bootstrap.settle import Settle, Settled
from maild.config.model import Config
from maild.config.secret import old_secrets
from maild.errors import MaildError, Permanent, Temporary
from maild.store.after_restore import settling
from maild.store.carried_holds import holds_to_carry
from maild.store.copying import check_sqlite, close_sqlite, put_in_place, remove_sqlite
from maild.store.dumping import OLD, others_connected, take_in
from maild.store.engine import Database
from maild.store.erasures import erased_since
from maild.store.fingerprint import fingerprint
from maild.store.migrate import newest
from maild.store.reading import exists, snapshot

_WORKSHOP = ".maild-restore."


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done."""

    manifest: Manifest
    old: str  # where the store of before is kept; "" when there was none
    settled: Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """The use case; `say` is told each step."""

    config: Config
    now: datetime
    replace: bool = False
    other_key: bool = False
    bring_back: bool = False  # also those who were erased after the backup
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
                ordered = self._look(database, manifest)
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
                    old, settled = done(file, manifest, database, copy, ordered)
            finally:
                database.close()
        return Restored(manifest=manifest, old=old, settled=settled)

    @property
    def _settle(self) -> Settle:
        return Settle(config=self.config, now=self.now, bring_back=self.bring_back, say=self.say)

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

    def _look(self, database: Database, manifest: Manifest) -> Ordered:
        """What was ordered after the backup, as what is there now knows, or a restore that was interrupted.

        Raises Permanent when what is there must not be replaced, Temporary when it is in use.
        """
        known = interrupted(self.config.desk.data) or Ordered(erasures=(), holds=())
        if not exists(database):
            return known
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
                if not tables.has_table("erasure"):
                    return known
                erasures, holds = erased_since(connection, manifest.created), holds_to_carry(connection)
                return Ordered(
                    erasures=[*known.erasures, *(each for each in erasures if each not in known.erasures)],
                    holds=[*known.holds, *(each for each in holds if each not in known.holds)],
                )
        except MaildError:
            if self.replace and database.sqlite:
                return known  # it cannot be read: reason enough to restore
            raise

    def _sqlite(
        self, file: Path, manifest: Manifest, database: Database, copy: Path, ordered: Ordered
    ) -> tuple[str, Settled]:
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
            settled = self._settle.run(restored, manifest.created, ordered)
        finally:
            restored.close()
        close_sqlite(new)
        if settled.faults:
            remove_sqlite(new)
            raise Permanent(f"the chains of the backup do not verify, nothing was changed: {settled.faults[0]}")
        self.say("putting it in its place")
        old = place.with_name(f"{place.name}.before-{self.now:%Y%m%dT%H%M%S.%fZ}") if place.exists() else None
        with marked(self.config.desk.data, file, ordered):
            try:
                if old is not None:
                    _close_old(place, self.replace)
                put_in_place(new, place, old)
            except BaseException:
                unmark(self.config.desk.data)  # the old one is there, or the new one: never half of one
                raise
        return str(old or ""), settled

    def _postgresql(
        self,
        file: Path,
        manifest: Manifest,
        database: Database,
        copy: Path,
        ordered: Ordered,
    ) -> tuple[str, Settled]:
        """The dump is taken in by one transaction; what follows is done again by a second run, if it is cut."""
        with database.read() as connection:
            holds = inspect(connection).has_table("ticket")
        # To the microsecond: one that is cut short may be run again within a second.
        aside = f"{OLD}{self.now:%Y%m%dt%H%M%S_%f}" if holds else ""
        database.close()
        begun = interrupted(self.config.desk.data) is not None
        with marked(self.config.desk.data, file, ordered):
            self.say("taking in the dump")
            try:
                take_in(database, copy, copy.with_name("script"), aside=aside, then=settling("public."))
            except MaildError:
                if not begun:  # or what is there is half of one, still
                    unmark(self.config.desk.data)
                raise
            with snapshot(database) as connection:
                whole = fingerprint(connection) == manifest.store
            settled = self._settle.run(database, manifest.created, ordered)
        if not whole:
            faults = ["the store is not the one that the manifest tells of", *settled.faults]
            settled = replace(settled, faults=faults)
        return f"schema {aside}" if aside else "", settled


def _close_old(place: Path, replace: bool) -> None:  # noqa: FBT001  # one caller
    """Bring the old store into one file, if it can be read."""
    try:
        close_sqlite(place)
    except Permanent:
        if not replace:
            raise
