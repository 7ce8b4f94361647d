"""A quick look at a raw mail's header, for what has to be known before the mail is parsed."""

from __future__ import annotations

import re

_HEAD = 64 << 10  # bytes that are looked at
# It begins with a plain character, which the expression's engine looks for by itself: five times as quick as `^`.
_FIELD = re.compile(rb"(?i)\n(message-id|in-reply-to|references)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_ID = re.compile(rb"<([^<>\s]{1,500})>")


def glance(raw: bytes) -> tuple[str, str]:
    """(Message-ID, thread hint) of a raw mail, each "" when it has none.

    The hint is the oldest id that the mail knows of its thread, or its own id: mails with the same
    hint belong together, so a later one waits for an earlier one that is still unprocessed.
    """
    head = raw[:_HEAD].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    found: dict[bytes, str] = {}
    for field in _FIELD.finditer(b"\n" + head):
        if first := _ID.search(field[2]):
            found.setdefault(field[1].lower(), first[1].decode("ascii", "replace").replace("\0", ""))
    own = found.get(b"message-id", "")
    return own, found.get(b"references") or found.get(b"in-reply-to") or own
