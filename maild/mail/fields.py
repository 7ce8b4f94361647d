"""Splits a header block into raw fields, within limits, without giving up on a bad line."""

from __future__ import annotations

import re
from functools import lru_cache

from maild.mail.findings import Findings

BLOCK_LIMIT = 256 * 1024
FIELD_LIMIT = 64 * 1024
COUNT_LIMIT = 1_000

Fields = list[tuple[str, str]]  # (name in lower case, unfolded raw value, 8-bit bytes as surrogates)

_NEWLINE = re.compile(rb"\r{0,3}\n|\r")
# Atomic, or the "\r\n" of an ordinary line would be taken for two line ends.
_BLANK_LINE = re.compile(rb"(?>\r{0,3}\n|\r)(?>\r{0,3}\n|\r)")
_NAME = re.compile(r"([!-9;-~]{1,200})[ \t]*")
_REMEMBERED = 80  # characters of a name and the blanks behind it, lest odd ones fill the memory
# Names that show that the header goes on after a line that is none (a fold without its blank).
_KNOWN = re.compile(
    r"(?im)^(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|return-path|sender"
    r"|reply-to|references|in-reply-to|x-[a-z0-9-]+|dkim-signature|precedence|auto-submitted|list-[a-z-]+)[ \t]*:"
)


def split_fields(raw: bytes, start: int, end: int, findings: Findings) -> tuple[Fields, int]:
    """The fields of the header block at `start`, and where the body begins (RFC 5322 §2.1, §2.2).

    A block, field or number over its limit is cut and said so in `findings`. Never raises; linear.
    """
    first = _NEWLINE.match(raw, start, end)
    if first is not None:  # no header at all
        return [], first.end()
    stop, body = _find_blank_line(raw, start, end)
    block = raw[start : min(stop, start + BLOCK_LIMIT)].removesuffix(b"\r")  # half of the last line end
    if stop - start > BLOCK_LIMIT:
        findings.limit("the header is longer than 256 KiB; the rest of it was not read")
    block = block.replace(b"\r", b"") if block.count(b"\r") == block.count(b"\r\n") else _NEWLINE.sub(b"\n", block)
    fields, used = _read_lines(block.decode("ascii", "surrogateescape"), findings)
    if used < 0:
        return fields, body
    # The body began without a blank line. Count line ends, for they may have changed length.
    return fields, _skip_lines(raw, start, end, used)


def _find_blank_line(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header block stops and the body begins; both `end` when there is no blank line."""
    crlf = raw.find(b"\n\r\n", start, end)
    bare = raw.find(b"\n\n", start, crlf if crlf >= 0 else end)
    stop, body = (bare, bare + 2) if bare >= 0 else (crlf, crlf + 3)
    if stop < 0:
        stop = body = end
    # Lone CR as line end (old Macintosh, broken gateways): rare, so only then the slow search.
    if raw.count(b"\r", start, stop) > raw.count(b"\r\n", start, stop + 1):
        match = _BLANK_LINE.search(raw, start, end)
        if match is not None:
            return match.start(), match.end()
        return end, end
    return stop, body


def _skip_lines(raw: bytes, start: int, end: int, count: int) -> int:
    at = start
    for _ in range(count):
        match = _NEWLINE.search(raw, at, end)
        if match is None:
            return end
        at = match.end()
    return at


def _read_lines(text: str, findings: Findings) -> tuple[Fields, int]:
    """Fields of a block with bare line feeds, and the number of lines used, -1 for all of them."""
    names: list[str] = []
    values: list[list[str]] = []
    last_known = -1
    for number, line in enumerate(text.split("\n")):
        if line.startswith((" ", "\t")) and names:
            values[-1].append(line)
            continue
        written, colon, value = line.partition(":")
        name = (_known_name(written) if len(written) <= _REMEMBERED else _name(written)) if colon else ""
        if name:
            if len(names) == COUNT_LIMIT:
                findings.limit("more than 1,000 header fields; the rest of them was not read")
                break
            names.append(name)
            values.append([value.lstrip(" \t")])
        elif line.startswith(("From ", ">From ")) and not names:
            continue  # the mbox line of a mail that came out of a folder
        elif not line.strip():
            continue
        else:
            if last_known < 0:  # looked up once: a block of nothing but bad lines must stay linear
                last_known = text.count("\n", 0, max((known.start() for known in _KNOWN.finditer(text)), default=0))
                findings.note("a line of the header is not a header field")
            if not names or number > last_known:
                findings.note("the body begins without a blank line")
                return _join(names, values, findings), number
            values[-1].append(line)  # a fold whose blank was lost, or rubbish: the header goes on below
    return _join(names, values, findings), -1


def _name(written: str) -> str:
    """The name of a field in lower case; "" when it is none (RFC 5322 §2.2)."""
    match = _NAME.fullmatch(written)
    return match.group(1).lower() if match else ""


_known_name = lru_cache(maxsize=512)(_name)


def _join(names: list[str], values: list[list[str]], findings: Findings) -> Fields:
    fields: Fields = []
    for name, lines in zip(names, values, strict=True):
        value = lines[0] if len(lines) == 1 else " ".join(part.strip(" \t") for part in lines)
        if len(value) > FIELD_LIMIT:
            findings.limit(f"the header field {name[:40]} is longer than 64 KiB; the rest of it was not read")
            value = value[:FIELD_LIMIT]
        fields.append((name, value))
    return fields


def first(fields: Fields, name: str) -> str:
    """The raw value of the first field of that name, or ""."""
    return next((value for key, value in fields if key == name), "")
