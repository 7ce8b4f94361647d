"""How the words of a letter are written as one MIME part."""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp

# No mail can carry NUL (RFC 5322 §4.1) or lone surrogates.
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_LONGEST = 990  # characters of a line; RFC 5322 §2.1.1: 998; some relays cut a little earlier


def text_part(subtype: str, words: str) -> str:
    """Headers, an empty line and the encoded words, with CRLF line ends and pure ASCII.

    The words read back as they were given, apart from NUL and lone surrogates, which become U+FFFD,
    and a final line end, which is added when it is missing.
    """
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    if _FORBIDDEN.search(words):
        words = _FORBIDDEN.sub("\ufffd", words)
    if not words.endswith("\n"):
        words += "\n"
    encoding, body = _encode(words)
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n" + body.replace("\n", "\r\n")
    )


def file_body(content: bytes) -> str:
    """A file in base64 with CRLF line ends (RFC 2045 §6.8)."""
    return encodebytes(content).decode("ascii").replace("\n", "\r\n")


def _encode(words: str) -> tuple[str, str]:
    """The transfer encoding and the encoded words, with LF line ends."""
    # "--=_" begins every boundary of ours: such text is encoded, where "=" never comes before "_".
    # Lines are measured, not searched for: a regular expression tries each of a page's characters as the first.
    if words.isascii() and "--=_" not in words and max(map(len, words.split("\n"))) <= _LONGEST:
        return "7bit", words
    data = words.encode()
    plain = len(words.encode("ascii", "ignore"))
    if plain < len(data) * 2 // 3:  # a byte that is not ASCII costs 3 in quoted-printable, 1.33 in base64
        # RFC 2045 §6.8: text has CRLF line ends before it goes into base64.
        return "base64", encodebytes(data.replace(b"\n", b"\r\n")).decode("ascii")
    # LF in, LF out: with CRLF in, b2a_qp writes bare LF for soft breaks when the first line is the only one.
    return "quoted-printable", b2a_qp(data, quotetabs=False, istext=True).decode("ascii")
