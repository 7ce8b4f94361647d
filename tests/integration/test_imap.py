"""The poller against a real Dovecot: every mail once, whatever happens on either side."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from maild.app.arrival import Cursor
from maild.app.look_back import LookBack
from maild.clock import utc_now
from maild.ids import Signer
from maild.intake import imap_fetch, imap_look_back
from maild.intake.imap import Busy, MailboxSettings, Poller, probe
from maild.intake.imap_lease import LeaseLost
from maild.testing.servers import DovecotServer, dovecot
from tests.integration.test_imap_fakes import PATIENCE, FakeStore, Killed, Tap, mail

USERS = {f"user{number}": "secret" for number in range(80)}


@pytest.fixture(scope="module")
def server(dovecot_server: DovecotServer) -> Iterator[DovecotServer]:
    """A Dovecot of our own: we stop it, and each test has an account. The shared one proves it is there."""
    with dovecot(users=USERS) as own:
        yield own


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    return iter(USERS)


class Account:
    """One mailbox, a store, a tap between them, and pollers."""

    def __init__(self, server: DovecotServer, user: str) -> None:
        self.server = server
        self.user = user
        self.store = FakeStore()
        self.tap = Tap(server.host, server.port)
        self.rings: list[int] = []

    def settings(self, **changes: Any) -> MailboxSettings:
        facts: dict[str, Any] = {
            "name": "desk",
            "host": self.tap.host,
            "port": self.tap.port,
            "security": "none",
            "username": self.user,
            "password": lambda: "secret",
            "address": "help@example.org",
            "first_run": "all",
            "read_seconds": 60.0,
        }
        return MailboxSettings(**(facts | changes))

    def poller(self, *, owner: str = "one", wait: Callable[[float], None] | None = None, **changes: Any) -> Poller:
        return Poller(
            self.settings(**changes),
            self.store,
            self.store,
            utc_now,
            self.rings.append,
            owner=owner,
            wait=wait,
        )

    def poll(self, **changes: Any) -> int:
        return self.poller(**changes).poll_once()

    def deliver(self, *subjects: str, size: int = 0) -> None:
        for subject in subjects:
            self.server.deliver(mail(subject, size), self.user)

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """A person's mail program."""
        with IMAPClient(self.server.host, self.server.port, ssl=False) as client:
            client.login(self.user, "secret")
            client.select_folder(folder)
            yield client

    def there(self, folder: str = "INBOX") -> int:
        with self.client(folder) as client:
            return len(client.search("ALL"))

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        with self.client(folder) as client:
            return [flag for flags in client.get_flags(client.search("ALL")).values() for flag in flags]


@pytest.fixture
def account(server: DovecotServer, names: Iterator[str]) -> Iterator[Account]:
    made = Account(server, next(names))
    yield made
    made.tap.close()


@contextmanager
def running(poller: Poller) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=poller.run)
    thread.start()
    try:
        yield thread
    finally:
        poller.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def one_session(account: Account, **changes: Any) -> list[float]:
    """Run until the first pause between two connections; how long each pause would have been."""
    waits: list[float] = []
    stop = threading.Event()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        stop.set()

    account.poller(wait=wait, **changes).run(stop)
    return waits


def kill() -> None:
    raise Killed


# ---- what is taken in


def test_the_first_run_leaves_alone_what_is_there(account: Account) -> None:
    account.deliver("old", "older")
    assert account.poll(first_run="new") == 0
    account.deliver("new")
    assert account.poll(first_run="new") == 1
    assert account.store.subjects == ["new"]
    assert account.there() == 2


def test_a_first_run_that_takes_everything_answers_nothing_old(account: Account) -> None:
    with account.client() as client:
        client.append("INBOX", mail("ancient"), msg_time=utc_now() - timedelta(days=30))
        client.append("INBOX", mail("today"))
    assert account.poll(first_run="all") == 2
    assert [arrival.silent for arrival in account.store.arrivals.values()] == [True, False]


def test_an_empty_mailbox_starts_at_its_first_mail(account: Account) -> None:
    assert account.poll(first_run="new") == 0
    account.deliver("first")
    assert account.poll(first_run="new") == 1


