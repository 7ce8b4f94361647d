"""Undoes a part's transfer encoding (RFC 2045 §6), forgiving what senders and gateways break."""

from __future__ import annotations

import binascii
import re

from maild.mail.fields import first
from maild.mail.parts import Part

PIECES_LIMIT = 100_000
_LONGEST_END = 1024  # of padding and blanks behind an ordinary base64 body

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
# Blanks that a gateway put behind a soft line break (RFC 2045 §6.7 rule 3 has them deleted).
_SOFT_BREAK = re.compile(rb"=[ \t]+\r?\n")
# Whole lines of base64 behind the padding: pieces that were encoded one by one.
_MORE_BASE64 = re.compile(rb"[\r\n]+((?:[A-Za-z0-9+/]+[\r\n]+)*[A-Za-z0-9+/]+)(={0,2})(?=[\r\n]|$)")
_LINE = re.compile(rb"[^\r\n]+")
_UU_BEGIN = re.compile(rb"(?:^|[\r\n])begin [0-7]{3,4} [^\r\n]{0,1000}(?:\r?\n|\r)")


def body_bytes(raw: bytes, part: Part) -> bytes:
    """The decoded bytes of a leaf; never raises: what cannot be decoded is left as it is."""
    words = first(part.fields, "content-transfer-encoding").split(None, 1)
    encoding = words[0].strip(";\"'").lower() if words else ""
    is_base64 = encoding in {"base64", "base-64"}
    if is_base64 and (plain := _ordinary_base64(raw, part.start, part.end)) is not None:
        return plain
    data = raw[part.start : part.end]
    if is_base64:
        return decode_base64(data)
    if encoding.startswith("quoted-"):  # "quoted-printible" and so on
        return binascii.a2b_qp(_SOFT_BREAK.sub(b"=\n", data))
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        begin = _UU_BEGIN.search(data)
        return decode_uu(data[begin.end() :]) if begin else data
    return data


def _ordinary_base64(raw: bytes, start: int, end: int) -> bytes | None:
    """A base64 body without oddities, decoded where it stands: a copy of a large one would be one more in memory."""
    padding = raw.find(b"=", start, end)
    if padding >= 0 and (end - padding > _LONGEST_END or raw[padding:end].strip(b"= \t\r\n")):
        return None
    try:
        return binascii.a2b_base64(memoryview(raw)[start:end])
    except binascii.Error:
        return None


def decode_base64(data: bytes) -> bytes:
    """The bytes of a base64 body; stray characters are skipped, a missing end is filled up."""
    padding = data.find(b"=")
    if padding < 0 or not data[padding:].strip(b"= \t\r\n"):
        return _decode_piece(data)
    if not data.translate(None, _BASE64):
        return b"".join([_decode_piece(piece) for piece in data.split(b"=", PIECES_LIMIT) if piece])
    # What follows the padding is a footer that a list added, as far as it is not base64 as well.
    pieces = [_decode_piece(data[:padding])]
    at = padding + (2 if data[padding : padding + 2] == b"==" else 1)
    for _ in range(PIECES_LIMIT):
        more = _MORE_BASE64.match(data, at)
        if more is None:
            break
        pieces.append(_decode_piece(more.group(1)))
        at = more.end()
    return b"".join(pieces)


def _decode_piece(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        digits = _NOT_BASE64.sub(b"", data).rstrip(b"=")
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    try:
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
    except binascii.Error:
        return data


def decode_uu(data: bytes) -> bytes:
    """The bytes of a uuencoded body, from the line after "begin" to "end"; bad lines are skipped."""
    out = bytearray()
    for match in _LINE.finditer(data):
        line = match.group()
        if line[:3] == b"end":
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            # Some encoders count wrong: keep as many characters as the length byte asks for.
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out += binascii.a2b_uu(line[:length])
            except binascii.Error:
                continue
    return bytes(out)
