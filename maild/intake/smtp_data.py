"""Finds the end of DATA and undoes the dot-stuffing, however the bytes are cut into chunks.

Only CRLF "." CRLF ends a mail (RFC 5321 §4.1.1.4). Every other sequence with a lone CR or LF in it is
content and stays as it is: taking one of them for an end is how one mail smuggles in a second one.
Lines may have any length; at most four bytes are held back between chunks.
"""

from __future__ import annotations

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_CRLF = b"\r\n"


class DotStream:
    """Turns what comes over the wire after 354 into the mail's bytes, chunk by chunk."""

    def __init__(self) -> None:
        # As if a line had ended just before: then a mail's first line is like any other. These two
        # bytes are taken off the first content again.
        self._held = _CRLF
        self._extra = len(_CRLF)

    def feed(self, chunk: bytes) -> tuple[bytes, bytes | None]:
        """The content in this chunk, and None while the mail goes on, else what follows its end."""
        data = self._held + chunk
        dot = data.find(_STUFFED)  # the first dot that begins a line: the end's, or a stuffed one before it
        end = data.find(_END, dot) if dot >= 0 else dot
        if end < 0:
            rest = None
            keep = _half_an_end(data)
            self._held = data[len(data) - keep :]
            data = data[: len(data) - keep]
        else:
            rest = data[end + len(_END) :]
            data = data[: end + len(_CRLF)]
        # RFC 5321 §4.5.2: a dot that begins a line was added by the sender. A stuffed line end never
        # lies across two chunks, because half of one is also half of the end and was held back.
        content = data if dot == end else data.replace(_STUFFED, _CRLF)
        if self._extra:
            taken = min(self._extra, len(content))
            content = content[taken:]
            self._extra -= taken
        return content, rest


def _half_an_end(data: bytes) -> int:
    """How many bytes at the end of `data` may be the beginning of the end mark."""
    for length in range(min(len(_END) - 1, len(data)), 0, -1):
        if data.endswith(_END[:length]):
            return length
    return 0
