"""Plays the demo: starts what it needs, tells the story, shows the end, stops everything."""

from __future__ import annotations

import signal
import smtplib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote
from types import FrameType

from imapclient.exceptions import IMAPClientError

from maild.demo.daemon import Daemon
from maild.demo.mailbox import PASSWORD, USER, Mailbox
from maild.demo.stage import Facts, Stage, Teller
from maild.demo.story import STEPS
from maild.demo.watch import TooSlow, Watch
from maild.errors import Permanent
from maild.testing.servers import MissingServer, ServerFailed

_STOPS = (signal.SIGTERM, signal.SIGHUP)
_TROUBLE = (TooSlow, smtplib.SMTPException, IMAPClientError, OSError)


def play(teller: Teller, folder: Path | None, *, keep: bool = False) -> bool:
    """Play the demo in a new folder; whether every promise was kept.

    With `keep` everything runs on until Ctrl-C. Raises Permanent when it cannot be played here,
    KeyboardInterrupt when Ctrl-C, SIGTERM or SIGHUP stops the story itself.
    """
    began = time.monotonic()
    home = _new_folder(folder)
    with _stoppable(), _running(home) as (daemon, mailbox):
        watch = Watch(daemon.config)
        try:
            teller.opening(_where(daemon, mailbox, watch))
            stage = Stage(daemon, mailbox, watch, teller)
            kept = _tell(stage)
            teller.tickets(watch.tickets())
            if watch.tickets():
                teller.timeline(1, stage.timeline(1))
            teller.verdict(_look_around(daemon, watch), kept=kept, seconds=time.monotonic() - began)
            if keep:
                _stay(daemon, mailbox, teller)
        finally:
            watch.close()
    return kept


def _tell(stage: Stage) -> bool:
    """Every step; one that breaks off ends the story, since the next ones live on it."""
    for number, (title, step) in enumerate(STEPS, start=1):
        stage.teller.begin(number, title)
        trouble = ""
        try:
            step(stage)
        except _TROUBLE as error:
            trouble = str(error) or type(error).__name__
        stage.teller.end(trouble)
        if trouble:
            return False
    return stage.kept


def _stay(daemon: Daemon, mailbox: Mailbox, teller: Teller) -> None:
    """Say how to look around, and wait for Ctrl-C. Raises Permanent when a server ends by itself."""
    with suppress(KeyboardInterrupt):
        teller.staying(_visit(daemon, mailbox))
        while daemon.running and mailbox.running:
            time.sleep(0.5)
        raise Permanent(f"a server has ended: see {daemon.log} and {mailbox.log}")


@contextmanager
def _running(home: Path) -> Iterator[tuple[Daemon, Mailbox]]:
    """The IMAP server and the daemon; the daemon stops first, for it is the other's client."""
    mailbox = Mailbox(home)
    daemon = Daemon(home, mailbox)
    try:
        mailbox.start()
        daemon.start()
        yield daemon, mailbox
    except (ServerFailed, MissingServer) as error:
        raise Permanent(str(error)) from None
    finally:
        try:
            daemon.stop()
        finally:
            mailbox.stop()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM and a closed terminal stop the demo as Ctrl-C does, so that nothing is left running."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _new_folder(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="maild-demo-")).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise Permanent(f"{folder} is not empty: give a new folder")
    except OSError as error:
        raise Permanent(f"{folder} cannot be used: {error.strerror}") from None
    return folder.resolve()


def _where(daemon: Daemon, mailbox: Mailbox, watch: Watch) -> Facts:
    return [
        ("daemon", f"process {daemon.pid}, on SQLite, its worker inside"),
        ("SMTP", f"{daemon.host}:{daemon.port}"),
        ("IMAP", f"{mailbox.host}:{mailbox.port} (pymap), polled by the daemon in IDLE"),
        ("letters", f"{watch.maildir} (a Maildir)"),
        ("config", f"{daemon.config_path}"),
    ]


def _look_around(daemon: Daemon, watch: Watch) -> Facts:
    letter = next(iter(watch.files()), watch.maildir)
    return [
        ("every letter", f"mutt -f {quote(str(watch.maildir))}"),
        ("one of them", f"cp {quote(str(letter))} letter.eml"),
        ("", "then open letter.eml with any mail client"),
        ("tickets", f"{daemon.typed} tickets all"),
        ("timeline", f"{daemon.typed} show 1"),
        ("log", f"less {quote(str(daemon.log))}"),
        ("tidy up", f"rm -r {quote(str(daemon.home))}"),
    ]


def _visit(daemon: Daemon, mailbox: Mailbox) -> Facts:
    smtp, imap = f"{daemon.host}:{daemon.port}", f"{mailbox.host}:{mailbox.port}"
    to = daemon.config.desk.address
    return [
        ("SMTP", f"{smtp}, no login, no encryption; mail to {to}, with any client or"),
        ("", f"curl smtp://{smtp} --mail-from you@example.net --mail-rcpt {to} -T mail.eml"),
        ("IMAP", f"{imap}, no encryption, user {USER}, password {PASSWORD}; put mail into INBOX with any client or"),
        ("", f"curl imap://{imap}/INBOX -u {USER}:{PASSWORD} -T mail.eml"),
        ("status", f"{daemon.typed} status"),
        ("all commands", f"{daemon.typed} --help"),
    ]
