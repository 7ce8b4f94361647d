"""A mail while it comes in."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from maild.intake.smtp_spool import SMALL, Spool


def test_small_in_memory_large_in_a_file_and_the_same_bytes(tmp_path: Path) -> None:
    async def scene(size: int) -> tuple[bool, bytes, bytes]:
        spool = Spool(tmp_path, 10 * SMALL)
        for _ in range(size // 1000):
            await spool.add(b"x" * 999 + b"\n")
        return spool._file is not None, spool.first_bytes()[:5], spool.read(b"before")

    for size, in_file in ((SMALL // 1000 * 1000, False), (5 * SMALL // 1000 * 1000, True)):
        assert asyncio.run(scene(size)) == (in_file, b"xxxxx", b"before" + (b"x" * 999 + b"\n") * (size // 1000))


def test_what_is_too_large_is_thrown_away_at_once(tmp_path: Path) -> None:
    async def scene() -> Spool:
        spool = Spool(tmp_path, 2 * SMALL)
        for _ in range(5):
            await spool.add(b"x" * SMALL)
        return spool

    spool = asyncio.run(scene())
    assert spool.too_large
    assert (spool._file, spool._pieces) == (None, [])


def test_a_file_is_not_closed_under_the_thread_that_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes, may_end = threading.Event(), threading.Event()
    write = Spool._write_out

    def slow(spool: Spool) -> None:
        write(spool)
        writes.set()
        assert may_end.wait(60)
        assert spool._file is not None
        assert not spool._file.closed

    monkeypatch.setattr(Spool, "_write_out", slow)

    async def scene() -> None:
        spool = Spool(tmp_path, 10 * SMALL)
        adding = asyncio.ensure_future(spool.add(b"x" * 2 * SMALL))
        await asyncio.get_running_loop().run_in_executor(None, writes.wait)
        file = spool._file
        assert file is not None
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
        spool.close()
        assert not file.closed
        may_end.set()
        assert spool._writing is not None
        await spool._writing
        await asyncio.sleep(0)
        assert file.closed

    asyncio.run(scene())


def test_of_a_large_mail_only_the_header_stays_in_memory(tmp_path: Path) -> None:
    async def scene() -> bytes:
        spool = Spool(tmp_path, 10 * SMALL)
        await spool.add(b"Received: from a\r\nSubject: x\r\n\r\n" + b"x" * 2 * SMALL)
        try:
            return spool.first_bytes()
        finally:
            spool.close()

    assert asyncio.run(scene()) == b"Received: from a\r\nSubject: x\r\n\r\n"
