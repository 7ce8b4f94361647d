"""Which language a letter is in, and why: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maild.app.desk import Desk


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that we write letters in."""

    letters: frozenset[str] = frozenset()  # such as "en"; none: nobody has said, so any may do
    detect: bool = False  # whether the language of a new ticket's mail is found out, for the letters


@dataclass(frozen=True, slots=True)
class Chosen:
    """A language, and who wants it."""

    language: str
    why: str


def for_customer(known: str, queue: str, desk: Desk) -> Chosen:
    """The language of a letter to a customer whose own is `known`, "" when it is not: else the queue's, the desk's.

    One in which there is no letter is nobody's: a customer who writes Finnish rather gets what the queue speaks than
    English, which is all that the letters themselves could fall back to.
    """
    wishes = ((known, "the customer's"), (desk.queue_named(queue).language, f"of queue {queue}"))
    return _first(wishes, desk)


def for_agent(address: str, desk: Desk) -> Chosen:
    """The language of a letter to somebody of ours."""
    return _first(((desk.agent_named(address).language, f"of {address}"),), desk)


def of_customer(organisation: str, found: str, desk: Desk) -> Chosen:
    """The language of a new ticket's customer: the one set for the organisation, else the one that was found; or ""."""
    known = desk.organisation_named(organisation)
    if known and known.language:
        return Chosen(known.language, f"letters in {known.language}: the language of {known.name}")
    return Chosen(found, f"letters in {found}: its text is" if found and is_written(found, desk) else "")


def is_written(language: str, desk: Desk) -> bool:
    """Whether there are letters in a language; "de-AT" is written in "de"."""
    return not desk.languages.letters or primary(language) in desk.languages.letters


def primary(language: str) -> str:
    """The language of a tag without its region: "de" of "de-AT"."""
    return language.replace("_", "-").partition("-")[0].lower()


def _first(wishes: Iterable[tuple[str, str]], desk: Desk) -> Chosen:
    for language, why in wishes:
        if language and is_written(language, desk):
            return Chosen(language, why)
    return Chosen(desk.language, "the desk's")
