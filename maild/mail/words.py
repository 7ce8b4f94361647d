"""Decodes header text: encoded words (RFC 2047) and bytes that nobody encoded at all."""

from __future__ import annotations

import binascii
import re

from maild.mail.charsets import clean, codec_for, decode

# The charset may be empty and the text may hold blanks or "?": real mail has all three.
_WORD = re.compile(r"=\?([^?\s]{0,80})\?([bBqQ])\?(.*?)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_UTF7 = re.compile(r"\+[A-Za-z0-9+/]{3,400}-")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def header_text(value: str, otherwise: str = "cp1252") -> str:
    """A raw header value (unfolded, 8-bit bytes as surrogate escapes) as one line of text.

    `otherwise` is the charset of 8-bit bytes that are not UTF-8. Never raises. Linear.
    """
    if "=?" in value:
        value = encoded_words(value, otherwise)
    elif not (value.isascii() and value.isprintable()) or ("+" in value and codec_for(otherwise) == "utf-7"):
        value = unescaped(value, otherwise)
    else:
        return value.strip()  # nearly every one
    return one_line(value)


def unescaped(value: str, otherwise: str) -> str:
    """The text as nobody encoded it, decoded: 8-bit bytes (surrogate escapes), ISO-2022-JP or UTF-7."""
    if not value.isascii():
        return decode(value.encode("utf-8", "surrogateescape"), "", otherwise)
    if "\x1b$" in value:
        return decode(value.encode("ascii"), "iso-2022-jp")
    if "+" in value and "-" in value and codec_for(otherwise) == "utf-7":
        return _UTF7.sub(_utf7_word, value)
    return value


def _utf7_word(match: re.Match[str]) -> str:
    """One shifted sequence of UTF-7 (RFC 2152); "+49-89" of a telephone number is none and stays."""
    try:
        text = match.group().encode("ascii").decode("utf-7")
    except UnicodeDecodeError:
        return match.group()
    return text if text.isprintable() and not text.isascii() else match.group()


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
    charset = ""  # without the language that may follow (RFC 2231 §5)
    done = 0
    for match in _WORD.finditer(value, 0, end):
        between = value[done : match.start()]
        label, encoding, text = match.group(1).lower().partition("*")[0], match.group(2).lower(), match.group(3)
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
    label = charset if codec_for(charset) else ""
    text = decode(_joined(chunks, across=True), label)
    if "\ufffd" in text and len(chunks) > 1:
        # A word without its padding, or the pieces of something else: then each is whole by itself.
        alone = decode(_joined(chunks, across=False), label)
        text = alone if alone.count("\ufffd") < text.count("\ufffd") else text
    return text


def _joined(chunks: list[tuple[str, bytes]], *, across: bool) -> bytes:
    """The bytes of words; `across`: a group of four base64 digits may be cut in two."""
    out = bytearray()
    base64 = b""
    for encoding, text in chunks:
        if encoding == "b":
            # Some cut inside a group of four as well, and pad only the last word.
            base64 += _NOT_BASE64.sub(b"", text)
            if not across or text.rstrip().endswith(b"=") or len(base64) % 4 == 0:
                out += _base64(base64)
                base64 = b""
            continue
        out += _base64(base64)
        base64 = b""
        out += binascii.a2b_qp(text, header=True)
    return bytes(out + _base64(base64))


def _base64(digits: bytes) -> bytes:
    """Decode bare base64 digits; a last lone digit, which says nothing, is dropped."""
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
