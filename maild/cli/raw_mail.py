"""Shows the beginning of a raw mail to a person without parsing it, since it may be what breaks a parser."""

from __future__ import annotations

from maild.cli.terminal import clean, say

_HEADERS = 40  # lines
_BODY = 20
_LOOKED_AT = 64 << 10  # bytes: a line may be as long as the mail
_WIDTH = 200  # characters of a line


def tell_raw(raw: bytes) -> None:
    """Print the first header lines and the first lines of the body."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    for part, most in ((head, _HEADERS), (body, _BODY)):
        say()
        for line in _lines(part, most):
            say(line)


def _lines(part: bytes, most: int) -> list[str]:
    lines = part[:_LOOKED_AT].decode("utf-8", "replace").split("\n")
    shown = [clean(line)[:_WIDTH] for line in lines[:most]]
    count = part.count(b"\n") + 1
    return shown if count <= most else [*shown, f"... {count - most} more lines (--raw shows all)"]
