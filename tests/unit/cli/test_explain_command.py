"""`maild explain` without a configuration, on files of all sorts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from maild.cli import explaining
from maild.cli.main import app

MAIL = "From: Kim <kim@customer.example>\nTo: support@example.com\nSubject: {}\n\nhello\n"
FROM = "From kim@customer.example Mon Jan  5 10:00:00 2026\n"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILD_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)


def explain(*words: object, given: bytes | str | None = None) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["explain", "--json", *map(str, words)], input=given)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_mail_file_needs_no_configuration(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_text(MAIL.format("one"))
    (found,) = explain(file)

    assert found["file"] == "one.eml"
    assert found["subject"] == "one"
    assert found["from"] == {"name": "Kim", "address": "kim@customer.example"}
    assert found["kind"] == "human"
    assert found["acknowledge"] is True
    assert "match" not in found


def test_a_configuration_says_whose_word_counts_for_where_a_mail_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one.eml"
    file.write_text(
        f"Authentication-Results: mx.desk.example; dkim=pass header.d=customer.example\n{MAIL.format('one')}"
    )
    (found,) = explain(file)
    assert (found["authenticity"]["result"], found["authenticity"]["why"]) == ("none", [])

    config = tmp_path / "maild.toml"
    config.write_text(
        '[desk]\naddress = "support@example.com"\nsecret = "0123456789abcdef"\n'
        '[authenticity]\ntrusted_ids = ["MX.Desk.Example"]\n'
    )
    config.chmod(0o600)
    monkeypatch.setenv("MAILD_CONFIG", str(config))
    (found,) = explain(file)
    assert found["authenticity"] == {
        "result": "pass",
        "domain": "customer.example",
        "why": ["mx.desk.example: dkim=pass for customer.example"],
        "method": "dkim",
        "exact": True,
        "policy": "",
    }
    text = CliRunner().invoke(app, ["explain", str(file)]).stdout
    assert "authentic:   pass\n               mx.desk.example: dkim=pass for customer.example\n" in text


def test_a_folder_is_read_in_order_whatever_its_files_are_called(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    (folder / "inner").mkdir(parents=True)
    (folder / "b").write_text(MAIL.format("b"))
    (folder / "a.eml").write_text(FROM + MAIL.format("a"))
    (folder / "c.mbox").write_text(FROM + MAIL.format("c1") + "\n" + FROM + MAIL.format("c2"))
    (folder / "inner" / "d.txt").write_text(MAIL.format("d"))
    (folder / ".hidden").write_text("no")
    os.mkfifo(folder / "pipe")

    assert [(m["file"], m["subject"]) for m in explain(folder)] == [
        ("a.eml", "a"),
        ("b", "b"),
        ("c.mbox#1", "c1"),
        ("c.mbox#2", "c2"),
        ("inner/d.txt", "d"),
    ]


def test_an_mbox_by_itself_is_numbered(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_text(FROM + MAIL.format("c1") + "\n" + FROM + MAIL.format("c2"))

    assert [m["file"] for m in explain(box)] == ["box#1", "box#2"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 100,
        b"From: \xff\xfe\n\n\xff",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 6000,
        b"A: b\n" * 10000,
        bytes(range(256)) * 50,
    ],
    ids=["empty", "NUL", "no charset", "parts", "headers", "binary"],
)
def test_no_mail_is_too_broken_to_be_explained(raw: bytes) -> None:
    (found,) = explain("-", given=raw)

    assert found["file"] == "-"
    assert {"subject", "text", "reply", "kind", "kind_why", "acknowledge", "acknowledge_why", "defects"} <= set(found)


def test_a_fault_of_ours_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_raw: bytes) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(explaining, "read_mail", broken)
    (found,) = explain("-", given=MAIL)

    assert found["acknowledge"] is False
    assert found["defects"] == ["it could not be read: RecursionError: too deep"]


def test_a_file_that_cannot_be_read_is_an_answer_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.eml").write_text("x")

    def refused(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    (found,) = explain(tmp_path / "m")

    assert found["file"] == "a.eml"
    assert "Permission denied" in found["defects"][0]


def test_what_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    for words in (["explain", str(tmp_path / "none")], ["explain"]):
        assert CliRunner().invoke(app, words).exit_code == 2


def test_text_for_people_shows_why_and_commands_nothing() -> None:
    text = MAIL.format("x \x1b]0;owned\x07") + "\x1b[2J" + "line\n" * 20 + "\n> old\n> older"
    result = CliRunner().invoke(app, ["explain", "-"], input=text)

    assert "a person wrote to us" in result.stdout
    assert "more lines" in result.stdout
    assert "... 2 quoted lines (--json has them)" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_wrong_configuration_is_told(tmp_path: Path) -> None:
    (tmp_path / "maild.toml").write_text("[desk]\nnmae = 1\n")
    result = CliRunner().invoke(app, ["explain", "-"], input=MAIL)

    assert result.exit_code == 78
