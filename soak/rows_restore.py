"""A backup is taken while mail comes in, and restored; then all mail comes again (RELIABILITY F18)."""

from __future__ import annotations

import smtplib
import subprocess
import threading
import time
from collections import Counter

from maild.bootstrap.processes import this_program
from maild.store import schema
from maild.store.engine import Database
from maild.testing.desk import Desk, SetUp
from maild.testing.invariants import check
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from soak.row import Row, Shown, Way

_MAILS = 5  # before the backup, and as many after it


class _Restored:
    """A desk and everybody who has written to it, each once."""

    def __init__(self, way: Way) -> None:
        self.desk, self.nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
        self.file = way.folder / "backup.tar"
        self.sent: dict[str, bytes] = {}
        self.known = 0

    def _write(self) -> None:
        """Somebody new writes."""
        address = f"kim{len(self.sent)}@customer.example"
        raw = new_mail(f"Mail of {address}", sender=f"Kim <{address}>")
        while True:
            try:
                self.desk.send(raw)
            except (smtplib.SMTPException, OSError):
                time.sleep(0.05)
            else:
                self.sent[address] = raw
                return

    def _command(self, *words: str) -> None:
        done = subprocess.run(  # ourselves
            this_program("--config", str(self.desk.config), *words), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"maild {words[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")

    def _back_up(self) -> None:
        """While somebody writes."""
        over = threading.Event()

        def write() -> None:
            while not over.wait(0.02):
                self._write()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            self._command("backup", str(self.file))
        finally:
            over.set()
            writer.join()

    def round(self) -> list[str]:
        """Everything once; what is wrong."""
        desk, before = self.desk, set(self.sent)
        desk.start(self.nursery)
        for _ in range(_MAILS):
            self._write()
        desk.settle()
        self._back_up()
        for _ in range(_MAILS):
            self._write()
        desk.settle()
        desk.stop()
        told = Counter(letter.recipients[0] for letter in desk.sink.posted)
        url = desk.database.engine.url.render_as_string(hide_password=False)
        desk.database.close()
        self._command("restore", str(self.file), "--replace")
        desk.database = Database(url)  # another file under the same name
        has = {row.address for row in desk.rows(schema.contact)}
        desk.start(self.nursery)
        new = [address for address in self.sent if address not in before]
        for address in new:
            desk.send(self.sent[address])
        desk.settle()
        faults = check(desk.database, accepted=self.sent.values())
        again = Counter(letter.recipients[0] for letter in desk.sink.posted) - told
        faults += [f"{address} was in the backup and is acknowledged again" for address in again if address in has]
        faults += [f"{address} was not in the backup: no answer" for address in new if address not in has | set(again)]
        faults += [f"{address}: {count} letters" for address, count in again.items() if count > 1 and "kim" in address]
        self.known += len(has & set(new))
        desk.stop()
        return faults

    def close(self) -> None:
        """End everything."""
        self.desk.close()
        self.nursery.close()


def _restored(way: Way) -> Shown:
    one, faults = _Restored(way), list[str]()
    try:
        for number in range(way.count):
            faults += one.round()
            way.say(f"{number + 1} restored, {len(one.sent)} mails, {len(faults)} faults")
            if faults:
                break
        total = len(one.sent)
        return Shown(
            f"{number + 1} restored; {total} mails came again, of them {one.known} that the backup had: no letter "
            f"twice; {total - one.known} that it had not: each acknowledged by the restored desk, all there",
            faults,
        )
    finally:
        one.close()


ROWS = (Row("F18", "a backup taken under load is restored by `maild restore`, all mail comes again", 20, _restored),)
