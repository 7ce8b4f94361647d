"""Finds the lines of an agent's mail that are commands, as people and their mail programs write them (MAIL.md §6).

    #hold waiting for a part      # Hold: waiting for a part      *#hold – waiting for a part*      ＃HOLD waiting …

A # before a digit, and a # and a blank before any other word than a command's, is prose: a number, a heading.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from maild.tickets.orders import Command

# What programs put between letters and nobody sees: directions of writing, joiners, soft hyphens, byte order marks.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_SIGN = r"[#\uff03\ufe5f]"  # also of wide and small forms
# A list that the program made of the line, and bold or italics as they are written in text.
_DRESSED = re.compile(rf"^(?:[-*•·▪o]\s+)?([*_]{{0,3}})({_SIGN}.*?)\1$")
_COMMAND = re.compile(rf"^{_SIGN}(?P<blank>\s?)(?P<name>[^\W\d_][\w-]*)(?P<rest>.*)$")
_BETWEEN = re.compile(r"^\s*[:=.,;!]*\s*(?:[-\u2010-\u2015\u2212]+\s+)?")
# Remarks of our own, which people write in several lines: the second one must not go to the customer.
_OF_MANY_WORDS = frozenset({"call", "comment"})
_WIDTH = 72  # a line that the next word would have made longer than this may have been broken by a program
_LONG, _LONGEST = 60, 80  # of a line that may have been broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A text with its commands taken out."""

    commands: tuple[Command, ...] = ()
    words: str = ""  # what is left, a signature below the last command as well
    problems: tuple[str, ...] = ()  # lines of which nobody can tell what they were meant for


def plain(line: str) -> str:
    """A line without what nobody sees in it, and with plain blanks."""
    return " ".join(_UNSEEN.sub("", line).split())


def read_line(line: str, known: Collection[str]) -> Command | None:
    """The command that a line is; None for prose. `known` are the names that there are."""
    seen = plain(line)
    if dressed := _DRESSED.match(seen):
        seen = dressed[2]
    found = _COMMAND.match(seen)
    if found is None:
        return None
    name = found["name"].lower()
    if found["blank"] and name not in known:
        return None
    # A minus has a meaning before a tag.
    rest = found["rest"]
    return Command(name, rest.lstrip(" :=.,;!") if name == "tag" else _BETWEEN.sub("", rest, count=1))


def split_lines(
    text: str,
    known: Collection[str],
    *,
    top: bool = True,
    bottom: bool = True,
    whole: bool = False,
    spaced: bool = False,
) -> Split:
    """The command lines at the top and the bottom of a text, and the words between them.

    `top` and `bottom` say whether the agent wrote that end, or it may be planted (RELIABILITY §11.4, A4);
    `whole`, that no program can have broken the lines; `spaced`, that one has put an empty line between any two.
    """
    between = deque(text.strip().split("\n"))  # taken from at both ends: a list would make that quadratic
    first: list[Command] = []
    last: list[Command] = []
    problems: list[str] = []
    while top and between and ((command := read_line(between[0], known)) or not plain(between[0])):
        line = between.popleft()
        if command:
            first.append(command)
            problems += _may_go_on(line, command, between, known, whole=whole, spaced=spaced)
    while bottom and between and ((command := read_line(between[-1], known)) or not plain(between[-1])):
        between.pop()
        if command:
            last.append(command)
    last.reverse()
    lines = list(between)
    if top and bottom:
        problems += _in_the_middle(lines, known)
    if any(command.name == "note" for command in (*first, *last)):
        problems = []  # nothing of it leaves the house
    return Split(commands=(*first, *last), words="\n".join(lines).strip(), problems=tuple(problems))


def bare(value: str) -> str:
    """A value without quotation marks around it and without what ends a sentence."""
    return value.strip(" \t'\"“”„‟‘’‚«»‹›").rstrip(".,;!").rstrip("'\"”’»›")


def _may_go_on(
    line: str, command: Command, below: Sequence[str], known: Collection[str], *, whole: bool, spaced: bool
) -> list[str]:
    """Why nobody can tell where a command ends: a program that breaks lines leaves no mark of it."""
    following = plain(below[0]) if below else ""
    if spaced and not following and command.name in _OF_MANY_WORDS:
        following = next(filter(None, map(plain, below)), "")
    if not following or read_line(following, known):
        return []
    is_broken = _LONG <= len(line) <= _LONGEST and len(line) + 1 + len(following.split(" ")[0]) > _WIDTH
    if command.name not in _OF_MANY_WORDS and (whole or not is_broken):
        return []
    instead = "send your words in a mail of their own" if spaced else "leave an empty line below commands"
    return [f'"{following}" may belong to the command above it or to your words: {instead}']


def _in_the_middle(lines: list[str], known: Collection[str]) -> list[str]:
    """Commands that the customer would read: whoever writes #note there must not be taken at his word."""
    found = [plain(line) for line in lines if (command := read_line(line, known)) and command.name in known]
    return [
        f'"{line}" stands in the middle of your words: commands stand at the top or at the bottom; '
        "what is meant for the customer must not begin with the # of a command"
        for line in found
    ]
