r"""Reads a regular expression and writes it for RE2, with every script's letters in \w \d \s and \b.

RE2's own \b knows ASCII only, and it cannot look around. So a \b at the beginning or the end of a pattern
becomes a group that takes one character more, or the end of the text; such a group's name begins with
`BORDER`. Between two parts of a pattern a \b either holds always, and is left out, or it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import NoReturn

from maild.routing.pattern_classes import ANY, LETTER, OTHER, OUTSIDE, PatternFault, class_at, kind_of, property_kind

BORDER = "maild_border_"
EDGE = 4  # what is beside a pattern; LETTER and OTHER are what is beside a place within
_DEEPEST = 50
_MOST = 1000  # repetitions

_REPEAT = re.compile(r"(?:[*+?]|\{(\d+)(,?)(\d*)\})\??")
_OPEN = re.compile(r"\((?:\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?[:)]))?")
_ESCAPES = {
    "A": "", "z": "", "Z": r"write \z for the end of the text",
    "G": "a search has no place where the last one ended",
    "C": "a byte is no character; write . for any character",
    "k": "a search that is linear cannot look back at a group; write the text twice, or two conditions",
    "u": r"write \x{1234} for a character by its number",
    "h": r"write [ \t]", "R": r"write \r?\n", "N": "write [^\\n]", "K": "leave it out", "X": "write .",
}  # fmt: skip
_GROUPS = {
    "(?=": "it looks ahead", "(?!": "it looks ahead", "(?<=": "it looks behind", "(?<!": "it looks behind",
    "(?P=": "it refers back to a group", "(?>": "it is an atomic group", "(?(": "it is a condition",
    "(?#": "it is a comment", "(?|": "it resets groups", "(?P>": "it is recursive", "(?R": "it is recursive",
}  # fmt: skip


@dataclass(slots=True)
class _Part:
    r"""One part of a sequence: something that takes characters, a group, a place without width, or a \b."""

    text: str  # a group's opening
    kinds: int = 0  # of the characters that it may take
    places: str = ""  # "^", "$", "b" or "B"
    choices: list[list[_Part]] = field(default_factory=list)  # of a group
    repeat: str = ""
    least: int = 1  # times
    repeats: bool = False  # more than once


def translated(pattern: str) -> str:
    """The pattern for RE2. Raises PatternFault; what else is wrong with it RE2 itself will say."""
    pattern = unicodedata.normalize("NFC", pattern)
    reader = _Reader(pattern)
    choices = reader.choices(0)
    if reader.at < len(pattern):
        raise PatternFault(f'")" at character {reader.at + 1} closes nothing; write \\) for the character itself')
    return _Writer().choices(choices, EDGE, EDGE)


class _Reader:
    """Takes a pattern apart, from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def choices(self, depth: int) -> list[list[_Part]]:
        """What stands between | up to a closing parenthesis."""
        if depth > _DEEPEST:
            raise PatternFault(f"its parentheses are nested more than {_DEEPEST} deep; write two patterns")
        choices: list[list[_Part]] = [[]]
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self.pattern[self.at] == "|":
                self.at += 1
                choices.append([])
                continue
            parts = self._parts(depth)
            if parts:
                self._repeat(parts[-1])
            choices[-1] += parts
        return choices

    def _parts(self, depth: int) -> list[_Part]:
        character = self.pattern[self.at]
        match character:
            case "(":
                return [self._group(depth)]
            case "[":
                text, kinds, self.at = class_at(self.pattern, self.at)
                return [_Part(text, kinds)]
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                self._fault(character, "has nothing to repeat", f"write \\{character} for the character itself")
        self.at += 1
        if character in "^$":
            return [_Part(character, places=character)]
        return [_Part(character, ANY if character == "." else kind_of(character))]

    def _group(self, depth: int) -> _Part:
        for opening, does in sorted(_GROUPS.items(), key=lambda item: -len(item[0])):
            if self.pattern.startswith(opening, self.at) and not _names(self.pattern, self.at):
                self._fault(
                    opening,
                    f"is not possible, for {does}",
                    "write what must be there, or a second condition (not, all)",
                )
        found = _OPEN.match(self.pattern, self.at)
        begun = self.at
        if not found or (found[0] == "(" and self.pattern.startswith("(?", self.at)):
            self._fault(self.pattern[begun : begun + 3], "is no group", "write (?:...) or (?P<name>...)")
        self.at = found.end()
        if found[0].endswith(")"):  # flags for what follows
            return _Part(found[0], places="flags")
        if BORDER in found[0]:
            self._fault(found[0], "is a name of maild's own", "choose another")
        group = _Part(found[0], choices=self.choices(depth + 1))
        if self.at >= len(self.pattern):
            raise PatternFault(f'"{found[0]}" at character {begun + 1} is never closed; write the missing ")"')
        self.at += 1
        return group

    def _escape(self) -> list[_Part]:
        pattern, begun = self.pattern, self.at
        letter = pattern[begun + 1 : begun + 2]
        self.at += 2
        if not letter:
            raise PatternFault("it ends with a single \\; write \\\\ for the character itself")
        if letter in "bB":
            return [_Part("\\" + letter, places=letter)]
        if letter in OUTSIDE:
            return [_Part(*OUTSIDE[letter])]
        if letter == "Q":
            end = pattern.find("\\E", self.at)
            literal = pattern[self.at : end if end >= 0 else len(pattern)]
            self.at = end + 2 if end >= 0 else len(pattern)
            return [_Part(_quoted(character), kind_of(character)) for character in literal]
        if letter in "pP" or letter in "x0":
            found = re.compile(
                r"\\(?:[pP](?:\{\^?\w+\}|\w)|x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]{1,6}\})|0[0-7]{0,2})"
            ).match(pattern, begun)
            if not found:
                self.at = begun
                self._fault("\\" + letter, "is not complete", "write \\pL, \\p{Greek} or \\x{1F600}")
            self.at = found.end()
            return [_Part(found[0], property_kind(found[0]))]
        self.at = begun
        if letter.isdigit():
            self._fault(
                "\\" + letter,
                "refers back to a group, which is not possible",
                "write the text twice, or two conditions",
            )
        if _ESCAPES.get(letter):
            self._fault("\\" + letter, "is not known", _ESCAPES[letter])
        self.at += 2
        if letter in "Az":
            return [_Part("\\" + letter, places="^" if letter == "A" else "$")]
        if letter in "tnrfva":
            return [_Part("\\" + letter, OTHER)]
        if letter.isalpha() and letter.isascii():
            self.at = begun
            self._fault("\\" + letter, "is not known", f"write {letter} for the letter itself")
        return [_Part(_quoted(letter), kind_of(letter))]

    def _repeat(self, part: _Part) -> None:
        found = _REPEAT.match(self.pattern, self.at)
        if not found:
            return
        text = found[0]
        if part.places:
            self._fault(text, f"repeats {part.text}, which takes no character", "leave it out")
        low, comma, high = found[1], found[2], found[3]
        if any(int(number) > _MOST for number in (low, high) if number):
            self._fault(text, "repeats too often", f"write at most {_MOST}")
        part.repeat = text
        part.least = int(low) if low else int(text[0] == "+")
        part.repeats = text[0] in "*+" or bool(low and (int(high) > 1 if high else comma or int(low) > 1))
        self.at = found.end()
        again = _REPEAT.match(self.pattern, self.at)
        if again:
            self.at = found.start()
            self._fault(
                text + again[0], "repeats a repetition", f"write {text} alone (every search here is linear anyway)"
            )

    def _fault(self, part: str, what: str, right: str) -> NoReturn:
        raise PatternFault(f'"{part}" at character {self.at + 1} {what}; {right}')


