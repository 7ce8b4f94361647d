"""A ticket that came by mail, as a pattern of which any number of copies are made.

maild itself makes it in a small store of its own (`old_tickets.py`), so a copy has every row that a ticket has:
mails with their raw bytes, events, letters, keys, clues, clocks, words of the search. In a copy, numbers, ids, names
and moments are its own, and its events are hashed anew: chains verify. Three things are not as mail would leave them:
notifications of agents are left out; signatures in our own Message-IDs are those of the pattern; and digests
that serve as keys (of contents, of clues) begin with the ticket's number, so that they are written in order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from maild.store.rows import pack, unpack
from maild.store.schema import Moment, metadata
from maild.store.search_index import as_vector
from maild.tickets.events import Event, content_digest, link_hash

MAILS = 3  # of each ticket
LETTERS = 4  # at most, so ids of rows are known without asking
# Stand in the patterns for what every copy has of its own; long, so that they are found nowhere else.
NUMBER, PLACE, WHO = "7654321", "8765432", "9876543"
BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # when the pattern's first mail came
_FORMAT = "%Y-%m-%d %H:%M:%S.%f"  # as SQLAlchemy writes moments on SQLite
_MOMENTS = {
    table.name: {c.name for c in table.columns if isinstance(c.type, Moment)} for table in metadata.sorted_tables
}
_IDS = {  # columns that hold the id of a row in another table, or its own
    "inbox": {("inbox", "id"), ("seen", "inbox"), ("mail", "inbox"), ("event", "mail"), ("outbox", "cause")},
    "raw": {("raw", "id"), ("inbox", "raw"), ("outbox", "raw")},
    "outbox": {("outbox", "id")},
}
_DIGESTS = {("seen", "content_key"), ("clue", "key")}

Row = dict[str, Any]
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a copy has of its own."""

    number: int
    who: int  # of its customer, from 0
    contact: int  # the row of that person
    agent: int  # the row of AGENT
    later: timedelta  # than the pattern


class Pattern:
    """A ticket with its rows, as SQLite keeps them."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.columns = {name: list(rows[0]) for name, rows in tables.items()}
        self._tables = tables
        self._places = {
            sort: {old: place for place, old in enumerate(sorted(row["id"] for row in tables[sort]), start=1)}
            for sort in _IDS
        }
        self._nonces = [row["nonce"] for row in tables["outbox"]]
        cells = ((n, c, v) for n, rows in tables.items() for row in rows for c, v in row.items())
        self._moments = {v: _moment(v) for n, c, v in cells if v is not None and c in _MOMENTS.get(n, ())}
        # A row, and what each copy has of its own in it.
        self._cells = {
            name: [(list(row.values()), self._own_cells(name, row)) for row in rows]
            for name, rows in tables.items()
            if name not in {"event", "event_content", "raw"}
        }
        self._bodies = [(row["id"], unpack(row["body"]).decode("latin-1"), row["pieces"]) for row in tables["raw"]]

    def ids(self, sort: str) -> int:
        """How many ids of this sort a copy takes."""
        return MAILS if sort == "inbox" else MAILS + LETTERS if sort == "raw" else LETTERS

    def copy(self, of: Copy) -> Rows:
        """Every row of a copy, with its columns in the order of `columns`."""
        its = _Its(self, of)
        rows: Rows = {"raw": []}
        sizes = {}
        for old, body, pieces in self._bodies:
            own = its.text(body).encode("latin-1")
            sizes[old] = len(own)
            rows["raw"].append((its.id("raw", old), len(own), pack(own), pieces, None))
        head = self._chain(its, rows)
        its.own.update(head=head, **{f"size {old}": size for old, size in sizes.items()})
        for name, many in self._cells.items():
            rows[name] = [_filled(cells, own, its) for cells, own in many]
        return rows

    def _chain(self, its: _Its, rows: Rows) -> str:
        """The events and what stands beside them, hashed anew; returns the head of the chain."""
        contents = {row["seq"]: row for row in self._tables.get("event_content", ())}
        head = ""
        events, beside = [], []
        for row in self._tables["event"]:
            salt, content, digest = "", None, ""
            if row["seq"] in contents:
                salt, content = f"{its.of.number:032x}", json.loads(its.text(contents[row["seq"]]["content"]))
                digest = content_digest(salt, content)
                beside.append((its.of.number, row["seq"], salt, json.dumps(content)))
            event = Event(
                ticket=its.of.number,
                seq=row["seq"],
                at=self._moments[row["at"]] + its.of.later,
                kind=row["kind"],
                actor=its.actor(row["actor"]),
                mail=None if row["mail"] is None else its.id("inbox", row["mail"]),
                data=json.loads(its.text(row["data"])),
                content=content,
                salt=salt,
                digest=digest,
                prev=head,
                hash="",
            )
            prev, head = head, link_hash(event)
            chained = (row["kind"], event.actor, event.mail, json.dumps(event.data), digest, prev, head)
            events.append((event.ticket, event.seq, its.moments[row["at"]], *chained))
        rows["event"], rows["event_content"] = events, beside
        return head

    def _own_cells(self, table: str, row: Row) -> list[tuple[int, Callable[[_Its], Any]]]:
        made = ((place, self._made(table, column, value)) for place, (column, value) in enumerate(row.items()))
        return [(place, make) for place, make in made if make is not None]

    def _made(self, table: str, column: str, value: Any) -> Callable[[_Its], Any] | None:
        """What makes a copy's own value; None: all copies share this one."""
        if value is None:
            return None
        if value == int(NUMBER):
            return lambda its: its.of.number
        if value in self._moments and column in _MOMENTS.get(table, ()):
            return lambda its: its.moments[value]
        for sort, columns in _IDS.items():
            if (table, column) in columns:
                return lambda its: its.id(sort, value)
        if (table, column) in _DIGESTS:
            return lambda its: f"{its.of.number:010x}{value[10:]}"
        if (table, column) == ("ticket", "head"):
            return lambda its: its.own["head"]
        if column == "size" and table in {"inbox", "outbox"}:
            raw = next(row["raw"] for row in self._tables[table] if row["size"] == value)
            return lambda its: its.own[f"size {raw}"]
        if isinstance(value, str) and any(token in value for token in (NUMBER, PLACE, WHO, *self._nonces)):
            return lambda its: its.text(value)
        return None


