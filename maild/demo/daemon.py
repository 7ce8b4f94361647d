"""The real maild for the demo: its configuration, its process, and other commands beside it."""

from __future__ import annotations

import os
import secrets
import shutil
import smtplib
import socket
import subprocess
import sys
from pathlib import Path
from shlex import quote

from maild.bootstrap.processes import this_program
from maild.config.example import example
from maild.config.load import load
from maild.config.model import Config
from maild.demo import cast
from maild.demo.mailbox import PASSWORD, USER, Mailbox, ourselves
from maild.demo.mails import Posted
from maild.testing.servers import PrivateServer

_COMMAND = 60.0  # seconds that a command may take on a busy machine


class Daemon(PrivateServer):
    """`maild run` with SQLite, work in its own process, one receiver, one mailbox, letters into a Maildir."""

    def __init__(self, home: Path, mailbox: Mailbox) -> None:
        super().__init__(home, ourselves())
        self.log = home / "maild.log"
        self.config_path = home / "maild.toml"
        self._mailbox = mailbox

    @property
    def config(self) -> Config:
        """The configuration that it runs with."""
        return load(self.config_path, os.environ)

    def command(self) -> list[str]:
        """Write the configuration for the ports of this start."""
        secret = self.home / "secret.key"
        if not secret.exists():
            _write(secret, secrets.token_hex(32) + "\n")
        _write(self.config_path, example(self._values()))
        return self.program("run")

    def answers(self) -> bool:
        """Does its receiver greet?"""
        with socket.create_connection((self.host, self.port), timeout=1) as client:
            return client.recv(256).startswith(b"220")

    def program(self, *words: str) -> list[str]:
        """The command line of another maild with this configuration."""
        return this_program("--config", str(self.config_path), *words)

    @property
    def typed(self) -> str:
        """How a person types a command of maild with this configuration."""
        script = Path(sys.executable).with_name("maild")
        program = str(script) if shutil.which("maild") is None and script.exists() else "maild"
        return f"{quote(program)} -c {quote(str(self.config_path))}"

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of maild beside the daemon, to its end."""
        return subprocess.run(  # noqa: S603  # it is this program
            self.program(*words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
            timeout=_COMMAND,
            check=False,
        )

    def receive(self, mail: Posted) -> None:
        """Send it a mail by SMTP, as another mail system would. Raises smtplib.SMTPException when refused."""
        name = mail.sender.address.rpartition("@")[2]
        with smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=30) as client:
            client.sendmail(mail.envelope_from, [mail.envelope_to], mail.raw)

    def _values(self) -> dict[str, object]:
        agent, box = cast.AGENT, self._mailbox
        return {
            "desk": {
                "name": cast.DESK_NAME,
                "address": cast.SUPPORT.address,
                "secret_file": "secret.key",
                "alerts_to": [cast.ADMIN.address],
            },
            "receiver": [{"listen": f"{self.host}:{self.port}"}],
            "mailbox": [
                {
                    "name": "support",
                    "host": box.host,
                    "port": box.port,
                    "security": "none",
                    "username": USER,
                    "password": PASSWORD,
                    "first_run": "all",
                }
            ],
            "send": {"kind": "maildir"},
            "agent": [{"name": agent.name, "address": agent.address}],
            "limits": {"free_disk": "16 MiB"},  # a demo must also run on a small machine
            "log": {"format": "text"},
        }


def _write(path: Path, text: str) -> None:
    """Write a file that only we can read: it holds a key, or a password."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
