"""`maild attachment`: the files of a mail, from the store and from a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from maild.testing.mails import new_mail
from maild.testing.tnef import LONG_NAME, file, tnef

WINMAIL = tnef(files=[file(b"%PDF", values={LONG_NAME: "Übersicht.pdf"})])
MAIL = new_mail(files=[("winmail.dat", "application/ms-tnef", WINMAIL), ("a.txt", "application/x-a", b"text")])
FORWARD = (
    b"From: Kim <kim@customer.example>\nTo: support@example.com\nContent-Type: multipart/mixed; boundary=x\n\n"
    b"--x\n\nsee below\n--x\nContent-Type: message/rfc822\n\nSubject: The old one\n\nold words\n--x--\n"
)


def test_the_files_of_a_mail_in_the_store(house: Any) -> None:
    assert [(f["part"], f["name"]) for f in house.lines("attachment", 1)] == [("2", "drawing.pdf")]
    assert house.maild("attachment", 1, 2).stdout_bytes == b"PDF"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # a mail that is in no database
def test_what_a_winmail_dat_holds_is_opened(house: Any, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    assert [(f["part"], f["name"]) for f in house.lines("attachment", path)] == [
        ("2/1", "Übersicht.pdf"),
        ("3", "a.txt"),
    ]
    assert house.maild("attachment", path, "2/1").stdout_bytes == b"%PDF"
    assert house.maild("attachment", path, "2").stdout_bytes == WINMAIL
    assert "2/1" in house.maild("explain", path).stdout


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # a mail that is in no database
def test_a_forwarded_mail_is_a_file_named_after_its_subject(house: Any) -> None:
    assert [f["name"] for f in house.lines("attachment", "-", given=FORWARD)] == ["The old one.eml"]
    assert house.maild("attachment", "-", "2", given=FORWARD).stdout_bytes == b"Subject: The old one\n\nold words"


def test_a_file_is_saved_under_its_name_and_never_over_another(house: Any, tmp_path: Path) -> None:
    assert house.maild("attachment", 1, 2, "--save", tmp_path).exit_code == 0
    assert (tmp_path / "drawing.pdf").read_bytes() == b"PDF"
    (tmp_path / "drawing.pdf").write_bytes(b"mine")
    again = house.maild("attachment", 1, 2, "--save", tmp_path)
    assert again.exit_code != 0
    assert "cannot be written" in again.stderr
    assert (tmp_path / "drawing.pdf").read_bytes() == b"mine"


def test_a_file_that_can_be_run_is_handed_out_to_nobody_but_who_insists(house: Any) -> None:
    house.accept(new_mail(files=[("run.exe", "application/octet-stream", b"MZ..")]).decode())
    house.work()
    inbox = max(mail["inbox"] or 0 for mail in house.lines("export", "mails"))
    refused = house.maild("attachment", inbox, 2)
    assert refused.exit_code != 0
    assert "can be run" in refused.stderr
    assert house.maild("attachment", inbox, 2, "--even-so").stdout_bytes == b"MZ.."


def test_bytes_that_command_a_terminal_are_not_written_to_one(tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(new_mail(files=[("a.bin", "application/x-a", b"\x1b[2J"), ("b.txt", "application/x-a", b"plain")]))
    seen = []
    for part in ("2", "3"):
        ours, theirs = os.openpty()
        words = [sys.executable, "-m", "maild", "attachment", str(path), part]
        done = subprocess.run(words, stdout=theirs, stderr=subprocess.PIPE, check=False, timeout=60)
        os.set_blocking(ours, False)
        try:
            seen.append((done.returncode != 0, os.read(ours, 100)))
        except BlockingIOError:
            seen.append((b"your terminal" in done.stderr, b""))
        os.close(ours)
        os.close(theirs)
    assert seen == [(True, b""), (False, b"plain")]


def test_what_is_not_there_is_a_mistake(house: Any) -> None:
    for words, said in ((("1", "9"), "no file 9"), (("999",), "no inbox row 999"), (("none.eml",), "cannot be read")):
        result = house.maild("attachment", *words)
        assert result.exit_code != 0
        assert said in result.stderr


def test_show_tells_of_an_invitation(house: Any) -> None:
    event = "SUMMARY:Look at it\nDTSTART:20260504T080000Z\nORGANIZER;CN=Kim:mailto:kim@customer.example"
    house.accept(
        "From: Kim <kim@customer.example>\nTo: support@example.com\nSubject: x\nMessage-ID: <9@customer.example>\n"
        "Content-Type: text/calendar; method=REQUEST\n\n"
        f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    house.work()
    [number] = [t["number"] for t in house.lines("tickets") if t["subject"] == "x"]
    told = house.maild("show", number).stdout
    for line in ("invitation: Look at it (request)", "when: 2026-05-04 08:00 UTC", "by: Kim <kim@customer.example>"):
        assert line in told
