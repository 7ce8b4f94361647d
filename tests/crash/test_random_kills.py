"""Killed again and again at seeded random points under load: nothing lost, nothing twice."""

import random
import smtplib
import threading
from pathlib import Path
from typing import Literal

import pytest

from maild.store import schema
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail, reply_to
from maild.testing.nursery import Nursery
from maild.testing.stops import Stop
from maild.testing.waiting import wait_until

POINTS = (
    "maild.store.inbox:StoredInbox.accept",
    "maild.store.inbox:StoredDesktop.claim",
    "maild.store.unit:StoredUnit.load",
    "maild.store.unit:StoredUnit.save",
    "maild.store.outbox:StoredOutbox.claim",
    "maild.store.outbox:StoredOutbox.step",
    "maild.outbound.smtp:SmtpSender.send",
    "maild.worker.bells:Bells.ring",
)
KILLS = {"sqlite": 12, "shared": 6}  # the long counts: make soak ARGS="--matrix --rows F2"


class Customers:
    """Write, reply and, as agents, answer; a mail without 250 is sent again, as mail systems do."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.number = 0

    def run(self) -> None:
        mail = b""
        while not self.ending.is_set():
            mail = mail or self.next_mail()
            try:
                self.desk.send(mail)
                mail = b""
            except (smtplib.SMTPException, OSError):
                pass  # the daemon is being started
            self.ending.wait(0.02)  # two of them still write faster than anybody answers

    def next_mail(self) -> bytes:
        self.number += 1
        letters = list(self.desk.sink.posted)
        if letters and self.random.random() < 0.5:
            return reply_to(self.random.choice(letters), f"Reply {self.number} of {id(self)}")
        customer = self.random.randrange(20)
        return new_mail(f"Mail {self.number} of {id(self)}", sender=f"Kim <kim{customer}@customer.example>")


@pytest.mark.parametrize("which", ["sqlite", "shared"])
def test_kills_at_random_points_lose_nothing_and_double_nothing(
    request: pytest.FixtureRequest, nursery: Nursery, tmp_path: Path, which: str
) -> None:
    setup = SetUp(store="sqlite") if which == "sqlite" else request.getfixturevalue("shared")
    desk = Desk(tmp_path, setup, attempts=100)  # many kills may well meet one mail five times
    dice = random.Random(20261122)
    customers = [Customers(desk, seed) for seed in range(2)]
    when: tuple[Literal["before", "after"], ...] = ("before", "after")
    try:
        for count in range(KILLS[which]):
            stop = Stop(
                at=dice.choice(POINTS), when=dice.choice(when), nth=dice.randint(1, 6), marker=f"{tmp_path}/{count}"
            )
            desk.start(nursery, stop=stop)
            if not count:
                for each in customers:
                    each.thread.start()
            wait_until(lambda: stop.reached, f"the daemon to come to {stop}")  # noqa: B023
            desk.kill()
        desk.start(nursery)
    finally:
        for each in customers:
            each.ending.set()
    for each in customers:
        each.thread.join()
    try:
        assert desk.faults() == []
        mails = desk.mails()
        opened = [m for m in mails if m.outcome == "new_ticket"]
        acknowledged = [r for r in desk.rows(schema.outbox) if r.template == "acknowledgement"]
        assert len(acknowledged) == len(opened)
        assert [m for m in mails if m.outcome == "quarantined"] == []
        assert len(mails) >= KILLS[which]
    finally:
        desk.close()
