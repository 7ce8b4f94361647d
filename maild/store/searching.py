"""Finds tickets by their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, TextClause, text

from maild.app.search_words import Phrase, read_search

_FOUND = {
    "sqlite": "SELECT rowid AS ticket FROM search_words WHERE search_words MATCH :asked AND rowid < :before",
    "postgresql": "SELECT ticket FROM search_words WHERE words @@ CAST(:asked AS tsquery) AND ticket < :before",
}
_SOME = {name: text(f"{found} LIMIT :most") for name, found in _FOUND.items()}
_NEWEST = {name: text(f"{found} ORDER BY ticket DESC LIMIT :most") for name, found in _FOUND.items()}
_NOTHING = {"sqlite": '""', "postgresql": ""}  # FTS5 takes no words for an error, and a phrase of none for one
_END = 1 << 62  # above every number of a ticket
# How many tickets PostgreSQL finds by its index and sorts. Of more it reads the newest tickets one by one, until
# enough have the words: it would do the same for a word that hardly any ticket has, and read a million.
_SORTED = 10_000


def search_tickets(connection: Connection, words: str, *, limit: int = 50, before: int | None = None) -> list[int]:
    """The newest tickets that hold all these words and "quoted phrases"; `word*` is the beginning of one.

    `before` is the last ticket of the page before. Whatever anybody writes only searches; words without a
    letter or a digit find nothing. Who may read the tickets is for the caller to ask.
    """
    if connection.dialect.name == "sqlite":  # it keeps the tickets of each word in order
        return _look(connection, _NEWEST, words, before, limit)
    found = _look(connection, _SOME, words, before, _SORTED)
    if len(found) < _SORTED:
        return sorted(found, reverse=True)[:limit]
    return _look(connection, _NEWEST, words, before, limit)


def _look(
    connection: Connection, statements: Mapping[str, TextClause], words: str, before: int | None, most: int
) -> list[int]:
    dialect = connection.dialect.name
    asked = _asked_of(read_search(words), dialect) or _NOTHING[dialect]
    _plan_each_time(connection)
    return list(
        connection.execute(statements[dialect], {"asked": asked, "before": before or _END, "most": most}).scalars()
    )


def _plan_each_time(connection: Connection) -> None:
    """Let PostgreSQL find the best way for these very words: for rare and for frequent ones it is another one."""
    if connection.dialect.name == "postgresql":
        connection.execute(_CUSTOM)


_CUSTOM = text("SET LOCAL plan_cache_mode = force_custom_plan")


def _asked_of(phrases: Iterable[Phrase], dialect: str) -> str:
    """A search in the database's own language; "" for no phrase. Terms hold no character that means anything there."""
    if dialect == "sqlite":  # https://sqlite.org/fts5.html#full_text_query_syntax
        return " AND ".join(f'"{" ".join(p.terms)}"{" *" if p.open_end else ""}' for p in phrases)
    return " & ".join(map(_postgresql, phrases))


def _postgresql(phrase: Phrase) -> str:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY ."""
    quoted = " <-> ".join(f"'{term}'" for term in phrase.terms)
    return f"({quoted}:*)" if phrase.open_end else f"({quoted})"


def holders_of(connection: Connection, terms: Sequence[str], *, most: int) -> dict[str, list[int]]:
    """The tickets that hold each of these terms; terms that none has, or more than `most`, are left out.

    One statement, whose cost is bounded by the number of terms and `most`, however many tickets there are.
    """
    if not terms:
        return {}
    dialect = connection.dialect.name
    asked = {f"t{place}": _asked_of([Phrase((term,))], dialect) for place, term in enumerate(terms)}
    _plan_each_time(connection)
    rows = connection.execute(_holders(dialect, len(terms)), {**asked, "before": _END, "most": most + 1})
    found = {terms[place]: [int(number) for number in (held or "").split()] for place, held in rows}
    return {term: numbers for term, numbers in found.items() if 0 < len(numbers) <= most}


@cache
def _holders(dialect: str, count: int) -> TextClause:
    together = "group_concat(ticket, ' ')" if dialect == "sqlite" else "string_agg(CAST(ticket AS text), ' ')"
    some = f"{_FOUND[dialect]} LIMIT :most"
    each = (
        f"SELECT {place} AS place, {together} AS held FROM ({some.replace(':asked', f':t{place}')}) AS found"  # noqa: S608  # words of our own
        for place in range(count)
    )
    return text(" UNION ALL ".join(each))
