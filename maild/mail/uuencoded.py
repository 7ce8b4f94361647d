"""Takes uuencoded files out of plain text, where old mailers and gateways put them."""

from __future__ import annotations

import re

from maild.mail.transfer import decode_uu

# The "M" line of 45 bytes and the end make it sure that "begin 644 .." is not prose.
_FILE = re.compile(
    r"^begin [0-7]{3,4} (?P<name>[^\n]{1,200})\n(?P<lines>(?:[\x20-\x60]{1,100}\n)*?)(?:[ `]?\n)?end[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)


def take_out_uuencoded(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without its uuencoded files, and the files as (name, bytes) in order."""
    if "\nend" not in text or ("\nbegin " not in text and not text.startswith("begin ")):
        return text, []
    files: list[tuple[str, bytes]] = []
    out: list[str] = []
    done = 0
    for match in _FILE.finditer(text):
        data = decode_uu(match.group("lines").encode("ascii"))
        if not data:
            continue
        files.append((match.group("name").strip(), data))
        out.append(text[done : match.start()])
        done = match.end()
    out.append(text[done:])
    return "".join(out), files