def test_everything_is_taken_in_order_and_in_batches(account: Account) -> None:
    account.deliver(*(f"m{n}" for n in range(7)))
    assert account.poll(batch=3) == 7
    assert account.store.subjects == [f"m{n}" for n in range(7)]
    assert account.store.batches == [3, 3, 1]
    assert account.rings == [3, 3, 1]
    assert (account.there(), account.there("Processed")) == (0, 7)


def test_an_arrival_knows_what_the_transport_knew(account: Account) -> None:
    raw = b"Return-Path: <Ann@example.com>\r\n" + mail("x")
    when = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    with account.client() as client:
        client.append("INBOX", raw, msg_time=when + timedelta(0))
    account.poll()
    (arrival,) = account.store.arrivals.values()
    cursor = account.store.cursors["desk"]
    assert arrival.raw == raw
    assert arrival.received_at == when
    assert arrival.received_at.tzinfo is UTC
    assert arrival.envelope_from == "Ann@example.com"
    assert arrival.envelope_to == ("help@example.org",)
    assert arrival.transport_key == f"imap:desk:{cursor.uidvalidity}:1"


def test_three_hundred_mails_in_one_go(account: Account) -> None:
    subjects = [f"m{n}" for n in range(300)]
    account.deliver(*subjects)
    assert account.poll() == 300
    assert account.store.subjects == subjects
    assert account.tap.count(b"UID MOVE") == 1, "MOVE one by one takes minutes in a big folder"
    assert account.tap.count(b"BODY.PEEK[]") == 6
    assert (account.there(), account.there("Processed")) == (0, 300)


def test_a_large_mail_comes_in_pieces_and_a_monster_stays(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_fetch, "PIECE", 4096)
    account.deliver("before")
    account.deliver("large", size=35_000)
    account.deliver("monster", size=60_000)
    account.deliver("after")
    assert account.poll(largest=20_000, batch_bytes=10_000) == 3
    assert account.store.subjects == ["before", "large", "after"]
    assert [a.raw for a in account.store.arrivals.values()][1] == mail("large", 35_000)
    assert account.tap.count(b"BODY.PEEK[]<4096.4096>") == 1
    assert "too large" in account.store.troubles[0]
    assert account.there() == 1


# ---- after they are stored


@pytest.mark.parametrize(
    ("after", "left", "flags"),
    [("move", 0, []), ("delete", 0, []), ("leave", 2, []), ("flag", 2, [b"\\Flagged"] * 2)],
)
def test_what_happens_on_the_server(account: Account, after: str, left: int, flags: list[bytes]) -> None:
    account.deliver("a", "b")
    assert account.poll(after=after) == 2
    assert account.there() == left
    assert [flag for flag in account.flags() if flag != b"\\Recent"] == flags, "never \\Seen"
    assert account.poll(after=after) == 0
    assert account.store.subjects == ["a", "b"]


def test_moved_mails_are_unread(account: Account) -> None:
    account.deliver("a")
    account.poll()
    assert b"\\Seen" not in account.flags("Processed")


@pytest.mark.parametrize("hide", [(b" MOVE",), (b" MOVE", b" UIDPLUS")], ids=["no MOVE", "no UIDPLUS"])
def test_old_servers_get_copy_and_delete_and_never_a_bare_expunge(account: Account, hide: tuple[bytes, ...]) -> None:
    account.tap.hide = hide
    account.deliver("doomed")
    account.poll(first_run="new")
    with account.client() as client:
        client.delete_messages([1])  # by a person who has not expunged yet
    account.deliver("a", "b")
    assert account.poll(first_run="new") == 2
    assert account.there("Processed") == 2
    assert account.there() == (1 if len(hide) == 1 else 3)
    account.poll(first_run="new")  # a new poller reconciles: no second copies
    assert account.there("Processed") == 2


def test_the_folder_for_stored_mail_comes_back_when_somebody_deletes_it(account: Account) -> None:
    account.deliver("a")
    account.poll()

    def delete_folder() -> None:
        with account.client() as client:
            client.delete_folder("Processed")

    account.store.after_commit = delete_folder
    account.deliver("b")
    assert account.poll() == 1
    assert (account.there(), account.there("Processed")) == (0, 1)


