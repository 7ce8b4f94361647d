"""A quick look at a raw mail's header, for what has to be known before the mail is parsed."""

from __future__ import annotations

import re

_HEAD = 64 << 10  # bytes that are looked at
_FIELD = re.compile(rb"(?im)^(message-id|in-reply-to|references)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)")
_ID = re.compile(rb"<([^<>\s]{1,500})>")


def glance(raw: bytes) -> tuple[str, str]:
    """(Message-ID, thread hint) of a raw mail, each "" when it has none.

    The hint is the oldest id that the mail knows of its thread, or its own id: mails with the same
    hint belong together, so a later one waits for an earlier one that is still unprocessed.
    """
    head = raw[:_HEAD]
    end = min((i for i in (head.find(b"\r\n\r\n"), head.find(b"\n\n")) if i >= 0), default=len(head))
    found: dict[bytes, str] = {}
    for field in _FIELD.finditer(head, 0, end + 2):
        if first := _ID.search(field[2]):
            found.setdefault(field[1].lower(), first[1].decode("ascii", "replace").replace("\0", ""))
    own = found.get(b"message-id", "")
    return own, found.get(b"references") or found.get(b"in-reply-to") or own
