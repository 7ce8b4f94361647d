"""Files that the virus scanner has not looked at, and what it says of them later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from maild.app.ports import Scanned
from maild.app.rescan import Unscanned
from maild.mail.model import Scan
from maild.store.engine import Database
from maild.store.reading import is_one_of
from maild.store.rows import load_raw
from maild.store.schema import attachment, inbox, mail
from maild.store.unit import StoredUnit

_WAITING = is_one_of(attachment.c.scan, Scan.UNSCANNED.value)


class StoredScanUnit(StoredUnit):
    """The port `ScanUnit` on an open transaction."""

    def note_scan(self, file: Unscanned, said: Scanned) -> bool:
        """See the port."""
        here = (attachment.c.inbox == file.inbox, attachment.c.part == file.part, _WAITING)
        values = {"scan": said.scan, "scan_says": said.says, "scan_tries": attachment.c.scan_tries + 1}
        return self._connection.execute(update(attachment).where(*here).values(values)).rowcount > 0


class StoredScans:
    """The port `Unscanneds` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, limit: int) -> list[Unscanned]:
        """See the port."""
        fields = (attachment.c.inbox, attachment.c.part, attachment.c.name, attachment.c.sha256)
        query = select(*fields, attachment.c.scan_tries.label("tries")).where(_WAITING)
        order = (attachment.c.scan_tries, attachment.c.inbox, attachment.c.part)
        with self._database.read() as connection:
            return [Unscanned(**row._mapping) for row in connection.execute(query.order_by(*order).limit(limit))]

    def raw(self, inbox_id: int) -> tuple[bytes, datetime]:
        """See the port."""
        with self._database.read() as connection:
            row = connection.execute(select(inbox.c.raw, inbox.c.received_at).where(inbox.c.id == inbox_id)).one()
            return load_raw(connection, [row.raw])[row.raw], row.received_at

    @contextmanager
    def unit(self) -> Iterator[StoredScanUnit]:
        """See the port."""
        with self._database.write() as connection:
            yield StoredScanUnit(connection)


def count_unscanned(connection: Connection) -> int:
    """How many files wait for the scanner."""
    return int(connection.execute(select(func.count()).select_from(attachment).where(_WAITING)).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """A file that the virus scanner keeps back."""

    inbox: int
    part: str
    ticket: int | None
    name: str
    size: int
    scan: str
    scan_says: str


def list_kept_back(connection: Connection, *, limit: int) -> list[KeptBack]:
    """Infected and unscanned files, the newest first."""
    a = attachment.c
    query = (
        select(a.inbox, a.part, mail.c.ticket, a.name, a.size, a.scan, a.scan_says)
        .join(mail, mail.c.inbox == a.inbox)
        .where(is_one_of(a.scan, *(sort.value for sort in (Scan.INFECTED, Scan.UNSCANNED, Scan.UNSCANNABLE))))
        .order_by(a.inbox.desc(), a.part)
    )
    return [KeptBack(**row._mapping) for row in connection.execute(query.limit(limit))]


def scan_again(connection: Connection, *sorts: Scan) -> int:
    """Have files of these sorts asked about once more; returns how many there are."""
    chosen = attachment.c.scan.in_(sorts)
    values = {"scan": Scan.UNSCANNED, "scan_says": "to be scanned again", "scan_tries": 0}
    return connection.execute(update(attachment).where(chosen).values(values)).rowcount


def scan_of(connection: Connection, inbox_id: int, part: str) -> Scan:
    """What the virus scanner said of a file; UNASKED when nobody has asked, or the file is not listed."""
    found = connection.execute(
        select(attachment.c.scan).where(attachment.c.inbox == inbox_id, attachment.c.part == part)
    ).scalar()
    return Scan(found) if found is not None else Scan.UNASKED
