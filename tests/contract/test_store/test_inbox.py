"""The inbox keeps its promises: durable together with the cursor, once per key, claimed by one worker."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from maild.app.arrival import LARGE, Arrival, Cursor, Door
from maild.app.changes import Changes, Result
from maild.app.known import Known
from maild.app.outcome import Outcome
from maild.app.work import Claimed, Due
from maild.errors import Conflict, Temporary
from maild.store.engine import Database
from maild.store.inbox import StoredDesktop, StoredInbox
from maild.store.mailboxes import StoredMailboxes
from maild.store.outbox import StoredForgotten
from maild.testing.mails import new_mail

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
ONE, TWO = "one:1:a", "two:2:b"


def arrival(raw: bytes = b"", key: str | None = None) -> Arrival:
    return Arrival(
        door=Door.IMAP if key else Door.SMTP,
        raw=raw or new_mail(),
        received_at=NOW,
        envelope_from="kim@customer.example",
        envelope_to=("support@example.com",),
        transport_key=key,
    )


@pytest.fixture
def inbox(database: Database) -> StoredInbox:
    return StoredInbox(database, lambda: NOW)


@pytest.fixture
def desktop(database: Database) -> StoredDesktop:
    return StoredDesktop(database)


def accept(inbox: StoredInbox, count: int) -> None:
    inbox.accept([arrival() for _ in range(count)])


def ids(claimed: Sequence[Claimed]) -> list[int]:
    return [row.id for row in claimed]


# ---------------------------------------------------------------------------- accepting


def test_what_was_accepted_is_claimed_as_it_came(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    raw = new_mail("Grüße") + bytes(range(256))
    assert inbox.accept([arrival(raw)]) == 1
    [row] = desktop.claim(NOW, ONE, LEASE, 10)
    assert row.raw == raw
    assert (row.received_at, row.envelope_from, row.envelope_to) == (
        NOW,
        "kim@customer.example",
        ("support@example.com",),
    )
    assert (row.door, row.silent, row.handling, row.attempts) == (Door.SMTP, False, "normal", 1)


def test_a_large_mail_is_claimed_alone_and_as_it_came(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    large = new_mail("Film") + bytes(range(256)) * (LARGE // 256)
    small = new_mail()
    inbox.accept([arrival(small), arrival(large), arrival()])
    assert desktop.next_due(NOW) == Due(size=len(small), tried=False)
    assert ids(desktop.claim(NOW, ONE, LEASE, 10)) == [1]
    assert desktop.next_due(NOW) == Due(size=len(large), tried=False)
    [row] = desktop.claim(NOW, ONE, LEASE, 10)
    assert row.raw == large
    assert ids(desktop.claim(NOW, ONE, LEASE, 10)) == [3]
    assert desktop.next_due(NOW) is None
    desktop.put_back([1], NOW, ONE, counted=True)
    assert desktop.next_due(NOW) == Due(size=len(small), tried=True)


def test_a_transport_key_is_taken_in_once(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    assert inbox.accept([arrival(key="imap:box:1:1"), arrival(key="imap:box:1:2")]) == 2
    assert inbox.accept([arrival(key="imap:box:1:2"), arrival(key="imap:box:1:3")]) == 1
    assert len(desktop.claim(NOW, ONE, LEASE, 10)) == 3


def test_mails_without_a_key_are_all_taken_in(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    same = new_mail()
    assert inbox.accept([arrival(same), arrival(same)]) == 2
    assert len(desktop.claim(NOW, ONE, LEASE, 10)) == 2


def test_the_cursor_is_committed_with_the_mails(inbox: StoredInbox, database: Database) -> None:
    inbox.accept([arrival(key="imap:box:1:1")], Cursor("box", 1, 1))
    assert StoredMailboxes(database, lambda _: ()).cursor("box") == Cursor("box", 1, 1)


def test_without_the_cursor_there_are_no_mails_either(
    inbox: StoredInbox, desktop: StoredDesktop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_values: object) -> None:
        raise Temporary("the disk is full")

    monkeypatch.setattr("maild.store.inbox.upsert_mailbox", fail)
    with pytest.raises(Temporary):
        inbox.accept([arrival(key="imap:box:1:1")], Cursor("box", 1, 1))
    assert desktop.claim(NOW, ONE, LEASE, 10) == []
    assert StoredMailboxes(database, lambda _: ()).cursor("box") is None


def test_of_a_group_that_cannot_be_stored_nothing_is(
    inbox: StoredInbox, desktop: StoredDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "imap:box:1:1"
    monkeypatch.setattr(StoredInbox, "_stored", staticmethod(lambda *_: set()))  # two pollers that look at once
    inbox.accept([arrival(key=key)])
    with pytest.raises(Conflict):
        inbox.accept([arrival(), arrival(key=key)])
    assert len(desktop.claim(NOW, ONE, LEASE, 10)) == 1


@pytest.mark.parametrize("hostile", ["kim\0@customer.example", "kim\udc80@customer.example"])
def test_an_envelope_that_no_database_takes_is_stored_without_what_offends(
    inbox: StoredInbox, desktop: StoredDesktop, hostile: str
) -> None:
    inbox.accept([Arrival(door=Door.SMTP, raw=b"x", received_at=NOW, envelope_from=hostile, envelope_to=(hostile,))])
    [row] = desktop.claim(NOW, ONE, LEASE, 10)
    assert str(row.envelope_from).startswith("kim")


# ---------------------------------------------------------------------------- claiming


def test_mails_are_claimed_oldest_first_and_no_more_than_asked(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 5)
    assert ids(desktop.claim(NOW, ONE, LEASE, 3)) == [1, 2, 3]
    assert ids(desktop.claim(NOW, TWO, LEASE, 3)) == [4, 5]
    assert desktop.claim(NOW, ONE, LEASE, 3) == []


def test_many_workers_never_claim_the_same_mail(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 60)

    def work(worker: int) -> list[int]:
        found: list[int] = []
        while rows := desktop.claim(NOW, f"host:{worker}:x", LEASE, 4):
            found += ids(rows)
        return found

    with ThreadPoolExecutor(8) as pool:
        claimed = [number for numbers in pool.map(work, range(8)) for number in numbers]
    # A worker may leave early when others hold what it looks at; what is left is claimed afterwards.
    claimed += work(9)
    assert sorted(claimed) == list(range(1, 61))


def test_a_mail_that_is_not_due_yet_is_not_claimed(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 1)
    assert desktop.claim(NOW - timedelta(seconds=1), ONE, LEASE, 10) == []


def test_a_mail_that_was_tried_before_comes_alone(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 4)
    desktop.claim(NOW, ONE, LEASE, 4)
    desktop.put_back([1, 3, 4], NOW, ONE, counted=False)
    desktop.failed(2, NOW, ONE, "trouble")
    assert ids(desktop.claim(NOW, ONE, LEASE, 10)) == [1]  # up to the one that was tried
    assert ids(desktop.claim(NOW, ONE, LEASE, 10)) == [2]  # by itself
    assert ids(desktop.claim(NOW, ONE, LEASE, 10)) == [3, 4]


def test_every_try_is_counted_before_it_begins(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 1)
    for attempt in (1, 2, 3):
        [row] = desktop.claim(NOW, ONE, LEASE, 1)
        assert row.attempts == attempt
        desktop.failed(row.id, NOW, ONE, "trouble")


def test_a_try_after_a_crash_is_counted_too(inbox: StoredInbox, desktop: StoredDesktop, database: Database) -> None:
    accept(inbox, 2)
    desktop.claim(NOW, ONE, LEASE, 2)
    StoredForgotten(database).sweep(NOW, lambda owner: owner == ONE)
    assert [(row.id, row.attempts) for row in desktop.claim(NOW, TWO, LEASE, 10)] == [(1, 2)]
    assert [(row.id, row.attempts) for row in desktop.claim(NOW, TWO, LEASE, 10)] == [(2, 2)]


def test_what_is_put_back_waits_and_its_try_does_not_count(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 1)
    desktop.claim(NOW, ONE, LEASE, 1)
    desktop.put_back([1], NOW + timedelta(seconds=1), ONE, counted=False)
    assert desktop.claim(NOW, ONE, LEASE, 1) == []
    [row] = desktop.claim(NOW + timedelta(seconds=1), ONE, LEASE, 1)
    assert row.attempts == 1


def test_nobody_puts_back_or_fails_what_another_worker_has(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 1)
    desktop.claim(NOW, ONE, LEASE, 1)
    desktop.put_back([1], NOW, TWO, counted=False)
    desktop.failed(1, NOW, TWO, "trouble")
    assert desktop.claim(NOW, TWO, LEASE, 1) == []


# ---------------------------------------------------------------------------- threads


def follow_up(parent: str, message_id: str = "") -> bytes:
    return new_mail("more", message_id=message_id or None, headers={"References": f"<{parent}>"})


def early(desktop: StoredDesktop, rows: Sequence[Claimed]) -> set[int]:
    with desktop.unit() as unit:
        return unit.undone_before(rows, [frozenset({row.thread_hint}) - {"", row.message_id} for row in rows])


def test_a_reply_is_early_while_its_parent_is_undone(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    inbox.accept([arrival(new_mail(message_id="p@x")), arrival(follow_up("p@x"))])
    desktop.claim(NOW, ONE, LEASE, 1)
    rows = desktop.claim(NOW, TWO, LEASE, 1)
    assert early(desktop, rows) == {2}


def test_siblings_of_an_unknown_parent_come_one_after_the_other(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    inbox.accept([arrival(follow_up("unknown@x")), arrival(follow_up("unknown@x"))])
    first = desktop.claim(NOW, ONE, LEASE, 1)
    second = desktop.claim(NOW, TWO, LEASE, 1)
    assert (early(desktop, first), early(desktop, second)) == (set(), {2})


def test_a_parent_in_the_same_group_makes_nobody_wait(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    inbox.accept([arrival(new_mail(message_id="p@x")), arrival(follow_up("p@x"))])
    assert early(desktop, desktop.claim(NOW, ONE, LEASE, 2)) == set()


def test_a_parent_that_keeps_failing_is_not_waited_for(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    inbox.accept([arrival(new_mail(message_id="p@x")), arrival(follow_up("p@x"))])
    for _ in range(2):
        desktop.claim(NOW, ONE, LEASE, 1)
        desktop.failed(1, NOW, ONE, "trouble")
    desktop.claim(NOW, ONE, LEASE, 1)
    assert early(desktop, desktop.claim(NOW, TWO, LEASE, 1)) == set()


def test_a_mail_that_is_done_cannot_be_done_again(inbox: StoredInbox, desktop: StoredDesktop) -> None:
    accept(inbox, 1)
    desktop.claim(NOW, ONE, LEASE, 1)
    changes = Changes(results=[Result(inbox=1, outcome=Outcome.AUTOMATIC, ticket=None, why=("noted",))])
    with desktop.unit() as unit:
        unit.save(changes, Known(), NOW)
    with pytest.raises(Conflict), desktop.unit() as unit:
        unit.save(changes, Known(), NOW)
    assert desktop.claim(NOW, ONE, LEASE, 1) == []


# ---------------------------------------------------------------------------- mailboxes and leases


def test_one_poller_has_a_mailbox_until_it_lets_go(database: Database) -> None:
    boxes = StoredMailboxes(database, lambda _: ())
    assert boxes.take_lease("box", ONE, NOW, LEASE)
    assert boxes.take_lease("box", ONE, NOW, LEASE)  # again: it stays the holder
    assert not boxes.take_lease("box", TWO, NOW, LEASE)
    boxes.drop_lease("box", TWO)  # not its own
    assert not boxes.take_lease("box", TWO, NOW, LEASE)
    boxes.drop_lease("box", ONE)
    assert boxes.take_lease("box", TWO, NOW, LEASE)


def test_a_lease_that_ended_is_anybodys(database: Database) -> None:
    boxes = StoredMailboxes(database, lambda _: ())
    boxes.take_lease("box", ONE, NOW, LEASE)
    assert boxes.take_lease("box", TWO, NOW + LEASE + timedelta(seconds=1), LEASE)


def test_of_many_pollers_at_once_one_gets_the_lease(database: Database) -> None:
    boxes = StoredMailboxes(database, lambda _: ())
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: boxes.take_lease("box", f"host:{n}:x", NOW, LEASE), range(8)))
    assert taken.count(True) == 1


def test_the_sweep_frees_the_mailboxes_of_dead_pollers(database: Database) -> None:
    boxes = StoredMailboxes(database, lambda _: ())
    boxes.take_lease("box", ONE, NOW, LEASE)
    boxes.take_lease("other", TWO, NOW, LEASE)
    StoredForgotten(database).sweep(NOW, lambda owner: owner == ONE)
    assert boxes.take_lease("box", TWO, NOW, LEASE)
    assert not boxes.take_lease("other", ONE, NOW, LEASE)


def test_a_mailbox_has_no_cursor_before_its_first_run(database: Database) -> None:
    boxes = StoredMailboxes(database, lambda _: ())
    boxes.note_trouble("box", NOW, "no connection")
    assert boxes.cursor("box") is None
    boxes.set_cursor(Cursor("box", 7, 42))
    boxes.note_success("box", NOW)
    assert boxes.cursor("box") == Cursor("box", 7, 42)


def test_the_stored_uids_are_those_of_this_mailbox_and_uidvalidity(inbox: StoredInbox, database: Database) -> None:
    keys = ["imap:box:1:1", "imap:box:1:20", "imap:box:11:2", "imap:box:2:3", "imap:box2:1:4", "imap:bo:1:5"]
    inbox.accept([arrival(key=key) for key in keys])
    assert StoredMailboxes(database, lambda _: ()).stored_uids("box", 1) == {1, 20}


def test_failed_uids_are_counted_and_forgotten(database: Database) -> None:
    boxes = StoredMailboxes(database, lambda _: ())
    assert [boxes.note_failed_uid("box", 1, 5, "no body") for _ in range(3)] == [1, 2, 3]
    boxes.note_failed_uid("box", 2, 5, "another uidvalidity")
    assert boxes.failed_uids("box", 1) == {5: 3}
    boxes.forget_failed_uid("box", 1, 5)
    assert boxes.failed_uids("box", 1) == {}
