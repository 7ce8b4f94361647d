"""Compiles each SQL statement once in a process instead of once for every `Database`.

SQLAlchemy keeps compiled statements for each engine and dialect. Every test opens a database of its own, and
compiling what it asks took a third of its time. A daemon opens one database and has nothing to gain.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event
from sqlalchemy.util import LRUCache

from maild.store import engine as opened_by

# No dict: the traceback of a failure shows the locals of each frame, and would print all of one for half a minute.
_STATEMENTS: LRUCache[Any, Any] = LRUCache(5000)
_DIALECTS: dict[str, Dialect] = {}  # those that know their server, by name; all servers of a test run are the same


@cache
def compile_once() -> None:
    """Have every `Database` of this process share its statements from now on."""
    vars(opened_by)["create_engine"] = _create


def _create(url: str, **options: Any) -> Engine:
    made = create_engine(url, **options)
    made.update_execution_options(compiled_cache=_STATEMENTS)
    name = made.dialect.name
    if name in _DIALECTS:
        # The pool asks the first dialect for its listeners ("do_connect"), the engine gives them to its own.
        vars(made.dialect).update(dispatch=_DIALECTS[name].dispatch, _has_events=True)
        made.dialect = _DIALECTS[name]
    else:  # after SQLAlchemy's own listener, which asks the server for its version
        event.listen(made, "connect", lambda *_: _DIALECTS.setdefault(name, made.dialect), once=True)
    return made
