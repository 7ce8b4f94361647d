"""What list an agent asks for by mail: the subject says it, or the first line of a reply to a list (MAIL.md §6)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from maild.mail.own_line import own_line, says_nothing
from maild.mail.quote_words import ANSWER_SUBJECT, FORWARD_SUBJECT

_LONGEST = 200  # characters of a subject or a line that are a request
_SHORT_LINES = 10  # of a signature that nothing tells from words
_PAGE = re.compile(r"(?i)(?P<list>.+?) \(page (?P<page>\d{1,4}) of \d{1,4}\)")
_TURN = re.compile(r"(?i)(?:(?P<on>more|next|next page)|(?P<back>back|previous|previous page)|page (?P<page>\d{1,4}))")
_AROUND = " \t.!,;:\"'“”„‘’«»`*_"


class Which(StrEnum):
    """What agents ask for."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    AT_RISK = "at risk"
    QUEUE = "queue"
    SEARCH = "search"
    TICKET = "ticket"
    HELP = "help"


_FIXED = {
    **{which.value: which for which in (Which.MINE, Which.UNASSIGNED, Which.AT_RISK, Which.HELP)},
    "my tickets": Which.MINE,
    "at-risk": Which.AT_RISK,
    "#help": Which.HELP,
}
# Whoever writes one of these means it, whatever the signature looks like; other words may be a matter of their own.
_PLAIN = frozenset({Which.MINE, Which.UNASSIGNED, Which.AT_RISK, Which.QUEUE})
FORMS = ("mine", "unassigned", "at risk", "queue NAME", "search WORDS", "#42", "help")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list, and which page of it; or one ticket."""

    which: Which
    what: str = ""  # the queue as it is configured, or the words that are searched
    number: int = 0  # of the ticket
    page: int = 1

    @property
    def line(self) -> str:
        """The request as anybody would write it."""
        return f"#{self.number}" if self.which is Which.TICKET else f"{self.which} {self.what}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """What seems to ask for a list, and is none."""

    problem: str
    nearest: str = ""


def subject_of_page(asked: Asked, pages: int) -> str:
    """The subject of a letter with a page; a reply brings it back, and with it where the reader was."""
    return f"{asked.line} (page {asked.page} of {pages})"


def read_asked(
    subject: str, words: str, *, name: str, queues: Collection[str], tag: str, personal: bool
) -> Asked | Unclear | None:
    """What an agent's mail asks for; None when it is a mail like any other.

    `words` are the agent's own, `name` what they are signed with, `tag` what stands before a ticket's number.
    `personal`: it came to the agent's own address for lists, where nothing else can be meant.
    """
    plain, is_reply, is_forward = _unmarked(subject)
    line, is_silent = own_line(words, name), says_nothing(words, name)
    known = _Known(queues, tag)
    found: Asked | Unclear | None = None
    if page := _PAGE.fullmatch(plain):
        found = _on_page(page, line, known, is_silent=is_silent)
    elif not plain:
        found = known.read(line)
    elif not is_forward and (personal or not is_reply):
        found = known.read(plain)
        if found and not (personal or is_silent or _is_meant(found, words)):
            return None
    if isinstance(found, Asked) or not personal:
        return found
    here = known.read(line)  # the subject may be a mail program's own
    return here if isinstance(here, Asked) else found or here or Unclear(problem=f"There is no list {line or plain!r}.")


def _unmarked(subject: str) -> tuple[str, bool, bool]:
    """A subject without "Re:", whether it had that, and whether it is a forwarded mail's."""
    plain, is_reply = " ".join(subject[: 2 * _LONGEST].split()), False
    while mark := ANSWER_SUBJECT.match(plain):
        plain, is_reply = plain[mark.end() :].strip(), True
    return plain, is_reply, bool(FORWARD_SUBJECT.match(plain))


def _is_meant(found: Asked | Unclear, words: str) -> bool:
    """Whether a subject is a request although nothing tells the signature below it from words."""
    is_plain = isinstance(found, Asked) and found.which in _PLAIN
    return is_plain and sum(1 for each in words.split("\n") if each.strip()) <= _SHORT_LINES


def _on_page(page: re.Match[str], line: str, known: _Known, *, is_silent: bool) -> Asked | Unclear | None:
    """What a reply to a page asks for: the same again, another page of it, or another list."""
    before = known.read(page["list"])
    if isinstance(before, Asked):
        here = replace(before, page=int(page["page"]))
        if turn := _TURN.fullmatch(line.strip(_AROUND)):
            to = int(turn["page"]) if turn["page"] else here.page + (1 if turn["on"] else -1)
            return replace(here, page=max(1, to))
        return known.read(line) or (here if is_silent else None)
    return known.read(line)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a line may name."""

    queues: Collection[str]
    tag: str

    def read(self, text: str) -> Asked | Unclear | None:
        """What a line asks for; None when it is no request."""
        text = text.strip()
        if not text or len(text) > _LONGEST:
            return None
        if number := re.fullmatch(rf"(?i)(?:ticket )?\[?(?:{re.escape(self.tag)}|#)? ?([1-9]\d{{0,14}})\]?", text):
            return Asked(which=Which.TICKET, number=int(number[1]))
        text = text.strip(_AROUND)
        folded = text.casefold()
        if which := _FIXED.get(folded):
            return Asked(which=which)
        head, _, rest = text.partition(" ")
        rest = rest.strip(_AROUND + "<>")
        if head.casefold() == Which.QUEUE:
            return self._queue(rest)
        if head.casefold() == Which.SEARCH:
            return Asked(which=Which.SEARCH, what=rest) if rest else Unclear(problem="Search for what?")
        return self._near(folded, head.casefold(), rest)

    def _queue(self, name: str) -> Asked | Unclear:
        known = {queue.casefold(): queue for queue in self.queues}
        if queue := known.get(name.casefold()):
            return Asked(which=Which.QUEUE, what=queue)
        near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
        said = f"There is no queue {name!r}; there are {', '.join(self.queues)}."
        return Unclear(problem=said, nearest=f"queue {known[near[0]]}" if near else "")

    def _near(self, folded: str, head: str, rest: str) -> Unclear | None:
        """One letter too many, too few, wrong, or two in the wrong order: more would be a word of its own."""
        for fixed in _FIXED:
            if _one_slip(folded, fixed):
                return Unclear(problem=f"There is no list {folded!r}.", nearest=fixed)
        if rest and _one_slip(head, Which.SEARCH):
            return Unclear(problem=f"There is no list {head!r}.", nearest=f"{Which.SEARCH} {rest}")
        if rest and _one_slip(head, Which.QUEUE):
            meant = self._queue(rest)
            nearest = meant.line if isinstance(meant, Asked) else meant.nearest
            return Unclear(problem=f"There is no list {head!r}.", nearest=nearest)
        return None


def _one_slip(written: str, meant: str) -> bool:
    """Whether a word is another one with a single slip of the finger after its first letter."""
    if written[:1] != meant[:1] or abs(len(written) - len(meant)) > 1 or len(meant) < 4:
        return False
    shorter = min(len(written), len(meant))
    at = next((i for i in range(shorter) if written[i] != meant[i]), shorter)
    one, other = written[at:], meant[at:]
    swapped = len(one) > 1 and one[1::-1] + one[2:] == other
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or swapped