class _Writer:
    """Puts a pattern together, and knows at each place what may stand beside it."""

    def __init__(self) -> None:
        self._borders = 0

    def choices(self, choices: list[list[_Part]], left: int, right: int) -> str:
        return "|".join(self._sequence(parts, left, right) for parts in choices)

    def _sequence(self, parts: list[_Part], left: int, right: int) -> str:
        written = []
        for number, part in enumerate(parts):
            before = _beside(parts[:number][::-1], left, "^")
            after = _beside(parts[number + 1 :], right, "$")
            if part.places in {"b", "B"}:
                written.append(self._border(part, before, after))
            elif part.text.startswith("(") and not part.places:
                if part.repeats:  # it stands beside itself
                    before |= _beside([part], 0, "^")
                    after |= _beside([part], 0, "$")
                written.append(f"{part.text}{self.choices(part.choices, before, after)}){part.repeat}")
            else:
                written.append(part.text + part.repeat)
        return "".join(written)

    def _border(self, part: _Part, before: int, after: int) -> str:
        known = (LETTER, OTHER)
        if before in known and after in known:
            if (before != after) == (part.places == "b"):
                return ""
            raise PatternFault(f'"{part.text}" can never hold where it stands; leave it out')
        if before == EDGE and after in known:
            end, beside = r"\A|", after
        elif after == EDGE and before in known:
            end, beside = r"\z|", before
        else:
            raise PatternFault(
                f'"{part.text}" stands beside something that may be a letter and may be none; '
                f"write it at the beginning or end of the pattern, beside what certainly begins or ends with "
                f"a letter or a digit (\\b\\w[\\w.-]*), or write \\s or \\W in its place"
            )
        self._borders += 1
        other = (beside == LETTER) == (part.places == "b")
        # The end of the text stands for something that is no letter.
        return f"(?P<{BORDER}{self._borders}>{end if other else ''}{OUTSIDE['W' if other else 'w'][0]})"


def _beside(parts: list[_Part], beyond: int, stop: str) -> int:
    """The kinds of characters that may be first in these parts, or `beyond` them; `stop` is an end of a line."""
    kinds = 0
    for part in parts:
        if part.places:
            if part.places == stop:
                return kinds | OTHER
            continue
        if part.text.startswith("("):
            inner = 0
            for choice in part.choices:
                inner |= _beside(choice if stop == "$" else choice[::-1], EDGE, stop)
        else:
            inner = part.kinds
        kinds |= inner & ANY
        if part.least and not inner & EDGE:
            return kinds
    return kinds | beyond


def _names(pattern: str, at: int) -> bool:
    return re.compile(r"\(\?P?<\w").match(pattern, at) is not None


def _quoted(character: str) -> str:
    return "\\" + character if character.isascii() and not character.isalnum() and character != "_" else character
