"""Mails that a child reads are read as they are here, and whatever becomes of the child, they are read."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from maild.app.arrival import LARGE, Door
from maild.app.prepare import Prepared
from maild.app.reader import Order, Read, ReadHere
from maild.app.routed_ahead import routed_ahead
from maild.app.work import Claimed
from maild.bootstrap import make_desk
from maild.config.load import load
from maild.confined.opening import open_package
from maild.mail import read_mail
from maild.mail.packages import is_package
from maild.reader.ahead import FEW, IDLE, PAUSE, ReadAhead
from maild.reader.framing import HEAD, pack_read, unpack_read
from maild.testing.conversation import SETTINGS, START
from maild.testing.mails import new_mail
from maild.testing.readers import WaitingReader, readers
from maild.testing.tnef import file, tnef

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "mails").glob("*.eml"))
RULES = """
[[queue]]
name = "first"
addresses = ["first@example.com"]
[[calendar]]
name = "office"
timezone = "Europe/Berlin"
[calendar.hours]
tue = ["08:00-18:00"]
[calendar.holidays]
country = "DE"
[[rule]]
name = "at night"
when = { outside = ["office"] }
then = { tags = ["night"] }
[[rule]]
name = "broken"
when = { words = ["broken"] }
then = { priority = "high" }
[authenticity]
trusted_ids = ["mx.example.com"]
"""


@pytest.fixture
def reader() -> Iterator[WaitingReader]:
    made = WaitingReader()
    yield made
    made.close()


def rows(raws: list[bytes], first: int = 1) -> list[Claimed]:
    return [
        Claimed(
            id=number,
            door=Door.SMTP,
            raw=raw,
            received_at=START,
            envelope_from="kim@customer.example",
            envelope_to=("first@example.com",),
            message_id="",
            thread_hint="",
            silent=False,
            handling="normal",
            attempts=1,
        )
        for number, raw in enumerate(raws, first)
    ]


def read(reader: ReadAhead | ReadHere, group: list[Claimed], order: Order) -> list[Read]:
    reading = reader.begin(group, order)
    return [reading.of(row) for row in group]


def new_order(folder: Path, settings: str = SETTINGS + RULES, *, route: bool = True) -> Order:
    config = folder / "order.toml"
    config.write_text(settings)
    config.chmod(0o600)
    return Order(make_desk(load(config, {})), open_package, route)


def everything(one: Prepared) -> object:
    files = {each.part: one.file_bytes(each.part) for each in one.mail.attachments if each.part}
    return one, one.row, one.same_words, one.name, one.vouched, files


def test_a_mail_is_read_as_it_is_read_here(reader: WaitingReader, tmp_path: Path) -> None:
    packed = ("winmail.dat", "application/ms-tnef", tnef(files=[file(b"packed")]))
    raws = [*[mail.read_bytes() for mail in GOLDEN], new_mail("Packed", files=[packed]), b"", b"\xff\n\n\0"]
    group, order = rows(raws), new_order(tmp_path)
    there, here = read(reader, group, order), read(ReadHere(), group, order)
    packages = [any(map(is_package, read_mail(raw).attachments)) for raw in raws]
    assert [each.done for each in there] == [not one for one in packages]  # the child opens none
    assert any(packages)
    assert [everything(each.prepared) for each in there] == [everything(each.prepared) for each in here]
    routed = {each.prepared.row.id: each.routed for each in there if each.routed}
    assert routed == routed_ahead(
        [each.prepared for each, one in zip(here, packages, strict=True) if not one], order.desk
    )
    assert any("night" in each.decision.tags for each in routed.values())
    assert reader.lines == []


def test_what_has_to_be_asked_between_reading_and_routing_is_not_routed(reader: WaitingReader, tmp_path: Path) -> None:
    [one, *_] = read(reader, rows([new_mail()] * FEW), new_order(tmp_path, route=False))
    assert (one.done, one.routed) == (False, None)


def test_a_few_mails_need_no_child(reader: WaitingReader, tmp_path: Path) -> None:
    read(reader, rows([new_mail()] * (FEW - 1)), new_order(tmp_path))
    assert readers(parent=os.getpid()) == []


def test_a_few_go_to_a_child_that_is_there_and_a_tried_or_a_large_one_never(
    reader: WaitingReader, tmp_path: Path
) -> None:
    """It has loaded what this process would have to load. But a deadly mail must kill the process that counts it."""
    order, [one] = new_order(tmp_path), rows([new_mail()])
    read(reader, rows([new_mail()] * FEW), order)
    large = replace(one, raw=one.raw + b"x" * LARGE)
    assert [reader.begin([each], order).ahead for each in (one, replace(one, attempts=2), large)] == [
        True,
        False,
        False,
    ]


def test_other_rules_hold_for_the_next_group_in_the_same_child(reader: WaitingReader, tmp_path: Path) -> None:
    group = rows([new_mail("It is broken")] * FEW)
    high = read(reader, group, new_order(tmp_path))
    [child] = readers(parent=os.getpid())
    plain = read(reader, group, new_order(tmp_path, SETTINGS))
    assert [one.routed and one.routed.decision.priority for one in (high[0], plain[0])] == ["high", "medium"]
    assert readers(parent=os.getpid()) == [child]
    assert reader.ready_at == [0.0]


def test_an_answer_that_nobody_fetched_is_taken_for_no_other(reader: WaitingReader, tmp_path: Path) -> None:
    order = new_order(tmp_path)
    reader.begin(rows([new_mail("One")] * FEW), order)
    assert [each.prepared.reply.text for each in read(reader, rows([new_mail("Two")] * FEW), order)] == ["Two"] * FEW


def test_a_child_that_nobody_needs_ends(reader: WaitingReader, tmp_path: Path) -> None:
    read(reader, rows([new_mail()] * FEW), new_order(tmp_path))
    reader.now = IDLE - 1
    reader.rest()
    assert len(readers(parent=os.getpid())) == 1
    reader.now = IDLE + 1
    reader.rest()
    assert readers(parent=os.getpid()) == []


def test_after_trouble_mails_are_read_here_for_a_minute(reader: WaitingReader, tmp_path: Path) -> None:
    order, group = new_order(tmp_path), rows([new_mail()] * FEW)
    read(reader, group, order)
    [child] = readers(parent=os.getpid())
    os.kill(child, signal.SIGKILL)
    assert len(read(reader, group, order)) == FEW
    reader.now = PAUSE - 1
    assert len(read(reader, group, order)) == FEW
    assert (readers(parent=os.getpid()), reader.lines) == ([], ["the reader is of no use, mails are read here"])
    reader.now = PAUSE + 1
    read(reader, group, order)
    assert len(readers(parent=os.getpid())) == 1


def test_a_desk_that_cannot_be_sent_is_no_fault_of_the_mails(reader: WaitingReader, tmp_path: Path) -> None:
    order = new_order(tmp_path)
    local = replace(order, desk=replace(order.desk, load_language=lambda: None))
    assert len(read(reader, rows([new_mail()] * FEW), local)) == FEW
    assert (readers(parent=os.getpid()), len(reader.lines)) == ([], 1)


def test_the_child_loads_little(tmp_path: Path) -> None:
    """It is there beside a daemon that is to stay small: no database, no servers, no checks of the configuration."""
    sent = pickle.dumps(new_order(tmp_path, SETTINGS + RULES.replace('country = "DE"', "")))
    program = (
        "import pickle, sys; import maild.reader.__main__; pickle.load(sys.stdin.buffer); print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], input=sent, capture_output=True, check=True)
    loaded = done.stdout.decode().split()
    assert {"maild.app.prepare", "maild.routing.router"} <= set(loaded)
    assert {"sqlalchemy", "aiosmtpd", "pydantic", "structlog", "jinja2", "maild.bootstrap"}.isdisjoint(loaded)


def test_the_language_of_every_person_is_told_with_the_mail(reader: WaitingReader, tmp_path: Path) -> None:
    """Also of replies, which may open a ticket after all: inside the transaction nobody may load the model."""
    refers = {"In-Reply-To": "<unknown@elsewhere.example>"}
    german = "Die Maschine ist seit gestern kaputt, bitte schicken Sie uns jemanden, der sie repariert."
    [one, *_] = read(reader, rows([new_mail(german, headers=refers)] * FEW), new_order(tmp_path))
    assert (one.routed, one.prepared.language, one.prepared.asks_language) == (None, "de", False)


def test_another_mails_answer_is_nonsense(tmp_path: Path) -> None:
    one, other = rows([new_mail("One"), new_mail("Two")])
    [here] = read(ReadHere(), [one], new_order(tmp_path))
    body = pack_read(here)[HEAD:]
    assert unpack_read(one, body) == here
    with pytest.raises(ValueError, match="mail 1 in place of 2"):
        unpack_read(other, body)
