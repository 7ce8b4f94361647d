"""Reads address headers: a bounded, linear reader of what real senders write (RFC 5322 §3.4, §4.4).

The standard library's reader recurses into comments (900 "(" end it) and its modern one is quadratic
in commas (RELIABILITY §6.2). This one walks over tokens once.
"""

from __future__ import annotations

import re

from maild.mail.charsets import decode
from maild.mail.model import Address
from maild.mail.words import header_text, one_line, unescaped

COUNT_LIMIT = 500
ADDRESS_LIMIT = 320  # RFC 5321 §4.5.3.1: local part 64, domain 255

# The forms that nearly all mail has, without anything special in them.
_PLAIN = re.compile(
    r'\s*(?:"([^"\\<>]*)"\s*|([^"\\<>()\[\],;:@=]*))'
    r'<([^<>\s"\\()\[\],;:@\x00-\x1f\x7f]{1,200}@[A-Za-z0-9.-]{1,255})>\s*$'
)
_ENCODED = re.compile(
    r"\s*((?:=\?[^?\s\"]{1,80}\?[bBqQ]\?[^?\s\"]*\?=\s*)+)"
    r'<([^<>\s"\'\\()\[\],;:@=\x00-\x1f\x7f]{1,64}@[A-Za-z0-9.-]{1,255})>\s*$'
)
_BARE = re.compile(r"\s*([^<>\s\"\\()\[\],;:@=\x00-\x1f\x7f]{1,200}@[A-Za-z0-9.-]{1,255})\s*$")
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<word>=\?[^?\s]{0,80}\?[bBqQ]\?[^?]*(?:\?(?!=)[^?]*){0,20}\?=)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<angle><[^<>]*>)
    |(?P<special>[(),;:<>"])
    |(?P<atom>(?:\\.|\[[^\]\s<>]{0,100}\]|[^\s"(),;:<>])+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)


def read_addresses(value: str, otherwise: str = "cp1252") -> tuple[Address, ...]:
    """The mailboxes of a raw header value, groups opened, at most 500; never raises."""
    if not value:
        return ()
    if "\x1b$" in value:  # ISO-2022-JP as it is: its escapes hold "(" and its letters anything
        value = unescaped(value, otherwise)
    if not value.isascii():
        return _read_by_token(value, otherwise)
    encoded = _ENCODED.match(value) if "=?" in value else None
    if encoded is not None:
        return (Address(_name(encoded.group(1), otherwise), _lower_domain(encoded.group(2))),)
    plain = _PLAIN.match(value) if "=?" not in value else None
    if plain is not None:
        quoted, name, address = plain.groups()
        return (Address(_name(quoted or name or "", otherwise), _lower_domain(address)),)
    bare = _BARE.match(value)
    if bare is not None:
        return (Address("", _lower_domain(bare.group(1))),)
    return _read_by_token(value, otherwise)


def _read_by_token(value: str, otherwise: str) -> tuple[Address, ...]:
    """What the forms above do not fit, token by token."""
    reader = _Reader(otherwise)
    reader.read(value)
    return tuple(reader.found)


class _Reader:
    """The mailbox being read, and those found."""

    def __init__(self, otherwise: str) -> None:
        self.otherwise = otherwise
        self.found: list[Address] = []
        self.words: list[str] = []  # of the name; raw
        self.angle: str | None = None
        self.comments: list[str] = []
        self.glued = False  # no blank since the last word
        self.family_name = ""  # of `Smith, John <j@x.example>`, which should have been quoted

    def read(self, value: str) -> None:
        at = 0
        while at < len(value) and len(self.found) < COUNT_LIMIT:
            match = _TOKEN.match(value, at)
            if match is None:  # a lone backslash at the end
                at += 1
                continue
            kind, text = match.lastgroup, match.group()
            start, at = at, match.end()
            if text == "(":
                at = self.comment(value, start)
                if at < 0:  # never closed: forget every later one, or each would be searched to the end
                    value = value[:start] + value[start:].replace("(", " ")
                    at = start
            elif text == '"':  # never closed either
                value = value[:at] + value[at:].replace('"', " ")
            elif kind == "special":
                self.special(text)
            elif kind == "blank":
                self.glued = False
            elif kind == "angle":
                self.angle = text[1:-1] if self.angle is None else self.angle
            elif kind == "quoted" and value[at : at + 1] != "@" and not self.local_part_open():
                self.add(_UNESCAPE.sub(r"\1", text[1:-1]), glue=False)
            else:  # "john doe"@example.com is one address
                self.add(text, glue=self.glued)
        self.flush()

    def add(self, word: str, *, glue: bool) -> None:
        if glue and self.words:
            self.words[-1] += word
        else:
            self.words.append(word)
        self.glued = True

    def local_part_open(self) -> bool:
        return self.glued and bool(self.words) and self.words[-1].endswith((".", "@"))

    def comment(self, value: str, at: int) -> int:
        """Take a comment, nested or not (counted, not recursed into); the place after it, -1 without an end."""
        depth = 0
        for match in _PARENTHESIS.finditer(value, at):
            if match.group() in "()":
                depth += 1 if match.group() == "(" else -1
            if depth == 0:
                self.comments.append(value[at + 1 : match.start()])
                self.glued = False
                return match.end()
        return -1

    def special(self, mark: str) -> None:
        if mark == ":" and self.angle is None and not any("@" in word for word in self.words):
            self.words = []  # the name of a group
            self.comments = []
        elif mark == ":":
            self.add(mark, glue=True)
        elif mark == "," and self.is_family_name():
            self.family_name = self.words[0]
            self.words = []
        elif mark in ",;":
            self.flush()
        self.glued = False

    def is_family_name(self) -> bool:
        """Whether what stands before a comma is one bare word, and so may be half of a name."""
        return (
            self.angle is None
            and not self.comments
            and not self.family_name
            and len(self.words) == 1
            and "@" not in self.words[0]
            and "=?" not in self.words[0]
        )

    def flush(self) -> None:
        family_name, self.family_name = self.family_name, ""
        if family_name and self.angle is not None and self.words:
            self.words[0] = f"{family_name}, {self.words[0]}"
        elif family_name:
            words, angle, comments = self.words, self.angle, self.comments
            self.words, self.angle, self.comments = [family_name], None, []
            self.flush()
            self.words, self.angle, self.comments = words, angle, comments
        if not (self.words or self.angle or self.comments):
            return
        address, words = self.angle, self.words
        if address is None:
            words = _closed(words)
            places = [place for place, word in enumerate(words) if "@" in word and "=?" not in word]
            place = places[-1] if places else None
            if place is not None:
                address = words[place]
                words = words[:place] + words[place + 1 :]
        if address is None and len(words) == 1 and self.comments:  # `root (Cron Daemon)`, from the same machine
            address, words = words[0], []
        name = " ".join(words)
        if not name and self.comments:
            name = _UNESCAPE.sub(r"\1", self.comments[-1])
        name = _name(name, self.otherwise)
        bare = _address(address or "", self.otherwise)
        hidden = _PLAIN.match(name) if not bare and "<" in name else None
        if hidden is not None:  # the whole mailbox was encoded as if it were a name
            name, bare = _unquoted((hidden.group(1) or hidden.group(2) or "").strip()), _lower_domain(hidden.group(3))
        if name or bare:
            self.found.append(Address(name, bare))
        self.words, self.angle, self.comments, self.glued = [], None, [], False


def _closed(words: list[str]) -> list[str]:
    """The words of a mailbox without the blanks that old programs put around "@" and "." (RFC 5322 §4.4)."""
    closed: list[str] = []
    glue = False
    for word in words:
        if closed and (glue or word == "." or word.startswith("@")):
            closed[-1] += word
        else:
            closed.append(word)
        glue = word == "." or word.endswith("@")
    return closed


def _name(name: str, otherwise: str) -> str:
    return _unquoted(header_text(name, otherwise))


def _unquoted(name: str) -> str:
    """Outlook puts 'quotes' around a name that is an address."""
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name


def _address(text: str, otherwise: str) -> str:
    """A bare address: no blanks, no route (RFC 5322 §4.4), no "mailto:"; "" when it is absurd."""
    # Encoded words are not decoded here: `<=?q?a=0D=0ARCPT..?=@x>` must stay as odd as it is.
    if not text.isascii():
        text = decode(text.encode("utf-8", "surrogateescape"), "", otherwise)
    text = one_line(text)
    text = "".join(text.split()).strip("'") if '"' not in text else text.strip()
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    if text[:8].lower() == "[mailto:":
        text = text[1:].removesuffix("]")
    if text[:7].lower() == "mailto:":
        text = text[7:]
    return _lower_domain(text) if len(text) <= ADDRESS_LIMIT else ""


def _lower_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}@{domain.lower().rstrip('.')}" if at else address
