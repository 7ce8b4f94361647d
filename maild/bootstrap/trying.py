"""Tries changed rules on stored mails, in as many processes as there are cores.

Each process reads its own batches from the store: the mails never travel between processes, only their
numbers there and what would move back.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing.synchronize import Event

from maild.app.desk import Desk
from maild.app.replay import Kept, is_trusted, mail_again, ready_again, sent_by_agent
from maild.app.routed import decide
from maild.app.routing_facts import facts_of
from maild.bootstrap.cores import cores
from maild.bootstrap.desk import make_desk
from maild.bootstrap.parts import database_url
from maild.config.model import Config
from maild.errors import Temporary
from maild.mail.model import Mail
from maild.routing.analysis import Usage
from maild.routing.decision import Decision, Tried
from maild.routing.rules import Rule
from maild.store.engine import Database
from maild.store.kept_mails import load_kept, routed_mails
from maild.store.reading import snapshot

WORTH_PROCESSES = 2_000  # mails; with fewer, starting processes takes longer than the work
_AHEAD = 4  # batches that wait for each process

Hits = tuple[tuple[str, bool], ...]  # the rules that hit a mail, and whether each decided anything


@dataclass(frozen=True, slots=True)
class Move:
    """One value that would be another one."""

    field: str
    was: str  # "" for none
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A mail about which the rules disagree."""

    inbox: int
    ticket: int | None  # that it opened
    moves: tuple[Move, ...]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of some mails; what could not be read is in none of the other counts."""

    mails: int = 0
    unread: int = 0
    moved: list[Moved] = field(default_factory=list)
    hits: Counter[Hits] = field(default_factory=Counter)  # of the changed rules, by the set that hit

    def add(self, other: Tally) -> None:
        """Add what came of others."""
        self.mails += other.mails
        self.unread += other.unread
        self.moved += other.moved
        self.hits.update(other.hits)

    def usage(self, rules: Sequence[Rule]) -> Usage:
        """What these rules, the changed ones, did."""
        usage = Usage(rules)
        for together, mails in self.hits.items():
            usage.add(
                [Tried(rule=name, hit=True, why="", gave=("something",) * gave) for name, gave in together], mails
            )
        return usage


class Trial:
    """Two sets of rules on one store."""

    def __init__(self, old: Config, new: Config) -> None:
        self._database = Database(database_url(old))
        self._old, self._new = make_desk(old), make_desk(new)

    def run(self, ids: Sequence[int], stopped: Callable[[], bool] = lambda: False) -> Tally:
        """What would move of these mails, unless stopped. Raises Temporary when the database cannot be reached."""
        tally = Tally()
        found = 0
        with snapshot(self._database) as connection:
            for found, kept in enumerate(load_kept(connection, ids), 1):  # noqa: B007  # how many there were
                if stopped():
                    return tally
                self._one(kept, tally)
        tally.unread += len(ids) - found
        return tally

    def _one(self, kept: Kept, tally: Tally) -> None:
        try:
            mail = mail_again(kept)
            was, now = (_decided(kept, mail, desk) for desk in (self._old, self._new))
        except Exception:  # noqa: BLE001  # one mail must not end the trial of a hundred thousand
            tally.unread += 1
            return
        tally.mails += 1
        tally.hits[tuple((hit.rule, bool(hit.gave)) for hit in now[1].hits)] += 1
        both = [name for name in FIELDS if name in was[0] and name in now[0]]
        moves = tuple(Move(name, was[0][name], now[0][name]) for name in both if was[0][name] != now[0][name])
        if moves:
            tally.moved.append(Moved(inbox=kept.inbox, ticket=kept.ticket, moves=moves))

    def close(self) -> None:
        """Close the database."""
        self._database.close()


_PLAIN = ("assignee", "assign", "skill", "priority", "reason", "type", "case_type", "policy", "template", "hold")
FIELDS = ("becomes", "queue", "team", *_PLAIN, "tags")


def _decided(kept: Kept, mail: Mail, desk: Desk) -> tuple[dict[str, str], Decision]:
    """What is compared of a decision, by field, and the decision; of what becomes no ticket only that."""
    prepared = ready_again(kept, mail, desk)
    facts = facts_of(prepared, desk, from_agent=sent_by_agent(prepared, desk))
    decision = decide(facts, desk)
    word = "ticket" if is_trusted(kept, prepared, desk) else becomes(decision)
    if word != "ticket":
        return {"becomes": word}, decision
    team = decision.team or desk.queue_named(decision.queue).team
    values = {"becomes": word, "queue": decision.queue, "team": team}
    values |= {name: getattr(decision, name) for name in _PLAIN}
    values["tags"] = " ".join(sorted(set(decision.tags)))
    return values, decision


def becomes(decision: Decision) -> str:
    """What a mail becomes, in one word: ticket, rejected, spam or ignored."""
    if decision.reject:
        return "rejected"
    return "spam" if decision.spam else "ignored" if decision.ignore else "ticket"


# ---------------------------------------------------------------------------- over all cores


def try_rules(
    old: Config, new: Config, since: datetime, *, mails: int, count: Callable[[int], None], processes: int = 0
) -> Tally:
    """Try changed rules on the mails of a time.

    `mails` is about how many there are, `count` is told how many more are done, `processes` is how many
    to use; 0 for one on each core, or none when there are few mails. Raises Temporary when the database
    cannot be reached.
    """
    tally = Tally()
    try:
        with _runner(old, new, processes or _worth(mails)) as run:
            for part in run(_batches(old, since)):
                tally.add(part)
                count(part.mails + part.unread)
    except BrokenExecutor:
        raise Temporary("a process of the trial was ended from outside, perhaps for want of memory") from None
    tally.moved.sort(key=lambda moved: moved.inbox)
    return tally


def _worth(mails: int) -> int:
    return cores() if mails >= WORTH_PROCESSES else 1


def _batches(config: Config, since: datetime) -> Iterator[list[int]]:
    """The mails of a time, as they were when it began."""
    database = Database(database_url(config))
    try:
        with snapshot(database) as connection:
            yield from routed_mails(connection, since)
    finally:
        database.close()


_Run = Callable[[Iterator[list[int]]], Iterator[Tally]]


@contextmanager
def _runner(old: Config, new: Config, processes: int) -> Iterator[_Run]:
    if processes == 1:
        trial = Trial(old, new)
        try:
            yield lambda batches: map(trial.run, batches)
        finally:
            trial.close()
        return
    # A fresh start for each: a fork of a process with threads and open connections is no safe place to work in.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(old, new, stop))
    try:
        yield lambda batches: _in_pool(pool, batches, processes * _AHEAD)
    finally:
        stop.set()  # else what a process has begun on would delay a Ctrl-C
        pool.shutdown(wait=True, cancel_futures=True)


def _in_pool(pool: ProcessPoolExecutor, batches: Iterator[list[int]], ahead: int) -> Iterator[Tally]:
    """What came of each batch, in any order, with only some of them on their way."""
    waiting: set[Future[Tally]] = set()
    for ids in batches:
        with _deaf():
            waiting.add(pool.submit(_work, ids))
        if len(waiting) >= ahead:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (each.result() for each in done)
    for each in waiting:
        yield each.result()


@contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl-C is for this process alone: those that are started meanwhile inherit that they do not hear it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_run: Callable[[list[int]], Tally] | None = None  # of a process in the pool


def _begin(old: Config, new: Config, stop: Event) -> None:
    global _run  # noqa: PLW0603  # the one place where an initializer can leave something
    _run = partial(Trial(old, new).run, stopped=stop.is_set)


def _work(ids: list[int]) -> Tally:
    if _run is None:
        raise RuntimeError("the process has not begun")
    return _run(ids)
