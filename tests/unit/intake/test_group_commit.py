"""Group commit: who is told what, and when."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from maild.app.arrival import Arrival, Cursor, Door
from maild.errors import Temporary
from maild.intake import group_commit
from maild.intake.group_commit import GroupCommit

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Inbox:
    def __init__(self) -> None:
        self.groups: list[list[bytes]] = []
        self.calls = 0
        self.open = threading.Event()
        self.entered = threading.Event()
        self.fails: Callable[[list[bytes]], bool] = lambda _: False

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        self.calls += 1
        self.entered.set()
        assert self.open.wait(60)
        raws = [arrival.raw for arrival in arrivals]
        if self.fails(raws):
            raise RuntimeError("not these")
        self.groups.append(raws)
        return len(raws)


def mail(raw: bytes) -> Callable[[], Arrival]:
    return lambda: Arrival(door=Door.SMTP, raw=raw, received_at=NOW)


def held(inbox: Inbox, **limits: int) -> tuple[GroupCommit, list[int], Future[None]]:
    """A commit of the mail "first" that hangs until `inbox.open` is set, so that others must wait."""
    rung: list[int] = []
    commit = GroupCommit(inbox, rung.append, **limits)  # type: ignore[arg-type]
    first = commit.submit(mail(b"first"), 5)
    assert inbox.entered.wait(60)
    return commit, rung, first


def test_what_came_meanwhile_is_one_group_with_one_ring() -> None:
    inbox = Inbox()
    commit, rung, first = held(inbox)
    waiting = [commit.submit(mail(b"%d" % number), 1) for number in range(20)]
    assert not first.done()
    inbox.open.set()
    for future in waiting:
        future.result(20)
    commit.close()
    assert inbox.groups == [[b"first"], [b"%d" % number for number in range(20)]]
    assert rung == [1, 20]


@pytest.mark.parametrize("limits", [{"largest_group": 3}, {"most_bytes": 30}])
def test_a_group_has_its_limits(limits: dict[str, int]) -> None:
    inbox = Inbox()
    commit, _, _ = held(inbox, **limits)
    for number in range(7):
        commit.submit(mail(b"%d" % number), 10)
    inbox.open.set()
    commit.close()
    assert [len(group) for group in inbox.groups] == [1, 3, 3, 1]


def test_a_mail_larger_than_a_group_goes_alone() -> None:
    inbox = Inbox()
    inbox.open.set()
    commit = GroupCommit(inbox, lambda _: None, most_bytes=10)
    commit.submit(mail(b"huge"), 1000).result(20)
    commit.close()


def test_a_small_mail_does_not_wait_while_a_large_one_waits_for_room() -> None:
    inbox, room, asked = Inbox(), threading.Lock(), threading.Event()
    inbox.open.set()

    @contextmanager
    def only_one(size: int) -> Iterator[None]:
        if size > 10:
            asked.set()
            with room:
                yield
        else:
            yield

    commit = GroupCommit(inbox, lambda _: None, most_bytes=10, room=only_one)
    with room:
        large = commit.submit(mail(b"large"), 11)
        assert asked.wait(60)
        commit.submit(mail(b"small"), 1).result(20)
        assert not large.done()
    large.result(20)
    commit.close()
    assert inbox.groups == [[b"small"], [b"large"]]


def test_large_mails_are_read_in_their_turn() -> None:
    inbox = Inbox()
    commit, _, _ = held(inbox, most_bytes=10)
    loaded = []

    def load() -> Arrival:
        loaded.append(len(inbox.groups))
        return mail(b"x")()

    for _ in range(3):
        commit.submit(load, 10)
    assert loaded == []
    inbox.open.set()
    commit.close()
    assert loaded == [1, 2, 3]


def test_one_bad_mail_does_not_take_its_neighbours_along() -> None:
    inbox = Inbox()
    inbox.fails = lambda raws: b"bad" in raws
    commit, rung, _ = held(inbox)
    good, bad, fine = (commit.submit(mail(raw), 1) for raw in (b"good", b"bad", b"fine"))
    inbox.open.set()
    assert good.result(20) is None
    assert fine.result(20) is None
    with pytest.raises(RuntimeError, match="not these"):
        bad.result(20)
    commit.close()
    assert inbox.groups == [[b"first"], [b"good"], [b"fine"]]
    assert rung == [1, 2]


def test_a_mail_whose_file_cannot_be_read_is_alone_in_its_trouble() -> None:
    inbox = Inbox()
    commit, _, _ = held(inbox)

    def load() -> Arrival:
        raise OSError("input/output error")

    bad, good = commit.submit(load, 1), commit.submit(mail(b"good"), 1)
    inbox.open.set()
    assert good.result(20) is None
    with pytest.raises(OSError, match="input/output"):
        bad.result(20)
    commit.close()


def test_a_database_that_is_down_is_not_asked_once_per_mail() -> None:
    inbox = Inbox()
    inbox.fails = lambda _: True
    commit, rung, first = held(inbox)
    waiting = [commit.submit(mail(b"x"), 1) for _ in range(99)]
    inbox.open.set()
    for future in [first, *waiting]:
        assert isinstance(future.exception(20), RuntimeError)
    assert inbox.calls == 1 + 1 + 3
    inbox.fails = lambda _: False
    commit.submit(mail(b"back again"), 1).result(20)
    commit.close()
    assert rung == [1]


def test_who_waited_long_for_the_database_does_not_wait_again_mail_by_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    # Another program holds SQLite for a minute: the second try would take as long as the first.
    monkeypatch.setattr(group_commit, "_LONG", -1.0)
    inbox = Inbox()
    inbox.fails = lambda _: True
    commit, _, first = held(inbox)
    waiting = [commit.submit(mail(b"x"), 1) for _ in range(5)]
    inbox.open.set()
    for future in [first, *waiting]:
        assert isinstance(future.exception(20), RuntimeError)
    commit.close()
    assert inbox.calls == 1 + 1


def test_a_bell_that_fails_stops_nothing() -> None:
    inbox = Inbox()
    inbox.open.set()
    commit = GroupCommit(inbox, lambda _: 1 / 0)  # type: ignore[arg-type]
    commit.submit(mail(b"a"), 1).result(20)
    commit.submit(mail(b"b"), 1).result(20)
    commit.close()


def test_close_commits_what_waits_and_then_takes_no_more() -> None:
    inbox = Inbox()
    commit, _, _ = held(inbox)
    waiting = commit.submit(mail(b"waiting"), 1)
    inbox.open.set()
    commit.close()
    commit.close()
    assert waiting.done()
    assert inbox.groups[-1] == [b"waiting"]
    with pytest.raises(Temporary):
        commit.submit(mail(b"late"), 1)


def test_a_cancelled_waiter_loses_the_answer_and_not_the_mail() -> None:
    inbox = Inbox()

    async def scene() -> None:
        commit, _, first = held(inbox)
        commit.submit(mail(b"from a thread"), 1).cancel()
        gone = asyncio.ensure_future(_wait(commit, b"gone"))
        stays = asyncio.ensure_future(_wait(commit, b"stays"))
        await asyncio.sleep(0)
        gone.cancel()
        inbox.open.set()
        await stays
        commit.close()
        assert gone.cancelled()
        assert first.done()

    asyncio.run(scene())
    assert inbox.groups == [[b"first"], [b"from a thread", b"gone", b"stays"]]


async def _wait(commit: GroupCommit, raw: bytes) -> None:
    await commit.submit_from_loop(mail(raw), 1)


def test_a_loop_is_woken_once_per_group(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox()

    async def scene() -> int:
        commit, _, _ = held(inbox)
        waiting = [commit.submit_from_loop(mail(b"x"), 1) for _ in range(50)]
        loop = asyncio.get_running_loop()
        woken = []
        wake = loop.call_soon_threadsafe

        def count(*args: Any) -> None:
            woken.append(1)
            wake(*args)

        monkeypatch.setattr(loop, "call_soon_threadsafe", count)
        inbox.open.set()
        await asyncio.gather(*waiting)
        monkeypatch.undo()
        commit.close()
        return len(woken)

    assert asyncio.run(scene()) == 1


def test_a_loop_that_is_closed_does_not_stop_the_thread() -> None:
    inbox = Inbox()

    async def leave(commit: GroupCommit) -> None:
        commit.submit_from_loop(mail(b"left"), 1)

    commit, _, _ = held(inbox)
    asyncio.run(leave(commit))
    inbox.open.set()
    commit.submit(mail(b"next"), 1).result(20)
    commit.close()
    assert b"left" in inbox.groups[1]


def test_there_is_no_lull_while_a_mail_is_in_hand() -> None:
    inbox = Inbox()
    commit, _, first = held(inbox)
    assert not commit.wait_for_lull(0.001)
    inbox.open.set()
    first.result(20)
    assert commit.wait_for_lull(20)
    commit.close()


def test_without_a_mail_the_lull_is_there() -> None:
    commit = GroupCommit(Inbox(), lambda _: None)
    assert commit.wait_for_lull(0)
    commit.close()
