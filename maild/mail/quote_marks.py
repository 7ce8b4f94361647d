"""Tells which lines carry a quote mark: ">" anywhere, other marks only below an attribution."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from maild.mail.quote_words import ADDRESS, QUOTING, TIME, WROTE, WROTE_WORDS

_QUOTE = re.compile(r"^[ \t]{0,3}[A-Z]{0,2}>")  # "AK> " is how some mark whose words they quote
_TORN = re.compile(rf"(?i)(?:{WROTE_WORDS}[ \t]*:?|:)")
_TORN_LENGTH = 20  # no word for "wrote" is longer
_BAR = re.compile(r"^[ \t]{0,3}[|│](?:[ \t]|$)(?!.*\|[ \t]*$)")  # "| a | b |" is a table
_NAME_MARK = re.compile(
    r"(?i)^[ \t]{0,8}(?!(?:mysql|mariadb|sqlite|sql|postgres|ftp|irb|php|scala|octave|julia)>)"  # they prompt
    r"([^\W\d_][\w.'-]{0,15}[>|])(?:[ \t>]|$)"
)
_OTHER_MARK = re.compile(r"^[ \t]{0,3}([:}\]%!+=~»›¦;#]|&gt;)(?:[ \t]|$)")
_PARAGRAPH = 50  # lines of it that are looked at

_CHANGE = re.compile(r"^\d+(?:,\d+)?[acd]\d+(?:,\d+)?[ \t]*$")  # of diff(1) without -u
_CHANGED = re.compile(r"^(?:[<>] |[<>]$|---$|\\ )")
_PROMPT = re.compile(r"^[ \t]{0,8}(?:[^\s>]{0,60}|\[[^\]>]{1,60}\])[$#%] ?\S")
_UNFINISHED = re.compile(r"(?:\bdo|\bthen|<<-?['\"\\]?\w+['\"]?|[\\({|&])$")
_CONTINUED = re.compile(r"^>(?: |$)")
# Of R and its kin, below "I tried this:".
_STATEMENT = re.compile(r"^>(?: ?$| [\w.$]{1,60} ?(?:<-|=) ?\S| [\w.:$]{1,60}\(.*\)[ \t]*$)")
_PYTHON = re.compile(r"^(?:>>>(?: (?!>)|$)|\.\.\.(?: |$))")
_PYTHON_CODE = re.compile(r"^>>> (?:(?:import|from|print|def|for|with|class) |.{0,80}(?:\w\(| = ))")


@dataclass(frozen=True, slots=True)
class Mark:
    """How the lines of a quote are marked, from which line on."""

    begin: int
    carried_by: Callable[[str], bool]


def is_quote(line: str) -> bool:
    """Whether a line carries the usual mark; "> wrote:" is the torn end of an attribution."""
    if ">" not in line[:6]:
        return False
    return not _is_torn_end(line) if line[0] == ">" else bool(_QUOTE.match(line))


def _is_torn_end(line: str) -> bool:
    words = line[1:].strip(" \t")
    # Nearly every quoted line is longer, and the pattern knows many languages.
    return len(words.removesuffix(":").rstrip(" \t")) <= _TORN_LENGTH and bool(_TORN.fullmatch(words))


def mark_below(lines: list[str], at: int, end: int) -> Mark | None:
    """What marks the quote whose first line stands at `at`, below an attribution; None when no mark is seen.

    Besides ">": bars, "Ann> ", or ": " and its like when a whole paragraph has it.
    """
    if at >= end:
        return None
    first = lines[at]
    if is_quote(first):
        return Mark(at, is_quote)
    if _BAR.match(first):
        return Mark(at, lambda line: bool(_BAR.match(line)) or is_quote(line))
    named = _NAME_MARK.match(first)
    if named is not None:
        name = named.group(1)
        if not any(line.lstrip(" \t").startswith(name) for line in lines[at + 1 : min(end, at + _PARAGRAPH)]):
            return None
        return Mark(at, lambda line: line.lstrip(" \t").startswith(name) or is_quote(line))
    paragraph = _paragraph(lines, at, end)
    other = _OTHER_MARK.match(first)
    if other is not None and len(paragraph) > 1:
        sign = other.group(1)
        if all(_begins_with(line, sign) for line in paragraph):
            return Mark(at, lambda line: _begins_with(line, sign) or is_quote(line))
    return None


def _begins_with(line: str, sign: str) -> bool:
    return line[:8].lstrip(" \t").startswith(sign)


def _paragraph(lines: list[str], at: int, end: int) -> list[str]:
    found: list[str] = []
    for line in lines[at : min(end, at + _PARAGRAPH)]:
        if not line.strip():
            break
        found.append(line)
    return found


def own_marks(lines: list[str]) -> set[int]:
    """The lines that begin as a quote and are none: a diff, Python's prompt, a command over several lines.

    What stands above them tells: "5c5", no other mark around ">>> code", an unfinished command, "I tried:".
    """
    found: set[int] = set()
    begins = [line[:1] == ">" for line in (*lines, "", "")]
    at = 0
    while at < len(lines):
        line = lines[at]
        above, at = at, at + 1
        if line[:1].isdigit() and _CHANGE.match(line[:40]):
            at = _take_while(_CHANGED, lines, at, found)
        elif line.startswith(">>>"):
            at = _take_while(_PYTHON, lines, at, set())
            around = lines[max(above - 1, 0) : above] + lines[at : at + 1]
            if _PYTHON_CODE.match(line) and not any(is_quote(each) for each in around):
                found.update(range(above, at))
        elif begins[above] or not (begins[at] or begins[at + 1]):
            continue  # nothing below begins as a quote
        elif line and _UNFINISHED.search(line[-40:].rstrip()) and _PROMPT.match(line[:200]):
            at = _take_while(_CONTINUED, lines, at, found)
        elif line.endswith(":"):
            begin = at if at < len(lines) and lines[at].strip() else at + 1
            block: set[int] = set()
            at = _take_while(_STATEMENT, lines, begin, block)
            if block and not _attributes(line[-200:]) and not any(is_quote(each) for each in lines[at : at + 1]):
                found |= block
    return found


def _attributes(line: str) -> bool:
    return bool(WROTE.search(line) or ADDRESS.search(line) or TIME.search(line) or QUOTING.match(line))


def _take_while(pattern: re.Pattern[str], lines: list[str], at: int, found: set[int]) -> int:
    while at < len(lines) and pattern.match(lines[at]):
        found.add(at)
        at += 1
    return at
