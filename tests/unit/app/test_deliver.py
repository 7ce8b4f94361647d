"""Which letters are under way at once, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.app.arrival import LARGE
from maild.app.deliver import PATIENCE, Deliver, Due, LetterState, Sent
from maild.app.ports import Delivery, Letter
from maild.errors import Temporary

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TAKEN = Delivery(sent=True, answer="250 ok")
LATER = Delivery(sent=False, temporary=True, answer="451 later")
KIM, LOU, ANN = "kim@customer.example", "lou@customer.example", "ann@customer.example"


def due(number: int, recipient: str) -> Due:
    letter = Letter(raw=b"", message_id=f"{number}@x", envelope_from="", envelope_to=(recipient,))
    return Due(
        id=number,
        letter=letter,
        automatic=True,
        template="acknowledgement",
        ticket=number,
        attempts=0,
        expires_at=NOW + timedelta(days=5),
    )


@dataclass
class Lists:
    """An outbox that keeps what is asked of it, one entry a commit."""

    claims: list[list[Due]]  # what each claim finds
    away: Sequence[int] = ()  # the calls of `step` that find no database
    lost: frozenset[int] = frozenset()  # no longer ours
    steps: list[tuple[list[int], list[int]]] = field(default_factory=list)  # ids recorded, ids begun
    recorded: list[Sent] = field(default_factory=list)
    given_back: list[int] = field(default_factory=list)
    calls: int = 0

    def claim(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[Due]:
        return self.claims.pop(0) if self.claims else []

    def step(self, ended: Sequence[Sent], begin: Sequence[Due], owner: str, lease_until: datetime) -> frozenset[int]:
        self.calls += 1
        if self.calls in self.away:
            raise Temporary("database: the server is gone")
        self.steps.append(([sent.due.id for sent in ended], [due.id for due in begin]))
        self.recorded += ended
        return frozenset(due.id for due in begin) - self.lost

    def let_go(self, rest: Sequence[Due] | None, owner: str) -> None:
        self.given_back += [due.id for due in rest or ()]


@dataclass
class Script:
    """Lanes on which letters end in the order that the test says: `ends` holds what each wait of a second brings.

    In the moment after that nothing more ends, unless `at_once` says what does.
    """

    free: int
    ends: list[list[int]]
    begun: list[int] = field(default_factory=list)
    answers: dict[int, Delivery] = field(default_factory=dict)
    at_once: list[int] = field(default_factory=list)

    def begin(self, letter_id: int, _letter: Letter) -> None:
        assert self.free > 0
        self.free -= 1
        self.begun.append(letter_id)

    def ended(self, wait: float) -> list[tuple[int, Delivery]]:
        if wait < PATIENCE:
            now, self.at_once = self.at_once, []
        else:
            now = self.ends.pop(0)
        self.free += len(now)
        return [(letter_id, self.answers.get(letter_id, TAKEN)) for letter_id in now]

    def close(self) -> None: ...


def no_log(event: str, **facts: object) -> None: ...


def replace_begin(lanes: Script, fails_for: int) -> Script:
    """Lanes that cannot take this letter: the machine has no thread left."""
    begin = lanes.begin

    def fails(letter_id: int, letter: Letter) -> None:
        if letter_id == fails_for:
            raise RuntimeError("can't start new thread")
        begin(letter_id, letter)

    lanes.begin = fails  # type: ignore[method-assign, assignment]
    return lanes


class NoBell:
    def ring(self, _bell: str, _wait: timedelta = timedelta()) -> None: ...


def deliver(outbox: Lists, lanes: Script, stops: list[bool] | None = None) -> Deliver:
    return Deliver(
        outbox=outbox,
        lanes=lanes,
        doorbell=NoBell(),
        log=no_log,
        clock=lambda: NOW,
        owner="one:1:a",
        waits=(timedelta(minutes=1),),
        stopping=lambda: bool(stops) and stops is not None and stops.pop(0),
    )


def test_what_ended_and_what_begins_share_a_commit() -> None:
    outbox = Lists([[due(1, KIM), due(2, LOU), due(3, ANN)]])
    assert deliver(outbox, Script(free=2, ends=[[2], [1, 3]])).run() == 3
    assert outbox.steps == [([], [1, 2]), ([2], [3]), ([1, 3], [])]


def test_letters_that_end_at_about_the_same_time_share_a_commit() -> None:
    outbox = Lists([[due(1, KIM), due(2, LOU), due(3, ANN)]])
    assert deliver(outbox, Script(free=3, ends=[[2]], at_once=[3, 1])).run() == 3
    assert outbox.steps == [([], [1, 2, 3]), ([2, 3, 1], [])]


def test_two_letters_to_one_recipient_are_never_under_way_at_once() -> None:
    outbox = Lists([[due(1, KIM), due(2, KIM), due(3, LOU)]])
    lanes = Script(free=3, ends=[[3], [1], [2]])
    deliver(outbox, lanes).run()
    assert outbox.steps == [([], [1, 3]), ([3], []), ([1], [2]), ([2], [])]


def test_a_slow_letter_does_not_keep_others_from_free_lanes() -> None:
    # In the first second of waiting nothing ends; meanwhile another letter has come.
    outbox = Lists([[due(1, KIM)], [due(2, LOU)]])
    assert deliver(outbox, Script(free=2, ends=[[], [2], [1]])).run() == 2
    assert outbox.steps == [([], [1]), ([], [2]), ([2], []), ([1], [])]


def test_a_letter_that_is_no_longer_ours_is_not_sent() -> None:
    outbox = Lists([[due(1, KIM), due(2, LOU)]], lost=frozenset({1}))
    lanes = Script(free=2, ends=[[2]])
    assert deliver(outbox, lanes).run() == 1
    assert lanes.begun == [2]


def test_a_refusal_for_now_is_recorded_with_the_next_try() -> None:
    outbox = Lists([[due(1, KIM)]])
    assert deliver(outbox, Script(free=1, ends=[[1]], answers={1: LATER})).run() == 0
    [sent] = outbox.recorded
    assert (sent.state, sent.retry_at) == (LetterState.WAITING, NOW + timedelta(minutes=1))


def test_at_the_stop_what_is_under_way_is_recorded_and_the_rest_is_given_back() -> None:
    outbox = Lists([[due(1, KIM), due(2, LOU), due(3, ANN)]])
    assert deliver(outbox, Script(free=1, ends=[[1]]), stops=[False, True, True]).run() == 1
    assert outbox.steps == [([], [1]), ([1], [])]
    assert outbox.given_back == [2, 3]


def test_what_ended_while_the_database_was_away_is_recorded_when_it_is_back() -> None:
    outbox = Lists([[due(1, KIM), due(2, LOU), due(3, ANN)]], away=(2, 3))
    lanes = Script(free=1, ends=[[1]])
    use_case = deliver(outbox, lanes)
    for _ in range(2):
        with pytest.raises(Temporary):
            use_case.run()
    use_case.run()
    assert outbox.steps == [([], [1]), ([1], [])]
    assert outbox.given_back == [2, 3]  # whether 2 was marked is not known: anybody may begin it
    assert lanes.begun == [1]


def test_what_no_lane_would_take_is_given_back() -> None:
    outbox = Lists([[due(1, KIM), due(2, LOU)]])
    lanes = Script(free=2, ends=[[1]])
    use_case = deliver(outbox, replace_begin(lanes, fails_for=2))
    with pytest.raises(RuntimeError, match="thread"):
        use_case.run()
    use_case.run()
    assert outbox.given_back == [2]
    assert outbox.steps == [([], [1, 2]), ([1], [])]


def test_large_letters_that_wait_for_each_other_are_not_all_taken_into_memory() -> None:
    large = replace(due(2, KIM).letter, raw=bytes(LARGE))
    outbox = Lists([[due(1, KIM), replace(due(2, KIM), letter=large)], [due(3, LOU)]])
    lanes = Script(free=2, ends=[[], [1], [2], [3]])
    assert deliver(outbox, lanes).run() == 3
    assert outbox.steps == [([], [1]), ([1], [2]), ([2], [3]), ([3], [])]


def test_who_is_retired_begins_nothing_and_records_what_ends_without_waiting_for_it() -> None:
    outbox = Lists([[due(1, KIM), due(2, LOU), due(3, ANN)]])
    lanes = Script(free=2, ends=[])
    use_case = deliver(outbox, lanes)

    def reload(wait: float) -> list[tuple[int, Delivery]]:
        use_case.retire()
        return []

    ended, lanes.ended = lanes.ended, reload  # type: ignore[method-assign]
    assert use_case.run() == 0
    assert (outbox.steps, outbox.given_back) == ([([], [1, 2])], [3])
    lanes.ended = ended  # type: ignore[method-assign]
    assert (use_case.run(), use_case.hand.busy) == (0, True)  # the relay hangs: nobody waits for it
    lanes.at_once = [1, 2]
    assert (use_case.run(), use_case.hand.busy) == (2, False)
    assert outbox.steps[-1] == ([1, 2], [])
