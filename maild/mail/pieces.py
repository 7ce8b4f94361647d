"""Takes large files out of a raw mail, so that one that comes in many mails is kept once, and puts them back.

The way back is exact to the byte: a body is taken out only if it is base64 as programs write it,
all lines of one length, so that its content and that length give the same bytes again. Whatever
is otherwise stays where it is.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from maild.mail.findings import Findings
from maild.mail.parts import leaves, read_parts

SMALLEST = 9 << 10  # decoded bytes, 12 KiB in base64: below that, keeping a file apart saves little
_BLOCK = 1024  # times four lines
_SPACE = re.compile(rb"\s*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Where a content was taken out, and how it was written there."""

    at: int  # offset in the rest
    sha256: str  # of the content, in hex
    width: int  # characters of a line
    crlf: bool  # its line ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A raw mail taken apart; without pieces the rest is the whole mail."""

    rest: bytes
    pieces: tuple[Piece, ...]  # in the order of the mail
    contents: Mapping[str, bytes]  # by sha256


def cut_out(raw: bytes, smallest: int = SMALLEST) -> Cut:
    """Take the large files out of a mail; never raises, and linear in the number of bytes."""
    rest: list[bytes] = []
    pieces: list[Piece] = []
    contents: dict[str, bytes] = {}
    done = kept = 0
    for leaf in leaves(read_parts(raw, Findings())):
        if leaf.end - leaf.start < smallest or leaf.start < done:
            continue
        start, end = _stripped(raw, leaf.start, leaf.end)
        found = _read_base64(raw, start, end)
        if found is None or len(found[0]) < smallest:
            continue
        content, width, crlf = found
        rest.append(raw[done:start])
        kept += len(rest[-1])
        done = end
        digest = hashlib.sha256(content).hexdigest()
        contents[digest] = content
        pieces.append(Piece(at=kept, sha256=digest, width=width, crlf=crlf))
    rest.append(raw[done:])
    return Cut(rest=b"".join(rest), pieces=tuple(pieces), contents=contents)


def put_together(rest: bytes, pieces: Sequence[Piece], contents: Mapping[str, bytes]) -> bytes:
    """The raw mail as it was. Raises KeyError when a content is missing."""
    return b"".join(written_again(rest, pieces, contents))


def written_again(rest: bytes, pieces: Iterable[Piece], contents: Mapping[str, bytes]) -> Iterator[bytes]:
    """The same block by block, for whom it need not be in memory as a whole. Raises KeyError as it comes to it."""
    done = 0
    for piece in pieces:
        yield rest[done : piece.at]
        yield from _blocks(contents[piece.sha256], piece.width, _line_end(crlf=piece.crlf))
        done = piece.at
    yield rest[done:]


def _stripped(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """The same place without the whitespace at its ends, and without copying it."""
    found = _SPACE.match(raw, start, end)
    start = found.end() if found else start
    while start < end:
        tail = raw[max(start, end - _BLOCK) : end]
        kept = len(tail.rstrip())
        end -= len(tail) - kept
        if kept:
            break
    return start, end


def _read_base64(raw: bytes, start: int, end: int) -> tuple[bytes, int, bool] | None:
    """Content, line length and line ends of a body that can be written again exactly so; else None.

    Without a copy of it: it is read as forgivingly as binascii can, and then compared.
    """
    newline = raw.find(b"\n", start, end)
    crlf = newline > start and raw[newline - 1 : newline] == b"\r"
    width = newline - crlf - start if newline >= 0 else end - start
    if width <= 0 or _BASE64.fullmatch(raw, start, start + width) is None:
        return None
    try:
        content = binascii.a2b_base64(memoryview(raw)[start:end])
    except binascii.Error:
        return None
    for block in _blocks(content, width, _line_end(crlf=crlf)):
        if not raw.startswith(block, start):
            return None
        start += len(block)
    return (content, width, crlf) if start == end else None


def _blocks(content: bytes, width: int, line_end: bytes) -> Iterator[bytes]:
    """The lines, many at a time: the 300,000 of a large file at once take three times its size."""
    size = 3 * width * _BLOCK  # whole lines, whatever their width
    for start in range(0, len(content), size):
        text = binascii.b2a_base64(content[start : start + size], newline=False)
        lines = line_end.join([text[at : at + width] for at in range(0, len(text), width)])
        yield line_end + lines if start else lines


def _line_end(*, crlf: bool) -> bytes:
    return b"\r\n" if crlf else b"\n"
