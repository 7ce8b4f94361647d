"""Sets the store back to a backup: all of it or nothing, and so that nothing is sent a second time.

check the file -> nobody uses the store -> the database beside it -> its version -> letters held
-> mails that waited are worked off, their letters held -> who was erased since is erased again
-> chains verified -> in its place
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import inspect, text

from maild.bootstrap.backup_file import DUMP, KEY, Manifest, open_backup, take_out
from maild.bootstrap.erase import carry_out, plan_erasure
from maild.bootstrap.looking_back import looking_back
from maild.bootstrap.parts import Parts, database_url
from maild.bootstrap.restoring import interrupted, marked, unmark
from maild.bootstrap.running import running_in
from maild.config.model import Config
from maild.config.secret import old_secrets
from maild.errors import MaildError, Permanent, Temporary
from maild.store.after_restore import Held, have_looked_back, held_letters, settling
from maild.store.audit import audit
from maild.store.copying import check_sqlite, close_sqlite, put_in_place, remove_sqlite
from maild.store.dumping import OLD, others_connected, take_in
from maild.store.engine import Database
from maild.store.erasures import Order, erased_since, keep_order, whose
from maild.store.fingerprint import fingerprint
from maild.store.migrate import newest, upgrade
from maild.store.reading import exists, snapshot
from maild.store.scrub import scrub

_WORKSHOP = ".maild-restore."


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done."""

    manifest: Manifest
    old: str  # where the store of before is kept; "" when there was none
    held: Sequence[Held]
    waiting: int  # mails that could not be worked off
    faults: Sequence[str]  # of the audit
    erased: Sequence[str]  # who was erased after the backup, and is erased again
    in_it_again: Sequence[str]  # who was, and could not be; each with the reason
    look_back: Mapping[str, datetime]  # mailboxes: since when mails may be unknown that were moved away


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    """What came of a store that was set back."""

    held: Sequence[Held]
    waiting: int
    faults: Sequence[str]
    erased: Sequence[str]
    in_it_again: Sequence[str]
    look_back: Mapping[str, datetime]


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
                orders = self._look(database, manifest)
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
                    old, settled = done(file, manifest, database, copy, orders)
            finally:
                database.close()
        return Restored(
            manifest=manifest,
            old=old,
            held=settled.held,
            waiting=settled.waiting,
            faults=settled.faults,
            erased=settled.erased,
            in_it_again=settled.in_it_again,
            look_back=settled.look_back,
        )

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

    def _look(self, database: Database, manifest: Manifest) -> list[Order]:
        """Who was erased after the backup, as what is there now knows, or a restore that was interrupted.

        Raises Permanent when what is there must not be replaced, Temporary when it is in use.
        """
        known = interrupted(self.config.desk.data) or []
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
                if tables.has_table("erasure"):
                    known += [each for each in erased_since(connection, manifest.created) if each not in known]
                return known
        except MaildError:
            if self.replace and database.sqlite:
                return known  # it cannot be read: reason enough to restore
            raise

    def _sqlite(
        self, file: Path, manifest: Manifest, database: Database, copy: Path, orders: Sequence[Order]
    ) -> tuple[str, _Settled]:
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
            settled = self._settle(restored, manifest, orders)
        finally:
            restored.close()
        close_sqlite(new)
        if settled.faults:
            remove_sqlite(new)
            raise Permanent(f"the chains of the backup do not verify, nothing was changed: {settled.faults[0]}")
        self.say("putting it in its place")
        old = place.with_name(f"{place.name}.before-{self.now:%Y%m%dT%H%M%S.%fZ}") if place.exists() else None
        with marked(self.config.desk.data, file, orders):
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
        orders: Sequence[Order],
    ) -> tuple[str, _Settled]:
        """The dump is taken in by one transaction; what follows is done again by a second run, if it is cut."""
        with database.read() as connection:
            holds = inspect(connection).has_table("ticket")
        # To the microsecond: one that is cut short may be run again within a second.
        aside = f"{OLD}{self.now:%Y%m%dt%H%M%S_%f}" if holds else ""
        database.close()
        begun = interrupted(self.config.desk.data) is not None
        with marked(self.config.desk.data, file, orders):
            self.say("taking in the dump")
            try:
                take_in(database, copy, copy.with_name("script"), aside=aside, then=settling("public."))
            except MaildError:
                if not begun:  # or what is there is half of one, still
                    unmark(self.config.desk.data)
                raise
            with snapshot(database) as connection:
                whole = fingerprint(connection) == manifest.store
            settled = self._settle(database, manifest, orders)
        if not whole:
            faults = ["the store is not the one that the manifest tells of", *settled.faults]
            settled = replace(settled, faults=faults)
        return f"schema {aside}" if aside else "", settled

    def _settle(self, database: Database, manifest: Manifest, orders: Sequence[Order]) -> _Settled:
        """Bring it to this version, work off what waited without sending anything, erase again, verify the chains."""
        upgrade(database)
        with database.read() as connection:  # before somebody else gets the number of a contact
            addresses = [whose(connection, order) for order in orders]
        self.say("working off the mails that waited")
        Parts(self.config, database, _NoBell(), log=_no_log).ingest.run()
        with database.write() as connection:
            for statement in settling():
                connection.exec_driver_sql(statement)
            waiting = int(
                connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE state = 'waiting'").scalar() or 0
            )
        erased, in_it_again, gone = self._erase_again(database, orders, addresses)
        with database.write() as connection:
            look_back = have_looked_back(connection, looking_back(self.config), manifest.created, gone)
        self.say("verifying the chains")
        with snapshot(database) as connection:
            return _Settled(
                held=held_letters(connection),
                waiting=waiting,
                faults=[fault for checked in audit(connection) for fault in checked.faults],
                erased=erased,
                in_it_again=in_it_again,
                look_back=look_back,
            )

    def _erase_again(
        self, database: Database, orders: Sequence[Order], addresses: Sequence[str]
    ) -> tuple[list[str], list[str], dict[str, datetime]]:
        """(whom, whom not and why, when by address) of those who were erased after the backup."""
        if self.bring_back:
            return [], [f"{order.names} (--bring-back-erased)" for order in orders], {}
        erased: list[str] = []
        not_erased: list[str] = []
        done: set[str] = set()
        for order, address in zip(orders, addresses, strict=True):
            if address in done:
                continue
            if not address:
                not_erased.append(f"{order.names} (erased by order of {order.ordered_at:%Y-%m-%d}, not known in it)")
                with database.write() as connection:
                    keep_order(connection, order, self.now)
                continue
            try:
                plan = plan_erasure(self.config, database, address, report=False)
                _, left = carry_out(
                    database,
                    replace(plan, contact=plan.contact or order.contact),  # another backup may know the number
                    by=order.ordered_by,
                    reason=order.reason,
                    ordered_at=order.ordered_at,
                    now=self.now,
                )
                (not_erased if left else erased).append(order.names)
                done.add(address)
            except Permanent as error:
                not_erased.append(f"{order.names} ({error})")
                with database.write() as connection:
                    keep_order(connection, replace(order, address=address), None)
        if erased or not_erased:
            self.say("erasing again who was erased")
            scrub(database)
        ordered = sorted((order.ordered_at, address) for order, address in zip(orders, addresses, strict=True))
        return erased, not_erased, {address: at for at, address in ordered if address in done}


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
