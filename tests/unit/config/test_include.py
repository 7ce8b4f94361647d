"""A configuration in several files: how they come together, and whose fault is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config.files import files_of, places_of
from maild.config.load import load, load_calendars
from maild.config.model import Config
from maild.errors import ConfigError

DESK = """\
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
"""
Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file below the folder of the configuration."""

    def to(name: str, text: str) -> None:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")

    return to


def rule(name: str, rest: str = "stop = true") -> str:
    return f'[[rule]]\nname = "{name}"\n{rest}\n'


def read(tmp_path: Path) -> Config:
    return load(tmp_path / "maild.toml", {})


def faults(tmp_path: Path) -> list[str]:
    """What is wrong, without the folder."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path)
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_included_tables_come_after_those_of_the_main_file_file_by_file(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml", "more.toml"]\n{DESK}{rule("first")}')
    write("rules/b.toml", rule("fourth"))
    write("rules/a.toml", rule("second") + rule("third"))
    write("rules/a.txt", "no TOML at all")
    write("more.toml", rule("fifth") + '[[agent]]\nname = "Anna"\naddress = "anna@example.com"\n')

    config = read(tmp_path)

    assert [each.name for each in config.rule] == ["first", "second", "third", "fourth", "fifth"]
    assert [each.where.replace(f"{tmp_path}/", "") for each in config.rule] == [
        "maild.toml:5",
        "rules/a.toml:1",
        "rules/a.toml:4",
        "rules/b.toml:1",
        "more.toml:1",
    ]
    assert config.agent[0].name == "Anna"


def test_every_file_that_was_read_can_be_listed(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml"]\n{DESK}')
    write("rules/b.toml", "not TOML")
    write("rules/a.toml", rule("second"))

    assert [str(file.relative_to(tmp_path)) for file in files_of(tmp_path / "maild.toml")] == [
        "maild.toml",
        "rules/a.toml",
        "rules/b.toml",
    ]


def test_a_table_is_found_again_in_its_file(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = "more.toml"\n{DESK}{rule("first")}')
    write("more.toml", "\n" + rule("second") + rule("third"))

    places = places_of(tmp_path / "maild.toml")

    assert places.told(places.of(("rule", 0, "name"))) == f"{tmp_path}/maild.toml:6"
    assert places.told(places.of(("rule", 2, "stop"))) == f"{tmp_path}/more.toml:7"


def test_a_file_is_read_once_and_the_main_file_does_not_include_itself(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["*.toml", "a.toml", "./a.toml"]\n{DESK}')
    write("a.toml", rule("only"))

    assert [each.name for each in read(tmp_path).rule] == ["only"]


def test_a_pattern_may_find_nothing(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml"]\n{DESK}')
    assert read(tmp_path).rule == ()


def test_paths_in_an_included_file_are_relative_to_it(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml"]\n{DESK}')
    write("rules/mails.eml", "From: x@example.com\n\nx")
    test = '[[rule.test]]\nmail = "mails.eml"\nexpect = { rules = "r" }'
    box = '[[mailbox]]\nname = "in"\nhost = "imap.example.com"\nusername = "u"\npassword_file = "in.password"\n'
    write("rules/a.toml", rule("r", f"stop = true\n{test}") + box)
    write("rules/in.password", "s3cret")
    (tmp_path / "rules/in.password").chmod(0o600)

    config = read(tmp_path)

    assert config.rule[0].test[0].mail == str(tmp_path / "rules/mails.eml")
    password = config.mailbox[0].password
    assert password is not None
    assert password.get_secret_value() == "s3cret"


def test_calendars_alone_are_read_from_all_files(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml"]\n{DESK}')
    write("rules/a.toml", '[[calendar]]\nname = "office"\ntimezone = "UTC"\nhours = { mon = ["09:00-17:00"] }\n')

    assert list(load_calendars(tmp_path / "maild.toml")) == ["24x7", "office"]


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml"]\n{DESK}[limits]\nmesage = "1 MiB"\n' + rule("one", "stopp = true"))
    write("rules/b.toml", '[[queue]]\nname = "q"\naddresses = ["support@example.com"]\nintrnal = true\n' + rule("ONE"))
    write(
        "rules/a.toml",
        rule("two", 'then = { queue = "billing" }')
        + rule("three", 'when = { any = [{ words = "x" }, { sbject = "y" }] }\nstop = true')
        + '[[mailbox]]\nname = "in"\nhost = "imap.example.com"\nusername = "u"\n',
    )

    assert faults(tmp_path) == [
        "maild.toml:6: limits.mesage: there is no such key; did you mean message?",
        "maild.toml:9: rule.stopp: there is no such key; did you mean stop?",
        "rules/a.toml:3: rule.then.queue: there is no queue 'billing'; there are q",
        "rules/a.toml:6: rule.when.any.sbject: there is no such key; did you mean subject?",
        "rules/a.toml:8: mailbox.password: there is no password; set password_file, password_env or password",
        "rules/b.toml:4: queue.intrnal: there is no such key; did you mean internal?",
        "rules/b.toml:6: rule.name: one is also in maild.toml:8; give each rule its own",
    ]


def test_a_broken_file_hides_no_other_file_and_makes_no_name_unknown(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml"]\n{DESK}' + rule("one", 'then = { queue = "billing" }\nstpo = 1'))
    write("rules/a.toml", '\n[[queue]]\nname = "billing\n')
    (tmp_path / "rules/b.toml").write_bytes(b'[[queue]]\nname = "\xff"\n')
    (tmp_path / "rules/c.toml").mkdir()
    write("rules/d.toml", "[limits]\n" + rule("two", "untill = 2026-01-01"))

    hint = "text needs quotes, a table is [name], a comment begins with #"
    assert faults(tmp_path) == [
        "maild.toml:8: rule.stpo: there is no such key; did you mean stop?",
        f"rules/a.toml:3: is not valid TOML (column 16): illegal character '\\n'; {hint}",
        "rules/b.toml:2: is not UTF-8; save the file as UTF-8",
        "rules/c.toml:1: cannot be read: Is a directory; it must be a file that maild's user may read",
        "rules/d.toml:1: limits: there is one [limits] only, and it stands in maild.toml; move its keys there",
        "rules/d.toml:4: rule.untill: there is no such key; did you mean until?",
    ]


def test_a_folder_that_is_closed_to_us_is_no_empty_one(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("maild.toml", f'include = ["rules/*.toml"]\n{DESK}')
    write("rules/a.toml", rule("r"))
    may = os.access  # root may read every folder, so the system's answer is given here
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "rules" and may(path, mode))

    (told,) = faults(tmp_path)

    assert told.startswith("maild.toml:1: include: cannot read the folder rules: Permission denied")


# what `include` says, what the included file a.toml says, and the whole message
WRONG: dict[str, tuple[str, str, str]] = {
    "no such file": (
        '["b.toml"]', "", "maild.toml:1: include: there is no file b.toml; did you mean a.toml?",
    ),
    "nothing like it": (
        '["folder/x.toml"]', "",
        "maild.toml:1: include: there is no file folder/x.toml; a path is relative to this file",
    ),
    "the third line of a list": (
        '[\n  "a.toml",\n  "c.toml",\n]', "", "maild.toml:3: include: there is no file c.toml; did you mean a.toml?",
    ),
    "itself": (
        '["maild.toml"]', "", "maild.toml:1: include: maild.toml is this file itself; leave it out",
    ),
    "a number": (
        "7", "", 'maild.toml:1: include: wrong type; write it like include = ["rules/*.toml"]',
    ),
    "a number among files": (
        "[7]", "", 'maild.toml:1: include: this is no path; write it like include = ["rules/*.toml"]',
    ),
    "a table of which there is one": (
        '["a.toml"]', '\n[desk]\nname = "x"', "a.toml:2: desk: there is one [desk] only, and it stands in maild.toml;",
    ),
    "an include in an included file": (
        '["a.toml"]', 'include = "b.toml"', "a.toml:1: include: an included file cannot include others; name them in",
    ),
    "one bracket": (
        '["a.toml"]', '[rule]\nname = "x"',
        "a.toml:1: rule: wrong kind of table; write [[rule]], with two brackets, for each",
    ),
    "an unknown table": (
        '["a.toml"]', '[[rules]]\nname = "x"', "a.toml:1: rules: there is no such table; did you mean [[rule]]?",
    ),
    "a key without a table": (
        '["a.toml"]', "rule = [1]", "a.toml:1: rule: wrong type; write [[rule]] with keys below it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("include", "text", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_included_is_told(tmp_path: Path, write: Write, include: str, text: str, message: str) -> None:
    write("maild.toml", f"include = {include}\n{DESK}")
    write("a.toml", text)

    (told,) = faults(tmp_path)

    assert told.startswith(message)


def test_a_link_that_leads_in_a_circle_is_told(tmp_path: Path, write: Write) -> None:
    write("maild.toml", f'include = ["rules/*.toml", "round.toml"]\n{DESK}')
    (tmp_path / "rules").mkdir()
    for name in ("rules/round.toml", "round.toml"):
        (tmp_path / name).symlink_to("round.toml")

    assert len(told := faults(tmp_path)) >= 1
    assert all("round.toml" in each for each in told)
