"""The child that reads mails ahead and its daemon die, one or both: nothing is lost, and nothing is left over."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.app.arrival import Arrival, Door
from maild.clock import utc_now
from maild.reader.ahead import FEW
from maild.store.inbox import StoredInbox
from maild.store.migrate import upgrade
from maild.testing.conversation import SETTINGS
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.readers import readers
from maild.testing.waiting import wait_until

MAILS = 3 * FEW
SENDER = "kim@customer.example"


@pytest.fixture
def full_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk that finds many mails when it starts."""
    made = Desk(tmp_path, SetUp(store="sqlite"), settings=SETTINGS + "\n[templates]\ndetect = true\n", attempts=2)
    (tmp_path / "data").mkdir()
    upgrade(made.database)
    fill(made, [f"Question {number}" for number in range(MAILS)])
    yield made
    made.close()


def fill(desk: Desk, texts: list[str]) -> None:
    arrivals = [
        Arrival(
            door=Door.SMTP,
            raw=new_mail(text, sender=SENDER),
            received_at=utc_now(),
            envelope_from=SENDER,
            envelope_to=("support@example.com",),
        )
        for text in texts
    ]
    StoredInbox(desk.database, utc_now).accept(arrivals)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_the_reader_ends_with_its_daemon(full_desk: Desk, nursery: Nursery, sign: signal.Signals) -> None:
    full_desk.start(nursery)
    [daemon] = full_desk._processes
    if len(os.sched_getaffinity(0)) > 1:  # else there is none at all
        wait_until(lambda: bool(readers(group=daemon.pid)), "a reader")
    os.kill(daemon.pid, sign)
    wait_until(lambda: daemon.ended and not readers(group=daemon.pid), "both to end")
    full_desk.revive(nursery)
    assert full_desk.faults() == []
    assert [mail.outcome for mail in full_desk.mails()] == ["new_ticket"] * MAILS


def test_a_mail_that_kills_the_child_and_the_daemon_wears_out_nobody_else(full_desk: Desk, nursery: Nursery) -> None:
    fill(full_desk, ["DEADLY", *[f"I come behind it, {number}" for number in range(MAILS)]])
    full_desk.start(nursery, plant="deadly_mail")
    while not full_desk.at_rest():
        wait_until(lambda: full_desk.at_rest() or full_desk.any_ended())
        full_desk.revive(nursery)
    full_desk.settle()
    mails = full_desk.mails()
    assert [mail.outcome for mail in mails] == ["new_ticket"] * MAILS + ["quarantined"] + ["new_ticket"] * MAILS
    assert mails[MAILS].trouble == "its worker died 2 times"
    assert max(mail.attempts for mail in mails if mail.outcome == "new_ticket") <= 2
    if len(os.sched_getaffinity(0)) > 1:
        assert len(full_desk.logged("the reader is of no use, mails are read here")) == 1
