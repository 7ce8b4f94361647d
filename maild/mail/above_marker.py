"""Finds what somebody wrote above our marker, where it is quoted."""

from __future__ import annotations

import re

from maild.mail.attributions import attribution_start
from maild.mail.own_marker import marker_end
from maild.mail.quote_marks import is_quote
from maild.mail.separators import header_block, is_original_marker, may_separate

_SAID = re.compile(r"[^\W_]")


def above_marker(lines: list[str], marker: int) -> int:
    """Where the lines above the marker end; the attribution of the quote that holds it is none of them."""
    last = marker - 1
    while last >= 0 and (not lines[last].strip() or is_quote(lines[last])):
        last -= 1
    start = attribution_start(lines, last, quote_follows=True) if last >= 0 else -1
    return start if start >= 0 else marker


def only_quotes(text: str) -> bool:
    """Whether a text of which all was kept is our letter, or the headers of what was quoted, and nothing else above.

    Attributions, header blocks and lines with quote marks are nobody's words. What may stand below the quote is not
    looked at: it cannot be told from the quote.
    """
    lines = text.split("\n")
    marker = next((at for at in range(len(lines)) if "##-" in lines[at] and marker_end(lines, at) >= 0), len(lines))
    head = lines[: above_marker(lines, marker)] if marker < len(lines) else lines
    headers = next((at for at in range(len(head)) if _begins_quote(head, at)), len(head))
    if marker == len(lines) and headers == len(head):
        return False
    return not any(_SAID.search(line) for line in head[:headers] if not is_quote(line))


def _begins_quote(lines: list[str], at: int) -> bool:
    line = lines[at]
    return may_separate(line) and (is_original_marker(line) or header_block(lines, at, laid_out=True) >= 0)
