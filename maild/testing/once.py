"""Makes once in a process what the desk of each test would make anew: indexes of keywords, the shapes of letters.

Both are the same for desks with the same words, and nobody changes them. A daemon makes one desk and has
nothing to gain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from maild.routing import found, reasons
from maild.routing.keywords import KeywordIndex
from maild.templates import site
from maild.templates.builtin import BuiltinTemplates


@cache
def build_once() -> None:
    """Have every desk of this process share them from now on."""
    vars(found)["KeywordIndex"] = vars(reasons)["KeywordIndex"] = _index
    vars(site)["BuiltinTemplates"] = _templates


def _index(keywords: Iterable[str]) -> KeywordIndex:
    return _indexes(tuple(keywords))


_indexes: Callable[[tuple[str, ...]], KeywordIndex] = lru_cache(maxsize=64)(KeywordIndex)
_ours: Callable[[], BuiltinTemplates] = cache(BuiltinTemplates)


def _templates(words: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> BuiltinTemplates:
    return BuiltinTemplates(words) if words else _ours()
