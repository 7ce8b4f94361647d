"""Rows of mails that come twice, clients that go away, and the model."""

from __future__ import annotations

import random
import smtplib
import socket
import struct
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from maild.app.arrival import Door
from maild.testing.conversation import Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.desk import Desk, SetUp
from maild.testing.invariants import check
from maild.testing.mails import envelope_of, new_mail
from maild.testing.nursery import Nursery
from maild.testing.servers.daemon import HOST
from soak.model import DeskAndModel
from soak.row import Row, Shown, Way

_RESET = struct.pack("ii", 1, 0)
_STEPS = 100  # of one run of the model


def _variant(talk: Conversation, number: int, dice: random.Random) -> int:
    """One mail that comes twice in one of the ways; how many tickets it should have opened."""
    sender = f"Kim <kim{number}@customer.example>"
    raw = new_mail(f"Mail {number}", sender=sender, message_id="" if dice.random() < 0.2 else None)
    talk.accept(raw)
    if dice.random() < 0.5:
        talk.work()
    match dice.choice(["smtp", "imap", "received", "same id, other text"]):
        case "smtp":
            talk.accept(raw)
        case "imap":
            talk.accept(raw, door=Door.IMAP, transport_key=f"imap:box:1:{number}")
        case "received":
            head = b"Received: from elsewhere.example by mx.example.com; Mon, 02 Mar 2026 09:00:00 +0000\r\n"
            talk.accept(head + raw, to="support@example.com")
        case _:
            same = new_mail(f"Another matter {number}", sender=sender, message_id=f"same.{number}@customer.example")
            other = new_mail(f"And one more {number}", sender=sender, message_id=f"same.{number}@customer.example")
            talk.accept(same)
            talk.accept(other)
            return 3
    return 1


def _twice(way: Way) -> Shown:
    talk = Conversation(SqliteCopies(way.folder).make(way.place("data")), way.folder)
    dice, wanted = way.dice(), 0
    for number in range(way.count):
        wanted += _variant(talk, number, dice)
        if number % 100 == 99 or number == way.count - 1:
            talk.work()
            way.say(f"{number + 1} mails that came twice")
    outcomes = [mail.outcome for mail in talk.settled()]
    opened = outcomes.count("new_ticket") + outcomes.count("reply")  # another text under a known id may join its ticket
    faults = check(talk.database, posted=talk.sender.posted)
    faults += [f"{opened} effects instead of {wanted}"] if opened != wanted else []
    talk.close()
    return Shown(f"{len(outcomes)} arrivals, {opened} effects, {outcomes.count('duplicate')} duplicates", faults)


def _rude(desk: Desk, raw: bytes, how: str) -> None:
    """Send a mail up to and with the dot, and be gone."""
    sender, recipient = envelope_of(raw)
    with socket.create_connection((HOST, desk.port), timeout=10) as client, client.makefile("rb") as answers:
        answers.readline()
        for line in (f"HELO x\r\nMAIL FROM:<{sender}>\r\n", f"RCPT TO:<{recipient}>\r\n", "DATA\r\n"):
            for each in line.splitlines(keepends=True):
                client.sendall(each.encode())
                answers.readline()
        client.sendall(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        if how == "half":
            client.shutdown(socket.SHUT_WR)
        elif how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _gone(way: Way) -> Shown:
    desk, nursery, dice = Desk(way.folder, SetUp(store="sqlite")), Nursery(), way.dice()
    try:
        desk.start(nursery)
        for number in range(way.count):
            raw = new_mail(f"Mail {number}", sender=f"Kim <kim{number % 50}@customer.example>")
            _rude(desk, raw, dice.choice(["half", "reset", "close"]))
            while raw not in desk.accepted[-1:]:
                try:
                    desk.send(raw)  # nobody heard the 250: it comes again
                except (smtplib.SMTPException, OSError):
                    continue
        faults = desk.faults()
        tickets = len(desk.tickets())
        faults += [f"{tickets} tickets from {way.count} mails"] if tickets != way.count else []
        twice = sum(mail.outcome == "duplicate" for mail in desk.mails())
        return Shown(f"{way.count} clients gone, {twice} mails came twice, {tickets} tickets", faults)
    finally:
        desk.close()
        nursery.close()


def run_model(folder: Path, steps: int, number: int, *, each: int = _STEPS) -> int:
    """Run the model so many steps, `each` in a run; how many there were. Raises what Hypothesis raises."""
    SqliteCopies(folder)  # makes migrated.db
    DeskAndModel.template, DeskAndModel.steps = folder / "migrated.db", 0
    rules = settings(
        max_examples=max(1, steps // each),
        stateful_step_count=each,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # shrinking a hundred steps takes longer than reading them
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(DeskAndModel), settings=rules)
    return DeskAndModel.steps


def _model(way: Way) -> Shown:
    try:
        done = run_model(way.place("model"), way.count, way.seed)
    except AssertionError as error:
        return Shown("the desk and the model differ", [str(error)])
    return Shown(f"{done} steps, the desk is what the model is")


ROWS = (
    Row(
        "F11",
        "the same mail twice: by SMTP, by IMAP, with another Received; one id with two texts; no id",
        1000,
        _twice,
    ),
    Row("F15", "clients gone (half-closed, reset, closed) right after the dot, who then try again", 500, _gone),
    Row(
        "F17",
        "model: receive, reply, answer, bounce, die, duplicate, reorder, restore a backup (and F18)",
        20_000,
        _model,
    ),
)
