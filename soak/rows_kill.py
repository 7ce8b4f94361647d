"""Rows that kill: at each write of SQLite's, at each syscall, in the middle of SMTP, with the power."""

from __future__ import annotations

import os
import random
import shutil
import signal
import smtplib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from maild.testing.desk import Desk, SetUp
from maild.testing.disk import Disk, power_cut
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.waiting import wait_until
from soak.row import Row, Shown, Way

_CHECK_EVERY = 50  # kills; the checker reads the whole store
_SYSCALLS = ("write", "pwrite64", "fsync", "fdatasync", "sendto", "sendmsg", "unlink", "rename", "ftruncate")


class Killed:
    """A desk on SQLite that dies again and again while somebody writes to it; `acks` counts what was sent twice."""

    def __init__(self, way: Way) -> None:
        self.desk = Desk(way.folder, SetUp(store="sqlite"), attempts=100)
        self.nursery = Nursery()
        self.way = way
        self.kills = 0
        self.slowest = 0.0
        self._number = 0
        self._mail = b""

    def life(self, start: Callable[[], None], enough: Callable[[], bool]) -> None:
        """Start, write until `enough` or until it has died; then it is dead."""
        begun = time.monotonic()
        start()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        while not self.desk.any_ended() and not enough():
            self.write()
        self.desk.kill()
        self.kills += 1

    def write(self) -> None:
        """The next mail, or the last one again if it got no 250."""
        if not self._mail:
            self._number += 1
            self._mail = new_mail(f"Mail {self._number}", sender=f"Kim <kim{self._number % 30}@customer.example>")
        try:
            self.desk.send(self._mail)
            self._mail = b""
        except (smtplib.SMTPException, OSError):
            time.sleep(0.01)

    def check(self) -> list[str]:
        """Everything that is wrong, when it runs undisturbed."""
        self.desk.sink.trouble = lambda _stage: ""
        self.desk.start(self.nursery)
        try:
            faults = self.desk.faults()
        finally:
            self.desk.kill()
        self.way.say(f"{self.kills} kills, {len(self.desk.accepted)} mails with 250, {len(faults)} faults")
        return faults

    def until(self, count: int, one: Callable[[int], None]) -> Shown:
        """So many lives, with the checker in between."""
        faults: list[str] = []
        try:
            for number in range(count):
                one(number)
                if number % _CHECK_EVERY == _CHECK_EVERY - 1 or number == count - 1:
                    faults = self.check()
                    if faults:
                        break
        finally:
            self.desk.close()
            self.nursery.close()
        lost = sum("in the inbox" in fault for fault in faults)
        mails = len(self.desk.accepted)
        faults += [] if mails else ["no mail got 250: this shows nothing"]
        return Shown(
            f"{self.kills} kills, {mails} mails with 250, lost {lost}, slowest start {self.slowest:.1f} s", faults
        )


def _at_each_write(way: Way) -> Shown:
    killed, dice = Killed(way), way.dice()
    journal = way.folder / "undo"
    killed.check()  # the database is made: what is counted below belongs to starts and mails

    def one(number: int) -> None:
        disk = Disk(journal=str(journal), at=1 + number * 37 % 200)  # each n once in 200, near ones far apart
        killed.life(lambda: killed.desk.start(killed.nursery, disk=disk), lambda: False)
        if number % 2:
            power_cut(journal, dice)
        journal.unlink(missing_ok=True)

    return killed.until(way.count, one)


def _power(way: Way) -> Shown:
    killed, dice = Killed(way), way.dice()
    journal = way.folder / "undo"
    lost = [0]

    def one(_number: int) -> None:
        end = time.monotonic() + 1.5
        after = dice.randrange(1, 12)
        begun = len(killed.desk.accepted)
        disk = Disk(journal=str(journal))
        killed.life(
            lambda: killed.desk.start(killed.nursery, disk=disk),
            lambda: len(killed.desk.accepted) - begun >= after or time.monotonic() > end + 30,
        )
        lost[0] += power_cut(journal, dice if dice.random() < 0.5 else None)

    shown = killed.until(way.count, one)
    return Shown(f"{shown.figure}; {lost[0]} unsynced writes dropped or torn", shown.faults)


