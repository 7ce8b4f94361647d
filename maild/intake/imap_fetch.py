"""Listing and fetching mails by UID, in pieces of bounded size and without marking them as read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from imapclient import IMAPClient

from maild.clock import to_utc
from maild.intake.imap_folders import Selected
from maild.intake.imap_settings import MIB
from maild.mail.reading import read_mail

PIECE = 4 * MIB  # of a big mail
AT_ONCE = 1000  # UIDs in one command: a line of a few KiB
LISTED_AT_ONCE = 80_000  # UIDs in one answer of SEARCH: imaplib refuses lines of more than 1,000,000 bytes


class TooLarge(Exception):
    """A mail is larger than we take, whatever its announced size was."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail on the server, before it is fetched."""

    uid: int
    size: int  # bytes, as announced; some servers only estimate it
    received_at: datetime | None  # INTERNALDATE in UTC; None when it makes no sense


def list_uids(client: IMAPClient, folder: Selected, first: int = 1, *, only: Sequence[object] = ()) -> list[int]:
    """The UIDs in the folder from `first` on, ascending; `only`: what else SEARCH is to ask, as ["UNDELETED"]."""
    if folder.uidnext is not None and folder.uidnext <= first:
        return []
    found: set[int] = set()
    end = folder.uidnext or 0
    start = first
    # By UIDs, not by sequence numbers: those shift when somebody expunges between two windows.
    while folder.exists > LISTED_AT_ONCE and end - start > LISTED_AT_ONCE:
        found.update(_search(client, f"{start}:{start + LISTED_AT_ONCE - 1}", only))
        start += LISTED_AT_ONCE
    found.update(_search(client, f"{start}:*", only))
    # "n:*" always holds the last mail, also when its UID is below n (RFC 9051 §9, seq-range).
    return sorted(uid for uid in found if uid >= first)


def still_there(client: IMAPClient, uids: Iterable[int]) -> set[int]:
    """Those of these UIDs that the server still has."""
    return {
        int(uid)
        for some in pieces(sorted(uids), AT_ONCE)
        for uid in client.search(["UID", compact(some)])
        if int(uid) in set(some)
    }


def _search(client: IMAPClient, uids: str, only: Sequence[object]) -> list[int]:
    return [int(uid) for uid in client.search(["UID", uids, *only])]


def sizes(client: IMAPClient, uids: Sequence[int]) -> dict[int, Listed]:
    """Size and arrival of each mail; those that are gone or broken are missing."""
    answers = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
    return {
        uid: Listed(uid, int(answer[b"RFC822.SIZE"]), _utc(answer.get(b"INTERNALDATE")))
        for uid, answer in answers.items()
        if isinstance(answer.get(b"RFC822.SIZE"), int)
    }


def senders(client: IMAPClient, uids: Sequence[int]) -> dict[int, str]:
    """The address in From of each mail, in lower case; "" where there is none."""
    answers = client.fetch(uids, ["BODY.PEEK[HEADER.FIELDS (FROM)]"])
    found = {}
    for uid, answer in answers.items():  # the item's name comes back in the server's own spelling
        raw = next((value for name, value in answer.items() if name.upper().startswith(b"BODY[")), b"")
        sender = read_mail(raw if isinstance(raw, bytes) else b"").sender
        found[uid] = sender.address.lower() if sender else ""
    return found


def _utc(moment: object) -> datetime | None:
    return to_utc(moment) if isinstance(moment, datetime) and moment.tzinfo is not None else None


def bodies(client: IMAPClient, uids: Sequence[int]) -> dict[int, bytes]:
    """The whole raw mails. Exchange answers OK without a body for items it cannot render: missing."""
    answers = client.fetch(uids, ["BODY.PEEK[]"])  # PEEK: BODY[] would set \Seen (RFC 9051 §6.4.5)
    return {uid: body for uid, answer in answers.items() if isinstance(body := answer.get(b"BODY[]"), bytes)}


def large_body(client: IMAPClient, mail: Listed, most: int, pulse: Callable[[], object]) -> bytes | None:
    """One raw mail, fetched in pieces with `pulse` called between; None when it is gone or broken.

    Raises TooLarge when it has more than `most` bytes. The announced size is not trusted for the end:
    the mail ends where a piece is shorter than was asked for.
    """
    if mail.size > most:
        raise TooLarge(f"{mail.size} bytes, {most} are the limit")
    parts: list[bytes] = []
    done = 0
    while True:
        pulse()
        answer = client.fetch([mail.uid], [f"BODY.PEEK[]<{done}.{PIECE}>"]).get(mail.uid, {})
        part = answer.get(f"BODY[]<{done}>".encode())
        if not isinstance(part, bytes):
            return None
        parts.append(part)
        done += len(part)
        if done > most:
            raise TooLarge(f"more than the {most} bytes that are the limit")
        if len(part) < PIECE:
            return b"".join(parts)


def runs(uids: Sequence[int], count: int, alone: Collection[int]) -> Iterator[list[int]]:
    """Cut into runs of at most `count` UIDs, in the same order; each of `alone` is a run of its own."""
    for run in batches([Listed(uid, 0, None) for uid in uids], count, 0, alone):
        yield [mail.uid for mail in run]


def batches(listed: Sequence[Listed], count: int, size: int, alone: Collection[int]) -> Iterator[list[Listed]]:
    """Cut into runs of at most `count` mails and `size` bytes, in the same order.

    A larger mail, and each of `alone` (in whose batch a connection broke), is a run of its own.
    """
    run: list[Listed] = []
    total = 0
    for mail in listed:
        single = mail.uid in alone or mail.size > size
        if run and (single or len(run) >= count or total + mail.size > size):
            yield run
            run, total = [], 0
        run.append(mail)
        total += mail.size
        if single:
            yield run
            run, total = [], 0
    if run:
        yield run


def pieces(uids: Sequence[int], length: int) -> Iterator[Sequence[int]]:
    """The same UIDs in runs of at most `length`."""
    for start in range(0, len(uids), length):
        yield uids[start : start + length]


def compact(uids: Sequence[int]) -> str:
    """Ascending UIDs as a sequence set: 1,2,3,7 is "1:3,7", so that a thousand fit into a short line."""
    runs: list[tuple[int, int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], uid)
        else:
            runs.append((uid, uid))
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)
