"""`maild check` and the command line around it, as an operator meets them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maild.cli import probes
from maild.cli.main import COMMANDS, app
from maild.config.model import Config

CANARY = "canary-S3CRET-never-shown"
DESK = f'[desk]\naddress = "support@example.com"\nsecret = "{CANARY}"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "maild.toml"


@pytest.fixture(autouse=True)
def no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILD_CONFIG", raising=False)
    monkeypatch.setattr(probes, "_store", lambda _config: [])
    monkeypatch.setattr(probes, "_broker", lambda _config: [])


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        yield other.getsockname()[1]


def maild(*words: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=text)


def test_all_is_well(file: Path) -> None:
    file.write_text(DESK + '[[receiver]]\nlisten = "127.0.0.1:0"\n')
    result = maild("-c", file, "check")

    assert result.exit_code == 0, result.output
    assert f"ok   {file}" in result.stdout
    assert "ok   receiver 127.0.0.1:0" in result.stdout
    assert result.stderr == ""


def test_the_port_of_monitoring_is_tried(file: Path, taken: int) -> None:
    file.write_text(DESK + f'[monitoring]\nlisten = "127.0.0.1:{taken}"\n')
    result = maild("-c", file, "check")

    assert result.exit_code == 69
    assert f"{file}:5: monitoring 127.0.0.1:{taken}: is in use; is maild running already?" in result.stderr


def test_a_wrong_file_is_told_in_full_and_ends_with_78(file: Path) -> None:
    file.write_text(DESK + '[send]\nhots = "x"\n[worker]\nprocesses = 0\n')
    result = maild("-c", file, "check")

    assert result.exit_code == 78
    assert result.stderr.splitlines() == [
        f"{file}:5: send.hots: there is no such key; did you mean host?",
        f"{file}:7: worker.processes: out of range; it must be at least 1",
    ]
    assert "Traceback" not in result.output


def test_everything_that_does_not_answer_is_told_and_ends_with_69(
    file: Path, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_config: Config) -> list[str]:
        raise RuntimeError(f"no postgresql://u:{CANARY}@h/d")

    monkeypatch.setattr(probes, "_store", broken)
    monkeypatch.setattr(probes, "_broker", lambda _config: ["refused"])
    file.write_text(DESK + f'[[receiver]]\nlisten = "127.0.0.1:{taken}"\n')
    result = maild("-c", file, "check")

    assert result.exit_code == 69
    assert result.stderr.splitlines() == [
        f"{file}:1: database: could not be tried: RuntimeError: no postgresql://u:***@h/d",
        f"{file}:1: broker: refused",
        f"{file}:5: receiver 127.0.0.1:{taken}: is in use; is maild running already?",
    ]
    assert CANARY not in result.output


def test_a_data_folder_that_cannot_be_is_told(file: Path) -> None:
    (file.parent / "data").write_text("a file")
    file.write_text(DESK)
    result = maild("-c", file, "check")

    assert result.exit_code == 69
    assert result.stderr.startswith(f"{file}:1: data folder {file.parent}/data: cannot write into")


def test_a_full_disk_is_told(file: Path) -> None:
    file.write_text(DESK + '[limits]\nfree_disk = "9999999 GiB"\n')

    assert "limits.free_disk" in maild("-c", file, "check").stderr


def test_nothing_is_made_in_the_data_folder(file: Path) -> None:
    file.write_text(DESK)
    maild("-c", file, "check")

    assert list(file.parent.iterdir()) == [file]


def test_without_connections_only_the_file_is_read(file: Path, taken: int) -> None:
    file.write_text(DESK + f'[[receiver]]\nlisten = "127.0.0.1:{taken}"\n')

    assert maild("-c", file, "check", "--no-connect").exit_code == 0


@pytest.mark.parametrize(("text", "code"), [(DESK, 0), (DESK + "[log]\nx = 1\n", 78)], ids=["right", "wrong"])
def test_json_is_one_document_also_for_faults(file: Path, text: str, code: int) -> None:
    file.write_text(text)
    result = maild("-c", file, "check", "--json")

    assert result.exit_code == code
    document = json.loads(result.stdout)
    assert document["ok"] is (code == 0)
    assert len(document["config"]) == (code == 78)
    assert result.stderr == ""


def test_a_socket_that_somebody_serves_is_in_use(file: Path) -> None:
    file.write_text(DESK + '[[receiver]]\nprotocol = "lmtp"\nlisten = "unix:s"\n')
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(file.parent / "s"))
        other.listen(1)
        assert maild("-c", file, "check").exit_code == 69
    assert maild("-c", file, "check").exit_code == 0  # left behind: it can be replaced


def test_the_file_is_looked_for_here_and_in_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(file.parent / "home"))
    result = maild("check", "--no-connect")
    assert result.exit_code == 78
    assert "maild init" in result.stderr

    file.write_text(DESK)
    assert maild("check", "--no-connect").exit_code == 0
    monkeypatch.setenv("MAILD_CONFIG", str(file.parent / "other.toml"))
    assert maild("check", "--no-connect").exit_code == 78


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = maild(name, "--help")

    assert result.exit_code == 0, result.output
    assert "Example:" in result.stdout or "Commands:" in result.stdout


def test_the_list_of_commands_is_complete() -> None:
    result = maild("--help")

    assert all(f"  {name} " in result.stdout for name in COMMANDS)


def test_the_file_may_be_named_before_or_after_the_command(file: Path) -> None:
    file.write_text(DESK)

    assert maild("--config", file, "check", "--no-connect").exit_code == 0
    assert maild("check", "--no-connect", "-c", file).exit_code == 0


def test_a_misspelt_command_is_guessed() -> None:
    result = maild("chek")

    assert result.exit_code == 2
    assert "Did you mean 'check'?" in result.output


def test_the_version() -> None:
    assert maild("--version").stdout.startswith("maild ")


def test_help_needs_no_heavy_library() -> None:
    code = "import sys, maild.cli.main; print([m for m in ('pydantic', 'sqlalchemy', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
