"""What is remembered of a directory, and how long a group of mails waits for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maild.app.lookups import Asked, Entry, Looked
from maild.directories.cached import REST, Directory
from maild.directories.directories import Directories
from maild.directories.http_source import Endpoint, HttpSource
from maild.directories.kept import Kept, last_words
from maild.directories.source import Away, Reading, Trouble
from maild.testing.waiting import wait_until

HOUR = timedelta(hours=1)
SO_1 = Entry("SO-1", {"customer": "ACME"})


class Shop:
    """A source that counts what it is asked, on a clock of its own."""

    def __init__(self, *, by_key: bool = True) -> None:
        self.by_key = by_key
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        self.has = {"SO-1": SO_1}
        self.asked: list[str] = []
        self.trouble: Exception | None = None
        self.logged: list[str] = []
        self.stamped: object = None

    def look(self, key: str) -> Entry | None:
        self.asked.append(key)
        if self.trouble:
            raise self.trouble
        return self.has.get(key)

    def all(self) -> Sequence[Entry]:
        self.asked.append("*")
        if self.trouble:
            raise self.trouble
        return list(self.has.values())

    def stamp(self) -> object:
        return self.stamped

    def log(self, event: str, **facts: object) -> None:
        self.logged.append(event)

    def directory(self, kept: Kept | None = None) -> Directory:
        return Directory("orders", "orders", self, refresh=HOUR, clock=lambda: self.now, log=self.log, kept=kept)


@pytest.fixture(params=[True, False], ids=["by key", "list"])
def shop(request: pytest.FixtureRequest) -> Shop:
    return Shop(by_key=request.param)


def test_an_answer_counts_for_as_long_as_it_is_fresh(shop: Shop) -> None:
    directory, at = shop.directory(), shop.now
    assert directory.known("SO-1") is None
    assert directory.ask("SO-1") == Looked(SO_1, at=at)
    assert directory.ask("so-1 ") == Looked(SO_1, at=at)
    assert len(shop.asked) == 1
    shop.now += HOUR
    assert directory.ask("SO-1") == Looked(SO_1, at=shop.now)
    assert len(shop.asked) == 2


def test_the_last_good_answer_stands_while_the_source_is_away_and_says_so(shop: Shop) -> None:
    directory, at = shop.directory(), shop.now
    directory.ask("SO-1")
    shop.now += HOUR
    shop.trouble = Away("it cannot be reached")
    assert directory.ask("SO-1") == Looked(SO_1, "it cannot be reached", at)
    assert directory.standing().stale
    shop.trouble = None
    shop.now += REST
    assert directory.ask("SO-1") == Looked(SO_1, at=shop.now)
    assert not directory.standing().stale
    assert shop.logged == ["directory in trouble", "directory answers again"]


def test_a_source_that_failed_is_left_alone_and_that_is_logged_once(shop: Shop) -> None:
    directory = shop.directory()
    shop.trouble = ZeroDivisionError("with a secret in it")
    for _ in range(20):
        assert directory.ask("SO-1") == Looked(trouble="it failed (ZeroDivisionError)")
    assert len(shop.asked) == 1
    shop.now += REST
    directory.ask("SO-1")
    assert len(shop.asked) == 2
    assert shop.logged == ["directory in trouble"]


def test_a_bad_answer_about_one_key_is_no_trouble_of_the_others() -> None:
    shop = Shop()
    directory = shop.directory()
    shop.trouble = Trouble("its answer is not JSON")
    assert directory.ask("SO-9") == Looked(trouble="its answer is not JSON")
    shop.trouble = None
    assert directory.ask("SO-1").entry == SO_1
    assert directory.ask("SO-9").trouble == "its answer is not JSON"
    assert shop.asked == ["SO-9", "SO-1"]
    shop.now += REST
    assert directory.ask("SO-9") == Looked(at=shop.now)


def test_that_there_is_no_such_order_is_not_believed_for_long() -> None:
    shop = Shop()
    directory = shop.directory()
    assert directory.ask("SO-2") == Looked(at=shop.now)
    shop.has["SO-2"] = Entry("SO-2")
    shop.now += timedelta(seconds=59)
    assert directory.ask("SO-2").entry is None
    shop.now += timedelta(seconds=1)
    assert directory.ask("SO-2").entry == Entry("SO-2")


def test_a_list_is_read_again_when_its_stamp_has_changed() -> None:
    shop = Shop(by_key=False)
    directory = shop.directory()
    directory.ask("SO-1")
    shop.has, shop.stamped = {"SO-2": Entry("SO-2")}, "another"
    assert directory.ask("SO-1") == Looked(at=shop.now)


def test_a_list_that_is_empty_all_at_once_takes_nobody_away() -> None:
    shop = Shop(by_key=False)
    directory = shop.directory()
    directory.load()
    shop.has = {}
    assert directory.load(force=True) is False
    assert directory.entries == (SO_1,)
    assert directory.standing().trouble == "it is empty, and had 1 entries"


def test_of_two_entries_with_one_key_the_first_counts() -> None:
    shop = Shop(by_key=False)
    shop.has = {"a": SO_1, "b": Entry("so-1", {"customer": "other"})}
    assert shop.directory().ask("SO-1").entry == SO_1


@pytest.mark.parametrize("key", ["", "  ", "x" * 201])
def test_what_can_be_no_key_is_not_asked(shop: Shop, key: str) -> None:
    assert shop.directory().ask(key).entry is None
    assert shop.asked == []


def test_the_list_outlives_its_process(tmp_path: Path) -> None:
    shop = Shop(by_key=False)
    at, file = shop.now, tmp_path / "directories" / "orders.json"
    shop.directory(Kept(file, "f", whole=True)).load()
    shop.trouble = Away("it cannot be reached")
    shop.now += HOUR
    after = shop.directory(Kept(file, "f", whole=True))
    assert after.load() is False
    assert after.ask("SO-1") == Looked(SO_1, "it cannot be reached", at)
    words = last_words(file)
    assert words is not None
    assert (words.at, words.entries, words.trouble, words.since) == (at, 1, "it cannot be reached", shop.now)
    assert shop.directory(Kept(file, "other settings", whole=True)).ask("SO-1").entry is None
    file.write_text("{ nonsense")
    assert shop.directory(Kept(file, "f", whole=True)).ask("SO-1").entry is None


# ---------------------------------------------------------------------------- groups


class Hanging(Shop):
    """A source that comes back only when it is let go."""

    def __init__(self, *, by_key: bool = True) -> None:
        super().__init__(by_key=by_key)
        self.go = threading.Event()
        self.quick: set[str] = set()  # keys that it answers about even so

    def look(self, key: str) -> Entry | None:
        self.asked.append(key)
        if key not in self.quick:
            self.go.wait(60)
        return None

    def all(self) -> Sequence[Entry]:
        self.go.wait(60)
        return super().all()


def group(count: int, directory: str = "orders") -> list[Asked]:
    return [Asked(directory, f"SO-{number}") for number in range(1, count + 1)]


def test_a_group_waits_for_a_source_that_hangs_once() -> None:
    shop = Hanging()
    directories = Directories([(shop.directory(), 0.5)])
    answers = directories.look_up(group(20))
    assert {looked.trouble for looked in answers.values()} == {"it did not answer within 0.5 s"}
    assert len(shop.asked) == 4  # as many as there are threads; the others did not even begin
    assert directories.look_up(group(20)) == answers
    assert len(shop.asked) == 4
    shop.go.set()
    directories.close()


def test_who_hangs_for_ever_is_waited_for_once_in_each_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """All threads are stuck in it: what is asked later cannot even begin, and must not wait each time."""
    waits: list[float] = []

    def counted(futures: list[Future[Any]], seconds: float) -> Any:
        waits.append(seconds)
        return wait(futures, seconds)

    monkeypatch.setattr("maild.directories.directories.wait", counted)
    shop = Hanging()
    directories = Directories([(shop.directory(), 0.2)])
    directories.look_up(group(20))
    shop.now += REST
    for _ in range(2):
        answers = directories.look_up(group(20))
        assert {looked.trouble for looked in answers.values()} == {"it did not answer within 0.2 s"}
    assert len(waits) == 2  # for the first group, and for the first after the rest
    assert len(shop.asked) == 4
    shop.go.set()
    directories.close()


def test_a_source_that_answers_too_slowly_for_a_whole_group_is_in_no_trouble() -> None:
    """Whoever names many orders in many mails must not take the directory from everybody else."""
    shop = Hanging()
    directory = shop.directory()
    shop.go.set()
    directories = Directories([(directory, 2.0)])
    directories.look_up(group(2))
    shop.go.clear()
    shop.quick = {"SO-3", "SO-4"}
    answers = directories.look_up(group(20))
    assert answers[Asked("orders", "SO-3")] == Looked(at=shop.now)
    assert answers[Asked("orders", "SO-20")] == Looked(trouble="there was no time to ask")
    assert directory.standing().trouble == ""
    shop.go.set()
    directories.close()


def test_a_source_that_hangs_holds_up_no_answer_of_another() -> None:
    hanging, shop = Hanging(), Shop()
    other = Directory("serials", "serials", shop, refresh=HOUR, clock=lambda: shop.now, log=shop.log)
    directories = Directories([(hanging.directory(), 0.2), (other, 60.0)])
    answers = directories.look_up([*group(10), *group(10, "serials")])
    assert answers[Asked("serials", "SO-1")] == Looked(SO_1, at=shop.now)
    assert answers[Asked("serials", "SO-2")] == Looked(at=shop.now)
    assert answers[Asked("orders", "SO-1")].trouble
    hanging.go.set()
    directories.close()


def test_a_dead_source_is_asked_by_few_of_a_group_and_a_list_by_one(shop: Shop) -> None:
    shop.trouble = Away("it cannot be reached")
    answers = Directories([(shop.directory(), 5.0)]).look_up(group(100))
    assert {looked.trouble for looked in answers.values()} == {"it cannot be reached"}
    assert len(shop.asked) <= (4 if shop.by_key else 1)


def test_a_list_is_read_once_for_a_group() -> None:
    shop = Shop(by_key=False)
    answers = Directories([(shop.directory(), 5.0)]).look_up(group(100))
    assert sum(1 for looked in answers.values() if looked.entry) == 1
    assert shop.asked == ["*"]


def test_a_directory_that_is_configured_no_more_says_so() -> None:
    [looked] = Directories([]).look_up(group(1)).values()
    assert "no directory orders" in looked.trouble


def test_lists_are_loaded_when_they_are_due_and_tell_whether_they_changed() -> None:
    shop = Shop(by_key=False)
    directories = Directories([(shop.directory(), 5.0)])
    assert directories.load({"orders"}) is True
    assert directories.load({"orders"}) is False
    assert directories.load({"orders"}, force=True) is False
    shop.has["SO-2"] = Entry("SO-2")
    assert directories.load({"orders"}, force=True) is True
    assert directories.load({"agents"}) is False


def test_a_list_that_comes_late_is_told_of_the_next_time() -> None:
    """A large file may take longer than mails wait; it must not be read in vain."""
    shop = Hanging(by_key=False)
    directory = shop.directory()
    directories = Directories([(directory, 0.1)])
    assert directories.load({"orders"}) is False
    shop.go.set()
    wait_until(lambda: directory.entries, "the list to be read")
    assert directories.load({"orders"}) is True
    assert directories.load({"orders"}) is False
    directories.close()


def test_a_name_that_is_looked_up_for_ever_is_within_the_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def hang(*_place: object, **_facts: object) -> list[object]:
        go.wait(60)
        raise OSError

    monkeypatch.setattr("socket.getaddrinfo", hang)
    shop = Shop()
    source = HttpSource(Endpoint(url="http://shop.example/{key}"), Reading(timeout=0.2))
    directory = Directory("orders", "orders", source, refresh=HOUR, clock=lambda: shop.now, log=shop.log)
    directories = Directories([(directory, 0.2)])
    answers = directories.look_up(group(20))
    assert {looked.trouble for looked in answers.values()} == {"it did not answer within 0.2 s"}
    go.set()
    directories.close()
