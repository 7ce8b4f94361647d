"""Rows of the mailbox: cut at every byte, renumbered, rearranged by people, polled by two."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from imapclient import DELETED, SEEN, IMAPClient

from maild.clock import utc_now
from maild.intake.imap import MailboxSettings, Poller
from maild.store.migrate import upgrade
from maild.testing.conversation import Conversation
from maild.testing.invariants import check
from maild.testing.mails import new_mail
from maild.testing.proxy import Proxy, running_proxy
from maild.testing.servers import DovecotServer, dovecot
from soak.row import Row, Shown, Way


class Box:
    """A real Dovecot behind a wire, and a desk in this process that polls it."""

    def __init__(self, way: Way, server: DovecotServer, wire: Proxy) -> None:
        self.way, self.server, self.wire = way, server, wire
        self.talk = Conversation(f"sqlite:///{way.folder / 'maild.db'}", way.folder)
        upgrade(self.talk.database)
        self.delivered: list[bytes] = []

    def poller(self, owner: str = "one", **facts: Any) -> Poller:
        """One that is new: as after a restart."""
        settings = MailboxSettings(
            name="box",
            host="127.0.0.1",
            port=self.wire.port,
            security="none",
            username="support",
            password=lambda: "secret",
            address="support@example.com",
            first_run="all",
            read_seconds=2.0,
            **facts,
        )
        return Poller(settings, self.talk.parts.inbox, self.talk.parts.mailboxes, utc_now, lambda _: None, owner=owner)

    def deliver(self, number: int) -> None:
        """A mail that nobody has seen before."""
        raw = new_mail(
            f"Mail {number}: " + "x" * (number * 37 % 4000), sender=f"Kim <kim{number % 30}@customer.example>"
        )
        self.server.deliver(raw)
        self.delivered.append(raw)

    def drain(self) -> list[str]:
        """Poll undisturbed until the mailbox is empty; what is wrong then."""
        self.wire.heal()
        maildir = self.server.maildir()
        end = time.monotonic() + 60
        while any(path for part in ("new", "cur") for path in (maildir / part).glob("*")):
            poller = self.poller()
            poller.poll_once()
            if time.monotonic() > end:
                return ["the mailbox is not emptied: mails were left behind"]
        self.talk.work()
        return check(self.talk.database, accepted=self.delivered, posted=self.talk.sender.posted)

    def client(self) -> IMAPClient:
        """A person's mail program."""
        client = IMAPClient("127.0.0.1", self.server.port, ssl=False)
        client.login("support", "secret")
        client.select_folder("INBOX")
        return client


def _show(one: Callable[[Box, int, random.Random], None]) -> Callable[[Way], Shown]:
    def show(way: Way) -> Shown:
        dice, faults = way.dice(), list[str]()
        with dovecot() as server, running_proxy(server.port) as wire:
            box = Box(way, server, wire)
            for number in range(way.count):
                one(box, number, dice)
                if number % 25 == 24 or number == way.count - 1:
                    faults = box.drain()
                    way.say(f"{number + 1} times, {len(box.delivered)} mails, {len(faults)} faults")
                    if faults:
                        break
            outcomes = [row.outcome for row in box.talk.settled()]
            box.talk.close()
            return Shown(
                f"{len(box.delivered)} mails, {outcomes.count('new_ticket')} tickets, "
                f"{outcomes.count('duplicate')} second arrivals known again, {wire.cuts} connections cut",
                faults,
            )

    return show


def _cut(box: Box, number: int, dice: random.Random) -> None:
    """Each connection ends after k bytes from the server, k from the greeting to behind the bodies."""
    for count in range(3):
        box.deliver(number * 3 + count)
    box.wire.cut_after = dice.randrange(1, 14_000)
    poller = box.poller()
    with suppress(Exception):
        poller.poll_once()
    box.wire.heal()


def _rearranged(box: Box, number: int, dice: random.Random) -> None:
    for count in range(3):
        box.deliver(number * 3 + count)
    what = dice.choice(["uidvalidity", "seen", "moved by a person", "moved back", "expunged", "two pollers", "cut"])
    maildir = box.server.maildir()
    match what:
        case "uidvalidity":
            box.poller().poll_once()
            box.server.stop()
            for path in [*maildir.glob("dovecot*"), *maildir.glob(".*/dovecot*")]:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            box.server.start()
            box.wire.target = box.server.port
        case "seen":
            with box.client() as client:
                client.add_flags(client.search(["ALL"]), [SEEN])
        case "moved by a person":  # away and back again: it comes under a new UID
            with box.client() as client:
                if not client.folder_exists("Elsewhere"):
                    client.create_folder("Elsewhere")
                some = client.search(["ALL"])[:1]
                client.move(some, "Elsewhere")
                client.select_folder("Elsewhere")
                client.move(client.search(["ALL"]), "INBOX")
        case "moved back":  # a person wants it done again
            box.poller().poll_once()
            with box.client() as client:
                client.select_folder("Processed")
                done = client.search(["ALL"])
                client.move(done[-1:], "INBOX")
        case "expunged":  # by a person, after we stored it
            box.poller(after="leave").poll_once()
            with box.client() as client:
                some = client.search(["ALL"])
                client.add_flags(some, [DELETED])
                client.expunge()
        case "two pollers":
            first, second = box.poller("one"), box.poller("two")
            for poller in (first, second):
                with suppress(Exception):
                    poller.poll_once()
        case _:
            _cut(box, number + 1000, dice)
    with suppress(Exception):
        box.poller().poll_once()


ROWS = (
    Row("F9", "IMAP reset at byte k of a connection, k drawn", 500, _show(_cut)),
    Row(
        "F10",
        "UIDVALIDITY changed; mails seen, moved, moved back, expunged by people; two pollers",
        50,
        _show(_rearranged),
    ),
)
