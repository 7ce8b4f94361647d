"""How digests name many tickets."""

from __future__ import annotations

from collections.abc import Sequence

LISTED = 50  # tickets that a digest lists; the rest it counts
_NAMED = 5  # tickets in its subject


def named(tag: str, numbers: Sequence[int]) -> str:
    """The first tickets, for a subject in any language; without brackets, so that an answer joins none of them."""
    names = [f"{tag}{number}" for number in numbers[-LISTED:]]
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
