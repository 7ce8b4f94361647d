"""Names that only we can have made: signed reply addresses, bounce addresses and Message-IDs.

A signature is HMAC-SHA256 over what it stands for, cut to 80 bits and written in base32, because
mail systems change the case of local parts. The first key signs; every key is accepted, so a key
can be changed without cutting off the conversations under way.

    support+t42.k7f3…@example.com    the customer's reply address of ticket 42
    support+a42.w2m9…@example.com    an agent's reply address of ticket 42
    support+n42.d5tq…@example.com    an agent's note address: what is sent there stays inside
    support+y42.…  support+x42.…     a customer says that ticket 42 is solved, or is not
    support+r5-42.…@example.com      a customer rates ticket 42 with 5 of 5
    support+l.p3vx…@example.com      where one agent asks for lists of tickets
    support+b.NONCE.5xq7…@…          where bounces of one letter go (VERP)
    m.42.NONCE.q6bd…@example.com     Message-ID of a letter about ticket 42 (0: about none)
    t.42.h3k5…@example.com           stable id of ticket 42, in References of every letter about it
    [t42.x4bn…]                      mark of ticket 42 in the text of its letters, found again in quotes
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_MAC_LENGTH = 16  # base32 characters: 80 bits (RELIABILITY §5.2)
_REPLY = re.compile(r"(t|a|n|y|x|r[1-5]-)([1-9]\d{0,14})\.([a-z2-7]{16})")
_LIST = re.compile(r"l\.([a-z2-7]{16})")
_BOUNCE = re.compile(r"b\.([a-z2-7]{16})\.([a-z2-7]{16})")
_LETTER_ID = re.compile(r"m\.(0|[1-9]\d{0,14})\.([a-z2-7]{16})\.([a-z2-7]{16})@[^@\s]+")
_TICKET_ID = re.compile(r"t\.([1-9]\d{0,14})\.([a-z2-7]{16})@[^@\s]+")
_MARK = re.compile(r"\[t([1-9]\d{0,14})\.([a-z2-7]{16})\]")


_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]  # of 10 bits: a letter makes eight signatures


def _base32(number: int) -> str:
    """The lowest 80 bits in 16 characters (RFC 4648 §6, in lower case); a quarter of the time that `base64` takes."""
    return "".join([_PAIRS[number >> at & 1023] for at in (70, 60, 50, 40, 30, 20, 10, 0)])


class Purpose(StrEnum):
    """Whom a reply address was made for, and what a mail to it says; an agent's carries an agent's rights."""

    CUSTOMER = "t"
    AGENT = "a"
    NOTE = "n"  # an agent's, whose words stay inside
    SOLVED = "y"  # a customer's, as all that follow
    UNSOLVED = "x"
    RATE_1 = "r1-"
    RATE_2 = "r2-"
    RATE_3 = "r3-"
    RATE_4 = "r4-"
    RATE_5 = "r5-"


OF_AGENTS = frozenset({Purpose.AGENT, Purpose.NOTE})
RATES: Mapping[Purpose, int] = {
    Purpose.RATE_1: 1,
    Purpose.RATE_2: 2,
    Purpose.RATE_3: 3,
    Purpose.RATE_4: 4,
    Purpose.RATE_5: 5,
}


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """What a reply address claims; worth nothing until `Signer.verifies` says whose it is."""

    purpose: Purpose
    ticket: int
    mac: str


def split_address(address: str) -> tuple[str, str, str]:
    """An address as (local part before the first +, extension or "", domain in lower case)."""
    local, _, domain = address.rpartition("@")
    name, _, extension = local.partition("+")
    return name, extension, domain.lower()


def plain_address(address: str) -> str:
    """An address without its extension, all in lower case: what our own addresses are compared by."""
    name, _, domain = split_address(address)
    return f"{name}@{domain}".lower()


def read_reply_address(address: str) -> ReplyToken | None:
    """The token in a reply address of ours, unverified; None when it has none."""
    found = _REPLY.fullmatch(split_address(address)[1].lower())
    return ReplyToken(Purpose(found[1]), int(found[2]), found[3]) if found else None


class Signer:
    """Makes and checks signed names."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) < 16 for key in keys):
            raise ValueError("a signing key has at least 16 bytes")
        self._keys = tuple(keys)

    def _mac(self, text: str, key: bytes | None = None) -> str:
        digest = hmac.digest(key or self._keys[0], text.encode(), "sha256")
        return _base32(int.from_bytes(digest[:10], "big"))

    def _right(self, text: str, mac: str) -> bool:
        return any(hmac.compare_digest(self._mac(text, key), mac) for key in self._keys)

    def nonce(self, cause: str) -> str:
        """A name of 80 bits for a cause: the same cause always has the same, so a retry changes nothing."""
        return self._mac(f"nonce|{cause}")

    def reply_address(self, support: str, ticket: int, recipient: str, purpose: Purpose) -> str:
        """The address by which `recipient` answers on a ticket."""
        name, _, domain = split_address(support)
        return f"{name}+{purpose}{ticket}.{self._mac(f'reply|{purpose}|{ticket}|{recipient.lower()}')}@{domain}"

    def verifies(self, token: ReplyToken, recipient: str) -> bool:
        """Whether this token was made for this recipient."""
        return self._right(f"reply|{token.purpose}|{token.ticket}|{recipient.lower()}", token.mac)

    def read_letter_nonce(self, message_id: str) -> str | None:
        """The nonce of the letter that has this Message-ID; None when it is no letter of ours."""
        found = _LETTER_ID.fullmatch(message_id.lower())
        return found[2] if found and self._right(f"letter|{found[1]}|{found[2]}", found[3]) else None

    def list_address(self, support: str, agent: str) -> str:
        """The address by which an agent asks for lists: a mail to it shows who wrote, where no mail system vouches."""
        name, _, domain = split_address(support)
        return f"{name}+l.{self._mac(f'list|{agent.lower()}')}@{domain}"

    def is_list_address(self, address: str, agent: str) -> bool:
        """Whether this address was made for this agent to ask for lists."""
        found = _LIST.fullmatch(split_address(address)[1].lower())
        return found is not None and self._right(f"list|{agent.lower()}", found[1])

    def webhook_keys(self, host: str) -> tuple[str, ...]:
        """The keys that sign webhooks to a host, the newest first; with its own, a host can forge for no other."""
        return tuple(hmac.digest(key, f"webhook|{host.lower()}".encode(), "sha256").hex() for key in self._keys)

    def pseudonyms(self, address: str) -> tuple[str, ...]:
        """What stands for a person who was erased, by each key, the newest first.

        Nobody reads the address from it; who has the key can tell whether an address is that person's.
        """
        return tuple(self._mac(f"erased|{address.lower()}", key) for key in self._keys)

    def bounce_address(self, support: str, nonce: str) -> str:
        """The reverse-path that tells which letter came back."""
        name, _, domain = split_address(support)
        return f"{name}+b.{nonce}.{self._mac(f'bounce|{nonce}')}@{domain}"

    def read_bounce_address(self, address: str) -> str | None:
        """The nonce of the letter whose bounce address this is; None when it is not ours."""
        found = _BOUNCE.fullmatch(split_address(address)[1].lower())
        return found[1] if found and self._right(f"bounce|{found[1]}", found[2]) else None

    def message_id(self, domain: str, ticket: int, nonce: str) -> str:
        """The Message-ID of a letter, without brackets."""
        return f"m.{ticket}.{nonce}.{self._mac(f'letter|{ticket}|{nonce}')}@{domain}"

    def ticket_id(self, domain: str, ticket: int) -> str:
        """The id that stands for the ticket itself in References, without brackets."""
        return f"t.{ticket}.{self._mac(f'ticket|{ticket}')}@{domain}"

    def mark(self, ticket: int) -> str:
        """What stands for a ticket in the text of a letter, for programs that keep no ids of a thread."""
        return f"[t{ticket}.{self._mac(f'mark|{ticket}')}]"

    def read_mark(self, mark: str) -> int | None:
        """The ticket that a mark stands for; None when we did not make it."""
        found = _MARK.fullmatch(mark.lower())
        return int(found[1]) if found and self._right(f"mark|{found[1]}", found[2]) else None

    def read_message_id(self, message_id: str) -> int | None:
        """The ticket that an id of ours is about (0: none); None when we did not make it."""
        lower = message_id.lower()
        if found := _LETTER_ID.fullmatch(lower):
            return int(found[1]) if self._right(f"letter|{found[1]}|{found[2]}", found[3]) else None
        if found := _TICKET_ID.fullmatch(lower):
            return int(found[1]) if self._right(f"ticket|{found[1]}", found[2]) else None
        return None
