"""Names the clues under which a ticket can be found again when no id and no address says so.

A clue belongs to a person: what one sender's subject or quote points to says nothing about another's
mail of the same words. Its key is a digest, so the table of clues holds nobody's words or address.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from enum import StrEnum

from maild.threading.quotes import fingerprint

_ROOT = 22  # bytes of a Thread-Index that stand for the thread: a time and a GUID ([MS-OXOMSG] 2.2.1.3)


class Clue(StrEnum):
    """What a clue is made of."""

    REFERRED = "referred"  # an id that the person's mail answers, and that another ticket has
    AFTER = "after"  # the ticket that goes on where a closed one ended
    OTHERS_TAG = "tag"
    THREAD_INDEX = "root"
    QUOTE = "quote"
    SUBJECT = "subject"
    COPIED = "copied"  # the subject of a mail that somebody else copied to the person


def clue_key(sort: Clue, person: str, value: str | int) -> str:
    """The key of one clue, 80 bits in hex. `person` is an address, a list, or "" for anybody."""
    return clue_keys(sort, person, (value,))[0]


def clue_keys(sort: Clue, person: str, values: Iterable[str | int]) -> tuple[str, ...]:
    """The keys of several clues of one sort and person."""
    begun = hashlib.blake2b(f"{sort.value}\n{person}\n".encode("utf-8", "replace"), digest_size=10)
    keys: list[str] = []
    for value in values:
        digest = begun.copy()
        digest.update(str(value).encode("utf-8", "replace"))
        keys.append(digest.hexdigest())
    return tuple(keys)


def thread_index_root(header: str) -> str:
    """What all mails of an Outlook conversation have in common in Thread-Index; "" for none."""
    try:
        octets = base64.b64decode("".join(header[:4096].split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return octets[:_ROOT].hex() if len(octets) >= _ROOT else ""


def quote_clues(words: str, people: Iterable[str], *, subject: str = "") -> list[str]:
    """The clues by which these people's quotes of `words` are known again; `subject` narrows them."""
    whose = [f"{person}\n{subject}" if subject else person for person in people]
    marks = fingerprint(words) if whose else ()
    return [key for each in whose for key in clue_keys(Clue.QUOTE, each, marks)]
