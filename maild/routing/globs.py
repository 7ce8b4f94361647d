"""Globs of rules: * stands for any characters, ? for one; case does not count."""

from __future__ import annotations

import re
from functools import lru_cache

from maild.routing.composing import composed


def matches_glob(glob: str, value: str) -> bool:
    r"""Whether the whole value is like the glob. Nothing else is special: [ and \ stand for themselves."""
    return _compiled(glob).fullmatch(compared(value)) is not None


@lru_cache(maxsize=10_000)
def _compiled(glob: str) -> re.Pattern[str]:
    first, *rest = (
        "".join("." if character == "?" else re.escape(character) for character in piece)
        for piece in re.split(r"\*+", compared(glob))
    )
    if not rest:
        return re.compile(first, re.DOTALL)
    # Each piece is taken where it comes first and never given back (an atomic group): no backtracking.
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def compared(text: str) -> str:
    """A glob or a value as they are compared."""
    return text.lower() if text.isascii() else composed(composed(text).casefold())
