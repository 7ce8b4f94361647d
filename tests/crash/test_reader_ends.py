"""The child that reads mails ahead never outlives its daemon, however that ends."""

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
    made = Desk(tmp_path, SetUp(store="sqlite"))
    (tmp_path / "data").mkdir()
    upgrade(made.database)
    arrivals = [
        Arrival(
            door=Door.SMTP,
            raw=new_mail(f"Question {number}", sender=SENDER),
            received_at=utc_now(),
            envelope_from=SENDER,
            envelope_to=("support@example.com",),
        )
        for number in range(MAILS)
    ]
    StoredInbox(made.database, utc_now).accept(arrivals)
    yield made
    made.close()


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
