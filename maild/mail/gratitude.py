"""Knows a mere "thank you": own words that say nothing else, so that they need not open a resolved ticket again.

Precision first: a text counts only when every word of it is a known phrase or a name. One unknown word, a
digit, a link or a question mark is a matter of its own, and an agent has to see it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from maild.mail.gratitude_words import BESIDE, BESIDE_JOINED, EMOJI, LOOSE, NOT_A_NAME, THANKS, THANKS_JOINED
from maild.mail.model import Mail, Reply

TEXT_LIMIT = 500  # characters; whoever writes more says more
NAME_WORDS = 2  # "Thanks Ann Lee"
SIGNATURE_LINES = 3
SIGNATURE_WORDS = 4
REACTION_TYPE = "text/vnd.google.email-reaction+json"

_BREAK = re.compile(r"[.,;:!¡…。！，、；：～〜・~\"“”„«»()\[\]*_|<>]+|(?:^|\s)[-–—=]+(?=\s|$)")
_ASKS = re.compile(r"[?？؟¿;]|https?:|www\.")
_SMILEY = re.compile(r"(?<!\w)(?:[:;=]-?[)D]|\^_?\^|<3)(?!\w)")
_NOT_SEEN = re.compile("[\ufe0f\u200d\u200b\u2640\u2642\U0001f3fb-\U0001f3ff]")
_EMOJI = re.compile(f"[{EMOJI}]")
_NAME = re.compile(r"[^\W\d_]{1,30}(?:['’-][^\W\d_]{1,30}){0,3}")
_REACTED = re.compile(
    r"(?i)(?P<before>[^?]{0,120}?)\breacted (?:to your (?:message|e-?mail)|via gmail)\b(?P<after>.*)", re.S
)
_LINK = re.compile(r"<?https?://[^\s<>]{1,300}>?")


@cache  # large, and most runs of maild need it not at all
def _piece() -> re.Pattern[str]:
    thanks = rf"(?P<thanks>{THANKS}(?![\w'])|{THANKS_JOINED})"
    beside = rf"{BESIDE}(?![\w'])|{BESIDE_JOINED}|{LOOSE}(?![\w'])"
    return re.compile(rf"(?:{thanks}|{beside})[\s/&+]*", re.IGNORECASE)


def is_gratitude(mail: Mail, reply: Reply) -> bool:
    """Whether a mail says thanks and nothing else: no words of its own beyond that, and no file."""
    if any(each.type != REACTION_TYPE and not each.inline for each in mail.attachments):
        return False
    return is_mere_thanks(reply.text, mail.sender.name if mail.sender else "")


def is_mere_thanks(reply_text: str, sender_name: str = "") -> bool:
    """Whether own words are nothing but thanks, with greeting, "it works now", closing and name.

    A thumbs-up or heart alone counts, and so does the note of a mail program that somebody reacted so.
    With a `sender_name`, a signature must hold a word of it. False when in doubt.
    """
    text = unicodedata.normalize("NFC", reply_text.strip()[: TEXT_LIMIT + 1]).replace("’", "'")
    if not text or len(text) > TEXT_LIMIT:
        return False
    reacted = _REACTED.match(text)
    if reacted is not None:
        before, after = (_LINK.sub("", _NOT_SEEN.sub("", part)) for part in reacted.group("before", "after"))
        return _only_emoji(after) or (not after.strip(" .:!\n") and _only_emoji("".join(before.split()[:1])))
    without, smileys = _SMILEY.subn(" ", text)
    without, emoji = _EMOJI.subn(" ", _NOT_SEEN.sub("", without))
    if _ASKS.search(without):
        return False
    thanked = _Reader({word.casefold() for word in _NAME.findall(sender_name)}).read(without)
    return thanked is not None and (thanked or smileys + emoji > 0)


def _only_emoji(text: str) -> bool:
    text = text.strip(" .:!\n\t>")
    return bool(text) and not _EMOJI.sub("", text).strip()


class _Reader:
    """Reads a text line by line; `name` are the sender's names, in lower case."""

    def __init__(self, name: set[str]) -> None:
        self.name = name
        self.thanked = False
        self.signed = False

    def read(self, text: str) -> bool | None:
        """Whether it thanks; None when it says anything else."""
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        for number, line in enumerate(lines):
            may_sign = number >= len(lines) - SIGNATURE_LINES
            parts = [part.strip() for part in _BREAK.split(line) if part.strip()]
            unknown = [part for at, part in enumerate(parts) if not self._is_known(part, first=number == at == 0)]
            # "Ann Lee" on a line of its own, or "Best regards, Ann" at the end of one.
            if unknown and not (
                may_sign and (self._is_signature(line) or (unknown == parts[-1:] and self._is_signature(parts[-1])))
            ):
                return None
        return self.thanked

    def _is_known(self, part: str, *, first: bool) -> bool:
        """Whether a part of a sentence is made of known pieces, and perhaps a name behind (or before all) them."""
        at = 0
        while at < len(part):
            piece = _piece().match(part, at)
            if piece is None or piece.end() == at:
                break
            self.thanked = self.thanked or piece["thanks"] is not None
            at = piece.end()
        rest = part[at:].split()
        if not rest:
            return True
        return (at > 0 or first) and len(rest) <= NAME_WORDS and all(map(self._is_name, rest))

    def _is_signature(self, line: str) -> bool:
        words = line.replace(",", " ").replace(".", " ").split()
        if not (self.thanked or self.signed) or len(words) > SIGNATURE_WORDS or not all(map(self._is_name, words)):
            return False
        if self.name and not self.signed and not any(word.casefold() in self.name for word in words):
            return False
        self.signed = True
        return True

    def _is_name(self, word: str) -> bool:
        folded = word.casefold()
        if not _NAME.fullmatch(word) or folded in NOT_A_NAME:
            return False
        shouted = len(word) > 4 and word.isupper()
        return folded in self.name or (word[0].isupper() and not shouted)
