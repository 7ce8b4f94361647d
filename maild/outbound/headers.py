"""How one header is written, so that every client reads back exactly what was meant.

Measured on 3.11: `EmailMessage` with `policy.SMTP` needs 0.9 ms for an acknowledgement, writes long
ids as encoded words, and lets NUL through (RELIABILITY.md §5.2). A header here is made of characters
from a short list of harmless ones, or it is encoded: nothing is escaped by hand in between.
`tests/property/test_compose_headers.py` holds this against the standard library's parser.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence

from maild.mail.model import Address
from maild.outbound.addresses import is_mailbox

CAP = 998  # characters of one value; longer ones are cut (RFC 5322 §2.1.1 has 998 for a line)
IDS = 20  # of a References header: the first, then the last 19

_LINE = 78  # RFC 5322 §2.1.1: lines should not be longer
_WORD = 64  # one encoded word; with "Subject: " in front a line keeps to the 76 of RFC 2047 §2
_ROOM = _WORD - len("=?utf-8?q??=")

# Everything that some program somewhere takes for the end of a line or of a string.
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_PRINTABLE = re.compile(r"[ -~]*")
_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")  # atoms and spaces: needs no quotes
_QUOTABLE = re.compile(r"[ !#-\[\]-~]*")  # fits between quotes as it is
_ID = re.compile(r"[!-;=?-~]{1,900}")  # ASCII without spaces and angle brackets

_Q_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 §5(3)
_Q = {character: character for character in _Q_PLAIN} | {" ": "_"}


def one_line(value: str) -> str:
    """The value without line ends, controls or lone surrogates, runs of blanks made one; at most CAP long."""
    flat = _BREAKS.sub(" ", value).strip()[:CAP].rstrip()
    return flat if flat.isascii() else flat.encode("utf-8", "replace").decode("utf-8")


def text_header(name: str, value: str) -> str:
    """An unstructured header (RFC 5322 §3.6.5), folded, with its final CRLF."""
    flat = one_line(value)
    if not _PRINTABLE.fullmatch(flat) or "=?" in flat or _longest_word(flat) > CAP - 100:
        # "=?" is encoded as well: a subject that looks like an encoded word is to be shown as written.
        return f"{name}: " + "\r\n ".join(_encoded_words(flat)) + "\r\n"
    if len(name) + 2 + len(flat) <= _LINE:
        return f"{name}: {flat}\r\n"
    return _fold(f"{name}:", flat.split(" "))


def address_header(name: str, addresses: Iterable[Address]) -> str:
    """From, To or Cc (RFC 5322 §3.6.2), one address a line; "" when there is none.

    An address that is not a plain mailbox is left out: a header line is no place to find out what
    `a@x, b@y` means. Who receives the letter is the envelope's business.
    """
    written = [_mailbox(entry) for entry in addresses if is_mailbox(entry.address)]
    return f"{name}: " + ",\r\n ".join(written) + "\r\n" if written else ""


def ids_header(name: str, ids: Sequence[str]) -> str:
    """In-Reply-To or References: raw ids, never encoded words (RFC 5322 §3.6.4); "" when there is none.

    Outlook loses the thread over an encoded id, and a non-ASCII one cannot be written at all: what
    is not a plain id is left out. Of more than IDS the first and the last are kept.
    """
    good = [entry for entry in ids if is_id(entry)]
    if len(good) > IDS:
        good = [good[0], *good[1 - IDS :]]
    return f"{name}: <" + ">\r\n <".join(good) + ">\r\n" if good else ""


def is_id(entry: str) -> bool:
    """Whether a message id (without brackets) can be written as it is and read back as the same."""
    return _ID.fullmatch(entry) is not None and "=?" not in entry


def _mailbox(entry: Address) -> str:
    name = one_line(entry.name)
    if not name:
        return entry.address
    if "=?" in name or len(name) > 200 or not _QUOTABLE.fullmatch(name):
        # Also quotes and backslashes: clients disagree about escapes, not about encoded words.
        return "\r\n ".join([*_encoded_words(name), f"<{entry.address}>"])
    phrase = name if _PHRASE.fullmatch(name) else f'"{name}"'
    gap = " " if len(phrase) + len(entry.address) < _LINE - 10 else "\r\n "
    return f"{phrase}{gap}<{entry.address}>"


def _longest_word(flat: str) -> int:
    return len(flat) if len(flat) < _LINE else max(map(len, flat.split(" ")), default=0)


def _fold(line: str, words: Iterable[str]) -> str:
    lines: list[str] = []
    begun = False  # a word stands in the line: behind the name alone, a program may see an empty header
    for word in words:
        if begun and len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line = ""
        line, begun = f"{line} {word}", True
    return "\r\n".join([*lines, line]) + "\r\n"


def _encoded_words(value: str) -> list[str]:
    """RFC 2047 words that hold whole characters (§5); Q for mostly ASCII, so that people can read it."""
    if len(value.encode("ascii", "ignore")) * 2 < len(value):
        pieces = _chunks(value, lambda character: len(character.encode()), _ROOM // 4 * 3)
        return [f"=?utf-8?b?{b64encode(piece.encode()).decode()}?=" for piece in pieces]
    pieces = _chunks(value, lambda character: len(_q(character)), _ROOM)
    return [f"=?utf-8?q?{''.join(map(_q, piece))}?=" for piece in pieces]


def _q(character: str) -> str:
    known = _Q.get(character)
    if known is None:
        known = _Q[character] = "".join(f"={byte:02X}" for byte in character.encode())
    return known


def _chunks(value: str, cost: Callable[[str], int], room: int) -> Iterator[str]:
    start = used = 0
    for place, character in enumerate(value):
        used += cost(character)
        if used > room:
            yield value[start:place]
            start, used = place, cost(character)
    yield value[start:]
