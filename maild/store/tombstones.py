"""Takes the content of mails and letters away, and leaves rows that can be counted and that say why.

The bytes of a raw mail become empty, and `raw.gone` says since when and for what; a file that another mail
holds as well stays. Everything here is one step of a transaction, and does nothing when it is done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, select, text, update

from maild.app.outcome import Outcome
from maild.store.schema import attachment, blob, contact, inbox, mail, outbox, piece, raw, search_due, seen, thread_key

NOBODY = "@erased.invalid"  # the domain of contacts who are nobody's any more
ERASED = "(erased)"  # in the place of a subject
_LOCK = 0x6D61696C70  # "mailp": a file must not be found unused while somebody begins to use it
_BATCH = 500


def lock_files(connection: Connection, *, alone: bool) -> None:
    """On PostgreSQL: `alone` while unused files are removed; who uses a file waits for that. SQLite has one writer."""
    if connection.dialect.name != "sqlite":
        shared = "" if alone else "_shared"
        connection.execute(text(f"SELECT pg_advisory_xact_lock{shared}(:key)"), {"key": _LOCK})


def empty_raws(connection: Connection, ids: Sequence[int], gone: str) -> int:
    """Take away the bytes of raw mails; returns of how many. `gone` is told to whoever asks for one."""
    done = 0
    lock_files(connection, alone=True)
    for some in batched(ids):
        emptied = update(raw).where(raw.c.id.in_(some), raw.c.gone.is_(None)).values(body=b"", pieces=0, gone=gone)
        done += connection.execute(emptied).rowcount
        files = set(connection.execute(select(piece.c.blob).where(piece.c.raw.in_(some))).scalars())
        connection.execute(delete(piece).where(piece.c.raw.in_(some)))
        for digests in batched(sorted(files)):
            unused = ~exists().where(piece.c.blob == blob.c.sha256)
            connection.execute(delete(blob).where(blob.c.sha256.in_(digests), unused))
    return done


def forget_mails(connection: Connection, ids: Sequence[int], gone: str) -> int:
    """Take away what mails said and who wrote them, by their inbox rows; returns how many raw mails were emptied.

    What is left is that a mail came, when, by which door, and what became of it. Those that wait for work must not
    be among them.
    """
    raws: list[int] = []
    for some in batched(ids):
        raws += connection.execute(select(inbox.c.raw).where(inbox.c.id.in_(some))).scalars()
        connection.execute(
            update(inbox)
            .where(inbox.c.id.in_(some))
            .values(envelope_from=None, message_id="", thread_hint="", why=[gone], trouble=None)
        )
        aside = update(inbox).where(inbox.c.id.in_(some), inbox.c.state == "quarantined")
        connection.execute(aside.values(state="done", outcome=Outcome.REJECTED))  # nobody can take it in any more
        empty = {"message_id": "", "from_name": "", "from_address": "", "subject": ERASED, "words": ""}
        connection.execute(update(mail).where(mail.c.inbox.in_(some)).values(**empty, invitation=None))
        connection.execute(delete(attachment).where(attachment.c.inbox.in_(some)))
    return empty_raws(connection, raws, gone)


def forget_letters(connection: Connection, ids: Sequence[int], gone: str) -> int:
    """Take away what letters said and to whom they went; one that waits is dropped. Returns how many raw letters.

    Those that are being sent must not be among them.
    """
    raws: list[int] = []
    for some in batched(ids):
        rows = connection.execute(select(outbox.c.raw).where(outbox.c.id.in_(some)))
        raws += rows.scalars()
        chosen = update(outbox).where(outbox.c.id.in_(some))
        connection.execute(chosen.values(recipient=ERASED, subject=ERASED, answer="", bounced=None))
        connection.execute(chosen.where(outbox.c.state.in_(("waiting", "uncertain", "failed"))).values(state="dropped"))
    return empty_raws(connection, raws, gone)


def forget_contact(connection: Connection, address: str) -> None:
    """A contact without address and name. The chain names contacts by number, so no number may become another's."""
    theirs = select(contact.c.id).where(contact.c.address == address)
    for number in connection.execute(theirs).scalars().all():
        nobody = update(contact).where(contact.c.id == number)
        connection.execute(nobody.values(address=f"erased-{number}{NOBODY}", name=""))


def forget_keys(connection: Connection, contents: Sequence[str], ids: Sequence[str]) -> None:
    """Forget by what a second copy of a mail, or a reply to it, would be known."""
    for some in batched(contents):
        connection.execute(delete(seen).where(seen.c.content_key.in_(some)))
    for some in batched(ids):
        connection.execute(delete(thread_key).where(thread_key.c.key.in_(some)))


def forget_words(connection: Connection, tickets: Sequence[int]) -> None:
    """Take tickets out of the search at once; what is left of their words is read in a quiet moment."""
    name = "rowid" if connection.dialect.name == "sqlite" else "ticket"
    if tickets:
        remove = text(f"DELETE FROM search_words WHERE {name} = :number")  # noqa: S608  # one of two names
        connection.execute(remove, [{"number": number} for number in tickets])
        connection.execute(search_due.insert(), [{"ticket": number} for number in tickets])


def batched(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Keys, in lists that one statement takes."""
    return (keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH))
