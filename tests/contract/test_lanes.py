"""Letters are sent several at once, and each ends exactly once, however its sender behaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from maild.app.ports import Delivery, Lanes, Letter
from maild.outbound.lanes import SenderLanes
from maild.testing.one_lane import OneLane
from maild.testing.waiting import wait_until

LETTER = Letter(raw=b"x", message_id="o.1@x.test", envelope_from="", envelope_to=("kim@y.test",))
TAKEN = Delivery(sent=True, answer="250 taken")
PATIENCE = 60.0


@dataclass
class Line:
    """A sender that answers when it is let; `open` until it is closed."""

    go: threading.Event
    began: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    open: bool = True

    def send(self, letter: Letter) -> Delivery:
        self.began.release()
        assert self.go.wait(PATIENCE)
        if letter.raw == b"broken":
            raise ZeroDivisionError("division by zero")
        return TAKEN

    def close(self) -> None:
        self.open = False


@pytest.fixture
def go() -> threading.Event:
    return threading.Event()


@pytest.fixture
def lines() -> list[Line]:
    """The connections that were made."""
    return []


@pytest.fixture
def make(go: threading.Event, lines: list[Line]) -> Callable[[], Line]:
    def make() -> Line:
        lines.append(Line(go))
        return lines[-1]

    return make


@pytest.fixture(params=["one", "three"])
def lanes(request: pytest.FixtureRequest, make: Callable[[], Line]) -> Iterator[Lanes]:
    lanes: Lanes = OneLane(make()) if request.param == "one" else SenderLanes(make, 3)
    yield lanes
    lanes.close()


def all_of(lanes: Lanes, count: int) -> dict[int, Delivery]:
    ended: list[tuple[int, Delivery]] = []
    while len(ended) < count:
        found = lanes.ended(PATIENCE)
        assert found, "a letter never ended"
        ended += found
    return dict(ended)


def test_each_letter_ends_once_and_frees_its_lane(lanes: Lanes, go: threading.Event) -> None:
    go.set()
    for first in range(0, 30, 3):
        some = range(first, first + lanes.free)
        for number in some:
            lanes.begin(number, LETTER)
        assert all_of(lanes, len(some)) == dict.fromkeys(some, TAKEN)
    assert lanes.ended(0) == []


def test_as_many_letters_as_there_are_lanes_are_under_way_at_once(
    make: Callable[[], Line], lines: list[Line], go: threading.Event
) -> None:
    lanes = SenderLanes(make, 3)
    for number in range(3):
        lanes.begin(number, LETTER)
    wait_until(lambda: len(lines) == 3)
    assert all(line.began.acquire(timeout=PATIENCE) for line in lines)
    assert lanes.free == 0
    assert lanes.ended(0.01) == []
    go.set()
    assert set(all_of(lanes, 3)) == {0, 1, 2}
    assert lanes.free == 3
    lanes.close()
    assert [line.open for line in lines] == [False] * 3


def test_one_letter_after_the_other_needs_one_connection(
    make: Callable[[], Line], lines: list[Line], go: threading.Event
) -> None:
    go.set()
    lanes = SenderLanes(make, 3)
    for number in range(20):
        lanes.begin(number, LETTER)
        all_of(lanes, 1)
    lanes.close()
    assert len(lines) == 1


def test_a_sender_that_breaks_leaves_its_letter_uncertain(make: Callable[[], Line], go: threading.Event) -> None:
    go.set()
    lanes = SenderLanes(make, 2)
    lanes.begin(7, replace(LETTER, raw=b"broken"))
    [(letter_id, delivery)] = lanes.ended(PATIENCE)
    assert (letter_id, delivery.sent, delivery.temporary, delivery.uncertain) == (7, False, True, True)
    assert "ZeroDivisionError" in delivery.answer
    lanes.begin(8, LETTER)
    assert lanes.ended(PATIENCE) == [(8, TAKEN)]
    lanes.close()


def test_a_letter_for_which_no_sender_can_be_made_is_tried_later() -> None:
    def fails() -> Line:
        raise PermissionError("relay.pem cannot be read")

    lanes = SenderLanes(fails, 1)
    for number in range(2):
        lanes.begin(number, LETTER)
        [(letter_id, delivery)] = lanes.ended(PATIENCE)
        assert (letter_id, delivery.sent, delivery.temporary, delivery.uncertain) == (number, False, True, False)
        assert "relay.pem cannot be read" in delivery.answer
    lanes.close()


def test_a_lane_that_has_nothing_to_do_closes_its_connection(
    make: Callable[[], Line], lines: list[Line], go: threading.Event
) -> None:
    go.set()
    lanes = SenderLanes(make, 2, idle=0.01)
    lanes.begin(1, LETTER)
    assert lanes.ended(PATIENCE) == [(1, TAKEN)]
    wait_until(lambda: not lines[0].open)
    lanes.begin(2, LETTER)  # by a new one
    assert lanes.ended(PATIENCE) == [(2, TAKEN)]
    assert len(lines) == 2
    lanes.close()
