"""A breach is told exactly once, wherever the daemon dies over it."""

from datetime import timedelta
from pathlib import Path

import pytest

from maild.store import schema
from maild.testing.clocks import jump
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
first_response = { low = "1h", medium = "1h", high = "1h", critical = "1h" }
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
        desk.start(nursery, clock=tmp_path / "clock")
        desk.send(new_mail())
        desk.settle()
        desk.kill()
        jump(tmp_path / "clock", timedelta(hours=2))  # the target runs out while nobody looks
        stop = Stop(at=at, when=when, marker=str(tmp_path / "stop"))  # type: ignore[arg-type]
        desk.start(nursery, stop=stop, clock=tmp_path / "clock")
        wait_until(lambda: stop.reached and desk.any_ended(), f"somebody to die at {at}")
        desk.revive(nursery)
        wait_until(lambda: all(breaches(desk, agent) for agent in AGENTS), "the breach to be told")
        assert desk.faults() == []
        assert [len(breaches(desk, agent)) for agent in AGENTS] == [1, 1]
        levels = [row.data["level"] for row in desk.rows(schema.event) if row.kind == "alert"]
        assert levels.count(100) == 1
    finally:
        desk.close()
