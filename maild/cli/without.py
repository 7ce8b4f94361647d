"""Loads a library without what it would like to load beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(name: str) -> Iterator[None]:
    """Have imports of a module fail meanwhile with ImportError, unless it is loaded already; later ones succeed."""
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]  # None: not to be found [importlib]
    if name in modules:
        yield
        return
    modules[name] = None
    try:
        yield
    finally:
        del modules[name]
