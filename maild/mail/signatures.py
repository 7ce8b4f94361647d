"""Cuts signatures where they are certain: after "-- ", and the line that a phone adds."""

from __future__ import annotations

import re

from maild.mail.quote_words import SENT_FROM

SIGNATURE_LINES = 25
BARE_SIGNATURE_LINES = 12
FOOTER_LINES = 8
SENT_FROM_LINES = 5

_DELIMITER = re.compile(r"^[ \t]{0,2}(?:--|—)[ \t]?$")
_RULE = re.compile(r"^[_=*-]{20,}$")
_FOOTER = re.compile(r"(?i)mailing ?list|unsubscribe|https?://|listinfo|groups?\b")
_DECORATION = re.compile(r"^(?:[-_=*#~+]{2,}|ᐧ|\u200b+)$")
_LINK = re.compile(r"<?https?://\S{1,2000}")
_EXCUSE = re.compile(r"(?i)[.,;]? {0,2}(?:please |kindly )?(?:excuse|pardon|forgive|entschuldige).{0,80}$")
_PROSE = re.compile(r"[,;!?]|\.\s+\S|\b(?:is|was|and|but|when|because|ist|und|est|es)\b", re.IGNORECASE)


def signature_start(lines: list[str]) -> int:
    """Where a certain signature or list footer begins; the number of lines of content when there is none."""
    end = _content_end(lines, len(lines))
    end = _cut_footer(lines, end)
    end = _cut_delimited(lines, end)
    return _cut_decoration(lines, _cut_sent_from(lines, _cut_decoration(lines, end)))


def _content_end(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _cut_footer(lines: list[str], end: int) -> int:
    """Mailman and others put a line of underscores and a few lines about the list below."""
    for at in range(end - 2, max(end - FOOTER_LINES, 0), -1):
        if _RULE.match(lines[at].strip()) and _FOOTER.search("\n".join(lines[at + 1 : end])):
            return _content_end(lines, at)
    return end


def _cut_delimited(lines: list[str], end: int) -> int:
    """RFC 3676 §4.3: "-- " alone; many programs lose the blank, so then less may follow."""
    for at in range(end - 1, max(end - 1 - SIGNATURE_LINES, 0), -1):
        line = lines[at]
        if _DELIMITER.match(line):
            following = sum(1 for each in lines[at + 1 : end] if each.strip())
            if line == "-- " or following <= BARE_SIGNATURE_LINES:
                return _content_end(lines, at)
    return end


def _cut_sent_from(lines: list[str], end: int) -> int:
    """ "Sent from my iPhone" at the end, short, and no sentence ("Sent from my desk, which is ..")."""
    for _ in range(SENT_FROM_LINES):
        line = lines[end - 1].strip() if end > 1 else ""
        said = SENT_FROM.match(line)
        if said is None or len(line) > 120:
            return end
        rest = _EXCUSE.sub("", _LINK.sub("", line[said.end() :]))
        if _PROSE.search(rest):
            return end
        end = _content_end(lines, end - 1)
    return end


def _cut_decoration(lines: list[str], end: int) -> int:
    """Rules and tracking marks at the end; ":-)" and "???" are answers."""
    while end > 1 and _DECORATION.match(lines[end - 1].strip()):
        end = _content_end(lines, end - 1)
    return end
