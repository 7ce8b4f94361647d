"""Finds where a known writer's signature begins that no mark announces: by the closing phrase, or by the name.

A guess, which `signatures` is not: use it only where the writer is known, and never to throw words away.
"""

from __future__ import annotations

import re

from maild.mail.phrases import one_of

LINES = 15  # that a signature may have, empty ones not counted
NAME_LENGTH = 60
_CLOSING = re.compile(
    r"(?i)^(?:"
    + one_of(
        r"""
        (?:(?:kind|best|warm|many|with) )?(?:kind(?:est)? |best )?regards | all the best | best(?: wishes)? | cheers
        yours(?: sincerely| truly| faithfully)? | sincerely(?: yours)? | respectfully | br | rgds
        mit (?:freundlichen|besten|lieben|vielen) gr(?:ü|ue)(?:ß|ss)en
        (?:freundliche|viele|beste|liebe|herzliche|schöne) gr(?:ü|ue)(?:ß|ss)e | gr(?:u|ü)(?:ß|ss)e? | mfg | vg | lg
        (?:bien )?cordialement | bien à vous | (?:meilleures |sincères )?salutations | amicalement
        (?:un )?(?:cordial )?saludos? | (?:saludos )?cordial(?:es|mente) | atentamente
        (?:cordiali|distinti) saluti | met vriendelijke groet(?:en)? | groeten | mvh | (?:med )?vänliga hälsningar
        z poważaniem | pozdrawiam | с уважением | مع (?:أطيب |خالص )?(?:التحيات|التحية|تحياتي) | تحياتي
        """
    )
    + r")[\s,.!;–-]*$"
)
_THANKS = re.compile(r"(?i)^(?:many |kind )?(?:thanks?(?: you)?|danke|merci|gracias|شكرا)\b.{0,30}$")
_PROSE = re.compile(r"[?!]|[.,;]\s+\S+\s+\S+\s+\S")


def sign_off_start(lines: list[str], name: str) -> int:
    """The line where the writer's signature begins; the number of lines when there is none.

    `name` is the writer's, as it is configured. A word of thanks begins one only when the name follows.
    """
    said = [at for at, line in enumerate(lines) if line.strip()]
    for at in said[-LINES:]:
        line = " ".join(lines[at].split())
        if _CLOSING.match(line):
            return at
        following = next((lines[later] for later in said if later > at), "")
        if _THANKS.match(line) and _is_name(following, name):
            return at
        if _is_name(line, name) and (at == said[0] or not lines[at - 1].strip()):
            return at
    return len(lines)


def _is_name(line: str, name: str) -> bool:
    """Whether a line is the writer's name, or begins with it and says no more than what he is."""
    line = " ".join(line.split()).lstrip("-–— ")
    first = name.partition(" ")[0]
    if not name or not first:
        return False
    if line.rstrip(".,").casefold() in (name.casefold(), first.casefold()):
        return True
    return line.casefold().startswith(name.casefold()) and len(line) <= NAME_LENGTH and not _PROSE.search(line)
