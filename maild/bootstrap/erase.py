"""Has a person erased: who may be, what it would take away, and the work itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from maild.bootstrap.desk import make_desk
from maild.bootstrap.directories import lists_of, make_directories
from maild.bootstrap.settings import make_signer
from maild.clock import utc_now
from maild.config.model import Config
from maild.errors import Permanent
from maild.store.engine import Database
from maild.store.erasing import Erasing
from maild.store.erasures import begin_erasure, erasure_counts, find_contact, holds_on
from maild.store.persons import Found, find_person, mentions, name_of, others_mails_on
from maild.store.scrub import scrub
from maild.store.tombstones import NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an erasure would take away, and what it cannot reach."""

    contact: int | None
    address: str
    pseudonym: str  # what names the person once it is done
    found: Found
    others_wrote_on: tuple[int, ...]  # tickets of their own on which other customers wrote
    named_in: tuple[tuple[int, int | None], ...]  # (inbox row, ticket) of others' mails that name them; if asked for
    holds: tuple[str, ...]  # what forbids it


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was done."""

    erasure: int
    counts: dict[str, int]
    left: int  # mails and letters that were being worked on: run it again
    scrubbed: bool  # False: SQLite's log still holds pages, until whoever reads has ended


def agents_now(config: Config) -> Collection[str]:
    """The addresses of all agents; directories that list any are read for it, however fresh what they said last is.

    Raises Permanent while one cannot be read: nobody knows then who is a customer.
    """
    directories = make_directories(config, utc_now)
    directories.load({"agents"}, force=True)
    directories.close()
    for each in directories.standings():
        if each.of == "agents" and (each.trouble or each.at is None):
            raise Permanent(
                f"directory {each.name} cannot be read, which lists agents: {each.trouble or 'it gave no answer'};"
                f" mend it (maild directory list), for what agents write and get is no customer's"
            )
    return make_desk(config, lists_of(directories)).agents


def person_of(agents: Collection[str], connection: Connection, who: str) -> tuple[int | None, str]:
    """A person's number as a contact, if there is one, and address, by either of them.

    Raises Permanent for one of the agents, and for what is neither an address nor the number of a contact.
    """
    try:
        number, address = find_contact(connection, who)
    except KeyError:
        raise Permanent(f"there is no contact {who.removeprefix('contact:')}") from None
    if address in agents:
        raise Permanent(
            f"{address} is an agent: what agents write and get is the desk's own; take them out of the"
            " configuration or its directory first, if it is to be treated as a customer's"
        )
    if "@" not in address or address.endswith(NOBODY):
        raise Permanent(f"{who} is no address, and no number of a contact that is not erased yet")
    return number, address


def plan_erasure(
    config: Config, database: Database, who: str, *, agents: Collection[str], report: bool = False
) -> Plan:
    """Find everything of a person, by address or contact number.

    Raises Permanent as `person_of`.
    """
    with database.read() as connection:
        number, address = person_of(agents, connection, who)
        found = find_person(connection, address)
        names = [f"contact:{number}", *(f"ticket:{each}" for each in (*found.tickets, *found.others))]
        holds = holds_on(connection, names)
        words = [address, *(name for name in [name_of(connection, address)] if len(name) > 3)]
        return Plan(
            contact=number,
            address=address,
            pseudonym=make_signer(config).pseudonyms(address)[0],
            found=found,
            others_wrote_on=tuple(others_mails_on(connection, found.tickets, address)),
            named_in=tuple(mentions(connection, words, found)) if report else (),
            holds=tuple(
                f"{hold.name.replace(':', ' ')} must be kept ({hold.reason}, {hold.ordered_by})" for hold in holds
            ),
        )


def erase_person(
    database: Database,
    plan: Plan,
    *,
    by: str,
    reason: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> Erased:
    """Do it; whoever was interrupted calls it again. Raises Permanent when something must be kept."""
    number, left = carry_out(database, plan, by=by, reason=reason, ordered_at=now, now=now, progress=progress)
    scrubbed = scrub(database)
    with database.read() as connection:
        return Erased(erasure=number, counts=erasure_counts(connection, number), left=left, scrubbed=scrubbed)


def carry_out(
    database: Database,
    plan: Plan,
    *,
    by: str,
    reason: str,
    ordered_at: datetime,
    now: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[int, int]:
    """(number of the erasure, mails and letters that are left); whoever has erased the last one calls `scrub`.

    Raises Permanent when something must be kept.
    """
    if plan.holds:
        raise Permanent("; ".join(plan.holds))
    with database.write() as connection:
        number = begin_erasure(
            connection, address=plan.address, number=plan.contact, by=by, reason=reason, now=ordered_at
        )
    erasing = Erasing(database, address=plan.address, pseudonym=plan.pseudonym, erasure=number, now=now)
    return number, erasing.run(progress)


def tickets_of(plan: Plan) -> Sequence[int]:
    """Every ticket that is touched."""
    return sorted({*plan.found.tickets, *plan.found.others})
