"""The power fails, the disk is full or broken: at every write of SQLite's, and whatever the disk then holds."""

import random
import smtplib
from pathlib import Path

import pytest

from maild.testing.databases import SqliteCopies
from maild.testing.desk import Desk, SetUp
from maild.testing.disk import Disk, power_cut
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.waiting import wait_until

KIM = "kim@customer.example"


@pytest.fixture
def desk(sqlite_copies: SqliteCopies, tmp_path: Path):  # type: ignore[no-untyped-def]
    """On a database that is migrated already: the writes that are counted here belong to mails."""
    (tmp_path / "data").mkdir()
    sqlite_copies.make(tmp_path / "data")
    made = Desk(tmp_path, SetUp(store="sqlite"), attempts=100)
    yield made
    made.close()


def write_on(desk: Desk, mail: bytes) -> str:
    """Send a mail; "250", or the code of the refusal, or "" when nobody answered."""
    try:
        desk.send(mail)
    except smtplib.SMTPResponseException as refused:
        return str(refused.smtp_code)
    except smtplib.SMTPRecipientsRefused as refused:
        return str(next(iter(refused.recipients.values()))[0])
    except (smtplib.SMTPException, OSError):
        return ""
    return "250"


def test_a_power_cut_takes_nothing_that_got_250(desk: Desk, nursery: Nursery, tmp_path: Path) -> None:
    dice = random.Random(1)  # some unsynced writes reach the disk after all
    disk = Disk(journal=str(tmp_path / "undo"))
    for turn in range(2):
        desk.start(nursery, disk=disk)
        for number in range(3):
            assert write_on(desk, new_mail(f"Mail {number} of turn {turn}")) == "250"
        desk.kill()
        power_cut(Path(disk.journal), dice)
    desk.start(nursery)
    assert desk.faults() == []
    assert len(desk.tickets()) == 6


def test_a_commit_that_does_not_wait_for_the_disk_is_found(desk: Desk, nursery: Nursery, tmp_path: Path) -> None:
    disk = Disk(journal=str(tmp_path / "undo"))
    desk.start(nursery, disk=disk, plant="no_sync")
    desk.send(new_mail())
    desk.kill()
    assert power_cut(Path(disk.journal)) > 0
    desk.start(nursery)
    assert any("got 250 1 times and is in the inbox 0 times" in fault for fault in desk.faults())


def test_killed_at_any_write_or_sync_it_starts_again_with_everything(
    desk: Desk, nursery: Nursery, tmp_path: Path
) -> None:
    for at in (3, 17):
        disk = Disk(journal=str(tmp_path / "undo"), at=at)
        desk.start(nursery, disk=disk)
        mail = new_mail(f"It dies at {at}")
        said = ""
        while not desk.any_ended():
            said = said or write_on(desk, mail)
        desk.kill()
        power_cut(Path(disk.journal), random.Random(at))
        desk.start(nursery)
        if said != "250":
            desk.send(mail)
        assert desk.faults() == []
        desk.kill()
    assert len(desk.tickets()) == 2


@pytest.mark.parametrize(("how", "at"), [("full", 12)])
def test_a_disk_that_refuses_is_a_451_and_everything_goes_on_when_it_is_well(
    desk: Desk, nursery: Nursery, tmp_path: Path, how: str, at: int
) -> None:
    disk = Disk(journal=str(tmp_path / "undo"), at=at, how=how)  # type: ignore[arg-type]
    desk.start(nursery, disk=disk)
    mails = [new_mail(f"Mail {number}") for number in range(3)]
    said = [write_on(desk, mail) for mail in mails]
    wait_until(disk.ill.exists, "the disk to fall ill")
    mails.append(new_mail("to the ill disk"))
    said.append(write_on(desk, mails[-1]))
    assert set(said) <= {"250", "451", "452"}
    assert said[-1] in {"451", "452"}
    assert not desk.any_ended()
    disk.ill.unlink()
    for mail, code in zip(mails, said, strict=True):
        if code != "250":
            desk.send(mail)
    assert desk.faults() == []
    assert len(desk.tickets()) == 4
    assert len(desk.sink.to(KIM)) == 4
