"""Puts letters into a Maildir, for tests, for the demo and for sites whose mail system collects there."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

from maild.app.ports import Delivery, Letter
from maild.outbound.envelope import answer_line, letter_fault


class MaildirSender:
    """Implements Sender: one file per letter, with exactly the letter's bytes.

    The file's name comes from the Message-ID, so a letter that is sent again after a crash is still
    one file, also when a mail reader has moved it to `cur` in between. The envelope is checked as for a
    relay, but not kept: a Maildir has no place for it.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` gets `tmp`, `new` and `cur`; it is made with the first letter."""
        self._folder = folder

    def send(self, letter: Letter) -> Delivery:
        """Write, sync, rename, sync; the disk's trouble is temporary."""
        fault = letter_fault(letter)
        if fault:
            return Delivery(sent=False, answer=fault)
        try:
            return Delivery(sent=True, answer=self._store(letter))
        except OSError as trouble:
            return Delivery(sent=False, temporary=True, answer=answer_line(f"Maildir: {trouble}"))

    def close(self) -> None:
        """Nothing stays open between letters."""

    def _store(self, letter: Letter) -> str:
        name = _name(letter)
        for part in ("tmp", "new", "cur"):
            (self._folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._is_there(name):
            return f"already stored as {name}"
        # A name of its own in tmp: two processes that send the same letter must not write into one file.
        unfinished = self._folder / "tmp" / f"{name}.{secrets.token_hex(8)}"
        try:
            _write(unfinished, letter.raw)
            unfinished.rename(self._folder / "new" / name)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _sync_folder(self._folder / "new")  # or the name is lost with the power, after we said "sent"
        return f"stored as {name}"

    def _is_there(self, name: str) -> bool:
        if (self._folder / "new" / name).exists():
            return True
        with os.scandir(self._folder / "cur") as entries:  # a reader adds its flags to the name: ":2,S"
            return any(entry.name.partition(":")[0] == name for entry in entries)


def _name(letter: Letter) -> str:
    """Only a digest: the Message-ID may hold anything, and a name must stay in its folder."""
    key = letter.message_id.encode("utf-8", "surrogatepass") or letter.raw
    return f"{sha256(key).hexdigest()[:40]}.maild"


def _write(path: Path, raw: bytes) -> None:
    with path.open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
