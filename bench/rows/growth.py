"""Cost as the store grows: the same work on a small store and on a large one, in turn, in CPU.

The mails are those of the corpus and, to every five of them, one of an old customer about a stored ticket.
What is done per mail has a target; so have the watcher, the sweep, the lists, the search and the status.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from bench.corpus import again, make_corpus
from bench.figures import Figure, How, at_most
from bench.fill import fill_database
from bench.one_store import PER_MAIL, Store
from maild.store.engine import Database
from maild.store.migrate import upgrade
from maild.testing.servers import MissingServer, PostgresServer, ServerFailed, postgres

_SMALL = 1_000
_LIMIT = at_most(1.3)
# Differences below these are none: the clock of PostgreSQL's processes ticks every 10 ms, and nobody sees half a one.
_BLUR_MS, _BLUR_OF_A_LOOK_MS = 0.1, 0.5


def measure(how: How) -> Iterator[Figure]:
    """How many times the cost of the small store, by what is done."""
    large = how.tickets or how.size(60, 100_000, 1_000_000)
    small = min(_SMALL, large // 2)
    with ExitStack() as stack:
        kept = how.stores or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="maild-bench-")))
        kept.mkdir(parents=True, exist_ok=True)
        urls = [filled_sqlite(kept, count, how) for count in (small, large)]
        yield from _compare("SQLite", urls, (small, large), None, how)
    if how.quick:  # a third private server would take longer than all the rest
        return
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres(durable=True))
        except (MissingServer, ServerFailed) as missing:
            yield Figure(name="PostgreSQL", value=None, note=str(missing))
            return
        urls = [_filled_postgresql(server, count, how) for count in (small, large)]
        yield from _compare("PostgreSQL", urls, (small, large), server.pid, how)


def filled_sqlite(folder: Path, count: int, how: How) -> str:
    """A store of this size; one that was kept is used again, with the tables of today."""
    file, making = folder / f"{count}-tickets.db", folder / f"{count}-tickets.making"
    if not file.exists():
        how.say(f"  filling SQLite with {count:,} tickets")
        for old in folder.glob(f"{making.name}*"):
            old.unlink()
        fill_database(f"sqlite:///{making}", count, how.say)
        making.rename(file)
    database = Database(url := f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return url


def _filled_postgresql(server: PostgresServer, count: int, how: How) -> str:
    how.say(f"  filling PostgreSQL with {count:,} tickets")
    url = server.create_database(f"bench_{count}")
    fill_database(url, count, how.say)
    return url


def _compare(name: str, urls: list[str], sizes: tuple[int, int], server: int | None, how: How) -> Iterator[Figure]:
    corpus = make_corpus(how.size(10, 250))
    looks = how.size(2, 20)
    with tempfile.TemporaryDirectory() as folder:
        stores = [Store(url, Path(folder) / str(count), count, server) for url, count in zip(urls, sizes, strict=True)]
        rounds = []
        first = stores[1].last_mail()  # a kept store has had the mails of earlier runs
        for number in range(1, how.rounds + 1):
            mails = again(corpus, first + number)
            rounds.append([store.round(mails, looks) for store in stores])
            how.say(f"  {name}: round {number} of {how.rounds}")
        for store in stores:
            store.close()
    what = f"{name}, {sizes[0]:,} and {sizes[1]:,} tickets"
    yield Figure(name=f"{what}: size of the larger one", value=_size_mib(urls[1]), unit="MiB")
    together = [[sum(one[each] for each in PER_MAIL) for one in both] for both in rounds]
    yield _ratio(f"{what}: a mail in all", together, _BLUR_MS)
    for done in rounds[0][0]:
        blur = _BLUR_MS if done in PER_MAIL else _BLUR_OF_A_LOOK_MS
        yield _ratio(f"{what}: {done}", [[one[done] for one in both] for both in rounds], blur)


def _ratio(name: str, rounds: list[list[float]], blur_ms: float) -> Figure:
    """The large store's cost over the small one's, of medians over the rounds."""
    small, large = (statistics.median(both[place] for both in rounds) for place in (0, 1))
    same = abs(large - small) < blur_ms
    return Figure(
        name=name,
        value=1.0 if same else large / max(small, _BLUR_MS),
        unit="times",
        target=_LIMIT,
        note=f"{small:.2f} and {large:.2f} ms of CPU",
    )


def _size_mib(url: str) -> float:
    database = Database(url)
    asked = "SELECT pg_database_size(current_database())"
    if database.sqlite:
        asked = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    with database.read() as connection:
        size = int(connection.execute(text(asked)).scalar_one())
    database.close()
    return size / 2**20
