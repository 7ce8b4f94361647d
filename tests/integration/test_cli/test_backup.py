"""`maild backup` and `maild restore`: what is in the file, what comes back, and what is never sent twice."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from maild.bootstrap.last_backup import last_backup
from maild.bootstrap.restoring import Ordered, interrupted, marked, refuse_while_restoring
from maild.bootstrap.running import Notice
from maild.clock import utc_now
from maild.errors import Permanent
from maild.store import dumping, schema
from maild.store.erasures import Order
from maild.testing.databases import PostgresCopies, SqliteCopies

LATER = (
    "From: Nia <nia@third.example>\nTo: support@example.com\nSubject: Later\nMessage-ID: <9@third.example>\n\nlater\n"
)
NOTHING = Ordered(erasures=(), holds=())


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own: a restore changes more than rows. SQLite, unless the test is `on_both`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        copies: SqliteCopies = request.getfixturevalue("sqlite_copies")
        (tmp_path / "data").mkdir()
        yield copies.make(tmp_path / "data")
        return
    server: PostgresCopies = request.getfixturevalue("postgres_copies")
    with server.one() as url:
        yield url


on_both = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where backups are kept."""
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


def _backed_up(house: Any, shelf: Path) -> Path:
    [made] = house.lines("backup", shelf)
    return Path(made["file"])


def _without_site(file: Path, target: Path) -> Path:
    """The same backup as an earlier version made it, whose manifests did not say of which site they were."""
    with tarfile.open(file) as tar, tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as old:
        for member in tar:
            content = tar.extractfile(member).read()  # type: ignore[union-attr]
            if member.name == "manifest.json":
                content = json.dumps(
                    {name: each for name, each in json.loads(content).items() if name != "site"}
                ).encode()
                member.size = len(content)
            old.addfile(member, io.BytesIO(content))
    return target


