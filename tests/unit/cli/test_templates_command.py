"""`maild templates`, and how other commands take a site's own letters."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maild.cli import probes
from maild.cli.main import app
from maild.templates.facts import LETTERS

DESK = '[desk]\naddress = "support@example.com"\nsecret = "0123456789abcdef"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "maild.toml").write_text(f'{DESK}[templates]\nfolder = "templates"\n')
    return tmp_path / "templates"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A configuration without letters of its own."""
    (tmp_path / "maild.toml").write_text(DESK)
    return tmp_path / "templates"


def maild(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["-c", str(folder.parent / "maild.toml"), *words])


def test_the_list_says_who_gets_each_letter_and_what_is_ones_own(folder: Path) -> None:
    (folder / "resolution.txt.j2").write_text("Subject: x\nDone.\n")
    lines = maild(folder, "templates", "list").stdout.splitlines()
    shown = {line.split()[0]: line for line in lines}
    assert shown.keys() >= LETTERS.keys()
    assert "customer" in shown["resolution"]
    assert "templates/resolution.txt.j2" in shown["resolution"]
    assert "own" not in shown["acknowledgement"]
    assert "agent" in shown["notification"]


@pytest.mark.parametrize("name", LETTERS)
def test_every_variable_is_explained(bare: Path, name: str) -> None:
    rows = [json.loads(line) for line in maild(bare, "templates", "variables", name, "--json").stdout.splitlines()]
    needs = LETTERS[name]
    assert {row["name"] for row in rows} >= {*needs.required, *needs.optional, "language", "direction"}
    assert {row["name"] for row in rows if row["always"]} == needs.required
    assert all(row["meaning"] and row["kind"] for row in rows)


def test_a_misspelt_letter_is_told_with_the_one_that_is_meant(bare: Path) -> None:
    result = maild(bare, "templates", "variables", "acknowledgment")
    assert result.exit_code == 1
    assert "did you mean acknowledgement?" in result.stderr


def test_a_preview_shows_the_letter_with_example_facts(bare: Path, tmp_path: Path) -> None:
    result = maild(bare, "templates", "preview", "answer", "--html", str(tmp_path / "page.html"))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Subject: Re: Printer on fire [ACME #17]\n")
    assert "use the extinguisher <now>." in result.stdout
    assert "extinguisher &lt;now&gt;" in (tmp_path / "page.html").read_text()


def test_a_preview_of_a_broken_letter_names_its_line(folder: Path) -> None:
    (folder / "alert.txt.j2").write_text("Subject: x\n\n{{ naem }}\n")
    result = maild(folder, "templates", "preview", "alert")
    assert result.exit_code == 65
    assert "templates/alert.txt.j2:3: 'naem' is undefined" in result.stderr
    assert "A mail is in quarantine" in result.stdout


def test_a_preview_in_a_language_without_letters_names_those_that_have(bare: Path) -> None:
    result = maild(bare, "templates", "preview", "alert", "--language", "fi")
    assert result.exit_code == 1
    assert "no letters in fi; there are" in result.stderr


@pytest.mark.parametrize(("there", "says"), [(True, "opened "), (False, "there is no browser; open ")])
def test_a_preview_opens_in_the_browser_or_says_where_it_is(
    bare: Path, monkeypatch: pytest.MonkeyPatch, there: bool, says: str
) -> None:
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return there

    monkeypatch.setattr(webbrowser, "open", browse)
    line = maild(bare, "templates", "preview", "answer", "--open").stdout.splitlines()[-1]
    page = Path(line.removeprefix(says))
    assert line.startswith(says)
    assert opened == [page.as_uri()]
    assert "extinguisher" in page.read_text()


def test_a_sound_folder_passes(folder: Path) -> None:
    (folder / "resolution.txt.j2").write_text(
        "Subject: {{ subject_with_tag }}\nDone. {{ text }}{% if code %} {{ code }}{% endif %}\n"
    )
    result = maild(folder, "templates", "check")
    assert result.exit_code == 0, result.output
    assert "ok   1 own templates" in result.stdout


def test_the_check_names_every_fault_with_its_line(folder: Path) -> None:
    (folder / "de").mkdir()
    (folder / "acknowledgement.txt.j2").write_text("Subject: x\nHi\n{{ naem }}\n")
    (folder / "de" / "alert.html.j2").write_text("<p>{% if %}</p>")
    (folder / "breech.txt.j2").write_text("Subject: x\nHi\n")
    (folder / "de" / "words.toml").write_text('[nothing]\nlike = "this"\n')
    # Only the example has the quote that this letter counts on.
    (folder / "answer.txt.j2").write_text("Subject: x\n{{ text }}\n{{ quoted.who }}\n")
    result = maild(folder, "templates", "check")
    assert result.exit_code == 65
    at = [line.partition(": ")[0] for line in result.stderr.splitlines()]
    assert at == [
        "templates/acknowledgement.txt.j2:3",
        "templates/answer.txt.j2:3",
        "templates/breech.txt.j2:1",
        "templates/de/alert.html.j2:1",
        "templates/de/words.toml:2",
    ]
    assert "did you mean breach.txt.j2?" in result.stderr


def test_the_check_counts_what_a_new_language_lacks(folder: Path) -> None:
    (folder / "nl").mkdir()
    (folder / "nl" / "alert.txt.j2").write_text("Subject: x\nHallo\n")
    found = json.loads(maild(folder, "templates", "check", "--json").stdout)
    assert found["ok"]
    assert set(found["missing"]) <= {"nl", "de"}


def test_without_a_folder_there_is_nothing_to_check(bare: Path) -> None:
    result = maild(bare, "templates", "check")
    assert result.exit_code == 0
    assert "no letters of your own" in result.stdout


def test_a_copy_is_a_letter_to_begin_with(folder: Path) -> None:
    before = maild(folder, "templates", "preview", "answer", "--language", "de").stdout
    assert maild(folder, "templates", "copy", "answer", "--language", "de").exit_code == 0
    assert {path.name for path in (folder / "de").iterdir()} == {"answer.txt.j2", "answer.html.j2"}
    assert maild(folder, "templates", "check").exit_code == 0
    assert maild(folder, "templates", "preview", "answer", "--language", "de").stdout == before
    again = maild(folder, "templates", "copy", "answer", "--language", "de")
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_maild_check_refuses_a_broken_letter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_store", lambda _config: [])
    (folder / "alert.txt.j2").write_text("Subject: x\n{% for %}\n")
    result = maild(folder, "check", "--no-connect")
    assert result.exit_code == 78
    assert result.stderr.startswith("templates/alert.txt.j2:2: ")
    as_json = maild(folder, "check", "--no-connect", "--json")
    assert as_json.exit_code == 78
    assert json.loads(as_json.stdout)["ok"] is False


def test_a_folder_that_is_not_there_is_a_fault_of_the_file(folder: Path) -> None:
    folder.rmdir()
    result = maild(folder, "templates", "list")
    assert result.exit_code == 78
    assert "templates.folder: there is no folder" in result.stderr
