"""Waiting for new mail in a folder, without trusting the link and without spinning."""

from __future__ import annotations

import time
from collections.abc import Callable

from imapclient import IMAPClient

SLICE = 1.0  # seconds between two calls of `pulse`


def idle(client: IMAPClient, seconds: float, pulse: Callable[[], bool]) -> None:
    """Wait in IDLE (RFC 2177) until mail is announced, the time is over, or `pulse` says stop.

    Raises what imapclient raises when the link is dead: the DONE at the end must be answered, so a
    silent link is found after `seconds` and the read timeout.
    """
    client.idle()
    if _read_ahead(client):
        _, answers = client.idle_done()
        if any(_is_news(answer) for answer in answers):
            return
        client.idle()
    end = time.monotonic() + seconds
    going = True
    while (going := pulse()) and (left := end - time.monotonic()) > 0:
        asked, began = min(left, SLICE), time.monotonic()
        answers = client.idle_check(timeout=asked)
        if any(_is_news(answer) for answer in answers):
            break
        # Nothing, and too soon: the server has gone, and would be "readable" for ever. DONE then
        # raises. If it was half a TLS record only, another look costs little.
        if not answers and time.monotonic() - began < asked * 0.9:
            break
    if going:  # else the connection is thrown away, and the server need not answer first
        client.idle_done()


def _read_ahead(client: IMAPClient) -> bool:
    """Did imaplib read more than the "+ idling"?

    A mail that comes in that moment is announced in the same packet. It then lies in imaplib's buffer,
    where idle_check does not look before the socket has news again: the mail would wait for the poll.
    """
    sock = client.socket()
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        return bool(client._imap.file.peek(1))  # noqa: SLF001 - nobody hands it out
    except OSError:  # a TLS socket says "nothing" in this way
        return False
    finally:
        sock.settimeout(timeout)


def _is_news(answer: tuple[object, ...]) -> bool:
    """New mail, or goodbye; not that somebody read a mail or "OK Still here"."""
    return answer[0] == b"BYE" or (len(answer) > 1 and answer[1] in {b"EXISTS", b"RECENT"})
