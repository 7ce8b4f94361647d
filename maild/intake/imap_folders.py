"""Finding, making and selecting folders, whatever the server calls them and puts between names."""

from __future__ import annotations

import imaplib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches

from imapclient import IMAPClient

from maild.errors import Temporary


class NoFolder(Temporary):
    """The folder is not there; `nearest` are names that may be meant. Somebody may make it later."""

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        hint = ", ".join(nearest) or "none"
        super().__init__(f"there is no folder {name} on the server (similar: {hint})")
        self.nearest = tuple(nearest)


@dataclass(frozen=True, slots=True)
class Selected:
    """What the server says about the folder it has selected (RFC 9051 §6.3.2)."""

    uidvalidity: int
    uidnext: int | None  # None: an old server that does not tell
    exists: int


def select(client: IMAPClient, name: str, *, readonly: bool) -> Selected:
    """Select the folder afresh: only this shows that it was made anew, with another UIDVALIDITY."""
    answer = client.select_folder(name, readonly=readonly)
    if b"UIDVALIDITY" not in answer:  # RFC 3501 §6.3.1 lets very old servers do so
        raise Temporary(f"the server gives no UIDVALIDITY for {name}: its mails cannot be told apart safely")
    uidnext = answer.get(b"UIDNEXT")
    return Selected(
        uidvalidity=int(answer[b"UIDVALIDITY"]),
        uidnext=None if uidnext is None else int(uidnext),
        exists=int(answer[b"EXISTS"]),
    )


def find(client: IMAPClient, wanted: str) -> str:
    """The server's name for a folder; raises NoFolder."""
    if wanted.upper() == "INBOX":  # in any case of letters, always there (RFC 9051 §5.1)
        return "INBOX"
    listed = client.list_folders()
    names = [str(name) for _, _, name in listed]
    for spelling in _spellings(wanted, _separators(listed)):
        if spelling in names:
            return spelling
    raise NoFolder(wanted, nearest(wanted, names))


def find_or_make(client: IMAPClient, wanted: str) -> str:
    """The server's name for a folder, which is made when it is missing."""
    try:
        return find(client, wanted)
    except NoFolder:
        separators = _separators(client.list_folders()) or {"/"}
        name = _personal_prefix(client) + wanted.replace("/", min(separators))
        client.create_folder(name)
        with suppress(imaplib.IMAP4.error):  # it is only for the eyes
            client.subscribe_folder(name)  # most mail programs show only these
        return name


def nearest(wanted: str, names: Sequence[str]) -> list[str]:
    """At most three names that may have been meant."""
    by_lower = {name.lower(): name for name in names}
    return [by_lower[low] for low in get_close_matches(wanted.lower(), by_lower, n=3, cutoff=0.5)]


def _separators(listed: Iterable[tuple[object, bytes | None, object]]) -> set[str]:
    return {separator.decode("ascii", "replace") for _, separator, _ in listed if separator}


def _spellings(wanted: str, separators: set[str]) -> list[str]:
    """As it was written, with the server's separator, and below INBOX (Courier, Cyrus)."""
    names = [wanted, *(wanted.replace("/", separator) for separator in sorted(separators))]
    return names + [f"INBOX{separator}{name}" for separator in sorted(separators) for name in names]


def _personal_prefix(client: IMAPClient) -> str:
    """What our own folders' names must begin with (RFC 2342): "" or, say, "INBOX."."""
    if not client.has_capability("NAMESPACE"):
        return ""
    personal = client.namespace().personal
    return str(personal[0][0]) if personal else ""
