"""What tables are made of: their list, types of columns, indexes over some rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects import sqlite

from maild.clock import to_utc

_written = lru_cache(maxsize=1024)(sqlite.DATETIME().bind_processor(sqlite.dialect()))  # type: ignore[arg-type,no-untyped-call]


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite would give naive ones back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Refuse naive moments; SQLite compares texts, so all are written in UTC."""
        return None if value is None else to_utc(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """On SQLite each moment is written out once: a mail has the same one in a dozen rows."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        return lambda value: None if value is None else _written(to_utc(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Give every moment its zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData()
# SQLite numbers rows itself only in a column that is called INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")
# Keys are compared byte by byte on both databases; a locale's order would break ranges over them.
Key = Text().with_variant(Text(collation="C"), "postgresql")


def partial_index(name: str, *columns: Column[Any], where: str) -> Index:
    """An index over the few rows that are asked for by it, so that it stays small at any number of rows."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
