"""`maild init`: what it writes, what it refuses, and that it keeps secrets to itself."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maild.cli import probes
from maild.cli.main import app
from maild.config.load import load

CANARY = "canary-S3CRET-never-shown"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "maild.toml"


def init(file: Path, *words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["-c", str(file), "init", *words], input=text)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_defaults_are_a_configuration_that_loads(file: Path) -> None:
    result = init(file, "--yes")

    assert result.exit_code == 0, result.output
    config = load(file, {})
    assert config.desk.address == "support@example.com"
    assert config.receiver[0].listen == "127.0.0.1:2525"
    assert config.send.kind == "maildir"
    assert "check" in result.stdout
    assert mode(file.parent / "secret.key") == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == ["maild.toml", "secret.key"]


def test_every_answer_can_be_an_option(file: Path, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(CANARY)
    password.chmod(0o600)
    words = ["--yes", "--no-connect", "--name", "Acme", "--address", "help@acme.example", "--listen", "[::1]:2526"]
    words += ["--imap-host", "imap.acme.example", "--imap-user", "u", "--imap-password-file", str(password)]
    words += ["--relay-host", "mx.acme.example", "--relay-user", "v", "--relay-password-file", str(password)]
    words += ["--agent", "Anna Berg <anna@acme.example>", "--agent", "bob@acme.example"]
    result = init(file, *words)

    assert result.exit_code == 0, result.output
    config = load(file, {})
    assert (config.desk.name, config.desk.address) == ("Acme", "help@acme.example")
    assert config.receiver[0].listen == "[::1]:2526"
    assert (config.mailbox[0].host, config.mailbox[0].username) == ("imap.acme.example", "u")
    assert (config.send.host, config.send.username) == ("mx.acme.example", "v")
    assert [(agent.name, agent.address) for agent in config.agent] == [
        ("Anna Berg", "anna@acme.example"),
        ("bob", "bob@acme.example"),
    ]
    assert CANARY not in result.output + file.read_text()


def test_the_questions(file: Path) -> None:
    answers = ["Acme", "not an address", "help@acme.example", "imap.acme.example", "", CANARY, "-", "localhost", "-"]
    answers += ["Anna Berg <anna@acme.example>", "nobody", "-", ""]
    result = init(file, "--no-connect", text="\n".join(answers))

    assert result.exit_code == 0, result.output
    config = load(file, {})
    assert config.desk.address == "help@acme.example"
    assert config.mailbox[0].username == "help@acme.example"
    assert config.mailbox[0].password is not None
    assert config.mailbox[0].password.get_secret_value() == CANARY
    assert config.receiver == ()
    assert (config.send.kind, config.send.host, config.send.security) == ("smtp", "localhost", "none")
    assert [agent.name for agent in config.agent] == ["Anna Berg"]
    assert mode(file.parent / "mailbox.password") == 0o600
    assert CANARY not in result.output + file.read_text()


def test_a_configuration_is_not_replaced_unless_forced(file: Path) -> None:
    init(file, "--yes")
    key = (file.parent / "secret.key").read_text()
    file.write_text("mine")

    refused = init(file, "--yes")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert file.read_text() == "mine"

    assert init(file, "--yes", "--force").exit_code == 0
    assert file.read_text() != "mine"
    assert (file.parent / "secret.key").read_text() == key  # reply addresses of earlier letters stay valid


def test_no_key_is_made_twice(tmp_path: Path) -> None:
    init(tmp_path / "a" / "maild.toml", "--yes")
    init(tmp_path / "b" / "maild.toml", "--yes")

    keys = {(tmp_path / name / "secret.key").read_text() for name in ("a", "b")}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--address", "nobody"], "--address"),
        (["--agent", "nobody"], "--agent"),
        (["--imap-host", "h"], "--imap-password-file"),
        (["--relay-host", "h", "--relay-user", "u"], "--relay-password-file"),
    ],
    ids=["address", "agent", "mailbox password", "relay password"],
)
def test_an_option_that_cannot_be_right_writes_nothing(file: Path, words: list[str], hint: str) -> None:
    result = init(file, "--yes", *words)

    assert result.exit_code == 2
    assert hint in result.stderr
    assert not file.exists()


def test_an_answer_that_the_whole_file_shows_to_be_wrong_is_told_with_its_line(file: Path) -> None:
    result = init(file, "--yes", "--listen", "25")

    assert result.exit_code == 78
    assert "receiver.listen: '25' is no place to listen" in result.stderr


def test_connections_are_tried_and_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_relay", lambda _config: ["login refused"])
    result = init(file, "--yes", "--relay-host", "localhost")

    assert result.exit_code == 69
    assert "relay localhost: login refused" in result.stderr
    assert file.exists()
