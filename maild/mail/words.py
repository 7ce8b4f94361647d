"""Decodes header text: encoded words (RFC 2047) and bytes that nobody encoded at all."""

from __future__ import annotations

import binascii
import re

from maild.mail.charsets import clean, codec_for, decode

# The charset may be empty and the text may hold blanks or "?": real mail has all three.
_WORD = re.compile(r"=\?([^?\s]{0,80})\?([bBqQ])\?(.*?)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def header_text(value: str, otherwise: str = "cp1252") -> str:
    """A raw header value (unfolded, 8-bit bytes as surrogate escapes) as one line of text.

    `otherwise` is the charset of 8-bit bytes that are not UTF-8. Never raises. Linear.
    """
    if "=?" in value:
        value = encoded_words(value, otherwise)
    elif not value.isascii():
        value = unescaped(value, otherwise)
    return one_line(value)


def unescaped(value: str, otherwise: str) -> str:
    """The text with its surrogate escapes, the 8-bit bytes of the mail, decoded."""
    return value if value.isascii() else decode(value.encode("utf-8", "surrogateescape"), "", otherwise)


def one_line(value: str) -> str:
    """The text with every run of controls (CR, LF, TAB, NEL, U+2028 ..) as one blank.

    An encoded word may hold `=0D=0ABcc: victim@example.net`: it must never become a line of its own.
    """
    if not value.isprintable():
        value = _CONTROL.sub(" ", value)
    return value.strip()


def encoded_words(value: str, otherwise: str) -> str:
    """The text with its encoded words decoded (RFC 2047 §6.2); what is broken stays as it is."""
    # Beyond the last "?=" no word can end; without this bound `=?a?q?` repeated would be quadratic.
    end = value.rfind("?=") + 2
    if end < 2:
        return unescaped(value, otherwise)
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []  # adjacent words of one charset: (encoding, text)
    charset = ""
    done = 0
    for match in _WORD.finditer(value, 0, end):
        between = value[done : match.start()]
        label, encoding, text = match.group(1).lower(), match.group(2).lower(), match.group(3)
        if pending and (between.strip() or label != charset):
            out.append(_decode_run(charset, pending))
            pending = []
        # RFC 2047 §6.2: white space between two encoded words is not shown.
        if between.strip() or (not done and between):
            out.append(unescaped(between, otherwise))
        charset = label
        pending.append((encoding, text.encode("utf-8", "surrogateescape")))
        done = match.end()
    if pending:
        out.append(_decode_run(charset, pending))
    out.append(unescaped(value[done:], otherwise))
    return clean("".join(out))


def _decode_run(charset: str, chunks: list[tuple[str, bytes]]) -> str:
    """Adjacent words of one charset, joined as bytes: senders cut inside a character."""
    out = bytearray()
    base64 = b""
    for encoding, text in chunks:
        if encoding == "b":
            # Some cut inside a group of four as well, and pad only the last word.
            base64 += _NOT_BASE64.sub(b"", text)
            if text.rstrip().endswith(b"=") or len(base64) % 4 == 0:
                out += _base64(base64)
                base64 = b""
            continue
        out += _base64(base64)
        base64 = b""
        out += binascii.a2b_qp(text, header=True)
    out += _base64(base64)
    return decode(bytes(out), charset if codec_for(charset) else "")


def _base64(digits: bytes) -> bytes:
    """Decode bare base64 digits; a last lone digit, which says nothing, is dropped."""
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