def test_a_refused_move_loses_nothing_and_is_tried_again(account: Account) -> None:
    account.deliver("a", "b")
    with account.client() as client:
        client.create_folder("Full")
    folder = account.server.maildir(account.user) / ".Full"
    folder.chmod(0o500)
    (folder / "tmp").chmod(0o500)
    (folder / "cur").chmod(0o500)
    (folder / "new").chmod(0o500)
    assert account.poll(move_to="Full") == 2
    assert account.there() == 2
    assert "stored mails failed" in account.store.troubles[0]
    for part in (folder, folder / "tmp", folder / "cur", folder / "new"):
        part.chmod(0o700)
    assert account.poll(move_to="Full") == 0
    assert (account.there(), account.there("Full")) == (0, 2)


def test_folders_are_found_with_any_separator(account: Account) -> None:
    with account.client() as client:
        client.create_folder("Desk.In")
        client.append("Desk.In", mail("deep"))
    assert account.poll(folder="Desk/In", move_to="Desk/Done") == 1
    assert account.there("Desk.Done") == 1


# ---- crashes


def test_a_crash_before_the_commit_changes_nothing(account: Account) -> None:
    account.deliver("a", "b")
    account.store.before_commit = kill
    with pytest.raises(Killed):
        account.poll()
    assert (account.there(), account.there("Processed")) == (2, 0)
    account.store.before_commit = lambda: None
    assert account.poll() == 2


def test_a_crash_after_the_commit_is_tidied_up_by_the_next_run(account: Account) -> None:
    account.deliver(*"abcde")
    account.store.after_commit = kill
    with pytest.raises(Killed):
        account.poll(batch=2)
    assert (account.there(), account.store.subjects) == (5, ["a", "b"])
    account.store.after_commit = lambda: None
    assert account.poll(batch=2) == 3
    assert account.store.subjects == list("abcde")
    assert (account.there(), account.there("Processed")) == (0, 5)


@pytest.mark.parametrize("after", ["move", "leave"])
def test_a_link_cut_at_any_byte_loses_and_doubles_nothing(account: Account, after: str) -> None:
    subjects = [f"m{n}" for n in range(12)]
    account.deliver(*subjects)
    commits: list[int] = []
    account.store.after_commit = lambda: commits.append(1)
    for cut_after in (60, 700, 1100, 1500, 1900, 2300, 2700, 3100, 3500, 4000, 5000, 7000):
        account.tap.cut_after = cut_after
        with suppress(Exception):
            account.poll(batch=3, after=after)
    account.tap.cut_after = None
    account.poll(batch=3, after=after)
    assert sorted(account.store.subjects) == sorted(subjects)
    assert len(account.store.arrivals) == sum(account.rings) == 12
    assert account.there("Processed" if after == "move" else "INBOX") == 12


# ---- people and other programs


def test_a_person_who_reads_mail_changes_nothing(account: Account) -> None:
    account.poll()
    account.deliver("a", "b")
    with account.client() as client:
        client.fetch([1, 2], ["BODY[]"])
    assert account.flags().count(b"\\Seen") == 2
    assert account.poll() == 2


def test_a_person_who_moves_mail_away_is_no_trouble(account: Account) -> None:
    account.deliver("kept", "taken away")

    def move_away() -> None:
        with account.client() as client:
            client.create_folder("Private")
            client.move([2], "Private")

    account.store.after_commit = move_away  # stored, and not yet moved by us
    assert account.poll() == 2
    assert (account.there(), account.there("Processed"), account.there("Private")) == (0, 1, 1)
    assert account.store.troubles == []


def test_a_mail_expunged_during_the_fetch_is_gone_and_no_trouble(account: Account) -> None:
    account.deliver(*"abcdef")
    done = count()

    def expunge() -> None:
        if next(done) == 0:
            with account.client() as client:
                client.delete_messages([4])
                client.uid_expunge([4])

    account.store.after_commit = expunge
    for _ in range(3):  # Dovecot may break the connection off; then the next one goes on
        with suppress(Exception):
            account.poll(batch=2)
    assert account.store.subjects == list("abcef")
    assert account.store.failed == {}
    assert account.there() == 0


