"""Finds resolved tickets that a new one is like: those that share words with it which few tickets have."""

from __future__ import annotations

from collections import defaultdict
from math import log

from maild.app.neighbours import NeighbourUnit
from maild.app.search_words import terms_of
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

MOST_HOLDERS = 50  # tickets that may have a word before it says nothing
_SHARE = 20  # of all tickets, one in so many: what is rare among a hundred is less than among a million
_LEAST_HOLDERS = 3
_OF_SUBJECT, _OF_TEXT = 8, 8  # words that are looked up
_READ = 600  # characters of the text that are looked at: further down come greetings and long stories
_LEAST_SHARED = 2  # words: one alone is chance
_LOOKED_AT = 30  # tickets that share the most, of which the resolved ones are taken
_SOLVED = (Status.RESOLVED, Status.CLOSED)


def similar_tickets(unit: NeighbourUnit, subject: str, text: str, *, but: int) -> list[Ticket]:
    """Resolved and closed tickets that share rare words with these, the likest first; who may read them is not asked.

    `but` is the new ticket's own number. A few look-ups with a bounded cost, at any number of tickets.
    """
    most = max(_LEAST_HOLDERS, min(MOST_HOLDERS, but // _SHARE))
    held = unit.holders(telling_terms(subject, text), most=most)
    shared: defaultdict[int, list[float]] = defaultdict(list)
    for numbers in held.values():
        for number in numbers:
            shared[number].append(log(but / len(numbers) + 1))
    shared.pop(but, None)
    like = {number: sum(weights) for number, weights in shared.items() if len(weights) >= _LEAST_SHARED}
    best = sorted(like, key=lambda number: (-like[number], -number))[:_LOOKED_AT]
    known = unit.tickets(best) if best else {}
    return [known[n] for n in best if n in known and known[n].status in _SOLVED and known[n].resolution_code]


def telling_terms(subject: str, text: str) -> list[str]:
    """The words that are worth looking up: the longest ones, since short words are mostly frequent ones."""
    of_subject = dict.fromkeys(terms_of(subject[:_READ]))
    of_text = dict.fromkeys(term for term in terms_of(text[:_READ]) if term not in of_subject)
    return [
        term
        for terms, most in ((of_subject, _OF_SUBJECT), (of_text, _OF_TEXT))
        for term in sorted(filter(_is_telling, terms), key=len, reverse=True)[:most]
    ]


def _is_telling(term: str) -> bool:
    """One and two letters of a script with spaces say nothing; two of another one are a word."""
    return len(term) > 2 or (len(term) == 2 and not term.isascii())
