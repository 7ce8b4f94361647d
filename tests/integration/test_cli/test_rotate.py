"""`maild rotate-secrets`: a new key signs, letters of before still find their tickets until it is forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from maild.clock import utc_now
from maild.testing.databases import SqliteCopies

OLD_KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def store_url(sqlite_copies: SqliteCopies, tmp_path: Path) -> str:
    """SQLite: no key is in a database."""
    (tmp_path / "data").mkdir()
    return sqlite_copies.make(tmp_path / "data")


@pytest.fixture
def keyed(house: Any) -> Any:
    """The key stands in a file, as `maild init` writes it."""
    key = house.file.parent / "secret.key"
    key.write_text(f"{OLD_KEY}\n")
    key.chmod(0o600)
    house.file.write_text(house.file.read_text().replace(f'secret = "{OLD_KEY}"', 'secret_file = "secret.key"'))
    house.configure("")
    return house


def _reply_address(house: Any) -> str:
    """Where Kim's replies to letters about ticket 1 go."""
    signer = house.parts.desk.signer
    return str(signer.reply_address("support@example.com", 1, "kim@customer.example", "t"))


def test_a_letter_of_before_still_finds_its_ticket(keyed: Any) -> None:
    address = _reply_address(keyed)

    result = keyed.maild("rotate-secrets")

    assert result.exit_code == 0, result.output
    assert "no maild runs here" in result.stdout
    new = (keyed.file.parent / "secret.key").read_text().strip()
    assert new != OLD_KEY
    old = keyed.file.parent / "secret.key.old"
    assert old.stat().st_mode & 0o777 == 0o600
    days = (utc_now() - timedelta(minutes=5), utc_now())  # it may just have become midnight
    assert old.read_text() in {f"# replaced {day:%Y-%m-%d}\n{OLD_KEY}\n" for day in days}
    assert OLD_KEY not in result.output
    assert new not in result.output
    keyed.configure("")
    assert _reply_address(keyed) != address
    keyed.accept(f"From: Kim <kim@customer.example>\nTo: {address}\nSubject: hm\nMessage-ID: <77@x.example>\n\nstill\n")
    keyed.work()
    assert keyed.sql("SELECT ticket FROM inbox WHERE message_id = '77@x.example'") == [(1,)]


def test_twice_keeps_both_old_keys_and_an_interrupted_one_loses_none(
    keyed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maild.bootstrap import rotate

    write = rotate._write  # to stop between its two uses

    def once(file: Path, text: str) -> None:
        monkeypatch.undo()
        write(file, text)
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(rotate, "_write", once)
    assert keyed.maild("rotate-secrets").exit_code == 1
    assert (keyed.file.parent / "secret.key").read_text() == f"{OLD_KEY}\n"

    [done] = keyed.lines("rotate-secrets")
    [again] = keyed.lines("rotate-secrets")

    assert (done["accepted"], again["accepted"]) == (1, 2)
    assert keyed.maild("check", "--offline").exit_code in (0, 2)


def test_an_old_key_is_forgotten_when_nobody_answers_its_letters_any_more(keyed: Any) -> None:
    keyed.maild("rotate-secrets")
    old = keyed.file.parent / "secret.key.old"

    [kept] = keyed.lines("rotate-secrets", "--forget-old")
    assert (kept["forgotten"], kept["accepted"]) == (0, 1)
    long_ago = f"{utc_now() - timedelta(days=91):%Y-%m-%d}"
    old.write_text(f"# replaced {long_ago}\n{OLD_KEY}\n")
    [gone] = keyed.lines("rotate-secrets", "--forget-old")

    assert (gone["forgotten"], gone["accepted"]) == (1, 0)
    assert not old.exists()


def test_a_key_that_others_have_seen_is_forgotten_at_once(keyed: Any) -> None:
    keyed.maild("rotate-secrets")

    assert keyed.maild("rotate-secrets", "--forget-old", "--even-young").exit_code == 0

    assert not (keyed.file.parent / "secret.key.old").exists()


def test_a_key_in_the_configuration_itself_has_to_move_into_a_file(house: Any) -> None:
    result = house.maild("rotate-secrets")

    assert result.exit_code == 1
    assert "write it into a file of mode 0600, set desk.secret_file" in result.output
