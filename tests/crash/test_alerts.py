"""A breach is told exactly once, wherever the daemon dies over it."""

from pathlib import Path

import pytest

from maild.clock import utc_now
from maild.store import schema
from maild.testing.conversation import SETTINGS
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.stops import Stop
from maild.testing.waiting import wait_until

AGENTS = ("anna@staff.example", "ben@staff.example")
PROMISE = """
[[policy]]
name = "quick"
first_response = { low = "2s", medium = "2s", high = "2s", critical = "2s" }
"""


def breaches(desk: Desk, recipient: str) -> list[str]:
    """The breach letters that the relay took for somebody."""
    return [str(p.mail["Subject"]) for p in desk.sink.to(recipient) if "overdue" in str(p.mail["Subject"])]


@pytest.mark.parametrize(
    ("at", "when"),
    [
        ("maild.app.watch:Watch._look_at", "after"),  # decided, nothing saved
        ("maild.app.watch:Watch._look", "after"),  # saved, nothing sent
        ("maild.app.deliver:Deliver._step", "before"),  # between the write and the send
    ],
)
def test_a_breach_is_told_once_although_the_daemon_dies_over_it(
    setup: SetUp, nursery: Nursery, tmp_path: Path, at: str, when: str
) -> None:
    desk = Desk(tmp_path, setup, settings=SETTINGS + PROMISE)
    try:
        desk.start(nursery)
        desk.send(new_mail())
        desk.settle()
        desk.kill()  # before anybody looks at the clock; meanwhile the target runs out
        stop = Stop(at=at, when=when, marker=str(tmp_path / "stop"))  # type: ignore[arg-type]
        wait_until(lambda: desk.rows(schema.clock)[0].due_at < utc_now(), "the target to run out")
        desk.start(nursery, stop=stop)
        wait_until(lambda: stop.reached, f"somebody to come to {at}")
        desk.kill()
        desk.start(nursery)
        wait_until(lambda: all(breaches(desk, agent) for agent in AGENTS), "the breach to be told")
        assert desk.faults() == []
        assert [len(breaches(desk, agent)) for agent in AGENTS] == [1, 1]
        levels = [row.data["level"] for row in desk.rows(schema.event) if row.kind == "alert"]
        assert levels.count(100) == 1
    finally:
        desk.close()
