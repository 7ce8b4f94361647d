"""Opening packages in a child process, with a real one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from maild.app.opening import file_bytes, opened
from maild.confined import opening
from maild.confined.framing import pack, unpack
from maild.errors import Permanent
from maild.mail import read_mail
from maild.mail.packages import Package, PackedFile
from maild.testing.tnef import BODY, LONG_NAME, file, tnef

WINMAIL = tnef({BODY: "Grüße"}, [file(b"%PDF", values={LONG_NAME: "Übersicht.pdf"}), file(b"x", title=b"b.txt")])


def raw_mail(data: bytes, text: str = "") -> bytes:
    head = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n"
    part = '\n--x\nContent-Type: application/octet-stream; name="winmail.dat"\n\n'
    return (head + text + part).encode() + data + b"\n--x--\n"


def test_what_a_package_holds_takes_its_place_in_the_mail() -> None:
    raw = raw_mail(WINMAIL)
    mail, contents = opened(read_mail(raw), raw, opening.open_package)
    assert [(f.name, f.type, f.size, f.part) for f in mail.attachments] == [
        ("Übersicht.pdf", "application/pdf", 4, "2/1"),
        ("b.txt", "text/plain", 1, "2/2"),
    ]
    assert (mail.text, contents, mail.defects) == ("Grüße", {"2/1": b"%PDF", "2/2": b"x"}, ())
    assert file_bytes(raw, "2/1", opening.open_package) == b"%PDF"
    assert file_bytes(raw, "2", opening.open_package) == WINMAIL
    for part in ("2/3", "2/0", "2/x", "3"):
        with pytest.raises(KeyError):
            file_bytes(raw, part, opening.open_package)


def test_the_text_of_the_mail_itself_is_kept() -> None:
    raw = raw_mail(WINMAIL, "own words")
    assert opened(read_mail(raw), raw, opening.open_package)[0].text == "own words"


def test_a_package_cut_off_stays_beside_what_it_gave() -> None:
    raw = raw_mail(WINMAIL[:-8])
    mail, _ = opened(read_mail(raw), raw, opening.open_package)
    assert [f.part for f in mail.attachments] == ["2", "2/1", "2/2"]
    assert "winmail.dat: it is cut off" in mail.defects


def test_more_packages_than_anybody_sends_are_left_alone() -> None:
    part = b"--x\nContent-Type: application/ms-tnef\n\nnothing\n"
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + part * 7 + b"--x--\n"
    asked: list[bytes] = []

    def counted(data: bytes) -> Package:
        asked.append(data)
        return Package(text="words")

    mail, _ = opened(read_mail(raw), raw, counted)
    assert (len(asked), len(mail.attachments), len(mail.defects)) == (5, 2, 2)


def script(folder: Path, monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    """Let the child be a shell script."""
    path = folder / "child"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("exit 3", "its reader ended with 3"),
        ("kill -9 $$", "its reader ended with -9"),
        ("echo nonsense", "its reader answered nonsense"),
        ('echo \'{"text":"","html":"","defects":[],"files":[{"size":9}]}\'', "its reader answered nonsense"),
        ("exec sleep 30", "it took longer than"),
    ],
)
def test_a_child_that_fails_leaves_the_file_with_a_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str, why: str
) -> None:
    script(tmp_path, monkeypatch, lines)
    if "sleep" in lines:
        monkeypatch.setattr(opening, "SECONDS", 0.5)
    raw = raw_mail(WINMAIL)
    mail, contents = opened(read_mail(raw), raw, opening.open_package)
    assert [f.name for f in mail.attachments] == ["winmail.dat"]
    assert mail.defects[0].startswith(f"winmail.dat could not be opened: {why}")
    assert not contents


def test_the_child_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILD_TEST_SECRET", "hunter2")
    script(tmp_path, monkeypatch, f"env > {tmp_path}/env; exit 1")
    with pytest.raises(Permanent):
        opening.open_package(WINMAIL)
    assert "hunter2" not in (tmp_path / "env").read_text()


@pytest.mark.parametrize("reader", ["bytearray(1 << 30)", "[0 for _ in iter(int, 1)]"], ids=["memory", "time"])
def test_the_child_has_little_memory_and_time(reader: str) -> None:
    child = "import sys, maild.confined.__main__ as m; m.SECONDS = 1; "
    child += f"m.READERS['tnef'] = lambda data: {reader}; sys.exit(m.main(['tnef']))"
    done = subprocess.run([sys.executable, "-c", child], input=b"", capture_output=True, check=False, timeout=120)
    assert done.returncode != 0
    assert done.stdout == b""


def test_a_child_without_a_task_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "maild.confined"], capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr[:6]) == (64, b"usage:")


def test_answers_are_what_was_packed() -> None:
    package = Package(
        text="a\nb",
        html="<p>",
        defects=("x",),
        files=(
            PackedFile(name="ü", data=b"\n{}\0", type="a/b", inline=True, content_id="c"),
            PackedFile(name="", data=b""),
        ),
    )
    assert unpack(b"".join(pack(package))) == package
