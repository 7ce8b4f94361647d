"""`column is one of :keys` with all keys in one value: an array on PostgreSQL, a JSON list on SQLite.

The text of the statement is then the same for any number of keys. With a placeholder for each, SQLAlchemy writes it
anew every time, and SQLite parses it: 7 % of what a mail cost.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, ColumnElement, Dialect, Integer, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def among(column: ColumnElement[Any], name: str = "keys") -> ColumnElement[bool]:
    """Whether a column of texts or of whole numbers is one of those that the parameter `name` lists."""
    return _Among(column, bindparam(name, type_=_NUMBERS if isinstance(column.type, Integer) else _TEXTS))


class _Keys(TypeDecorator[Collection[Any]]):
    """Any number of keys as one value."""

    impl = Text
    cache_ok = True

    def __init__(self, each: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database sees."""
        return dialect.type_descriptor(ARRAY(self.each()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """The keys in the database's own form."""
        keys = list(value or ())
        return keys if dialect.name == "postgresql" else json.dumps(keys)


_TEXTS, _NUMBERS = _Keys(Text), _Keys(BigInteger)


class _Among(FunctionElement[bool]):
    """Written differently by each database."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002  # the signature is SQLAlchemy's
        """As it stands: SQLAlchemy would write `= 1` behind it for SQLite, and no index would be found."""
        return self


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, keys = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} = ANY ({keys})"


@compiles(_Among, "sqlite")
def _in_list(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, keys = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - of column and placeholder