class _Its:
    """What of one copy is asked for again and again."""

    def __init__(self, pattern: Pattern, of: Copy) -> None:
        self.of = of
        self.own: dict[str, Any] = {}
        self._places = pattern._places
        self._room = {sort: (of.number - 1) * pattern.ids(sort) for sort in _IDS}
        self.moments = {old: (moment + of.later).strftime(_FORMAT) for old, moment in pattern._moments.items()}
        octal = f"{of.number:010o}".translate(_LETTERS_OF_DIGITS)
        self._tokens = [(nonce, nonce[:6] + octal) for nonce in pattern._nonces]
        self._tokens += [(NUMBER, str(of.number)), (PLACE, f"{of.number:07}"), (WHO, f"{of.who:07}")]

    def text(self, value: str) -> str:
        """A text with what this copy has of its own."""
        for token, own in self._tokens:
            if token in value:
                value = value.replace(token, own)
        return value

    def id(self, sort: str, old: int) -> int:
        """The id of a row."""
        return self._room[sort] + self._places[sort][old]

    def actor(self, old: str) -> str:
        """Who did it."""
        kind, _, _ = old.partition(":")
        rows = {"contact": self.of.contact, "agent": self.of.agent}
        return f"{kind}:{rows[kind]}" if kind in rows else old


def _filled(cells: list[Any], own: list[tuple[int, Callable[[_Its], Any]]], its: _Its) -> tuple[Any, ...]:
    filled = cells.copy()
    for place, make in own:
        filled[place] = make(its)
    return tuple(filled)


_LETTERS_OF_DIGITS = str.maketrans("01234567", "abcdefgh")  # base32 has no 0 and no 1


def _moment(value: str) -> datetime:
    return datetime.strptime(value, _FORMAT).replace(tzinfo=UTC)


def counted_lately(copies: Sequence[Copy]) -> Iterator[tuple[str, int, int, int]]:
    """The counts by the minute that the letters of these copies leave: to whom, about which ticket, in all."""
    counts: dict[tuple[str, int], int] = {}
    for of in copies:
        minute = int((BEGAN + of.later).timestamp()) // 60
        address = f"old{of.who:07}@past.example"
        for scope in (f"from {address}", f"to {address}", f"ticket {of.number}", "domain past.example", "total"):
            counts[scope, minute] = counts.get((scope, minute), 0) + 1
    return ((scope, minute, written, 0) for (scope, minute), written in sorted(counts.items()))


def later_than_pattern(moment: datetime) -> timedelta:
    """How much later than the pattern a copy begins that begins at this moment."""
    return moment - BEGAN


def vector(words: str) -> str:
    """Words of the search as PostgreSQL takes them."""
    return as_vector(words.split())
