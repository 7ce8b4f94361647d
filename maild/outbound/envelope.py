"""What must be true of a letter before any sender takes it."""

from __future__ import annotations

import re

from maild.app.ports import Letter
from maild.outbound.addresses import is_mailbox

ANSWER = 500  # characters of a Delivery's answer

_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def letter_fault(letter: Letter) -> str:
    """Why this letter can never be sent, in one line; "" when it can.

    smtplib "sanitises" an envelope address with parseaddr, that is: sends to another one; and it
    keeps bare CR in bytes, which some relays take for a line end, so that a letter could carry
    commands (SMTP smuggling). Neither may get as far as a connection.
    """
    if letter.envelope_from and not is_mailbox(letter.envelope_from):
        return answer_line(f"{letter.envelope_from!r} is no address that a letter can come from")
    if not letter.envelope_to:
        return "the letter has no recipient"
    for address in letter.envelope_to:
        if not is_mailbox(address):
            return answer_line(f"{address!r} is no address that a letter can go to")
    ends = letter.raw.count(b"\r\n")
    if letter.raw.count(b"\n") != ends or letter.raw.count(b"\r") != ends:
        return "the letter has a bare CR or LF (RFC 5321 §2.3.8)"
    return ""


def answer_line(text: str) -> str:
    """Somebody else's words as one line of at most ANSWER characters, fit for a log and a database."""
    return _BREAKS.sub(" ", text).strip().encode("utf-8", "replace").decode("utf-8")[:ANSWER]
