"""What reaches a terminal, and how times and sizes read."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from maild.cli import terminal

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)

HOSTILE = {
    "colour": ("\x1b[31mred\x1b[0m", "red"),
    "window title": ("\x1b]0;owned\x07text", "text"),
    "title that ends in ST": ("\x1b]0;owned\x1b\\text", "text"),
    "title without an end": ("a\x1b]0;owned\nb", "a b"),
    "8-bit CSI": ("\x9b31mred", "red"),
    "bare ESC": ("a\x1b", "a"),
    "ESC that is rebuilt": ("\x1b\x1b[31m[31mx", "[31mx"),
    "overwriting": ("good\rbad\x08", "goodbad"),
    "line break": ("a\r\nb\nc\u2028d", "a b c d"),
    "right-to-left override": ("exe.\u202egpj", "exe.gpj"),
    "lone surrogate": ("a\ud800b", "ab"),
    "rich markup": ("[red]x[/red]", "[red]x[/red]"),
}


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE.keys())
def test_text_of_a_mail_commands_nothing(text: str, shown: str) -> None:
    assert terminal.clean(text) == shown


def test_a_table_in_a_pipe_is_plain_aligned_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(["no", "subject"], [[1, "x" * 200], [12, "漢字\x1b[31m"], [3, None]], right=["no"])

    assert capsys.readouterr().out == "no  subject\n 1  " + "x" * 200 + "\n12  漢字\n 3  None\n"


def test_wide_characters_take_two_columns(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(["a", "b"], [["漢字", "x"], ["y", "z"]])

    assert capsys.readouterr().out == "a     b\n漢字  x\ny     z\n"


def test_a_table_without_rows_is_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(["a", "b"], [])

    assert capsys.readouterr().out == "a  b\n"


def test_a_terminal_gets_colours_but_none_of_a_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    err, out = Tty(), Tty()
    monkeypatch.setattr("sys.stderr", err)
    monkeypatch.setattr("sys.stdout", out)

    terminal.complain(["bad \x1b]0;owned\x07[b]thing[/b]"])
    terminal.table(["subject"], [["\x1b[5mblink" + "x" * 99]])

    assert err.getvalue() == "\x1b[31mbad [b]thing[/b]\x1b[0m\n"
    assert "\x1b[5m" not in out.getvalue()
    assert "blink" in out.getvalue()
    assert "…" in out.getvalue()


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    err = Tty()
    monkeypatch.setattr("sys.stderr", err)

    terminal.complain(["bad"])

    assert err.getvalue() == "bad\n"


def test_a_terminal_without_unicode_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, "ascii", write_through=True))

    terminal.say("Grüße")

    assert raw.getvalue() == b"Gr\\xfc\\xdfe\n"


def test_json_is_one_line_with_plain_values(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_json({"at": NOW, "for": timedelta(seconds=90), "tags": {"b", "a"}, "subject": "\x1b[31m\u2028"})
    out = capsys.readouterr().out

    assert out.count("\n") == 1
    assert "\x1b" not in out
    assert json.loads(out) == {
        "at": "2026-01-02T12:00:00+00:00",
        "for": 90.0,
        "tags": ["a", "b"],
        "subject": "\x1b[31m\u2028",
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (0.9, "just now"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3 * 3600 + 59 * 60, "3 h ago"),
        (86400 * 400, "400 d ago"),
        (-120, "in 2 min"),
    ],
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert terminal.ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1048575, "1 MiB"),
        (26214400, "25 MiB"),
        (1 << 52, "4096 TiB"),
    ],
)
def test_how_large(count: int, words: str) -> None:
    assert terminal.size(count) == words
