"""A value with its source, and how values are written in reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A value, where it came from and why; all "" when there is none."""

    value: str = ""
    source: str = ""  # "agent", "line", "address", "header", "rule NAME", "reason CODE", "keywords", "ticket" ...
    why: str = ""


def quoted(words: Iterable[str]) -> str:
    """The first few words in quotation marks, and how many more there are."""
    each = tuple(words)
    shown = '"' + '", "'.join(each[:_SHOWN]) + '"' if each else ""
    return f"{shown} and {len(each) - _SHOWN} more" if len(each) > _SHOWN else shown


def either(values: Iterable[str]) -> str:
    """The first few values as "a, b or c", and how many more there are."""
    each = tuple(values)
    if len(each) > _SHOWN:
        return f"{', '.join(each[:_SHOWN])} or {len(each) - _SHOWN} more"
    return " or ".join((", ".join(each[:-1]), each[-1])) if len(each) > 1 else "".join(each)
