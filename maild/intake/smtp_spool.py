"""Keeps one mail while it comes in: a small one in memory, a larger one in a nameless file.

The file is no store: it is gone with the process, and nothing was promised for it yet.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import BinaryIO

SMALL = 128 * 1024  # a mail up to here never touches the disk before its commit; 200 sessions may have one
_PIECE = 64 * 1024  # a larger mail goes to its file in pieces of about this size


class Spool:
    """The content of one DATA, at most `limit` bytes of it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._pieces: list[bytes] = []
        self._in_memory = 0
        self._file: BinaryIO | None = None
        self._writing: asyncio.Future[None] | None = None
        self.head = b""  # the header, as far as it is in the first bytes, once the mail left the memory
        self.size = 0  # of the whole mail, also of what was not kept
        self.trouble: OSError | None = None  # why the file could not be written

    @property
    def too_large(self) -> bool:
        """More came than the limit; nothing of it is kept."""
        return self.size > self._limit

    async def add(self, content: bytes) -> None:
        """Keep some more content; never raises: see `too_large` and `trouble` at the end."""
        self.size += len(content)
        if self.too_large or self.trouble:
            self.close()
            return
        self._pieces.append(content)
        self._in_memory += len(content)
        if self._in_memory > (_PIECE if self._file else SMALL):
            try:
                # In a thread: a disk under pressure may hold up a write for seconds.
                self._writing = asyncio.get_running_loop().run_in_executor(None, self._write_out)
                await asyncio.shield(self._writing)
            except OSError as error:
                self.trouble = error
                self.close()

    def first_bytes(self) -> bytes:
        """The beginning of the mail: all of it, or its header, of which at most 64 KiB."""
        return self.head or b"".join(self._pieces)

    def read(self, before: bytes) -> bytes:
        """`before` and the whole mail; once, from the thread that commits it. Frees all. Raises OSError."""
        try:
            if self._file is None:
                return b"".join((before, *self._pieces))
            self._file.seek(0)
            return b"".join((before, self._file.read(), *self._pieces))
        finally:
            self.close()

    def close(self) -> None:
        """Forget the mail; may be called twice."""
        if self._writing is not None and not self._writing.done():
            # The client went away while a thread writes: its file must not be closed under it.
            self._writing.add_done_callback(lambda _: self.close())
            return
        self._pieces.clear()
        self._in_memory = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write_out(self) -> None:
        data = b"".join(self._pieces)
        if self._file is None:
            self.head = b"".join(data[:_PIECE].partition(b"\r\n\r\n")[:2])
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by `close`
        self._file.write(data)
        self._pieces.clear()
        self._in_memory = 0
