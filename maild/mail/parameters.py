"""Reads `type/subtype; name=value` headers with everything that senders do to the values (RFC 2045, 2231)."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from maild.mail.charsets import decode
from maild.mail.words import header_text

_FORGOTTEN = re.compile(r"\s*(?:[^\s=;\"()]{1,100}\s+)?(?=[a-zA-Z*0-9-]{1,40}=)")
_BETWEEN = re.compile(r"[\s;]*")
_PARAMETER = re.compile(r'([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_ESCAPED = re.compile(r"\\([\"\\])")
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?$")
_COUNT_LIMIT = 200


def read_parameters(value: str, otherwise: str = "cp1252") -> tuple[str, dict[str, str]]:
    """The main value in lower case, and the decoded parameters by name in lower case.

    Raw 8-bit values, encoded words (wrong here, RFC 2047 §5, and common) and RFC 2231 sections are
    decoded. Never raises; linear in the header, which is at most 64 KiB.
    """
    start = _main_end(value)
    main = value[:start].partition("(")[0].strip(" \t\"';").lower()
    if start == len(value):
        return main, {}
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, text in _written(value, start):
        section = _SECTION.match(name)
        if section is None:
            plain.setdefault(name, text)
        else:
            number = int(section.group(2) or 0)
            encoded = section.group(2) is None or section.group(3) is not None
            sections.setdefault(section.group(1), {}).setdefault(number, (text, encoded))
    found = {name: header_text(text, otherwise) for name, text in plain.items()}
    for name, numbered in sections.items():
        found[name] = _join_sections(numbered, otherwise)
    return main, found


def _main_end(value: str) -> int:
    """Where the parameters begin: behind the ";", or where a sender forgot it (`attachment filename=a.txt`)."""
    semicolon = value.find(";")
    end = len(value) if semicolon < 0 else semicolon
    if "=" not in value[:end]:
        return end
    forgotten = _FORGOTTEN.match(value, 0, end)
    return forgotten.end() if forgotten else end


def _written(value: str, at: int) -> list[tuple[str, str]]:
    """Names in lower case with their values as written, quotes undone; at most 200."""
    found: list[tuple[str, str]] = []
    while len(found) < _COUNT_LIMIT:
        between = _BETWEEN.match(value, at)
        at = between.end() if between else at
        match = _PARAMETER.match(value, at)
        if match is None:
            at = value.find(";", at)
            if at < 0:
                break
            continue
        at = match.end()
        text = match.group(2).strip()
        if text[:1] == '"':
            text = _ESCAPED.sub(r"\1", text[1:-1]) if len(text) > 1 and text[-1] == '"' else text[1:]
        found.append((match.group(1).lower(), text))
    return found


def _join_sections(numbered: dict[int, tuple[str, bool]], otherwise: str) -> str:
    """One value from its RFC 2231 sections: `utf-8'de'%C3%BC`, `*0*=`, `*1=`; joined as bytes."""
    charset = ""
    data = bytearray()
    for position, number in enumerate(sorted(numbered)):
        text, encoded = numbered[number]
        if encoded:
            if position == 0 and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            data += unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
        else:
            data += text.encode("utf-8", "surrogateescape")
    text = decode(bytes(data), charset, otherwise)
    return header_text(text, otherwise)
