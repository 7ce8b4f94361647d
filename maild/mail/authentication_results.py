"""Reads an Authentication-Results field (RFC 8601 §2.2): what a mail system found when it checked a mail.

Our own reader, since `authres` ends in RecursionError or SyntaxError on what is found in mail
(docs/decisions/0006-whose-word-for-authenticity.md). It walks over the field once. What it cannot read
for certain is no result at all: a mistake here would let a forger in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 4096  # characters of a field; those of real mail systems have some hundreds
MOST_RESULTS = 100

_BLANK = re.compile(r"\s*")
_KEY = re.compile(r'[^\s;=()"]+')
_VALUE = re.compile(r'[^\s;()"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResult:
    """One result: `dkim=pass (2048-bit key) header.d=example.com`."""

    method: str  # "dkim", in lower case, without its version
    result: str  # "pass", in lower case
    properties: tuple[tuple[str, str], ...] = ()  # ("header.d", "example.com"): name in lower case, value as written
    comments: tuple[str, ...] = ()

    def values(self, *names: str) -> tuple[str, ...]:
        """The values of all properties of these names, in the order of the names."""
        return tuple(value for name in names for key, value in self.properties if key == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationResults:
    """One field. `authserv_id` is in lower case, "" when the field has none, as Microsoft writes it."""

    authserv_id: str
    results: tuple[MethodResult, ...] = ()
    trouble: str = ""  # why it was not read; then there are no results


class _Unreadable(Exception):
    """The field does not keep to the grammar."""


def read_authentication_results(value: str) -> AuthenticationResults:
    """Read the raw value of a field. Never raises; linear.

    A field that cannot be read keeps its authserv-id when that much is clear, so that the trusted field
    of a broken mail system is never passed over for a forged one below it.
    """
    walk = _Walk(value[:LONGEST])
    try:
        walk.begin()
        if len(value) > LONGEST:
            raise _Unreadable(f"it is longer than {LONGEST} characters")  # noqa: TRY301 - one way out for all
        return AuthenticationResults(authserv_id=walk.authserv_id, results=walk.results())
    except _Unreadable as trouble:
        return AuthenticationResults(authserv_id=walk.authserv_id, trouble=str(trouble))


class _Walk:
    """A place in the field, and the comments passed since they were last taken."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.authserv_id = ""
        self.comments: list[str] = []

    def begin(self) -> None:
        """Read the id and its version, and step behind their ";"; a field that begins with a result has none."""
        self.space()
        self.authserv_id = (self.quoted() if self.here() == '"' else self.word()).lower()
        self.space()
        if self.here() == "=":  # it was the method of the first result
            self.authserv_id = ""
            self.at = 0
            return
        version = "1" if self.here() in {";", ""} else self.word()
        self.space()
        if version != "1" or self.here() not in {";", ""}:  # or Yahoo's `mta.example.com  from=example.org; ...`
            raise _Unreadable("what follows its authserv-id is not known")
        self.at += 1

    def results(self) -> tuple[MethodResult, ...]:
        found: list[MethodResult] = []
        while self.at < len(self.text):
            result = self.result()
            if result is not None:
                found.append(result)
            if len(found) > MOST_RESULTS:
                raise _Unreadable(f"it has more than {MOST_RESULTS} results")
        return tuple(found)

    def result(self) -> MethodResult | None:
        """What stands before the next ";"; None for `none`, and for the bare domain that Microsoft puts between."""
        pairs: list[tuple[str, str]] = []
        bare: list[str] = []
        self.comments = []
        while self.space() < len(self.text) and self.here() != ";":
            key = self.word().lower()
            self.space()
            if self.here() == "=":
                self.at += 1
                pairs.append((key, self.value()))
            else:
                bare.append(key)
        self.at += 1
        if bare and (pairs or len(bare) > 1 or ("." not in bare[0] and bare[0] != "none")):
            raise _Unreadable("a word in it belongs to no result")
        if not pairs:
            return None
        method, result = pairs[0]
        return MethodResult(
            method=method.partition("/")[0],
            result=result.lower(),
            properties=tuple(pairs[1:]),
            comments=tuple(self.comments),
        )

    def value(self) -> str:
        """A value: words and quoted strings without a blank between, such as `"kim k"@example.com`; may be ""."""
        begin = self.at
        if self.space() > begin:  # `smtp.mailfrom= header.d=...` is an empty value, `dkim= pass` is not
            following = _VALUE.match(self.text, self.at)
            if following is not None and "=" in following.group():
                return ""
        pieces: list[str] = []
        while self.at < len(self.text):
            if self.here() == '"':
                pieces.append(self.quoted())
                continue
            match = _VALUE.match(self.text, self.at)
            if match is None:
                break
            pieces.append(match.group())
            self.at = match.end()
        return "".join(pieces)

    def here(self) -> str:
        return self.text[self.at : self.at + 1]

    def word(self) -> str:
        match = _KEY.match(self.text, self.at)
        if match is None:
            raise _Unreadable("a word is missing in it")
        self.at = match.end()
        return match.group()

    def quoted(self) -> str:
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise _Unreadable("a quotation in it has no end")
        self.at = match.end()
        return _ESCAPE.sub(r"\1", match.group(1))

    def space(self) -> int:
        """Step over blanks and comments (counted, not recursed into); the new place."""
        while True:
            match = _BLANK.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.here() != "(":
                return self.at
            self.comment()

    def comment(self) -> None:
        depth = 0
        for mark in _COMMENT_MARK.finditer(self.text, self.at):
            if mark.group() in "()":
                depth += 1 if mark.group() == "(" else -1
            if depth == 0:
                self.comments.append(self.text[self.at + 1 : mark.start()])
                self.at = mark.end()
                return
        raise _Unreadable("a comment in it has no end")
