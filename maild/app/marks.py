"""Which addresses mail does not reach: marked after repeated hard bounces, for a time only (PAINS row 21). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# RFC 3463 §3: 5.1 the address, 5.2 its mailbox, 5.4 the way to it, 5.0 unknown. The others blame the system
# (5.3), the dialogue (5.5), the letter (5.6) or what we may (5.7): the address may be as good as ever.
_ENHANCED = re.compile(r"(?<![\d.])5\.(\d{1,3})\.\d{1,3}(?![\d.])")
_ABOUT_THE_ADDRESS = frozenset({"0", "1", "2", "4"})
# RFC 5321 §4.2.3: mailbox unavailable, not local, name not allowed.
_CODE = re.compile(r"(?<![\d.])(5\d\d)(?![\d.])")
_CODES_ABOUT_THE_ADDRESS = frozenset({"550", "551", "553"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPolicy:
    """How many letters must have come back for good within a span, and how long the mark lasts."""

    bounces: int = 3
    within: timedelta = timedelta(days=30)
    lasts: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardBounce:
    """One letter that came back for good."""

    address: str
    letter: int
    at: datetime
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An address that no automatic letter goes to until the mark ends."""

    address: str
    until: datetime
    times: int  # letters that came back
    said: str  # the last words about it

    def sentence(self, until: str) -> str:
        """What people are told; `until` is the end of the mark as they read moments."""
        said = f": {self.said}" if self.said else ""
        return f"mail to {self.address} came back {self.times} times, automatic letters wait until {until}{said}"


def mark_of(bounces: Sequence[HardBounce], policy: MarkPolicy, now: datetime) -> Mark | None:
    """The mark that these bounces of one address make; None when there is none, or none any more."""
    found = sorted(bounces, key=lambda bounce: bounce.at)
    until = None
    for first, last in zip(found, found[policy.bounces - 1 :], strict=False):
        if last.at - first.at <= policy.within:
            until = last.at + policy.lasts
    if until is None or until <= now:
        return None
    return Mark(address=found[-1].address, until=until, times=len(found), said=found[-1].said)


def blames_address(said: str) -> bool:
    """Whether a permanent failure, in these words, is one of the address and not of this letter or of us."""
    if found := _ENHANCED.search(said):
        return found[1] in _ABOUT_THE_ADDRESS
    if found := _CODE.search(said):
        return found[1] in _CODES_ABOUT_THE_ADDRESS
    return True


def is_refusal(answer: str) -> bool:
    """Whether a relay refused a letter for good; what we say of one that was given up begins with no code."""
    return bool(_CODE.match(answer))
