"""The tokens of an account on disk: one file, for this user's eyes, changed by one process at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What an issuer gave last, and what became of the last question."""

    client: str  # our id there: tokens of another client are of no use
    access: str = field(default="", repr=False)
    until: datetime | None = None  # when `access` ends
    refresh: str = field(default="", repr=False)  # "" when maild asks in its own name
    refresh_until: datetime | None = None  # None: its issuer does not say
    signed_in_at: datetime | None = None
    renewed_at: datetime | None = None
    asked_at: datetime | None = None  # when the issuer was asked last
    trouble: str = ""  # why the last question had no answer; "" when it had one
    trouble_at: datetime | None = None  # since when


_TOKENS = TypeAdapter(Tokens)


class Kept:
    """The file of one account."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> Tokens | None:
        """What is kept; None when there is nothing, or it is spoilt. A write never shows half done. Raises OSError."""
        try:
            return _TOKENS.validate_json(self.file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def write(self, tokens: Tokens) -> None:
        """Keep these, so that the power may go. Raises OSError."""
        new = self.file.with_suffix(".new")
        said = _TOKENS.dump_json(tokens, indent=1)
        with self._private(new, os.O_TRUNC) as file:
            if os.write(file, said) < len(said):  # the disk was full in the middle: the old ones stay
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file)
        new.replace(self.file)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # an issuer that changes refresh tokens does not take the old one again
        finally:
            os.close(folder)

    @contextmanager
    def alone(self, *, wait: bool = True) -> Iterator[None]:
        """Keep every other process and thread from renewing meanwhile.

        Raises OSError; without `wait`, BlockingIOError when somebody else is renewing.
        """
        folder = self.file.parent
        folder.parent.mkdir(parents=True, exist_ok=True)  # the data folder, before the first start
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                self._belongs(opened)
            finally:
                os.close(opened)
        with self._private(self.file.with_suffix(".lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield

    @contextmanager
    def _private(self, file: Path, more: int = 0) -> Iterator[int]:
        opened = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | more, 0o600)
        try:
            if os.geteuid() == 0:
                self._belongs(opened)
            yield opened
        finally:
            os.close(opened)

    def _belongs(self, opened: int) -> None:
        """Root may ask (`maild doctor`, `maild login`) for the user that maild runs as, who must be able to read it.

        By its handle, and through no link: that user could put one in its place, and be given any file.
        """
        owner = self.file.parent.parent.stat()
        os.fchown(opened, owner.st_uid, owner.st_gid)
