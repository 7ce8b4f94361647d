"""Finds the message ids in Message-ID, In-Reply-To, References headers (RFC 5322 §3.6.4)."""

from __future__ import annotations

import re

COUNT_LIMIT = 100
LENGTH_LIMIT = 998  # of a line, RFC 5322 §2.1.1; a longer id cannot be sent back anyway

_BRACKETED = re.compile(r"<([^<>]*)>")


def message_ids(value: str) -> tuple[str, ...]:
    """The ids of a header without brackets, in order; of more than 100 the first and the last 99.

    Ids without brackets count when they hold an "@"; words around ids (RFC 822 allowed them) do not.
    """
    if not value:
        return ()
    found = ["".join(inside.split()) for inside in _BRACKETED.findall(value)]
    ids = [each for each in found if each and len(each) <= LENGTH_LIMIT]
    if not ids:
        ids = [word for word in value.strip("<> ").split() if "@" in word and len(word) <= LENGTH_LIMIT]
    if len(ids) > COUNT_LIMIT:
        ids = [ids[0], *ids[1 - COUNT_LIMIT :]]
    return tuple(ids)


def message_id(value: str) -> str:
    """The one id of a Message-ID header; without brackets, "@" or sense it is kept as written."""
    ids = message_ids(value)
    return ids[0] if ids else "".join(value.split()).strip("<>")[:LENGTH_LIMIT]
