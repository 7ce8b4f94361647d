"""Files in mails: which of them travel on, and what the virus scanner has to do with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from maild.mail.model import Scan
from maild.store import schema
from maild.testing.clamd import EICAR, FakeClamd
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.desk import Desk, SetUp, running_desk
from maild.testing.mails import File, new_mail, reply_to
from maild.testing.nursery import Nursery
from maild.testing.waiting import wait_until

KIM, ANNA, ROOT = "kim@customer.example", "anna@staff.example", "root@example.com"
DRAWING: File = ("drawing.pdf", "application/pdf", b"%PDF-1.7 drawing")
PROGRAM: File = ("update.exe", "application/octet-stream", b"MZ")
VIRUS: File = ("invoice.pdf", "application/pdf", EICAR)


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    server = FakeClamd()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def scanned(new_talk: Talk, clamd: FakeClamd) -> Conversation:
    """A desk with a virus scanner."""
    return new_talk(settings=f'{SETTINGS}\n[virus_scan]\nclamd = "{clamd.address}"\ntimeout = "1s"\n')


def scans(talk: Conversation) -> list[tuple[str, str]]:
    return [(row.scan, row.scan_says) for row in talk.rows(schema.attachment)]


def answer(talk: Conversation, *files: File) -> str:
    """Kim has written, Anna answers with files; what Anna is told if the answer was not sent."""
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Here it is.", files=files))
    last = talk.letters(ANNA)[-1]
    return last.text if "Nothing was done" in last.text else ""


def sent_files(talk: Conversation) -> list[str | None]:
    return [part.get_filename() for part in talk.letters(KIM)[-1].mail.iter_attachments()]


# ---------------------------------------------------------------------------- without a scanner


def test_a_customers_program_is_kept_and_listed_with_the_reason(talk: Conversation) -> None:
    assert talk.receive(new_mail(files=[DRAWING, PROGRAM])).outcome == "new_ticket"
    told = talk.letters(ANNA)[0].text
    assert "update.exe (application/octet-stream, 2 B); not handed out: .exe files can be run\r\n" in told
    assert "drawing.pdf (application/pdf, 16 B)\r\n" in told
    assert [row.name for row in talk.rows(schema.attachment)] == ["drawing.pdf", "update.exe"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ((PROGRAM,), "update.exe: .exe files can be run"),
        ((DRAWING, PROGRAM), "update.exe: .exe files can be run"),
        ((("big.pdf", "application/pdf", bytes(11_000)),), "big.pdf: it has"),
        ((("a.pdf", "application/pdf", bytes(9_000)), ("b.pdf", "application/pdf", bytes(9_000))), "together"),
    ],
)
def test_an_answer_with_a_file_that_cannot_travel_is_not_half_sent(
    new_talk: Talk, files: tuple[File, ...], reason: str
) -> None:
    talk = new_talk(settings=f'{SETTINGS}\n[attachments]\nlargest = "10000 B"\ntotal = "15000 B"\n')
    told = answer(talk, *files)
    assert reason in told
    assert "> Here it is." in told  # nothing typed is lost
    assert len(talk.letters(KIM)) == 1  # the acknowledgement
    assert talk.statuses() == ["new"]


def test_a_note_may_hold_any_file(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#note\nThe tool of the manufacturer", files=[PROGRAM]))
    assert "Nothing was done" not in talk.letters(ANNA)[-1].text


# ---------------------------------------------------------------------------- with a scanner


def test_a_clean_file_travels(scanned: Conversation, clamd: FakeClamd) -> None:
    assert answer(scanned, DRAWING) == ""
    assert sent_files(scanned) == ["drawing.pdf"]
    assert scans(scanned) == [("clean", "")]
    assert clamd.scanned == [DRAWING[2]]


def test_a_virus_is_handed_out_to_nobody_and_told_of_once(scanned: Conversation) -> None:
    done = scanned.receive(new_mail("See the invoice", files=[VIRUS, DRAWING]))
    assert done.outcome == "new_ticket"
    assert "the virus scanner found Eicar-Signature in the file invoice.pdf" in done.why
    assert scans(scanned) == [("infected", "Eicar-Signature"), ("clean", "")]
    told = scanned.letters(ANNA)[0].text
    assert "Careful: The virus scanner found Eicar-Signature in the file invoice.pdf." in told
    assert "not handed out: the virus scanner found Eicar-Signature" in told
    [alert] = scanned.letters(ROOT)
    assert "A mail brought a virus (inbox 1)" in alert.mail["Subject"]
    assert "File invoice.pdf: Eicar-Signature" in alert.text


def test_an_agents_virus_does_not_reach_the_customer(scanned: Conversation) -> None:
    assert "invoice.pdf: the virus scanner found Eicar-Signature in it" in answer(scanned, VIRUS)
    assert len(scanned.letters(KIM)) == 1


def test_one_content_is_scanned_once_in_a_group_of_mails(scanned: Conversation, clamd: FakeClamd) -> None:
    for number in range(5):
        scanned.accept(new_mail(f"Mail {number}", files=[DRAWING, DRAWING]))
    scanned.work()
    assert clamd.scanned == [DRAWING[2]]
    assert scans(scanned) == [("clean", "")] * 10


@pytest.mark.parametrize("trouble", ["away", "hang", "close", "stream: out of memory ERROR"])
def test_the_ticket_arrives_when_the_scanner_is_in_trouble(
    scanned: Conversation, clamd: FakeClamd, trouble: str
) -> None:
    if trouble == "away":
        clamd.stop()
    clamd.mode = trouble
    assert scanned.receive(new_mail(files=[DRAWING])).outcome == "new_ticket"
    assert "not handed out: not scanned for viruses" in scanned.letters(ANNA)[0].text
    assert [scan for scan, _ in scans(scanned)] == [Scan.UNSCANNED]
    assert len(scanned.letters(KIM)) == 1


def test_a_scanner_that_hangs_is_waited_for_once_in_a_group(scanned: Conversation, clamd: FakeClamd) -> None:
    clamd.mode = "hang"
    for number in range(20):
        scanned.accept(new_mail(f"Mail {number}", files=[(f"{number}.txt", "text/plain", b"%d" % number)]))
    scanned.work()  # 20 times the time limit would be more than the whole test may take
    assert {done.outcome for done in scanned.settled()} == {"new_ticket"}
    assert {scan for scan, _ in scans(scanned)} == {Scan.UNSCANNED}


def test_an_answer_waits_for_nobody_when_the_scanner_is_away(scanned: Conversation, clamd: FakeClamd) -> None:
    clamd.stop()
    assert "drawing.pdf: not scanned for viruses: the virus scanner cannot be reached" in answer(scanned, DRAWING)
    clamd.start()
    assert answer(scanned, DRAWING) == ""


# ---------------------------------------------------------------------------- the sweep asks again


def test_files_are_scanned_once_the_scanner_is_back(scanned: Conversation, clamd: FakeClamd) -> None:
    clamd.stop()
    scanned.receive(new_mail(files=[DRAWING, VIRUS]))
    assert scanned.parts.rescan.run() == 0
    clamd.start()
    assert scanned.parts.rescan.run() == 2
    assert scans(scanned) == [("clean", ""), ("infected", "Eicar-Signature")]
    scanned.work()
    [alert] = scanned.letters(ROOT)
    assert "Eicar-Signature" in alert.text
    assert scanned.parts.rescan.run() == 0  # nothing is left to be asked about


def test_two_workers_tell_of_a_virus_once(scanned: Conversation, clamd: FakeClamd) -> None:
    clamd.stop()
    scanned.receive(new_mail(files=[VIRUS]))
    clamd.start()
    stale = scanned.parts.rescan.files.waiting(10)
    scanned.parts.rescan.run()
    scanned.wait(timedelta(seconds=1))
    assert scanned.parts.rescan.scanner is not None
    scanned.parts.rescan._ask(scanned.parts.rescan.scanner, stale)
    scanned.work()
    assert len(scanned.letters(ROOT)) == 1


def test_a_file_at_which_the_scanner_always_fails_is_given_up(scanned: Conversation, clamd: FakeClamd) -> None:
    clamd.mode = "stream: Can't unpack ERROR"
    scanned.receive(new_mail(files=[DRAWING]))
    for _ in range(10):
        scanned.parts.rescan.run()
    [(scan, why)] = scans(scanned)
    assert scan == Scan.UNSCANNABLE
    assert "tried 5 times" in why
    assert len(clamd.scanned) == 6  # when the mail came, and five times after


def test_a_scanner_that_is_away_costs_no_file_its_tries(scanned: Conversation, clamd: FakeClamd) -> None:
    clamd.stop()
    scanned.receive(new_mail(files=[DRAWING]))
    for _ in range(10):
        scanned.parts.rescan.run()
    clamd.start()
    scanned.parts.rescan.run()
    assert scans(scanned) == [("clean", "")]


def test_the_daemon_itself_asks_again(setup: SetUp, nursery: Nursery, clamd: FakeClamd, tmp_path: Path) -> None:
    clamd.stop()
    settings = f'{SETTINGS}\n[virus_scan]\nclamd = "{clamd.address}"\n'
    with running_desk(tmp_path, setup, nursery, settings=settings) as desk:
        desk.send(new_mail(files=[VIRUS]))
        desk.letters(ANNA)
        clamd.start()
        [alert] = desk.letters(ROOT)
        assert "Eicar-Signature" in alert.text
        assert desk.faults() == []


def test_the_daemon_keeps_a_file_of_many_mails_once(desk: Desk) -> None:
    picture: File = ("machine.jpg", "image/jpeg", bytes(range(256)) * 400)
    for number in range(3):
        desk.send(new_mail(f"Mail {number}", files=[picture]))
    copies = 3 + 3 * 2  # of the mails, and of the letters to two agents
    wait_until(lambda: len(desk.rows(schema.piece)) == copies, "the files to be kept once")
    assert [row.size for row in desk.rows(schema.blob)] == [len(picture[2])]
    assert desk.faults() == []


def test_a_scanner_on_a_unix_socket(new_talk: Talk, tmp_path: Path) -> None:
    server = FakeClamd(tmp_path / "clamd")
    server.start()
    talk = new_talk(settings=f'{SETTINGS}\n[virus_scan]\nclamd = "{server.address}"\n')
    talk.receive(new_mail(files=[VIRUS]))
    server.stop()
    assert scans(talk) == [("infected", "Eicar-Signature")]
