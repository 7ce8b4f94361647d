"""Where each IMAP mailbox was left: implements the port `Mailboxes`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from maild.app.arrival import Cursor
from maild.app.look_back import LookBack
from maild.store import leases
from maild.store.engine import Database
from maild.store.erasures import erased_when
from maild.store.schema import failed_uid, inbox, mailbox


def upsert_mailbox(connection: Connection, name: str, **values: object) -> None:
    """Set some columns of a mailbox's row, made when missing. One poller holds the lease, so none races."""
    if not connection.execute(update(mailbox).where(mailbox.c.name == name).values(**values)).rowcount:
        connection.execute(mailbox.insert().values(name=name, **values))


class StoredMailboxes:
    """The port `Mailboxes` on the database."""

    def __init__(self, database: Database, pseudonyms: Callable[[str], Sequence[str]]) -> None:
        """`pseudonyms`: by what orders of erasure name the owner of an address."""
        self._database = database
        self._pseudonyms = pseudonyms

    def take_lease(self, name: str, owner: str, now: datetime, length: timedelta) -> bool:
        """See the port."""
        return leases.take(self._database, f"mailbox:{name}", owner, now, length)

    def drop_lease(self, name: str, owner: str) -> None:
        """See the port."""
        leases.drop(self._database, f"mailbox:{name}", owner)

    def cursor(self, name: str) -> Cursor | None:
        """See the port."""
        with self._database.read() as connection:
            row = connection.execute(select(mailbox).where(mailbox.c.name == name)).first()
        return None if row is None or row.uidvalidity is None else Cursor(name, row.uidvalidity, row.last_uid)

    def set_cursor(self, cursor: Cursor) -> None:
        """See the port."""
        with self._database.write() as connection:
            upsert_mailbox(connection, cursor.mailbox, uidvalidity=cursor.uidvalidity, last_uid=cursor.last_uid)

    def stored_uids(self, name: str, uidvalidity: int) -> set[int]:
        """See the port."""
        prefix = f"imap:{name}:{uidvalidity}:"
        # A range instead of LIKE, so that the unique index is used on both databases.
        keys = select(inbox.c.transport_key).where(
            inbox.c.transport_key >= prefix, inbox.c.transport_key < prefix[:-1] + ";"
        )
        with self._database.read() as connection:
            return {int(key.rpartition(":")[2]) for (key,) in connection.execute(keys)}

    def look_back(self, name: str) -> LookBack | None:
        """See the port."""
        with self._database.read() as connection:
            since = connection.execute(select(mailbox.c.look_back).where(mailbox.c.name == name)).scalar()
            if since is None:
                return None
            # Read only now: who was erased since the restore is left out as well.
            return LookBack(since=since, erased=erased_when(connection), pseudonyms=self._pseudonyms)

    def looked_back(self, name: str) -> None:
        """See the port."""
        with self._database.write() as connection:
            upsert_mailbox(connection, name, look_back=None)

    def note_success(self, name: str, now: datetime) -> None:
        """See the port."""
        with self._database.write() as connection:
            upsert_mailbox(connection, name, last_success=now)

    def note_trouble(self, name: str, now: datetime, trouble: str) -> None:
        """See the port."""
        with self._database.write() as connection:
            upsert_mailbox(connection, name, trouble=trouble[:500], trouble_at=now)

    def failed_uids(self, name: str, uidvalidity: int) -> dict[int, int]:
        """See the port."""
        rows = select(failed_uid.c.uid, failed_uid.c.attempts).where(
            failed_uid.c.mailbox == name, failed_uid.c.uidvalidity == uidvalidity
        )
        with self._database.read() as connection:
            return {row.uid: row.attempts for row in connection.execute(rows)}

    def note_failed_uid(self, name: str, uidvalidity: int, uid: int, trouble: str) -> int:
        """See the port."""
        key = {"mailbox": name, "uidvalidity": uidvalidity, "uid": uid}
        with self._database.write() as connection:
            attempts = connection.execute(select(failed_uid.c.attempts).filter_by(**key)).scalar()
            if attempts is None:
                connection.execute(failed_uid.insert().values(**key, attempts=1, trouble=trouble[:500]))
                return 1
            connection.execute(update(failed_uid).filter_by(**key).values(attempts=attempts + 1, trouble=trouble[:500]))
            return int(attempts) + 1

    def forget_failed_uid(self, name: str, uidvalidity: int, uid: int) -> None:
        """See the port."""
        with self._database.write() as connection:
            connection.execute(delete(failed_uid).filter_by(mailbox=name, uidvalidity=uidvalidity, uid=uid))
