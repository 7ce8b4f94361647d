"""Which files leave the house."""

from __future__ import annotations

import pytest

from maild.mail import FilePolicy, may_hand_out, read_mail, refused_for_letter
from maild.mail.model import Attachment, Scan
from maild.mail.programs import program_in

WINDOWS = b"MZ" + bytes(58) + (0x80).to_bytes(4, "little") + bytes(64) + b"PE\0\0" + bytes(100)
LINUX = b"\x7fELF\x02\x01\x01" + bytes(57)
SHORTCUT = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46" + bytes(56)
SCANNING = FilePolicy(scanning=True)


def file(name: str = "a.pdf", **facts: object) -> Attachment:
    plain: dict[str, object] = {
        "name": name,
        "type": "application/octet-stream",
        "size": 1000,
        "sha256": "0" * 64,
        "inline": False,
        "part": "2",
    }
    return Attachment(**{**plain, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["invoice.pdf", "photo.JPG", "log.txt", "table.xlsx", "part.step", "archive.zip", "exe", "js notes", ""]
)
def test_ordinary_files_are_handed_out(name: str) -> None:
    assert may_hand_out(file(name), FilePolicy()) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("setup.exe", "the plain case"),
        ("SETUP.EXE", "Windows does not care for case"),
        ("invoice.pdf.exe", "the last extension counts"),
        ("invoice.exe.", "Windows drops the dot"),
        ("invoice.exe . ", "and blanks"),
        ("invoice.exe:notes.txt", "a stream of its own, but the file is a program"),
        ("invoice.exe::$DATA", "the same file by another name"),
        ("notes.txt:run.js", "nor the other way round"),
        ("screensaver.scr", "a program"),
        ("macro.js", "Windows runs it"),
        ("page.hta", "Windows runs it"),
        ("look.lnk", "a link to a program"),
        ("disk.iso", "hides a program from the mark of the web"),
        ("script.ps1", "PowerShell"),
        ("install.msi", "an installer"),
        ("tool.jar", "Java runs it"),
        ("visit.url", "a link"),
    ],
)
def test_files_that_a_double_click_runs_are_not(name: str, why: str) -> None:
    assert "can be run" in may_hand_out(file(name), FilePolicy()), why


@pytest.mark.parametrize(
    ("data", "sort"),
    [
        (WINDOWS, "Windows program"),
        (LINUX, "Linux program"),
        (SHORTCUT, "Windows shortcut"),
        (b"\xcf\xfa\xed\xfe" + bytes(28), "macOS program"),
        (b"MZ is how a text about programs begins", ""),
        (b"MZ", ""),
        (b"MZ" + b"\xff" * 100, ""),
        (b"%PDF-1.7", ""),
        (b"PK\x03\x04", ""),
        (b"", ""),
    ],
)
def test_a_program_is_known_by_its_first_bytes(data: bytes, sort: str) -> None:
    assert program_in(data) == sort


def test_a_program_is_refused_whatever_it_is_called() -> None:
    import base64

    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: image/png; name="holiday.png"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(WINDOWS) + b"--b--\r\n"
    )
    [found] = read_mail(raw).attachments
    assert may_hand_out(found, FilePolicy()) == "it is a Windows program"
    assert may_hand_out(found, FilePolicy(programs=False)) == ""


def test_a_type_is_refused_whatever_the_name_is() -> None:
    assert "can be run" in may_hand_out(file("a.pdf", type="application/x-msdownload"), FilePolicy())


def test_a_site_may_have_other_lists() -> None:
    firmware = FilePolicy(extensions=frozenset({"bin"}), types=frozenset(), programs=False)
    assert may_hand_out(file("setup.exe"), firmware) == ""
    assert may_hand_out(file("flash.BIN"), firmware) == ".bin files can be run"


@pytest.mark.parametrize(
    ("scan", "without_scanner", "with_scanner"),
    [
        (Scan.CLEAN, True, True),
        (Scan.UNASKED, True, False),
        (Scan.UNSCANNED, True, False),
        (Scan.UNSCANNABLE, True, False),
        (Scan.INFECTED, False, False),
    ],
)
def test_only_what_was_found_clean_is_handed_out(scan: Scan, without_scanner: bool, with_scanner: bool) -> None:
    assert (may_hand_out(file(scan=scan), FilePolicy()) == "") is without_scanner
    assert (may_hand_out(file(scan=scan), SCANNING) == "") is with_scanner


def test_the_reason_names_the_virus_or_why_it_was_not_scanned() -> None:
    assert "Eicar" in may_hand_out(file(scan=Scan.INFECTED, scan_says="Eicar"), SCANNING)
    assert "no answer" in may_hand_out(file(scan=Scan.UNSCANNED, scan_says="no answer"), SCANNING)
    assert "before" in may_hand_out(file(), SCANNING)


def test_a_letter_carries_files_up_to_its_limits() -> None:
    policy = FilePolicy(largest=2000, total=3000)
    assert refused_for_letter([file(size=2000), file(size=1000)], policy) == ()
    assert len(refused_for_letter([file("big.pdf", size=2001)], policy)) == 1
    [together] = refused_for_letter([file(size=2000), file(size=1001)], policy)
    assert "together" in together


def test_every_refused_file_of_a_letter_is_named() -> None:
    refused = refused_for_letter([file("a.pdf"), file("b.exe"), file("c.js")], FilePolicy())
    assert [line.partition(":")[0] for line in refused] == ["b.exe", "c.js"]
