"""Everything that happened on one ticket, for its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from sqlalchemy import Connection, or_, select

from maild.app.story import Person, StoredFile, StoredMail, Story
from maild.errors import NotKept
from maild.mail.model import Scan
from maild.store.events_read import events_of
from maild.store.hard_bounces import load_bounces
from maild.store.letters_read import letters_of_ticket
from maild.store.rows import load_raw
from maild.store.schema import attachment, contact, inbox, mail, participant, ticket
from maild.store.ticket_rows import as_ticket
from maild.tickets.model import Ticket


def read_ticket(connection: Connection, number: int) -> Ticket | None:
    """A ticket as it stands; None when there is none."""
    row = connection.execute(select(ticket).where(ticket.c.number == number)).first()
    return None if row is None else as_ticket(row)


def read_story(connection: Connection, number: int) -> Story | None:
    """One ticket's story in a fixed number of queries; None when there is no such ticket."""
    row = connection.execute(select(ticket).where(ticket.c.number == number)).first()
    if row is None:
        return None
    people = _people(connection, number, row.contact)
    events = events_of(connection, number)
    return Story(
        ticket=as_ticket(row),
        people=people,
        events=events,
        names=_names(connection, {e.actor for e in events}),
        mails=_mails(connection, number, {e.mail for e in events if e.mail}),
        letters=tuple(letters_of_ticket(connection, number)),
        bounces=load_bounces(connection, [person.address for person in people]),
    )


def _people(connection: Connection, number: int, whose: str) -> tuple[Person, ...]:
    """A ticket's participants, first the one it is for: agents may have said that it is for somebody else."""
    query = select(participant.c.address, participant.c.name, participant.c.role).where(participant.c.ticket == number)
    found = []
    for address, name, joined_as in connection.execute(query.order_by(participant.c.address)):
        first = "copied" if joined_as == "contact" else joined_as
        found.append(Person(address=address, name=name, role="contact" if address == whose else first))
    return tuple(sorted(found, key=lambda person: person.role != "contact"))


def raw_mails(connection: Connection, inboxes: Iterable[int], *, most: int) -> Iterator[tuple[int, bytes]]:
    """Mails with their inbox row, one after the other.

    Not those larger than `most` bytes, that nobody read, or that are no longer kept.
    """
    query = select(inbox.c.id, inbox.c.raw).where(
        inbox.c.id.in_(list(inboxes)), inbox.c.size <= most, inbox.c.handling != "bare"
    )
    for row in connection.execute(query).all():
        with suppress(NotKept):
            yield row.id, load_raw(connection, [row.raw])[row.raw]


def _names(connection: Connection, actors: set[str]) -> dict[str, str]:
    """The addresses of people who act by number."""
    numbers = {actor: int(actor.partition(":")[2]) for actor in actors if actor.partition(":")[2].isdigit()}
    if not numbers:
        return {}
    query = select(contact.c.id, contact.c.address).where(contact.c.id.in_(sorted(set(numbers.values()))))
    found = {row.id: row.address for row in connection.execute(query)}
    return {actor: found[n] for actor, n in numbers.items() if n in found}


def _mails(connection: Connection, number: int, spoken_of: set[int]) -> dict[int, StoredMail]:
    files: dict[int, list[StoredFile]] = {}
    # The mails of a ticket that goes on in another one belong to that, and its own story is told as ever.
    mine = or_(mail.c.ticket == number, mail.c.inbox.in_(sorted(spoken_of)))
    query = select(attachment).join(mail, mail.c.inbox == attachment.c.inbox).where(mine)
    for row in connection.execute(query.order_by(attachment.c.inbox, attachment.c.part)):
        fields = {k: v for k, v in row._mapping.items() if k not in ("inbox", "scan_tries")}
        files.setdefault(row.inbox, []).append(StoredFile(**fields | {"scan": Scan(row.scan)}))
    mails = connection.execute(select(mail).where(mine).order_by(mail.c.inbox))
    return {
        row.inbox: StoredMail(
            **{k: v for k, v in row._mapping.items() if k != "ticket"}, files=tuple(files.get(row.inbox, ()))
        )
        for row in mails
    }
