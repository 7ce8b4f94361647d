"""Makes a store of what a backup held: in this version, with what was ordered since, and nothing sent twice.

its version -> mails that waited are worked off, their letters held -> holds of since -> who was erased since is
erased again -> chains verified
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maild.bootstrap.desk import make_desk
from maild.bootstrap.erase import carry_out, plan_erasure
from maild.bootstrap.looking_back import looking_back
from maild.bootstrap.parts import Parts
from maild.bootstrap.restoring import Ordered
from maild.bootstrap.settings import make_signer
from maild.config.model import Config
from maild.errors import Permanent
from maild.store.after_restore import Held, have_looked_back, held_letters, settling
from maild.store.audit import audit
from maild.store.carried_holds import carry_holds
from maild.store.engine import Database
from maild.store.erasures import Order, keep_order, not_done_yet, numbered, recognised
from maild.store.migrate import upgrade
from maild.store.reading import snapshot
from maild.store.scrub import scrub


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of a store that was set back."""

    held: Sequence[Held]
    waiting: int  # mails that could not be worked off
    faults: Sequence[str]  # of the audit
    erased: Sequence[str]  # who was erased after the backup, and is erased again
    in_it_again: Sequence[str]  # who was, and could not be; each with the reason
    kept: Sequence[str]  # what was put on hold after the backup, and is again
    not_kept: Sequence[str]  # what was, and is not in the backup
    look_back: Mapping[str, datetime]  # mailboxes: since when mails may be unknown that were moved away


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """The use case; run again after it was cut, it ends as it would have."""

    config: Config
    now: datetime
    bring_back: bool  # also those who were erased after the backup
    say: Callable[[str], None]

    def run(self, database: Database, backup_at: datetime, ordered: Ordered) -> Settled:
        """Settle what `database` holds of a backup of `backup_at`. Raises Permanent, Temporary."""
        upgrade(database)
        with database.read() as connection:
            orders = not_done_yet(connection, ordered.erasures)
            whose = numbered(connection, orders)  # before somebody else gets the number of a contact
        self.say("working off the mails that waited")
        Parts(self.config, database, _NoBell(), log=_no_log).ingest.run()
        with database.write() as connection:
            for statement in settling():
                connection.exec_driver_sql(statement)
            waiting = int(
                connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE state = 'waiting'").scalar() or 0
            )
            kept, lost = carry_holds(connection, ordered.holds, self.now)
        with database.read() as connection:
            whose |= recognised(connection, orders, make_signer(self.config).pseudonyms)
        erased, in_it_again = self._erase_again(database, orders, whose)
        with database.write() as connection:
            look_back = have_looked_back(connection, looking_back(self.config), backup_at)
        self.say("verifying the chains")
        with snapshot(database) as connection:
            return Settled(
                held=held_letters(connection),
                waiting=waiting,
                faults=[fault for checked in audit(connection) for fault in checked.faults],
                erased=erased,
                in_it_again=in_it_again,
                kept=[each.says for each in kept],
                not_kept=[each.says for each in lost],
                look_back=look_back,
            )

    def _erase_again(
        self, database: Database, orders: Sequence[Order], whose: Mapping[Order, str]
    ) -> tuple[list[str], list[str]]:
        """(whom, whom not and why) of those who were erased after the backup."""
        if self.bring_back:
            return [], [f"{order.names} (--bring-back-erased)" for order in orders]
        agents = make_desk(self.config).agents  # no directory is asked: that was done when it was ordered
        erased: list[str] = []
        not_erased: list[str] = []
        # Of several orders about one person the last: what was written before it is not read again.
        for order in {whose.get(each, each): each for each in sorted(orders, key=_moment)}.values():
            if order not in whose:
                by_number = (
                    "" if order.address else ", by number alone: if mail of theirs comes back, erase it by address"
                )
                when = f"{order.ordered_at:%Y-%m-%d}"
                not_erased.append(f"{order.names} (erased by order of {when}, not known in it{by_number})")
                with database.write() as connection:
                    keep_order(connection, order, self.now)
                continue
            try:
                _, left = carry_out(
                    database,
                    plan_erasure(self.config, database, whose[order], agents=agents),
                    by=order.ordered_by,
                    reason=order.reason,
                    ordered_at=order.ordered_at,
                    now=self.now,
                )
                (not_erased if left else erased).append(order.names)
            except Permanent as error:
                not_erased.append(f"{order.names} ({error})")
                with database.write() as connection:
                    keep_order(connection, replace(order, address=whose[order]), None)
        if erased or not_erased:
            self.say("erasing again who was erased")
            scrub(database)
        return erased, not_erased


def _moment(order: Order) -> datetime:
    return order.ordered_at


def _no_log(event: str, **facts: object) -> None:  # the signature is the port's
    """The port `Log`: whoever restores is told by the command."""


class _NoBell:
    """The port `Doorbell`; nobody hears it."""

    def ring(self, bell: str, wait: timedelta = timedelta()) -> None:
        """Do nothing."""
