"""Takes one mail from standard input, for a mail system that delivers to a program (`| maild pipe`).

The exit code is the answer (sysexits.h): 0 only when the mail is durable; 75 for every trouble that
may pass, which is everything nobody foresaw, so that the mail system keeps the mail; 65 only when the
mail itself can never be taken. A second delivery of the same mail is recognised later, as a duplicate.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

import structlog

from maild.app.arrival import Arrival, Door
from maild.app.ports import Inbox
from maild.intake.smtp_trace import MOST_HOPS, count_hops

log = structlog.get_logger(__name__)

EX_OK = 0
EX_DATAERR = 65
EX_TEMPFAIL = 75

_HEAD = 64 * 1024  # bytes searched for Received lines


def deliver(
    stdin: BinaryIO,
    inbox: Inbox,
    *,
    envelope_from: str | None,
    envelope_to: tuple[str, ...],
    now: datetime,
    limit: int,
    say: Callable[[str], object] | None = None,
) -> int:
    """Store the mail on `stdin`; returns the exit code.

    `limit` is in bytes, and never more than that and a little is read. `say` gets one sentence for
    the sender (a mail system puts it into its bounce); without it, it goes to standard error.
    """
    say = say or _to_stderr
    try:
        raw = stdin.read(limit + 1)
        if len(raw) > limit:
            say(f"the mail is larger than {limit} bytes")
            return EX_DATAERR
        raw = without_from_line(raw)
        if not raw.strip():
            say("there is no mail on standard input")
            return EX_DATAERR
        hops = count_hops(raw[:_HEAD])
        if hops >= MOST_HOPS:
            say(f"routing loop: {hops} Received lines")
            return EX_DATAERR
        inbox.accept(
            [
                Arrival(
                    door=Door.PIPE,
                    raw=raw,
                    received_at=now,
                    envelope_from=envelope_from,
                    envelope_to=envelope_to,
                )
            ]
        )
    except Exception:
        log.exception("pipe.not_stored")
        say("temporary trouble here, please try again later")
        return EX_TEMPFAIL
    return EX_OK


def without_from_line(raw: bytes) -> bytes:
    """The mail without the line "From sender date" that mbox writers put first; it is no header."""
    if not raw.startswith(b"From "):
        return raw
    return raw.partition(b"\n")[2]


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(f"maild: {sentence}\n")
