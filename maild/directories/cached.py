"""One directory with its memory: answers that are fresh, the last good ones, and a breaker.

After a failure the source is not asked again for a while, so that a group of mails waits for a dead one
once; until then, and until it answers again, the last that it said stands, marked with the trouble.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.app.lookups import Entry, Looked, folded
from maild.app.ports import Log
from maild.clock import Clock
from maild.directories.kept import Kept, NothingKept
from maild.directories.source import LONGEST_KEY, Away, Source, Trouble

REST = timedelta(seconds=30)  # how long a source that failed is left alone
_NEGATIVE = timedelta(minutes=1)  # how long "there is no such thing" counts: an order is entered after its mail
_MOST = 10_000  # answers that are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a directory stands, for people."""

    name: str
    of: str
    by_key: bool
    entries: int  # that are remembered
    at: datetime | None  # of the last good answer
    trouble: str
    since: datetime | None  # the trouble began
    stale: bool  # what is remembered is older than it should be


class Directory:
    """Thread-safe; `ask` blocks for as long as its source does, everything else answers at once."""

    def __init__(
        self,
        name: str,
        of: str,
        source: Source | Trouble,
        *,
        refresh: timedelta,
        clock: Clock,
        log: Log,
        kept: Kept | NothingKept | None = None,
    ) -> None:
        """`source`: the trouble that it could not even be made for, instead."""
        self.name = name
        self.of = of
        self.refresh = refresh
        self._source = source
        self._clock = clock
        self._log = log
        self._kept = kept or NothingKept()
        self._lock = threading.Lock()
        self._loading = threading.Lock()  # one reads the list, the others wait for it
        self._answers: dict[str, tuple[Entry | None, datetime]] = {}
        self._faults: dict[str, tuple[str, datetime]] = {}  # key -> what was wrong with the answer about it
        self._list: dict[str, Entry] | None = None
        self.version = 0  # of the list: how often it has changed since the start
        self._stamp: object = None
        self._at: datetime | None = None
        self._trouble = ""
        self._since: datetime | None = None
        self._rests_until: datetime | None = None
        if before := self._kept.read():
            self._at, entries = before
            self._list = {folded(entry.key): entry for entry in entries}

    @property
    def by_key(self) -> bool:
        """Whether it is asked about one key at a time."""
        return not isinstance(self._source, Trouble) and self._source.by_key

    @property
    def entries(self) -> Sequence[Entry]:
        """The list as it was read last, fresh or not."""
        return tuple((self._list or {}).values())

    def known(self, key: str) -> Looked | None:
        """The answer if it can be had without asking: it is fresh, or the source is left alone; else None."""
        now = self._clock()
        with self._lock:
            entry, at = self._remembered(key)
            if at is not None and self._is_fresh(entry, at, now):
                return Looked(entry, at=at)
            if self._rests_until is not None and now < self._rests_until:
                return Looked(entry, self._trouble, at)
            words, when = self._faults.get(folded(key), ("", now))
            if words and now < when + REST:
                return Looked(entry, words, at)
        return None

    def last(self, key: str, trouble: str) -> Looked:
        """What is remembered, fresh or not, when nobody is asked because of this."""
        with self._lock:
            entry, at = self._remembered(key)
            return Looked(entry, self._trouble or trouble, at)

    def ask(self, key: str) -> Looked:
        """Ask the source, unless somebody else just did; trouble is words, never an exception."""
        if len(key) > LONGEST_KEY or not folded(key):
            return Looked(at=self._clock())
        if found := self.known(key):
            return found
        if not self.by_key:
            self.load()
            return self.known(key) or self.last(key, "")
        try:
            entry = self._asked_source().look(key)
        except Exception as error:  # noqa: BLE001  # whatever a source does, the mail goes on
            self._fail(error, key)
            return self.last(key, _words(error))
        now = self._clock()
        with self._lock:
            self._answers.pop(folded(key), None)
            self._faults.pop(folded(key), None)
            while len(self._answers) >= _MOST:
                del self._answers[next(iter(self._answers))]
            self._answers[folded(key)] = (entry, now)
            self._at = now
        self._recover()
        return Looked(entry, at=now)

    def load(self, *, force: bool = False) -> bool:
        """Read the whole list, unless it is fresh or the source is left alone; whether it is another one now."""
        with self._loading:
            now = self._clock()
            rests = self._rests_until is not None and now < self._rests_until
            fresh = self._at is not None and self._list is not None and self._is_fresh(None, self._at, now)
            if not force and (rests or fresh):
                return False
            try:
                stamp, found = self._read()
            except Exception as error:  # noqa: BLE001  # whatever a source does, what was read before stands
                self._fail(error, "")
                return False
            with self._lock:
                changed = found != self._list
                self.version += changed
                self._list, self._at, self._stamp = found, now, stamp
            self._kept.write(now, tuple(self._list.values()))
            self._recover()
            return changed

    def give_up(self, trouble: str) -> None:
        """It did not come back in time: leave it alone for a while."""
        self._fail(Away(trouble), "")

    def standing(self) -> Standing:
        """How it stands now."""
        with self._lock:
            at, count = self._at, len(self._answers) if self.by_key else len(self._list or ())
            stale = bool(self._trouble) or (not self.by_key and (at is None or self._clock() >= at + self.refresh))
            return Standing(
                name=self.name,
                of=self.of,
                by_key=self.by_key,
                entries=count,
                at=at,
                trouble=self._trouble,
                since=self._since,
                stale=stale,
            )

    def _read(self) -> tuple[object, dict[str, Entry]]:
        """The whole list by key; of two entries with one key, the first counts. Raises what a source raises."""
        source = self._asked_source()
        stamp = source.stamp()
        found: dict[str, Entry] = {}
        for entry in source.all():
            found.setdefault(folded(entry.key), entry)
        if self._list and not found:  # a file that is being written, an answer of a broken program
            raise Away(f"it is empty, and had {len(self._list)} entries")
        return stamp, found

    def _asked_source(self) -> Source:
        if isinstance(self._source, Trouble):
            raise self._source
        return self._source

    def _remembered(self, key: str) -> tuple[Entry | None, datetime | None]:
        if self.by_key:
            return self._answers.get(folded(key), (None, None))
        return (None, None) if self._list is None else (self._list.get(folded(key)), self._at)

    def _is_fresh(self, entry: Entry | None, at: datetime, now: datetime) -> bool:
        if isinstance(self._source, Trouble):
            return False
        if self.by_key:
            return now < at + (self.refresh if entry else min(self.refresh, _NEGATIVE))
        return now < at + self.refresh and self._source.stamp() == self._stamp

    def _fail(self, error: Exception, key: str) -> None:
        now, words = self._clock(), _words(error)
        with self._lock:
            if key and isinstance(error, Trouble) and not isinstance(error, Away):
                while len(self._faults) >= _MOST:
                    del self._faults[next(iter(self._faults))]
                self._faults[folded(key)] = (words, now)  # it answers; only this answer is no good
                return
            news = not self._trouble
            self._trouble, self._rests_until = words, now + REST
            self._since = now if news else self._since
        if news:
            self._log("directory in trouble", directory=self.name, trouble=words)
            self._kept.note_trouble(words, now)

    def _recover(self) -> None:
        with self._lock:
            news, self._trouble = bool(self._trouble), ""
            self._rests_until = self._since = None
        if news:
            self._log("directory answers again", directory=self.name)
            self._kept.note_trouble("", self._clock())


def _words(error: Exception) -> str:
    """Trouble says it itself; of anything else not more than its kind, which holds no secret."""
    return str(error) if isinstance(error, Trouble) else f"it failed ({type(error).__name__})"
