"""Reads compressed RTF (MS-OXRTFCP) and the words of RTF: the only text that some of Outlook's mails have."""

from __future__ import annotations

import re
import struct
from itertools import islice

from maild.mail.charsets import clean, codec_for

RTF_LIMIT = 2 * 1024 * 1024  # bytes, unpacked
TOKENS_LIMIT = 300_000  # words and signs; 1 µs each

_PACKED, _PLAIN = 0x75465A4C, 0x414C454D  # "LZFu", "MELA"
# What the window of the compression holds at the beginning (MS-OXRTFCP 2.1.2.1).
_BEGINNING = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096

_TOKEN = re.compile(
    rb"\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,10})? ?|\\(?P<sign>[^a-zA-Z])"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<plain>[^\\{}\r\n]+)"
)
# Groups that hold no words of the text.
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata listtable listoverridetable generator xmlnstbl "
    b"header footer headerl headerr headerf footerl footerr footerf pntext fldinst rsidtbl latentstyles".split()
)
_WORDS = {b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t",
          b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
          b"rdblquote": "”"}  # fmt: skip
_SIGNS = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}


def unpacked_rtf(data: bytes) -> bytes:
    """The RTF that a PR_RTF_COMPRESSED holds, at most 2 MiB of it; b"" when it is none. Linear."""
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == _PLAIN:
        return data[16 : 16 + min(size, RTF_LIMIT)]
    if kind != _PACKED:
        return b""
    window = bytearray(_BEGINNING.ljust(_WINDOW, b"\0"))
    place = len(_BEGINNING)
    out = bytearray()
    at, size = 16, min(size, RTF_LIMIT)
    while at < len(data) and len(out) < size:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) >= size:
                break
            if not flags >> bit & 1:
                piece = data[at : at + 1]
                at += 1
                window[place] = piece[0]
                place = (place + 1) % _WINDOW
                out += piece
                continue
            if at + 1 >= len(data):
                return bytes(out)
            reference = data[at] << 8 | data[at + 1]
            at += 2
            start, length = reference >> 4, (reference & 15) + 2
            if start == place:  # the end mark
                return bytes(out)
            for step in range(length):
                byte = window[(start + step) % _WINDOW]
                window[place] = byte
                place = (place + 1) % _WINDOW
                out.append(byte)
    return bytes(out)


def rtf_text(rtf: bytes) -> str:
    """The words of RTF in lines, formatting, pictures and tables of fonts left out. Never raises; linear."""
    reader = _Reader()
    for match in islice(_TOKEN.finditer(rtf[:RTF_LIMIT]), TOKENS_LIMIT):
        reader.take(match)
    reader.end_bytes()
    return clean("".join(reader.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


class _Reader:
    """Where in the RTF we are, and the text so far."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.codec = "cp1252"
        self.bytes = bytearray()  # of \'hh: a character may have two
        self.depth = 0
        self.silent = 0  # depth of the group that holds no words, 0 outside
        self.starred = False  # after \*: a destination that older readers need not know
        self.fallback = 1  # \uc: how many characters stand for each \u, for readers that do not know it
        self.skip = 0  # how many of them are still to come

    def take(self, match: re.Match[bytes]) -> None:
        """One token."""
        if match["byte"] is not None:
            self.byte(int(match["byte"], 16))
            return
        self.end_bytes()
        starred, self.starred = self.starred, match["sign"] == b"*"
        if match["brace"]:
            self.brace(match["brace"])
        elif self.silent:
            pass
        elif match["word"]:
            self.word(match["word"], int(match["number"] or 0), starred=starred)
        elif match["sign"]:
            self.out.append(_SIGNS.get(match["sign"], ""))
        elif match["plain"]:
            text = match["plain"].decode(self.codec, "replace")
            self.out.append(text[self.skip :])
            self.skip = max(self.skip - len(text), 0)

    def byte(self, value: int) -> None:
        if self.skip:
            self.skip -= 1
        elif not self.silent:
            self.bytes.append(value)

    def end_bytes(self) -> None:
        if self.bytes:
            self.out.append(self.bytes.decode(self.codec, "replace"))
            self.bytes.clear()

    def brace(self, brace: bytes) -> None:
        self.skip = 0
        if brace == b"{":
            self.depth += 1
            return
        if self.silent == self.depth:
            self.silent = 0
        self.depth = max(self.depth - 1, 0)

    def word(self, word: bytes, number: int, *, starred: bool) -> None:
        if starred or word in _SILENT:
            self.silent = self.depth
        elif word == b"ansicpg":
            self.codec = codec_for(f"cp{number}") or self.codec
        elif word == b"uc":
            self.fallback = min(max(number, 0), 8)
        elif word == b"u":
            self.out.append(chr(number % 0x10000))
            self.skip = self.fallback
        else:
            self.out.append(_WORDS.get(word, ""))