def _count(house: Any, table: str) -> int:
    return int(house.sql(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608


@on_both
def test_a_backup_holds_all_and_verifies(house: Any, shelf: Path) -> None:
    result = house.maild("backup", shelf)

    assert result.exit_code == 0, result.output
    [file] = shelf.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        assert tar.extractfile("keys/secret.key").read() == b"0123456789abcdef0123456789abcdef\n"  # type: ignore[union-attr]
    database = "database/maild.db" if house.database.sqlite else "database/maild.dump"
    assert names == ["manifest.json", database, "config/maild.toml", "keys/secret.key"]
    assert manifest["store"]["counts"] == {"tickets": 2, "events": 5, "mails": 5, "letters": 5}
    [checked] = house.lines("backup", "--verify", file)
    assert checked["ok"]
    assert checked["heads"] == manifest["store"]["heads"]
    noted = last_backup(house.parts.config.desk.data)
    assert noted is not None
    assert (noted.file, noted.bytes) == (file, file.stat().st_size)


@pytest.mark.parametrize("at", ["the manifest", "the database"])
def test_a_damaged_backup_is_refused(house: Any, shelf: Path, at: str) -> None:
    file = _backed_up(house, shelf)
    whole = bytearray(file.read_bytes())
    place = 600 if at == "the manifest" else len(whole) // 2
    whole[place] ^= 0xFF
    file.write_bytes(bytes(whole))
    house.database.close()

    for words in (("backup", "--verify", file), ("restore", file, "--replace")):
        assert house.maild(*words).exit_code == 1
    assert _count(house, "ticket") == 2


def test_a_backup_of_before_manifests_named_the_site_verifies_and_is_restored(house: Any, shelf: Path) -> None:
    file = _without_site(_backed_up(house, shelf), shelf / "maild-20260101T030000Z.tar")
    house.accept(LATER)
    house.work()
    house.database.close()

    verified = house.maild("backup", "--verify", file)
    restored = house.maild("restore", file, "--replace")

    assert verified.exit_code == 0, verified.output
    assert restored.exit_code == 0, restored.output
    assert _count(house, "ticket") == 2


def test_without_the_secret_no_secret_is_in_it(house: Any, shelf: Path) -> None:
    [made] = house.lines("backup", shelf, "--without-secret")

    assert not any(name.startswith(("keys/", "config/")) for name in made["files"])
    assert made["left_out"] == [f"{house.file} (it holds secrets)"]
    assert b"0123456789abcdef0123456789abcdef" not in Path(made["file"]).read_bytes()


def test_old_backups_are_removed_and_nothing_else(house: Any, shelf: Path) -> None:
    old = [shelf / f"maild-support@example.com-2026010{day}T030000Z.tar" for day in (1, 2, 3)]
    others = [shelf / "letters.tar", shelf / "maild-sales@example.com-20260101T030000Z.tar"]
    for path in (*old, *others):
        path.touch()

    [made] = house.lines("backup", shelf, "--keep", 2)

    assert made["removed"] == [str(old[0]), str(old[1])]
    assert sorted(p.name for p in shelf.iterdir()) == sorted(
        [*(other.name for other in others), old[2].name, Path(made["file"]).name]
    )


def test_old_backups_of_before_names_had_a_site_are_removed_as_well(house: Any, shelf: Path, tmp_path: Path) -> None:
    made = house.maild("backup", tmp_path / "b.tar")
    assert made.exit_code == 0, made.output
    old = [_without_site(tmp_path / "b.tar", shelf / f"maild-2026010{day}T030000Z.tar") for day in (1, 2)]
    named = shelf / "maild-support@example.com-20251231T030000Z.tar"
    named.touch()
    sited, none = shelf / "maild-20260103T030000Z.tar", shelf / "maild-20260104T030000Z.tar"
    shutil.copy(tmp_path / "b.tar", sited)  # it says of which site it is, and was given that name by hand
    none.touch()

    [kept] = house.lines("backup", shelf, "--keep", 2)

    assert kept["removed"] == [str(named), str(old[0])]
    assert sorted(shelf.iterdir()) == sorted([old[1], sited, none, Path(kept["file"])])


def test_sites_with_one_folder_for_backups_leave_each_other_alone(house: Any, shelf: Path, tmp_path: Path) -> None:
    ours = _backed_up(house, shelf)
    at_work, begins, left, old = (shelf / f".maild-backup.{name}" for name in ("theirs", "begins", "dead", "old"))
    for folder in (at_work, begins, left, old):
        folder.mkdir()
    for folder in (at_work, left):
        (folder / "lock").touch()
    os.utime(old, (0, 0))
    held = os.open(at_work / "lock", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    house.file.write_text(house.file.read_text().replace("support@example.com", "sales@example.com"))

    theirs = _backed_up(house, shelf)

    assert ours.name.startswith("maild-support@example.com-2")
    assert theirs.name.startswith("maild-sales@example.com-2")
    assert [path.exists() for path in (ours, at_work, begins, left, old)] == [True, True, True, False, False]
    os.close(held)
    refused = house.maild("backup", "--verify", ours)
    assert refused.exit_code == 1
    assert "is a backup of support@example.com, not of sales@example.com" in refused.output.replace("\n", " ")
    house.file.rename(tmp_path / "elsewhere.toml")  # a machine that only keeps backups
    assert house.maild("backup", "--verify", ours).exit_code == 0


def test_a_backup_by_root_keeps_nobody_out(house: Any, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, given = house.parts.config.desk.data, []
    data.mkdir(exist_ok=True)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda opened, uid, _gid: given.append((_name(opened), uid)))

    assert house.maild("backup", shelf).exit_code == 0

    owner = data.stat().st_uid
    assert given == [(name, owner) for name in ("run", "backup.lock", "last-backup.json.new")]


def _name(opened: int) -> str:
    return Path(f"/proc/self/fd/{opened}").readlink().name


def test_a_lock_that_root_made_otherwise_need_only_be_read(
    house: Any, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.maild("backup", shelf).exit_code == 0
    really = os.open

    def roots(path: Any, how: int, *mode: int, **more: Any) -> int:
        if path == "backup.lock" and how & os.O_RDWR and not how & os.O_EXCL:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, how, *mode, **more)

    monkeypatch.setattr(os, "open", roots)
    assert house.maild("backup", shelf).exit_code == 0


@pytest.mark.parametrize("exists", [True, False], ids=["to a file", "to nothing"])
@pytest.mark.parametrize("name", ["last-backup.json.new", "backup.lock"])
def test_a_link_that_was_put_in_the_way_of_root_leads_nowhere(
    house: Any, shelf: Path, tmp_path: Path, name: str, exists: bool
) -> None:
    run, target = house.parts.config.desk.data / "run", tmp_path / "passwd"
    run.mkdir(parents=True)
    if exists:
        target.write_text("root:x:0:0")
        target.chmod(0o600)
    (run / name).symlink_to(target)

    result = house.maild("backup", shelf)

    if exists:
        assert (target.read_text(), target.stat().st_mode & 0o777) == ("root:x:0:0", 0o600)
    else:
        assert not target.exists()
    if name == "backup.lock":
        assert result.exit_code == 1
        assert f"{run / name} cannot be locked" in result.output.replace("\n", "")
        assert not list(shelf.iterdir())
    else:
        assert result.exit_code == 0, result.output
        assert last_backup(run.parent) is not None


def test_a_link_in_place_of_the_folder_is_refused(house: Any, shelf: Path, tmp_path: Path) -> None:
    data, elsewhere = house.parts.config.desk.data, tmp_path / "etc"
    data.mkdir(exist_ok=True)
    elsewhere.mkdir()
    (data / "run").symlink_to(elsewhere)

    result = house.maild("backup", shelf)

    assert result.exit_code == 1
    assert "there must be no links in its place" in result.output.replace("\n", " ")
    assert not list(elsewhere.iterdir())


@on_both
def test_what_came_later_is_gone_and_the_old_store_is_kept(house: Any, shelf: Path) -> None:
    file = _backed_up(house, shelf)
    house.accept(LATER)
    house.work()
    assert _count(house, "ticket") == 3
    house.database.close()

    refused = house.maild("restore", file)
    result = house.maild("restore", file, "--replace")

    assert "holds 3 tickets" in refused.output
    assert result.exit_code == 0, result.output
    assert _count(house, "ticket") == 2
    assert house.maild("audit", "verify").exit_code == 0
    if house.database.sqlite:
        [kept] = (house.file.parent / "data").glob("maild.db.before-*")
        with closing(sqlite3.connect(kept)) as old:
            assert old.execute("SELECT count(*) FROM ticket").fetchone() == (3,)
    else:
        [[name]] = house.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'maild_before%'")
        assert _count(house, f"{name}.ticket") == 3


@pytest.mark.parametrize("first", ["in which she was not known", "in which she must be kept"])
def test_who_was_erased_is_erased_again_by_the_second_of_two_restores(house: Any, tmp_path: Path, first: str) -> None:
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    if first == "in which she was not known":
        assert house.maild("backup", older).exit_code == 0
    house.accept(LATER)
    house.work()
    assert house.maild("backup", newer).exit_code == 0
    if first == "in which she must be kept":
        assert house.maild("hold", "nia@third.example").exit_code == 0
        assert house.maild("backup", older).exit_code == 0
        assert house.maild("hold", "nia@third.example", "--end").exit_code == 0
    assert house.maild("erase", "nia@third.example", "--yes", "--reason", "asked by letter").exit_code == 0
    house.database.close()

    [one] = house.lines("restore", older, "--replace")
    kept = house.sql("SELECT reason, finished_at IS NULL FROM erasure")
    if first == "in which she must be kept":  # that it had ended was forgotten as well
        assert house.maild("hold", "nia@third.example", "--end").exit_code == 0
    house.database.close()
    [two] = house.lines("restore", newer, "--replace")

    assert (one["erased"], len(one["in_it_again"])) == ([], 1)
    assert [tuple(row) for row in kept] == [("asked by letter", first == "in which she must be kept")]
    assert (len(two["erased"]), two["in_it_again"]) == (1, [])
    assert not house.sql("SELECT 1 FROM contact WHERE address = 'nia@third.example'")


@pytest.mark.parametrize(
    "sender", ["form@web.example\nReply-To: Evil <evil@other.example>", "prvs=1=evil@other.example"]
)
def test_who_is_known_by_a_mail_in_quarantine_alone_is_erased_again(empty: Any, tmp_path: Path, sender: str) -> None:
    many = "".join(f"X-{number}: x\n" for number in range(1001))
    empty.accept(f"From: {sender}\nTo: support@example.com\nMessage-ID: <4@x>\n{many}\nquetzalcoatl\n")
    empty.work()
    assert len(empty.lines("quarantine", "list")) == 1
    assert empty.maild("backup", tmp_path / "b.tar").exit_code == 0
    assert empty.maild("erase", "evil@other.example", "--yes").exit_code == 0
    empty.database.close()

    [done] = empty.lines("restore", tmp_path / "b.tar", "--replace")

    assert (len(done["erased"]), done["in_it_again"]) == (1, [])
    assert [row[0][:9] for row in empty.sql("SELECT gone FROM raw")] == ["erasure 1"]


def test_an_erasure_that_was_cut_keeps_its_number_over_two_restores(house: Any, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    assert house.maild("backup", older).exit_code == 0
    house.accept(LATER)
    house.work()
    assert house.maild("backup", newer).exit_code == 0
    assert house.maild("erase", "nia@third.example", "--yes").exit_code == 0
    house.sql("UPDATE erasure SET address = 'nia@third.example', finished_at = NULL")
    house.database.close()

    house.lines("restore", older, "--replace")  # finds nothing of her, so it is done
    [two] = house.lines("restore", newer, "--replace")

    assert (len(two["erased"]), two["in_it_again"]) == (1, [])
    assert not house.sql("SELECT 1 FROM contact WHERE address = 'nia@third.example'")


def _letter(who: str) -> str:
    return LATER.replace("nia@", f"{who}@").replace("<9@", f"<{who}@").replace("later", who)


def _other_line(house: Any, tmp_path: Path) -> Path:
    """A backup in which Nia has written; the house goes on from one before that."""
    older, newer = tmp_path / "older.tar", tmp_path / "newer.tar"
    assert house.maild("backup", older).exit_code == 0
    house.accept(_letter("nia"))
    house.work()
    assert house.maild("backup", newer).exit_code == 0
    house.database.close()
    house.lines("restore", older, "--replace")
    return newer


def test_an_order_is_not_carried_out_on_whoever_has_that_number_in_another_line(house: Any, tmp_path: Path) -> None:
    newer = _other_line(house, tmp_path)
    house.accept(_letter("omar"))  # who gets the number that Nia has in the other line, and she the next one
    house.accept(_letter("nia"))
    house.work()
    house.lines("erase", "omar@third.example", "--yes")
    house.lines("erase", "nia@third.example", "--yes", "--reason", "asked as well")
    numbers = {row[0] for row in house.sql("SELECT contact FROM erasure")}
    house.database.close()

    [done] = house.lines("restore", newer, "--replace")

    [[number]] = house.sql("SELECT contact FROM erasure WHERE finished_at IS NOT NULL AND reason = 'asked as well'")
    assert number in numbers - {max(numbers)}  # hers here, which was his there
    assert (len(done["erased"]), len(done["in_it_again"])) == (1, 1)
    assert "not known in it" in done["in_it_again"][0]
    assert not house.sql("SELECT 1 FROM contact WHERE address LIKE '%third.example'")


def test_who_wrote_anew_after_an_erasure_is_left_alone_by_a_backup_of_then(house: Any, tmp_path: Path) -> None:
    before, after = tmp_path / "before.tar", tmp_path / "after.tar"
    house.accept(LATER)
    house.work()
    assert house.maild("backup", before).exit_code == 0
    house.lines("erase", "nia@third.example", "--yes")
    house.accept(_letter("nia"))
    house.work()
    assert house.maild("backup", after).exit_code == 0
    house.database.close()
    [one] = house.lines("restore", before, "--replace")  # now the order is younger than the second backup
    house.database.close()

    [two] = house.lines("restore", after, "--replace")

    assert len(one["erased"]) == 1
    assert (two["erased"], two["in_it_again"]) == ([], [])
    assert house.sql("SELECT 1 FROM contact WHERE address = 'nia@third.example'")


def test_an_order_of_before_pseudonyms_is_carried_out_by_number(house: Any, tmp_path: Path) -> None:
    house.accept(LATER)
    house.work()
    assert house.maild("backup", tmp_path / "b.tar").exit_code == 0
    house.lines("erase", "nia@third.example", "--yes")
    house.sql("UPDATE erasure SET address = ''")
    house.database.close()

    [done] = house.lines("restore", tmp_path / "b.tar", "--replace")

    assert (len(done["erased"]), done["in_it_again"]) == (1, [])
    assert not house.sql("SELECT 1 FROM contact WHERE address = 'nia@third.example'")


@on_both
def test_holds_of_after_the_backup_are_put_on_again(house: Any, tmp_path: Path) -> None:
    house.accept(LATER)
    house.work()
    [[known]] = house.sql("SELECT address FROM contact ORDER BY id LIMIT 1")
    assert house.maild("backup", tmp_path / "b.tar").exit_code == 0
    house.accept(_letter("omar"))
    house.work()
    for what in (1, known, 4, "omar@third.example"):
        assert house.maild("hold", what, "--reason", f"case {what}").exit_code == 0
    house.database.close()

    [done] = house.lines("restore", tmp_path / "b.tar", "--replace")

    assert done["holds"] == ["ticket 1 (case 1)", f"contact {known} (case {known})",
                             "contact omar@third.example (case omar@third.example)"]  # fmt: skip
    assert done["holds_lost"] == ["ticket 4 (case 4)"]
    assert len(house.lines("hold")) == 3
    for who in (known, "nia@third.example"):
        kept = "must be kept" in house.maild("erase", who, "--yes").output
        assert kept == (who == known)
    house.accept(_letter("omar"))
    house.work()
    assert "must be kept (case omar" in house.maild("erase", "omar@third.example", "--yes").output


def test_a_hold_is_not_put_on_another_ticket_of_that_number(house: Any, tmp_path: Path) -> None:
    newer = _other_line(house, tmp_path)
    house.accept(_letter("omar"))
    house.work()
    assert house.maild("hold", 3).exit_code == 0
    house.database.close()

    told = house.maild("restore", newer, "--replace").stdout

    assert "! put on hold after the backup, and not in it: ticket 3 (legal hold)" in told
    assert house.lines("hold") == []


on_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


def _another_version(home: Path, version: int, setting: str) -> None:
    """Programs that call themselves another version and, as 17 does, set what older servers do not know."""
    real = Path(shutil.which("pg_dump") or "").parent
    folder = home / str(version) / "bin"
    folder.mkdir(parents=True)
    for name in ("pg_dump", "pg_restore", "psql"):
        after = (
            f'for word; do case "$word" in --file=*) file="${{word#--file=}}"; esac; done\n'
            f'[ -n "$file" ] && sed -i "1i SET {setting} = 0;" "$file"\n'
        )
        (folder / name).write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo "{name} (PostgreSQL) {version}.2" && exit\n'
            f'echo {version} {name} >> {home}/used\n{real / name} "$@" || exit\n'
            + (after if name == "pg_restore" else "")
            + "true\n"
        )
        (folder / name).chmod(0o755)


@on_postgresql
def test_programs_of_a_later_postgresql_serve_an_older_server(
    house: Any, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _another_version(tmp_path / "pg", 99, "transaction_timeout_of_99")
    monkeypatch.setattr(dumping, "HOMES", tmp_path / "pg")
    monkeypatch.setenv("PATH", "/nowhere")  # only these are installed
    file = _backed_up(house, shelf)
    house.accept(LATER)
    house.work()
    house.database.close()

    result = house.maild("restore", file, "--replace")

    assert result.exit_code == 0, result.output
    assert _count(house, "ticket") == 2
    assert set((tmp_path / "pg/used").read_text().split("\n")) >= {"99 pg_dump", "99 pg_restore", "99 psql"}


@on_postgresql
def test_of_several_versions_the_servers_own_is_used_and_an_older_one_refused(
    house: Any, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumping, "HOMES", tmp_path / "pg")
    for version in (9, 99):
        _another_version(tmp_path / "pg", version, "x")
    assert house.maild("backup", shelf).exit_code == 0  # by the one in the PATH
    assert not (tmp_path / "pg/used").exists()
    shutil.rmtree(tmp_path / "pg/99")
    monkeypatch.setenv("PATH", "/nowhere")

    refused = house.maild("backup", shelf)

    assert refused.exit_code == 1
    assert "pg_dump 9 is older than the server (" in refused.output
    assert "install postgresql-client-" in refused.output


def test_letters_that_waited_are_held_and_answers_are_shown(house: Any, shelf: Path) -> None:
    house.sql("UPDATE outbox SET state = 'waiting', sent_at = NULL")
    house.sql("UPDATE outbox SET automatic = FALSE WHERE id = 2")
    file = _backed_up(house, shelf)
    house.database.close()

    result = house.maild("restore", file, "--replace")

    assert "held, for they may have been sent: 4 automatic letters" in result.stdout
    assert "an agent's answer to anna@example.com on ticket 1 is held: maild outbox retry 2" in result.stdout
    house.work()
    assert {state for [state] in house.sql("SELECT state FROM outbox")} == {"uncertain"}


@on_both
def test_a_mail_that_waited_gets_its_ticket_and_no_second_acknowledgement(house: Any, shelf: Path) -> None:
    house.accept(LATER)
    file = _backed_up(house, shelf)
    house.work()  # the customer has her acknowledgement, and then the disk dies
    before = _count(house, "outbox")
    house.database.close()

    [done] = house.lines("restore", file, "--replace")

    assert done["waiting"] == 0
    assert _count(house, "ticket") == 3
    assert _count(house, "outbox") == before
    house.work()
    to_nia = house.sql("SELECT state FROM outbox WHERE recipient = 'nia@third.example'")
    assert [state for [state] in to_nia] == ["uncertain"]
    house.accept(LATER)  # IMAP still has it, or the sender's mail system tries again
    house.work()
    assert _count(house, "ticket") == 3
    assert len(house.sql("SELECT 1 FROM outbox WHERE recipient = 'nia@third.example'")) == 1


@on_both
def test_a_mailbox_is_looked_through_for_what_came_after_the_backup(house: Any, shelf: Path) -> None:
    boxes = house.parts.mailboxes
    last = utc_now() - timedelta(hours=7)
    boxes.note_success("slow", last)
    more = '[[mailbox]]\nname = "{}"\nhost = "mail.example"\nusername = "x"\npassword = "y"\n'
    house.configure("\n" + more.format("slow") + more.format("new") + 'after = "delete"\n')
    file = _backed_up(house, shelf)
    house.database.close()

    result = house.maild("restore", file, "--replace")

    assert result.exit_code == 0, result.output
    assert boxes.look_back("slow").since == last - timedelta(hours=1)
    assert utc_now() - timedelta(hours=2) < boxes.look_back("new").since < utc_now() - timedelta(minutes=59)
    since = f"{last - timedelta(hours=1):%Y-%m-%d %H:%M} UTC"
    assert f"mailbox slow: mails since {since} come back from Processed by themselves" in " ".join(
        result.stdout.split()
    )
    assert "mailbox new: maild has deleted what it took in since" in result.stdout
    boxes.looked_back("slow")
    assert boxes.look_back("slow") is None


def test_a_mailbox_that_shares_its_done_folder_is_not_looked_through(house: Any, shelf: Path) -> None:
    more = '[[mailbox]]\nname = "{}"\nfolder = "{}"\nhost = "mail.example"\nusername = "x"\npassword = "y"\n'
    house.configure("\n" + more.format("one", "INBOX") + more.format("two", "Sales"))
    file = _backed_up(house, shelf)
    house.database.close()

    result = house.maild("restore", file, "--replace")

    assert house.parts.mailboxes.look_back("one") is None
    assert "move them from Processed to Sales by hand" in " ".join(result.stdout.split())


def test_a_mailbox_leaves_the_mails_of_who_was_erased_after_the_backup(house: Any, shelf: Path) -> None:
    more = '[[mailbox]]\nname = "one"\nhost = "mail.example"\nusername = "x"\npassword = "y"\n'
    house.configure("\n" + more)
    [[who]] = house.sql("SELECT address FROM contact ORDER BY id LIMIT 1")
    file = _backed_up(house, shelf)
    before = utc_now()
    assert house.maild("erase", who, "--yes").exit_code == 0
    house.database.close()

    assert house.maild("restore", file, "--replace").exit_code == 0

    back = house.parts.mailboxes.look_back("one")
    assert not back.wants(who, before)
    assert back.wants(who, utc_now())  # she writes anew
    assert back.wants("nia@third.example", before)


@pytest.mark.parametrize("backup", ["of before", "that holds the order"])
def test_a_mailbox_leaves_what_came_before_an_erasure_that_was_cut_went_on(
    house: Any, shelf: Path, backup: str
) -> None:
    house.configure('\n[[mailbox]]\nname = "one"\nhost = "mail.example"\nusername = "x"\npassword = "y"\n')
    house.accept(LATER)
    house.work()
    file = _backed_up(house, shelf) if backup == "of before" else None
    assert house.maild("erase", "nia@third.example", "--yes").exit_code == 0
    house.sql("UPDATE erasure SET address = 'nia@third.example', finished_at = NULL")
    house.accept(_letter("nia"))
    house.work()
    between = utc_now()
    file = file or _backed_up(house, shelf)
    assert house.maild("erase", "nia@third.example", "--yes").exit_code == 0
    house.database.close()

    [done] = house.lines("restore", file, "--replace")

    assert (len(done["erased"]), done["in_it_again"]) == (1, [])
    back = house.parts.mailboxes.look_back("one")
    assert not back.wants("nia@third.example", between)
    assert back.wants("nia@third.example", utc_now())


def test_a_mailbox_leaves_the_mails_of_who_was_erased_before_it_was_looked_through(house: Any, shelf: Path) -> None:
    house.configure('\n[[mailbox]]\nname = "one"\nhost = "mail.example"\nusername = "x"\npassword = "y"\n')
    [[who]] = house.sql("SELECT address FROM contact ORDER BY id LIMIT 1")
    file = _backed_up(house, shelf)
    house.accept(LATER)
    house.work()
    before = utc_now()
    assert house.maild("erase", "nia@third.example", "--yes").exit_code == 0
    house.database.close()
    [done] = house.lines("restore", file, "--replace")  # which knows nobody of that address

    assert house.maild("erase", who, "--yes").exit_code == 0

    assert len(done["in_it_again"]) == 1
    back = house.parts.mailboxes.look_back("one")
    assert not back.wants(who, before)
    assert not back.wants("nia@third.example", before)
    assert back.wants("nia@third.example", utc_now())


def test_a_store_that_is_in_use_is_not_replaced(house: Any, shelf: Path) -> None:
    file = _backed_up(house, shelf)
    notice = Notice(house.parts.config.desk.data, "here", utc_now())
    notice.post()
    try:
        result = house.maild("restore", file, "--replace")
    finally:
        notice.remove()

    assert result.exit_code == 75
    assert f"maild runs here (process {os.getpid()})" in result.output


def test_nobody_opens_a_store_that_is_half_restored(house: Any, tmp_path: Path) -> None:
    with marked(house.parts.config.desk.data, tmp_path / "x.tar", NOTHING):
        result = house.maild("status")

    assert result.exit_code == 1
    assert "a restore of" in result.output


def test_a_restore_that_begins_is_on_the_disk_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda opened: synced.append(str(Path(f"/proc/self/fd/{opened}").readlink())))

    with marked(tmp_path, tmp_path / "x.tar", NOTHING):
        assert synced == [str(tmp_path / "restoring.new"), str(tmp_path)]
        assert (tmp_path / "restoring").exists()


def test_a_restore_that_was_cut_knows_whom_to_erase_whatever_characters_stand_there(tmp_path: Path) -> None:
    lines = "asked by letter\u2028and\u0085by\ntelephone"
    order = Order(contact=7, address="", ordered_at=utc_now(), ordered_by="root", reason=lines)
    for name in (b"x.tar", b"\xff.tar"):
        with pytest.raises(OSError, match="power"), marked(tmp_path, tmp_path / os.fsdecode(name), NOTHING):
            raise OSError("power")
        ordered = Ordered(erasures=[order], holds=[])
        with pytest.raises(OSError, match="power"), marked(tmp_path, tmp_path / os.fsdecode(name), ordered):
            raise OSError("power")
        assert interrupted(tmp_path) == ordered
        with pytest.raises(Permanent, match="is not finished: wait"):
            refuse_while_restoring(tmp_path)


def test_a_restore_that_another_version_began_is_not_taken_for_one_that_has_nobody_to_erase(tmp_path: Path) -> None:
    (tmp_path / "restoring").write_text('/backups/x.tar\n{"contact": 7, "address": "", "reason": ""}\n')

    with pytest.raises(Permanent, match="another version of maild"):
        interrupted(tmp_path)


def test_a_store_on_another_file_system_than_the_data_is_restored(
    house: Any, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _backed_up(house, shelf)
    elsewhere = tmp_path / "elsewhere"
    house.file.write_text(re.sub('url = ".*"', f'url = "sqlite:///{elsewhere}/maild.db"', house.file.read_text()))
    rename = os.rename

    def within(source: Path, target: Path) -> None:
        if Path(source).is_relative_to(elsewhere) != Path(target).is_relative_to(elsewhere):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(os, "rename", within)

    result = house.maild("restore", file)

    assert result.exit_code == 0, result.output
    assert [each.name for each in elsewhere.iterdir()] == ["maild.db"]


@pytest.mark.parametrize("words", [("restore", "--replace"), ("backup", "--verify")])
def test_a_full_disk_is_not_called_a_damaged_backup(
    house: Any, shelf: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    file = _backed_up(house, shelf)
    house.database.close()

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("maild.bootstrap.backup_file._pour", full)

    result = house.maild(*words, file)

    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert f"{file} cannot be read" not in result.output.replace("\n", "")


def test_another_signing_key_is_told(house: Any, shelf: Path) -> None:
    file = _backed_up(house, shelf)
    house.file.write_text(house.file.read_text().replace("0123456789abcdef0123456789abcdef", "f" * 32))
    house.database.close()

    result = house.maild("restore", file, "--replace")

    assert "another signing key" in result.output
    assert house.maild("restore", file, "--replace", "--other-key").exit_code == 0


def test_writers_go_on_while_a_copy_is_made(sqlite_copies: SqliteCopies, tmp_path: Path) -> None:
    from maild.store.copying import check_sqlite, copy_sqlite
    from maild.store.engine import Database

    url = sqlite_copies.make(tmp_path)
    database = Database(url)
    with database.write() as connection:
        connection.execute(schema.raw.insert(), [{"size": 4000, "body": os.urandom(4000)} for _ in range(3000)])
    written = []

    def write(_left: int, _all: int) -> None:
        with database.write() as connection:
            written.append(
                connection.execute(schema.lease.insert().values(name=f"{_left}", owner="x", until=utc_now()))
            )

    copy_sqlite(tmp_path / "maild.db", tmp_path / "copy", write)
    database.close()

    assert len(written) >= 3
    check_sqlite(tmp_path / "copy")
    copied = Database(f"sqlite:///{tmp_path / 'copy'}")
    with copied.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM raw").scalar() == 3000
        assert connection.exec_driver_sql("SELECT count(*) FROM lease").scalar() == 0
    copied.close()
