"""The poller's parts that decide without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.intake.imap_backoff import AFTER_REFUSED_LOGIN, Backoff
from maild.intake.imap_fetch import Listed, batches, compact, runs
from maild.intake.imap_folders import nearest
from maild.intake.imap_lease import LENGTH, Lease, LeaseLost
from maild.intake.imap_reconcile import compare
from maild.intake.imap_settings import MailboxSettings
from maild.intake.imap_sync import RETURN_PATH

uids = st.sets(st.integers(1, 60))


def settings(**changes: str) -> MailboxSettings:
    facts = {"name": "desk", "host": "h", "username": "u", "address": "a@example.org"} | changes
    return MailboxSettings(**facts, port=993, password=lambda: "hunter2")  # type: ignore[arg-type]


@pytest.mark.parametrize("what", ["name", "host", "username", "folder", "move_to"])
@pytest.mark.parametrize("sign", ["\r", "\n", "\0"])
def test_no_word_can_become_a_second_command(what: str, sign: str) -> None:
    with pytest.raises(ValueError, match="line break or NUL"):
        settings(**{what: f"x{sign}A1 DELETE INBOX"})


def test_the_password_is_not_printed() -> None:
    assert "hunter2" not in repr(settings())
    assert "password" not in repr(settings())


def test_mail_is_not_moved_to_where_it_is() -> None:
    with pytest.raises(ValueError, match="the folder it is in"):
        settings(folder="Desk", move_to="Desk")


# ---- sequence sets and batches


@pytest.mark.parametrize(("some", "text"), [([], ""), ([5], "5"), ([1, 2, 3, 7], "1:3,7"), ([1, 3, 4], "1,3:4")])
def test_uids_are_written_shortly(some: list[int], text: str) -> None:
    assert compact(some) == text


@given(uids)
def test_a_sequence_set_holds_these_uids_and_no_other(some: set[int]) -> None:
    read: set[int] = set()
    for part in filter(None, compact(sorted(some)).split(",")):
        first, _, last = part.partition(":")
        read.update(range(int(first), int(last or first) + 1))
    assert read == some


@given(st.lists(st.integers(0, 300), max_size=40), st.integers(1, 8), st.integers(1, 400), st.sets(st.integers(0, 39)))
def test_batches_keep_order_and_bounds(sizes: list[int], count: int, size: int, alone: set[int]) -> None:
    listed = [Listed(uid, octets, None) for uid, octets in enumerate(sizes)]
    made = list(batches(listed, count, size, alone))
    assert [mail for batch in made for mail in batch] == listed
    for batch in made:
        assert 0 < len(batch) <= count
        assert len(batch) == 1 or sum(mail.size for mail in batch) <= size
        assert len(batch) == 1 or not any(mail.uid in alone for mail in batch)


def test_suspects_are_fetched_alone() -> None:
    assert list(runs([1, 2, 3, 4, 5], 3, {3})) == [[1, 2], [3], [4, 5]]


# ---- reconcile


@pytest.mark.parametrize(
    ("present", "stored", "failed", "last", "gap", "why"),
    [
        ({1, 2, 3}, {1, 3}, [], 3, {2}, "passed over"),
        ({1, 2, 3}, {1, 3}, [2], 3, set(), "known to be bad"),
        ({1, 2, 3, 9}, {3}, [], 9, {9}, "the cursor moved without the mail"),
        ({1, 2, 3, 4}, {3}, [], 3, set(), "1 and 2 are of before the first run, 4 is new"),
        ({1, 2, 3}, set(), [], 3, set(), "first run at now, and nothing came since"),
        ({1, 2, 3}, set(), [2], 3, {3}, "the first one failed, the second was lost"),
        ({5}, {1, 2, 3, 4, 5}, [], 5, set(), "the others were moved"),
    ],
)
def test_the_gap(present: set[int], stored: set[int], failed: list[int], last: int, gap: set[int], why: str) -> None:
    assert compare(present, stored, failed, last).gap == gap, why


@given(uids, uids, uids, st.integers(0, 60))
def test_every_uid_is_in_one_class_at_most(present: set[int], stored: set[int], failed: set[int], last: int) -> None:
    found = compare(present, stored, failed, last)
    assert found.gap | found.failed | found.left <= present
    assert len(found.gap) + len(found.failed) + len(found.left) == len(found.gap | found.failed | found.left)
    assert not found.gone & present


# ---- waits and leases


def test_waits_double_up_to_ten_minutes_with_a_random_quarter() -> None:
    plain, late = Backoff(chance=lambda: 0.0), Backoff(chance=lambda: 1.0)
    assert [plain.next() for _ in range(9)] == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert [late.next() for _ in range(2)] == [6.25, 12.5]
    plain.reset()
    assert plain.next() == 5
    assert 3 * plain.refused() >= 15 * 60
    assert plain.refused() == AFTER_REFUSED_LOGIN


class Leases:
    """Counts how often a lease was taken; refuses when told."""

    def __init__(self) -> None:
        self.taken = 0
        self.free = True

    def take_lease(self, *_: object) -> bool:
        self.taken += 1
        return self.free


def lease_at(minutes: float) -> tuple[Leases, Lease]:
    """A lease that was taken at minute 0 and is looked at now."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = iter([start, *[start + timedelta(minutes=minutes)] * 5])
    leases = Leases()
    lease = Lease(leases, "desk", "one", lambda: next(times))  # type: ignore[arg-type]
    assert lease.take()
    return leases, lease


@pytest.mark.parametrize(
    ("minutes", "taken", "why"),
    [
        (0.5, 1, "fresh"),
        (1.5, 2, "renewed well before its end"),
        (-60, 2, "a clock that was set back: renewed, or its row would end too late"),
    ],
)
def test_a_lease_is_renewed_in_time(minutes: float, taken: int, why: str) -> None:
    leases, lease = lease_at(minutes)
    lease.keep()
    assert leases.taken == taken, why


def test_a_lease_that_ran_out_is_lost_even_when_it_is_free() -> None:
    _, lease = lease_at(LENGTH / timedelta(minutes=1))
    with pytest.raises(LeaseLost, match="ran out"):
        lease.keep()


def test_a_lease_that_somebody_took_is_lost() -> None:
    leases, lease = lease_at(2)
    leases.free = False
    with pytest.raises(LeaseLost, match="somebody else"):
        lease.keep()
    with pytest.raises(LeaseLost):
        lease.keep()


# ---- words


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"Return-Path: <ann@example.com>\r\nFrom: x\r\n", b"ann@example.com"),
        (b"Return-Path: <>\r\n", b""),
        (b"return-path:<a@b>\n", b"a@b"),
        (b"Delivered-To: me@x\r\nX-Original-To: me@x\r\nReturn-Path: <a@b>\r\n", b"a@b"),
        (b"From: x\r\nReturn-Path: <forged@example.com>\r\n", None),
        (b"Received: by x\r\nReturn-Path: <forged@example.com>\r\n", None),
        (b"Return-Path: <a\r\n b@c>\r\n", None),
        (b"", None),
    ],
)
def test_the_return_path_counts_on_top_only(raw: bytes, path: bytes | None) -> None:
    found = RETURN_PATH.match(raw)
    assert (found.group(1) if found else None) == path


def test_near_names_are_offered() -> None:
    assert nearest("Suport", ["INBOX", "Support", "Sent"]) == ["Support"]
    assert nearest("inbox/desk", ["INBOX/Desk", "Trash"]) == ["INBOX/Desk"]
    assert nearest("xyz", ["INBOX"]) == []