def _in_smtp(way: Way) -> Shown:
    killed, dice = Killed(way), way.dice()

    def one(_number: int) -> None:
        stage, left = dice.choice(["MAIL", "RCPT", "DATA", "body", "dot"]), [dice.randrange(1, 5)]

        def trouble(at: str) -> str:
            left[0] -= at == stage
            if at == stage and not left[0]:
                for process in killed.desk._processes:
                    os.kill(process.pid, signal.SIGKILL)
            return ""

        def start() -> None:
            killed.desk.start(killed.nursery)
            killed.desk.sink.trouble = trouble

        killed.life(start, lambda: left[0] <= 0)

    shown = killed.until(way.count, one)
    doubled = len(killed.desk.sink.posted) - len({p.message_id for p in killed.desk.sink.posted})
    return Shown(f"{shown.figure}; letters that came twice {doubled}, automatic ones 0", shown.faults)


def _at_each_syscall(way: Way) -> Shown:
    """`strace -e inject=…:signal=KILL:when=N` on the daemon as an admin starts it."""
    strace = shutil.which("strace")
    if strace is None:
        return Shown(
            "not shown here", ["strace is not installed (Debian: strace); F1a needs nothing and kills at each write"]
        )
    killed, dice = Killed(way), way.dice()

    def one(_number: int) -> None:
        killed.desk.start(killed.nursery)
        pid = killed.desk._processes[0].pid
        call, when = dice.choice(_SYSCALLS), dice.randrange(1, 60)
        words = [strace, "-f", "-qq", "-o", "/dev/null", "-p", str(pid), "-e", f"trace={call}"]
        tracer = subprocess.Popen([*words, "-e", f"inject={call}:signal=KILL:when={when}"])
        try:
            wait_until(lambda: _traced(pid) or tracer.poll() is not None, "strace to attach")
            end = time.monotonic() + 3
            while not killed.desk.any_ended() and time.monotonic() < end:
                killed.write()
        finally:
            killed.desk.kill()
            tracer.kill()
            tracer.wait()
        killed.kills += 1

    return killed.until(way.count, one)


def _traced(pid: int) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return True
    return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in lines)


def _taken(desk: Desk, mail: bytes) -> bool:
    """Did the door say 250? An earlier mail may have killed it in this moment; then the sender tries again."""
    try:
        desk.send(mail)
    except (smtplib.SMTPException, OSError):
        return False
    return True


def _deadly(way: Way) -> Shown:
    """Mails that kill whoever reads them, between good ones; each is set aside after its tries."""
    desk, nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
    wanted, dice = max(1, way.count // 5), random.Random(way.seed)
    deadly = [new_mail(f"DEADLY {number} {dice.random()}") for number in range(wanted)]
    deaths, number = 0, 0
    try:
        desk.start(nursery, plant="deadly_mail")
        while deaths < way.count:
            if number < wanted and _taken(desk, deadly[number]):
                number += 1
            while not desk.any_ended() and any(m.state in ("waiting", "working") for m in desk.mails()):
                time.sleep(0.02)
            if desk.any_ended():
                deaths += 1
                desk.kill()
                desk.start(nursery, plant="deadly_mail")
            elif number == wanted:
                break
        desk.kill()
        desk.start(nursery)  # without the bug
        desk.send(new_mail("I come behind it"))
        faults = desk.faults()
        outcomes = [mail.outcome for mail in desk.mails()]
        faults += [f"the last mail: {outcomes[-1]}"] if outcomes[-1] != "new_ticket" else []
        return Shown(f"{deaths} deaths, {outcomes.count('quarantined')} of {number} deadly mails set aside", faults)
    finally:
        desk.close()
        nursery.close()


ROWS = (
    Row(
        "F1",
        "kill -9 at the n-th write, truncate or sync of SQLite's, n = 1..200, half of them with the power",
        1000,
        _at_each_write,
    ),
    Row("F1S", "kill -9 at a syscall drawn from nine, by strace inject", 300, _at_each_syscall),
    Row("F3", "kill -9 of the sender at each stage of SMTP", 500, _in_smtp),
    Row("F4", "power cut: what was not synced is dropped or torn", 200, _power),
    Row("F16", "mails that kill their worker every time, in deaths", 50, _deadly),
)