def test_a_changed_uidvalidity_reads_everything_again(account: Account) -> None:
    with account.client() as client:
        client.create_folder("Desk")
        client.append("Desk", mail("a"))
    settings = {"folder": "Desk", "after": "leave"}
    assert account.poll(**settings) == 1
    old = account.store.cursors["desk"]
    with account.client() as client:
        client.delete_folder("Desk")
        client.create_folder("Desk")
        client.append("Desk", mail("a"))
        client.append("Desk", mail("ancient"), msg_time=utc_now() - timedelta(days=30))
    assert account.poll(**settings) == 2
    assert account.store.cursors["desk"].uidvalidity != old.uidvalidity
    assert account.store.subjects == ["a", "a", "ancient"], "the ingest knows the second a by its content"
    assert [arrival.silent for arrival in account.store.arrivals.values()] == [False, False, True]
    assert "UIDVALIDITY" in account.store.troubles[0]


def test_after_a_restore_what_came_since_the_backup_is_read_again_once(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.deliver("old")
    account.poll()
    with account.client("Processed") as client:
        client.append("Processed", mail("ancient"), msg_time=utc_now() - timedelta(days=3))
    backup = FakeStore()
    backup.cursors = dict(account.store.cursors)
    backup.back = LookBack(since=utc_now() - timedelta(hours=1))
    account.deliver("later")
    account.poll()
    assert (account.there(), account.there("Processed")) == (0, 3)
    account.store = backup
    account.deliver("new")

    monkeypatch.setattr(backup, "looked_back", lambda _: kill())  # the first start dies when the mails are back
    with pytest.raises(Killed):
        account.poll()
    assert backup.subjects == ["new"]  # what waits comes first, and is not moved back by this look
    assert account.there() == 2
    monkeypatch.undo()
    account.poll()

    assert set(backup.subjects) == {"later", "new", "old"}  # the ingest knows the old one by its content
    assert (account.there(), account.there("Processed")) == (0, 4)
    assert not any(arrival.silent for arrival in backup.arrivals.values())
    assert account.poll() == 0


def test_after_a_restore_mails_of_who_was_erased_stay_where_they_are(account: Account) -> None:
    account.deliver("ann's")
    account.server.deliver(mail("kim's").replace(b"ann@", b"Kim@"), account.user)
    account.poll()
    cursors = account.store.cursors
    account.store = FakeStore()
    account.store.cursors = cursors
    soon, long_ago = utc_now() + timedelta(hours=1), utc_now() - timedelta(days=9)
    signer = Signer([b"0123456789abcdef"])
    erased = {signer.pseudonyms("kim@example.com")[0]: soon, signer.pseudonyms("ann@example.com")[0]: long_ago}
    account.store.back = LookBack(since=utc_now() - timedelta(hours=1), erased=erased, pseudonyms=signer.pseudonyms)

    assert account.poll() == 1

    assert account.store.subjects == ["ann's"]  # she has written anew since
    assert account.there("Processed") == 2


def test_a_server_that_gives_nothing_back_is_told_of_and_read_on(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.deliver("old")
    account.poll()
    account.store.back = LookBack(since=utc_now() - timedelta(hours=1))
    poller = account.poller()

    def refuse(*_: object) -> None:
        raise IMAPClientError("MOVE failed: no such right")

    monkeypatch.setattr(imap_look_back, "finish", refuse)
    account.deliver("new")
    assert poller.poll_once() == 1
    account.deliver("newer")
    assert poller.poll_once() == 1

    assert account.store.subjects == ["old", "new", "newer"]
    assert [trouble for trouble in account.store.troubles if "no such right" in trouble] == account.store.troubles
    assert len(account.store.troubles) == 1  # an hour later again
    monkeypatch.undo()
    account.poll()
    assert account.store.back is None


def test_what_was_copied_back_without_move_is_not_copied_again(account: Account) -> None:
    account.deliver("old")
    account.poll()
    account.tap.hide = (b" MOVE", b" UIDPLUS")
    for _ in range(2):
        account.store.back = LookBack(since=utc_now() - timedelta(hours=1))
        account.poll()
    with account.client("Processed") as client:
        assert len(client.search(["DELETED"])) == 2  # each copy once
    assert account.there() == 2


def test_a_server_that_went_back_is_alarmed_and_read_on(account: Account) -> None:
    account.deliver("a")
    account.poll(after="leave")
    cursor = account.store.cursors["desk"]
    account.store.cursors["desk"] = Cursor("desk", cursor.uidvalidity, 50)
    assert account.poll(after="leave") == 0
    assert "restored from a backup" in account.store.troubles[0]
    account.deliver("b")
    assert account.poll(after="leave") == 1


def test_a_gap_is_alarmed_and_filled(account: Account) -> None:
    account.deliver(*"abcd")
    account.poll(after="leave")
    lost = list(account.store.arrivals)[2]
    del account.store.arrivals[lost]
    cursor = account.store.cursors["desk"]
    assert account.poll(after="leave") == 1
    assert account.store.subjects == list("abdc")
    assert "never stored" in account.store.troubles[0]
    assert account.store.cursors["desk"] == cursor, "a mail below the cursor does not move it back"


# ---- two pollers


def test_only_one_of_two_pollers_works(account: Account) -> None:
    account.deliver("a")
    with running(account.poller(owner="one")):
        account.tap.wait_for(b"IDLE")
        with pytest.raises(Busy):
            account.poll(owner="two")
        assert one_session(account, owner="two") == [30.0]
        assert account.tap.connections == 1
    assert account.poll(owner="two") == 0, "the first gave the lease back when it stopped"
    assert account.store.subjects == ["a"]


@pytest.mark.parametrize(("batch", "stored"), [(2, ["a", "b"]), (50, ["a", "b", "c", "d"])])
def test_a_lost_lease_stops_all_touching(account: Account, batch: int, stored: list[str]) -> None:
    account.deliver(*"abcd")
    now = utc_now()
    clock = {"now": now}

    def steal() -> None:
        clock["now"] = now + timedelta(minutes=6)  # a laptop that slept
        account.store.leases["desk"] = ("other", now + timedelta(hours=1))

    account.store.after_commit = steal
    settings = account.settings(batch=batch)
    poller = Poller(settings, account.store, account.store, lambda: clock["now"], print, owner="one")
    with pytest.raises(LeaseLost):
        poller.poll_once()
    assert account.store.subjects == stored
    assert account.tap.count(b"UID MOVE") == 0
    assert account.store.leases["desk"][0] == "other"


# ---- the thread


def has(store: FakeStore, subjects: list[str]) -> bool:
    return store.subjects == subjects


def test_idle_tells_of_new_mail_without_waiting_for_the_poll(account: Account) -> None:
    with running(account.poller(poll_seconds=600)):
        for subjects in (["m1"], ["m1", "m2"]):
            account.tap.wait_for(b"IDLE", len(subjects))
            account.deliver(subjects[-1])
            account.store.wait_until(partial(has, subjects=subjects))


def test_without_idle_the_poll_finds_new_mail(account: Account) -> None:
    account.tap.hide = (b" IDLE",)
    with running(account.poller(poll_seconds=0.05)):
        account.store.wait_until(lambda store: store.successes)
        account.deliver("a")
        account.store.wait_until(lambda store: store.arrivals)


def test_stop_ends_idle_at_once_even_on_a_dead_link(account: Account) -> None:
    poller = account.poller(poll_seconds=600)
    with running(poller) as thread:
        account.tap.wait_for(b"IDLE")
        account.tap.silent.set()
        poller.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert account.store.leases == {}


def test_stop_before_run_connects_nowhere(account: Account) -> None:
    poller = account.poller()
    poller.stop()
    poller.run()
    assert account.tap.connections == 0


def test_a_flag_from_outside_ends_idle_even_on_a_dead_link(account: Account) -> None:
    flag = threading.Event()
    thread = threading.Thread(target=account.poller(poll_seconds=600).run, args=(flag,))
    thread.start()
    account.tap.wait_for(b"(idling)")
    account.tap.silent.set()
    flag.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_cut_ends_a_command_that_hangs(account: Account) -> None:
    account.deliver("a")
    account.store.after_commit = account.tap.silent.set  # MOVE is never answered
    poller = account.poller(read_seconds=600)
    with running(poller) as thread:
        account.tap.wait_for(b"UID MOVE")
        poller.cut()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_server_that_comes_back_is_polled_again(account: Account) -> None:
    waits: list[float] = []
    again = threading.Event()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        again.wait(0.05)

    with running(account.poller(poll_seconds=600, wait=wait)):
        account.tap.wait_for(b"IDLE")
        account.server.stop()
        account.store.wait_until(lambda store: len(store.troubles) >= 3)
        account.server.start()
        account.deliver("after the break")
        account.store.wait_until(lambda store: store.arrivals)
    assert waits[0] < waits[1] < waits[2], "each wait is longer"
    assert account.store.subjects == ["after the break"]


@pytest.mark.parametrize("how", ["closed", "silent"])
def test_a_link_that_dies_in_idle_is_noticed_without_spinning(account: Account, how: str) -> None:
    waiting, go_on = threading.Event(), threading.Event()

    def wait(seconds: float) -> None:
        waiting.set()
        go_on.wait(PATIENCE)

    looks = account.store
    with running(account.poller(poll_seconds=600 if how == "closed" else 0.5, read_seconds=3, wait=wait)):
        account.tap.wait_for(b"(idling)")
        if how == "closed":
            account.tap.drop()
        else:
            account.tap.silent.set()
        assert waiting.wait(PATIENCE)
        assert account.tap.connections == 1
        assert looks.successes <= 3
        assert len(looks.troubles) == 1
        account.tap.silent.clear()
        go_on.set()
        account.deliver("a")
        looks.wait_until(lambda store: store.arrivals)


def test_mail_that_was_stored_when_the_link_broke_is_moved_by_the_next_connection(account: Account) -> None:
    account.deliver("a")
    account.store.after_commit = account.tap.drop
    with running(account.poller(wait=lambda _: None)):
        account.tap.wait_for(b"UID MOVE")
        account.store.wait_until(lambda store: store.successes)
    assert (account.there(), account.store.subjects) == (0, ["a"])


def test_a_database_that_is_down_stops_nothing_for_good(account: Account) -> None:
    account.deliver("a")
    tries = count()

    def down_twice() -> None:
        if next(tries) < 2:
            raise ConnectionError("no database")

    account.store.before_commit = down_twice
    with running(account.poller(wait=lambda _: None)):
        account.store.wait_until(lambda store: store.arrivals)
        account.tap.wait_for(b"UID MOVE")
    assert account.there() == 0


def test_a_refused_login_is_tried_slowly(account: Account) -> None:
    (seconds,) = one_session(account, password=lambda: "wrong")
    assert seconds >= 300, "three tries in 15 minutes, or the server locks the account"
    assert "refused the login" in account.store.troubles[0]
    assert "wrong" not in account.store.troubles[0]


# ---- probing


def test_probe_finds_nothing_wrong_with_a_good_mailbox(account: Account) -> None:
    assert probe(account.settings()) == []
    assert account.store.leases == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": lambda: "wrong"}, "refused the login of user"),
        ({"port": 1}, "nobody listens on 127.0.0.1:1"),
        ({"host": "no-such-host.invalid"}, "no-such-host.invalid"),
        ({"folder": "Suport"}, "no folder Suport on the server (similar: Support)"),
        ({"security": "tls"}, "no encrypted connection"),
    ],
)
def test_probe_says_what_is_wrong(account: Account, changes: dict[str, Any], words: str) -> None:
    with account.client() as client:
        client.create_folder("Support")
    (problem,) = probe(account.settings(**changes))
    assert words in problem
    assert "wrong" not in problem


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_certificates_are_checked(account: Account, security: str) -> None:
    if account.server.certificate is None:
        pytest.skip("no openssl to make a certificate")
    port = account.server.tls_port if security == "tls" else account.server.port
    where = {"host": "localhost", "port": port, "security": security}
    (problem,) = probe(account.settings(**where))
    assert "is not trusted" in problem
    trusting = ssl.create_default_context(cafile=account.server.certificate)
    account.deliver("a")
    assert probe(account.settings(**where, ssl_context=trusting)) == []
    assert account.poll(**where, ssl_context=trusting) == 1


def test_idle_works_through_tls(account: Account) -> None:
    if account.server.certificate is None:
        pytest.skip("no openssl to make a certificate")
    trusting = ssl.create_default_context(cafile=account.server.certificate)
    with running(
        account.poller(
            host="localhost",
            port=account.server.tls_port,
            security="tls",
            ssl_context=trusting,
            poll_seconds=600,
        )
    ):
        account.store.wait_until(lambda store: store.successes)
        account.deliver("a")
        account.store.wait_until(lambda store: store.arrivals)
