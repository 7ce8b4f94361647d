"""A real IMAP server with the desk's mailbox: pymap from pip, in memory, on a free loopback port."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from imapclient import IMAPClient, SocketTimeout

from maild.demo.mails import Posted
from maild.errors import Permanent
from maild.testing.servers import PrivateServer
from maild.testing.servers.home import Account

USER = "support"
PASSWORD = "demo"  # noqa: S105 - of a server that lives for half a minute and holds invented mails


def ourselves() -> Account:
    """Run as who we are, also as root: the programs may lie where nobody else can read them."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may have numbers without names
        name = str(uid)
    return Account(name, uid, gid, is_other=False)


class Mailbox(PrivateServer):
    """The IMAP server; its mails are gone when it stops."""

    stop_signal = signal.SIGKILL  # nothing to tidy up, and from Python 3.12 on it would wait for its clients

    def __init__(self, home: Path) -> None:
        """Raises Permanent when pymap is not installed."""
        if find_spec("pymap") is None:
            raise Permanent(
                "the demo's IMAP server is not installed: run `make setup`, or `pip install 'maild[demo]'` (pymap)"
            )
        super().__init__(home, ourselves())
        self.log = home / "mailbox.log"

    def command(self) -> list[str]:
        """Run pymap with one user."""
        program = [sys.executable, "-P", "-c", "from pymap.main import main; main()"]
        options = ["--host", self.host, "--port", str(self.port), "--no-tls"]
        return [*program, *options, "dict", "--demo-user", USER, "--demo-password", PASSWORD]

    def answers(self) -> bool:
        """Does it greet?"""
        with socket.create_connection((self.host, self.port), timeout=1) as client:
            return client.recv(256).startswith(b"* OK")

    def append(self, mail: Posted) -> None:
        """Put a mail into the inbox as the provider's delivery would, with the envelope in its header."""
        envelope = f"Return-Path: <{mail.envelope_from}>\r\nDelivered-To: {mail.envelope_to}\r\n"
        with self._client() as client:
            client.append("INBOX", envelope.encode() + mail.raw)

    def count(self, folder: str) -> int:
        """How many mails a folder has."""
        with self._client() as client:
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])

    @contextmanager
    def _client(self) -> Iterator[IMAPClient]:
        timeout = SocketTimeout(connect=10, read=30)
        with IMAPClient(self.host, self.port, ssl=False, timeout=timeout) as client:
            client.login(USER, PASSWORD)
            yield client
