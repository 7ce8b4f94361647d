"""Backup, a new signing key and an erasure, all while the daemon works: no mail waits, and nothing is lost."""

from __future__ import annotations

import os
import re
from pathlib import Path

from maild.store import schema
from maild.testing.conversation import SETTINGS
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.waiting import wait_until

_KEY = "0123456789abcdef0123456789abcdef"


def test_everything_is_kept_up_while_mail_comes_in(tmp_path: Path, nursery: Nursery) -> None:
    key = tmp_path / "secret.key"
    key.write_text(_KEY)
    key.chmod(0o600)
    settings = SETTINGS.replace(f'secret = "{_KEY}"', 'secret_file = "secret.key"')
    desk = Desk(tmp_path, SetUp(store="sqlite"), settings=settings)
    try:
        desk.start(nursery)
        desk.send(new_mail("It leaks.", sender="kim@customer.example"))
        desk.send(new_mail("Mine too.", sender="lee@other.example"))
        [letter] = desk.letters("kim@customer.example")

        _maild(nursery, desk, "backup", tmp_path / "b.tar")
        _maild(nursery, desk, "backup", "--verify", tmp_path / "b.tar")
        said = _maild(nursery, desk, "rotate-secrets")
        desk.send(new_mail("Still leaks.", sender="kim@customer.example", to=str(letter.mail["Reply-To"])))
        desk.settle()

        assert "reloaded by process" in said
        kims = [row.ticket for row in desk.rows(schema.mail) if row.from_address == "kim@customer.example"]
        assert kims == [1, 1]  # the old address still leads there
        assert _maild(nursery, desk, "restore", tmp_path / "b.tar", "--replace", fails=True).count("stop it first") == 1

        _maild(nursery, desk, "erase", "kim@customer.example", "--yes")
        desk.send(new_mail("Me again.", sender="kim@customer.example"))
        desk.settle()

        assert next(row.subject for row in desk.tickets()) == "(erased)"
        assert len(desk.tickets()) == 3
        assert len(desk.letters("lee@other.example")) == 1
        _maild(nursery, desk, "audit", "verify")
        desk.stop()
        desk.database.close()
        # The backup's key is among those that are accepted; and Kim is in the backup.
        said = _maild(nursery, desk, "restore", tmp_path / "b.tar", "--replace")
        assert "restored as of" in said
        assert "erased after the backup, and again now: contact 1" in said
        assert "kim@customer.example" not in repr(desk.rows(schema.mail))
    finally:
        desk.close()


def _maild(nursery: Nursery, desk: Desk, *words: object, fails: bool = False) -> str:
    """Run a command beside the daemon; what it said."""
    log = desk.folder / f"command-{re.sub(r'[^a-z]', '', str(words))[:20]}.log"
    pid = nursery.start(["-c", str(desk.config), *map(str, words)], log, {})

    def ended() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(ended, f"the end of maild {words}")
    said = log.read_text()
    assert fails or "Traceback" not in said, said
    return said
