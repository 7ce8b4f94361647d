"""What daily work costs on one store, in CPU: of this process, and of PostgreSQL where it is asked.

The use cases are called as the daemon calls them, in this process, one after another: a figure of a
tenth of a millisecond would drown in the noise of a whole daemon.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench.corpus import Posted
from bench.fill import count_of
from bench.old_tickets import AGENT, SETTINGS
from bench.processes import family, usage
from maild.app.arrival import Arrival, Door
from maild.app.list_lines import Readable
from maild.clock import utc_now
from maild.mail.asked_lists import Asked, Which
from maild.store.overview import read_overview
from maild.store.reading import snapshot
from maild.store.schema import inbox
from maild.store.searching import search_tickets
from maild.store.unit import StoredUnit
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail
from maild.tickets.permissions import Limits, Reach

_ANY: Limits = (frozenset(), frozenset())
_EVERYTHING = Readable(reach=Reach(own="", places=((_ANY, _ANY),)))
_ACCEPTED = 10  # mails that a group commit holds, about
LISTS = {
    "list mine": Asked(which=Which.MINE),
    "list unassigned": Asked(which=Which.UNASSIGNED),
    "list of a queue": Asked(which=Which.QUEUE, what="support"),
    "list at risk": Asked(which=Which.AT_RISK),
}
_PAGE = 25
PER_MAIL = ("accept a mail", "a mail to its ticket", "deliver, per mail", "index for the search, per mail")


@dataclass
class Store:
    """One store at work; `server` is PostgreSQL's main process, None on SQLite."""

    url: str
    folder: Path
    tickets: int
    server: int | None = None
    spent: dict[str, float] = field(default_factory=dict)  # ms of CPU of the round, by what it was spent on

    def __post_init__(self) -> None:
        """Open it, and do what is due before anything is measured."""
        self.folder.mkdir(exist_ok=True)
        self.talk = Conversation(self.url, self.folder, settings=SETTINGS, now=utc_now())
        self.talk.watch()
        self.talk.work()
        self.talk.parts.indexing.run()
        self._round = 0

    def close(self) -> None:
        """Close it."""
        self.talk.close()

    def round(self, corpus: list[Posted], looks: int) -> dict[str, float]:
        """Milliseconds of CPU by what they were spent on: per mail, or per look."""
        self.spent, parts = {}, self.talk.parts
        self._round += 1
        mails = [mail.raw for mail in corpus] + self._replies_to_old(len(corpus) // 5)
        self.talk.wait(timedelta(minutes=10))
        with self._timed("accept a mail", len(mails)):
            for first in range(0, len(mails), _ACCEPTED):
                parts.inbox.accept([self._arrival(raw) for raw in mails[first : first + _ACCEPTED]])
        with self._timed("a mail to its ticket", len(mails)):
            parts.ingest.run()
        with self._timed("deliver, per mail", len(mails)):
            parts.deliver.run()
        # Before the search is indexed, which waits until nothing else is due.
        self.talk.wait(timedelta(hours=1))
        with self._timed("watcher, clocks of an hour due", 1):
            parts.watch_clocks()
        self.talk.work()
        with self._timed("index for the search, per mail", len(mails)):
            while parts.indexing.run():
                pass
        self._look("claim, nothing due", looks, parts.ingest.run)
        self._look("watcher, nothing due", looks, parts.watch.run)
        self._look("sweep", looks, parts.sweep.run)
        self._look_at_lists(looks)
        return self.spent

    def _look_at_lists(self, looks: int) -> None:
        for name, asked in LISTS.items():
            self._look(name, looks, lambda asked=asked: self.look_at(asked))  # type: ignore[misc]
        self._look("a customer's open tickets", looks, self._open_of_customer)
        self._look("search, a rare word", looks, lambda: self._search(f"{self.tickets:07}"))
        self._look("search, a frequent word", looks, lambda: self._search("pump cold"))
        self._look("status", looks, self._status)

    def _replies_to_old(self, count: int) -> list[bytes]:
        """Mails of old customers: half to tickets that are open, half to ones that were closed long ago."""
        is_open = self.tickets - min(500, self.tickets // 2)
        places = [self.tickets - 1 - n * 3 - self._round for n in range(count - count // 2)]
        places += [1 + (n * (is_open // count) + self._round) % is_open for n in range(count // 2)]
        people = min(self.tickets, 20_000)
        return [
            new_mail(
                f"It is the same again, in round {self._round}.",
                sender=f"Old {n % people:07} <old{n % people:07}@past.example>",
                subject=f"Re: Pump {n:07}",
                message_id=f"r{self._round}.{self.talk.now.timestamp():.0f}.{n}@past.example",
                headers={"In-Reply-To": f"<o{n:07}.1@past.example>", "References": f"<o{n:07}.1@past.example>"},
            )
            for n in places
        ]

    def _arrival(self, raw: bytes) -> Arrival:
        return Arrival(
            door=Door.SMTP,
            raw=raw,
            received_at=self.talk.now,
            envelope_from="somebody@past.example",
            envelope_to=("support@example.com",),
        )

    def _look(self, name: str, times: int, look: Callable[[], object]) -> None:
        look()
        with self._timed(name, times):
            for _ in range(times):
                look()

    def look_at(self, asked: Asked) -> None:
        """A page of a list, as an agent's mail asks for it."""
        with self.talk.database.write() as connection:
            StoredUnit(connection).listed(asked, AGENT, _EVERYTHING, self.talk.now, limit=_PAGE)

    def _open_of_customer(self) -> None:
        with self.talk.database.read() as connection:
            StoredUnit(connection).open_tickets_of("old0000007@past.example", "", self.talk.now, limit=_PAGE)

    def _search(self, words: str) -> None:
        with self.talk.database.read() as connection:
            search_tickets(connection, words)

    def _status(self) -> None:
        with snapshot(self.talk.database) as connection:
            read_overview(connection, self.talk.now)

    @contextmanager
    def _timed(self, name: str, among: int) -> Iterator[None]:
        before = self._cpu_ms()
        yield
        self.spent[name] = (self._cpu_ms() - before) / among

    def _cpu_ms(self) -> float:
        """Of this process, and of the server, whose clock ticks only every 10 ms."""
        server = sum(usage(pid).cpu_ms for pid in family(self.server)) if self.server else 0.0
        return time.process_time() * 1000 + server

    def last_mail(self) -> int:
        """The number of the last mail that it has had."""
        with self.talk.database.read() as connection:
            return count_of(connection, inbox)
