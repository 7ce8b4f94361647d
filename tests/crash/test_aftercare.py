"""A ticket that is closed by itself is closed once, with one letter, wherever the daemon dies over it."""

from pathlib import Path

import pytest

from maild.store import schema
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail, reply_to
from maild.testing.nursery import Nursery
from maild.testing.stops import Stop
from maild.testing.waiting import wait_until

KIM, ANNA = "kim@customer.example", "anna@staff.example"
CLOSES = """
[aftercare]
close_after = "1s"
after_start = "0s"
tell_closed = true
"""


@pytest.mark.parametrize(
    ("at", "when"),
    [
        ("maild.app.aftercare:take_step", "after"),  # decided, nothing saved
        ("maild.app.watch:Watch._look", "after"),  # saved, nothing sent
    ],
)
def test_a_step_is_taken_once_although_the_daemon_dies_over_it(
    setup: SetUp, nursery: Nursery, tmp_path: Path, at: str, when: str
) -> None:
    desk = Desk(tmp_path, setup)
    try:
        desk.start(nursery)
        desk.send(new_mail())
        desk.send(reply_to(wait_until(lambda: desk.sink.to(ANNA), "the notification")[0], "#resolve\nDone."))
        desk.settle()
        desk.kill()
        desk.write_config(CLOSES)  # the next start finds the policy changed, and the ticket due
        stop = Stop(at=at, when=when, marker=str(tmp_path / "stop"))  # type: ignore[arg-type]
        desk.start(nursery, stop=stop)
        wait_until(lambda: stop.reached and desk.any_ended(), f"somebody to die at {at}")
        desk.revive(nursery)
        wait_until(lambda: len(desk.sink.to(KIM)) == 3, "the letter about the closing")
        desk.settle()
        assert desk.faults() == []
        assert [row.template for row in desk.rows(schema.outbox) if row.recipient == KIM] == [
            "acknowledgement",
            "answer",
            "closing",
        ]
        closed = [row for row in desk.rows(schema.event) if row.kind == "status" and row.data["to"] == "closed"]
        assert len(closed) == 1
    finally:
        desk.close()
