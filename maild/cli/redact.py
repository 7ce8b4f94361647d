"""Takes secrets out of log records, whoever wrote them.

Two nets. The secrets of the configuration are known, so they are replaced wherever they stand. What
else looks like one (a password in a URL, a bearer token, a login in a protocol's debug lines) is
replaced by its form; here too much is better than too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

HIDDEN = "***"
LONGEST = 20_000  # characters of one value: bounds the time of the expressions below
_KEYS = re.compile(r"(?i)(password|passwd|pwd|secret|token|api_?key|authorization|credential)s?$")
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    # scheme://user:password@host; a password may itself hold "@" or "/", so up to the last "@"
    (re.compile(r"([A-Za-z][\w+.-]{0,20}://[^\s/:@]*):[^\s]*@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    # SMTP's AUTH PLAIN and IMAP's AUTHENTICATE with an initial response
    (re.compile(r"(?i)\b(auth(?:enticate)?\s+[\w-]+)\s+[\w+/=]{4,}"), rf"\1 {HIDDEN}"),
    (re.compile(r'(?i)\b(login\s+(?:"[^"]*"|\S+))\s+(?:"(?:[^"\\]|\\.)*"|\S+)'), rf"\1 {HIDDEN}"),
    # password=..., "token": "...", also inside a repr
    (
        re.compile(
            r"(?i)\b(\w*(?:password|passwd|pwd|secret|token|api_?key|authorization)[\"']?\s*[:=]\s*)"
            r"(?!\*\*\*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)"
        ),
        rf"\1{HIDDEN}",
    ),
    # A long run with a capital and a digit: keys, session and API tokens. Digests in hex, names of
    # functions and Message-IDs (an @ follows) are no secrets, and a log without them helps nobody.
    (re.compile(r"\b(?=[\w+=-]{0,64}[A-Z])(?=[\w+=-]{0,64}[0-9])(?![0-9A-F]+\b)[\w+-]{32,512}+={0,2}(?!@)"), HIDDEN),
)
# What no form can match: each asks for a blank, a colon, a "=" or 32 characters; of a moment, for other letters.
_HARMLESS = re.compile(r"[^\s:=]{0,31}|[\d:.TZ-]{0,31}")


class Redactor:
    """Replaces secrets in texts and in whatever a log record may hold."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Longest first, in case one holds another. A short one would blacken innocent words.
        known = sorted({s for s in secrets if len(s) >= 6}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """The text without secrets; what is beyond LONGEST is cut."""
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}... ({len(text) - LONGEST} characters cut)"
        if self._known:
            text = self._known.sub(HIDDEN, text)
        if _HARMLESS.fullmatch(text):
            return text
        for form, instead in _FORMS:
            text = form.sub(instead, text)
        return text

    def value(self, value: Any) -> Any:
        """A value of a record; unknown objects become their redacted repr."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self.record(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        return self.text(repr(value))

    def record(self, record: Mapping[Any, Any]) -> dict[str, Any]:
        """A record's values; what is named like a secret is hidden whatever it looks like."""
        return {
            str(key): HIDDEN if _names_secret(str(key)) and value is not None else self.value(value)
            for key, value in record.items()
        }


@lru_cache(maxsize=512)  # a log has few names
def _names_secret(key: str) -> bool:
    return _KEYS.search(key) is not None
