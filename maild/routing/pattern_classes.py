"""The character classes of regular expressions: what they are in RE2, and whether they hold letters."""

from __future__ import annotations

import re
import unicodedata

LETTER, OTHER = 1, 2  # a letter, mark, digit or _; anything else
ANY = LETTER | OTHER

# Within [...]; \W and \S cannot be written there.
INSIDE = {
    "w": (r"\pL\pM\pN_", LETTER), "d": (r"\pN", LETTER), "s": (r"\s\pZ", OTHER), "D": (r"\PN", ANY),
}  # fmt: skip
OUTSIDE = {
    "w": (r"[\pL\pM\pN_]", LETTER), "W": (r"[^\pL\pM\pN_]", OTHER), "d": (r"\pN", LETTER), "D": (r"\PN", ANY),
    "s": (r"[\s\pZ]", OTHER), "S": (r"[^\s\pZ]", ANY),
}  # fmt: skip

_MEMBER = re.compile(
    r"\[:\^?(?P<posix>\w+):\]|(?P<property>\\[pP](?:\{\^?\w+\}|\w))"
    r"|(?P<code>\\x[0-9a-fA-F]{2}|\\x\{[0-9a-fA-F]{1,6}\}|\\0[0-7]{0,2})|\\(?P<escape>.)|(?P<plain>.)",
    re.DOTALL,
)
_POSIX_LETTERS = {"alnum", "alpha", "digit", "lower", "upper", "word", "xdigit"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_WIDEST = 1000  # characters of a range that are looked at one by one


class PatternFault(ValueError):
    """What is wrong with a pattern, and what would be right."""


def kind_of(character: str) -> int:
    """LETTER or OTHER."""
    return LETTER if character == "_" or unicodedata.category(character)[0] in "LMN" else OTHER


def property_kind(text: str) -> int:
    r"""What \pL, \p{Greek} or \x41 may be."""
    if text[1] in "pP":
        return LETTER if re.fullmatch(r"\\p\{?[LMN][a-z]?\}?", text) else OTHER if text in {r"\pZ", r"\pP"} else ANY
    character = _by_number(text)
    return kind_of(character) if character else ANY


def class_at(pattern: str, begun: int) -> tuple[str, int, int]:
    """The class that begins here: for RE2, what it may be, and where it ends. Raises PatternFault."""
    negated = pattern.startswith("[^", begun)
    members = _Members()
    at = begun + 1 + negated
    while not members.written or not pattern.startswith("]", at):
        member = _MEMBER.match(pattern, at)
        if not member:
            raise PatternFault(f'"[" at character {begun + 1} is never closed; write the missing "]"')
        at = member.end()
        members.add(member, is_last=pattern.startswith("]", at))
    at += 1
    if any(members.escapes >= {small, small.upper()} for small in "wds"):  # [\s\S] is any character
        return f"[{'^' if negated else ''}\\x00-\\x{{10FFFF}}]", ANY, at
    for escape, right in (("W", r"\PL"), ("S", "the characters themselves")):
        if escape in members.escapes:
            if len(members.written) == 1:  # [\W] and [^\W] are \W and \w
                return (*OUTSIDE[escape.lower() if negated else escape], at)
            raise PatternFault(f'"\\{escape}" cannot stand within [...]; write {right} there, or (?:\\{escape}|[...])')
    kinds = members.kinds
    if negated:
        kinds = OTHER if "w" in members.escapes else ANY
    return f"[{'^' if negated else ''}{''.join(members.written)}]", kinds, at


class _Members:
    """What stands within a class."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.kinds = 0
        self.escapes: set[str] = set()  # of \w and its like
        self._low = ""  # what a range may begin with
        self._in_range = False

    def add(self, member: re.Match[str], *, is_last: bool) -> None:
        """Take the next one."""
        text, escape = member[0], member["escape"] or ""
        if escape and escape in "wdsWDS":
            self.escapes.add(escape)
            text, kinds = INSIDE.get(escape, ("", ANY))
            self._set(text, kinds)
        elif member["posix"]:
            is_letter = member["posix"] in _POSIX_LETTERS and not text.startswith("[:^")
            self._set(text, LETTER if is_letter else ANY)
        elif member["property"]:
            self._set(text, property_kind(text))
        else:
            if escape.isascii() and escape.isalnum() and escape not in _CONTROLS:
                raise PatternFault(f'"{text}" is not known within [...]; write the character itself')
            character = _by_number(text) if member["code"] else _CONTROLS.get(escape, escape) or member["plain"]
            self._character(text, character, is_last=is_last)

    def _set(self, text: str, kinds: int) -> None:
        self.written.append(text)
        self.kinds |= kinds
        self._low, self._in_range = "", False

    def _character(self, text: str, character: str, *, is_last: bool) -> None:
        self.written.append(text)
        if self._in_range:
            if self._low > character:
                raise PatternFault(
                    f'"{"".join(self.written[-3:])}" is a range that ends before it begins; turn it round'
                )
            self.kinds |= _of_range(self._low, character)
            self._low, self._in_range = "", False
        elif text == "-" and self._low and not is_last:
            self._in_range = True
        else:
            self.kinds |= kind_of(character) if character else ANY
            self._low = character


def _of_range(low: str, high: str) -> int:
    if ord(high) - ord(low) > _WIDEST:
        return ANY
    kinds = 0
    for code in range(ord(low), ord(high) + 1):
        kinds |= kind_of(chr(code))
    return kinds


def _by_number(text: str) -> str:
    code = int(text[1:], 8) if text[1] == "0" else int(text[2:].strip("{}"), 16)
    return chr(code) if code <= 0x10FFFF else ""
