"""OAuth2 for IMAP: a command gives the token, and the token takes the password's place."""

from __future__ import annotations

import base64
import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from maild.errors import NoToken
from maild.intake.imap import MailboxSettings, probe
from maild.oauth.command import TokenCommand, read_token

TOKEN = "ya29.a0AfH6SMBx-token"


def printing(text: str, status: int = 0) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; print({text!r}); sys.exit({status})")


class Server:
    """Takes one login by XOAUTH2 and remembers it."""

    def __init__(self) -> None:
        self.said = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        with client, client.makefile("rb") as lines:
            client.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n")
            for line in lines:
                tag, _, command = line.decode().strip().partition(" ")
                if command.startswith("AUTHENTICATE XOAUTH2"):
                    client.sendall(b"+ \r\n")
                    self.said = base64.b64decode(lines.readline())
                elif command == "CAPABILITY":
                    client.sendall(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n")
                elif command.startswith("EXAMINE"):
                    client.sendall(b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 1] ok\r\n")
                client.sendall(f"{tag} OK done\r\n".encode())

    def close(self) -> None:
        self._listener.close()
        self._thread.join(60)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def test_the_token_of_the_command_logs_in(server: Server) -> None:
    settings = MailboxSettings(
        name="gmail",
        host="127.0.0.1",
        port=server.port,
        security="none",
        username="desk@gmail.example",
        password=lambda: "",
        tokens=TokenCommand(printing(TOKEN)),
        address="support@example.com",
    )
    assert probe(settings) == []
    assert server.said == f"user=desk@gmail.example\x01auth=Bearer {TOKEN}\x01\x01".encode()


def test_a_token_is_the_first_line_that_the_command_prints() -> None:
    assert read_token(printing(f"{TOKEN}\nexpires in 3600")) == TOKEN


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (printing(TOKEN, status=3), "ended with status 3"),
        (printing(""), "printed no token"),
        (printing("two words"), "printed no token"),
        (("/nonexistent/oama",), "cannot be run"),
    ],
)
def test_a_command_that_gives_no_token_says_so_and_shows_nothing(command: tuple[str, ...], says: str) -> None:
    with pytest.raises(NoToken, match=says) as refused:
        read_token(command)
    assert TOKEN not in str(refused.value)
