"""Cuts signatures where they are certain: after "-- ", and the line that a phone adds."""

from __future__ import annotations

import re

from maild.mail.quote_words import SENT_FROM

SIGNATURE_LINES = 25
BARE_SIGNATURE_LINES = 12
FOOTER_LINES = 8
ARMOUR_LINES = 60

_DELIMITER = re.compile(r"^(?:- |[ \t]{0,2})(?:--|—)[ \t]?$")  # "- -- " in a text that PGP signed
_DELIMITER_LENGTH = 5
_COMMENT = re.compile(r"^[ \t]*--[ \t]?\S")
ARMOUR = "-----BEGIN PGP SIGN"  # without it, `armour` finds nothing
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_HASH = re.compile(r"^(?:Hash|Charset|NotDashEscaped): ?\S{1,80}")
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END = "-----END PGP SIGNATURE-----"
_RULE = re.compile(r"^[_=*-]{20,}$")
_FOOTER = re.compile(
    r"(?i)mailing[ -]?list|unsubscribe|listinfo|subscription|posting guide|mailingliste|liste de diffusion"
    r"|lista de correo"
)
_ONLY_LINK = re.compile(r"^(?:<?https?://[^\s<>]{1,400}>?|[^\s<>@]{1,100}@[^\s<>@]{1,100})$")
_FOOTER_BEGINS = re.compile(
    r"(?i)(?:to unsubscribe from this list: send|to unsubscribe, (?:e-?mail|send|visit|reply)"
    r"|you(?:'ve| have)? received this message because you are subscribed to)"
)
_DECORATION = re.compile(r"^(?:([-_*#~])\1+|ᐧ|\u200b+)$")
_LINK = re.compile(r"<?https?://\S{1,2000}")
_EXCUSE = re.compile(r"(?i)[.,;]? {0,2}(?:please |kindly )?(?:excuse|pardon|forgive|entschuldige).{0,80}$")
_PROSE = re.compile(r"[,;!?]|\.\s+\S|\b(?:is|was|and|but|when|because|ist|und|est|es)\b", re.IGNORECASE)


def signature_start(lines: list[str], first: int = 1) -> int:
    """Where a certain signature or list footer begins; the number of lines of content when there is none.

    The first `first` lines are never one.
    """
    end = _content_end(lines, len(lines))
    while (above := _cut_footer(lines, end, first)) < end:  # a list in a list puts one below the other
        end = above
    end = _cut_delimited(lines, end, first)
    return _cut_decoration(lines, _cut_sent_from(lines, _cut_decoration(lines, end)))


def own_signature(lines: list[str]) -> str:
    """A signature that was cut, without its mark and without what a phone or a list says there."""
    begins = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if not lines or not _DELIMITER.match(lines[begins]):
        return ""
    own = lines[begins + 1 : begins + 1 + SIGNATURE_LINES]
    kept = [line.rstrip() for line in own if not SENT_FROM.match(line) and not _DECORATION.match(line.strip())]
    return "\n".join(kept).strip("\n")


def armour(lines: list[str]) -> list[int]:
    """The lines that PGP wraps around a signed text (RFC 4880 §7): its first lines and the signature."""
    found: list[int] = []
    at = 0
    while at < len(lines):
        line = lines[at].rstrip() if lines[at].startswith(ARMOUR) else ""
        if line == _SIGNED:
            found.append(at)
            while at + 1 < len(lines) and _HASH.match(lines[at + 1]):
                at += 1
                found.append(at)
        elif line == _SIGNATURE:
            end = at + 1
            while end < min(len(lines), at + ARMOUR_LINES) and not lines[end].startswith("-----"):
                end += 1
            if end < len(lines) and lines[end].rstrip() == _SIGNATURE_END:
                found.extend(range(at, end + 1))
                at = end
        at += 1
    return found


def _content_end(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _cut_footer(lines: list[str], end: int, first: int) -> int:
    """Mailman and others put a line of underscores and a few lines about the list below."""
    for at in range(end - 1, max(end - FOOTER_LINES, first) - 1, -1):
        line = lines[at].strip()
        if _FOOTER_BEGINS.match(line):
            return _content_end(lines, at)
        if _RULE.match(line):
            below = [each.strip() for each in lines[at + 1 : end] if each.strip()]
            about_list = any(_FOOTER.search(each) for each in below)
            only_links = line[0] == "_" and bool(below) and all(_ONLY_LINK.match(each) for each in below)
            return _content_end(lines, at) if about_list or only_links else end
    return end


def _cut_delimited(lines: list[str], end: int, first: int) -> int:
    """RFC 3676 §4.3: "-- " alone; many programs lose the blank, so then less may follow."""
    for at in range(end - 1, max(end - 1 - SIGNATURE_LINES, first) - 1, -1):
        line = lines[at]
        if len(line) <= _DELIMITER_LENGTH and _DELIMITER.match(line):
            following = [each for each in lines[at + 1 : end] if each.strip()]
            if line == "-- " or (len(following) <= BARE_SIGNATURE_LINES and not _is_comment(lines, at)):
                return _content_end(lines, at)
    return end


def _is_comment(lines: list[str], at: int) -> bool:
    """Whether "--" begins or ends a comment in SQL, Lua or Haskell."""
    return any(_COMMENT.match(line) for line in lines[max(at - 1, 0) : at] + lines[at + 1 : at + 2])


def _cut_sent_from(lines: list[str], end: int) -> int:
    """ "Sent from my iPhone" at the end, short, and no sentence ("Sent from my desk, which is ..")."""
    while True:
        line = lines[end - 1].strip() if end > 1 else ""
        said = SENT_FROM.match(line)
        if said is None or len(line) > 120:
            return end
        rest = _EXCUSE.sub("", _LINK.sub("", line[said.end() :]))
        if _PROSE.search(rest):
            return end
        end = _content_end(lines, end - 1)


def _cut_decoration(lines: list[str], end: int) -> int:
    """Rules and tracking marks at the end; ":-)" and "???" are answers."""
    while end > 1 and _DECORATION.match(lines[end - 1].strip()):
        end = _content_end(lines, end - 1)
    return end
