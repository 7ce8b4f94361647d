"""Tokens in use: a real login by XOAUTH2 at a relay and an IMAP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from maild.app.ports import Letter
from maild.bootstrap import mailbox_settings, relay_settings
from maild.intake.imap import probe
from maild.outbound.smtp import SmtpSender
from maild.testing.issuer import FakeIssuer
from maild.testing.servers.daemon import free_port
from tests.integration.test_oauth.conftest import BY_DEVICE, Office

USES = """
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {imap}
security = "none"
username = "support@example.com"
oauth = "office"
[send]
kind = "smtp"
host = "127.0.0.1"
port = {smtp}
security = "none"
username = "support@example.com"
oauth = "office"
"""


class Xoauth2:
    """Takes the tokens that an issuer gave, as Gmail and Microsoft 365 do: another gets a challenge, then 535."""

    def __init__(self, issuer: FakeIssuer) -> None:
        self.issuer = issuer
        self.taken: list[bytes] = []

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802  # aiosmtpd's name
        import base64

        user, bearer, *_ = base64.b64decode(args[1]).decode().split("\x01")
        if user == "user=support@example.com" and bearer.removeprefix("auth=Bearer ") in self.issuer.tokens:
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        return "250 taken"


@pytest.fixture
def relay(issuer: FakeIssuer) -> Iterator[tuple[Xoauth2, int]]:
    handler, port = Xoauth2(issuer), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, auth_require_tls=False)
    controller.start()
    yield handler, port
    controller.stop()


LETTER = Letter(
    raw=b"From: support@example.com\r\n\r\nHello\r\n",
    message_id="o.1@example.com",
    envelope_from="support@example.com",
    envelope_to=("kim@customer.example",),
)


def test_the_relay_takes_the_token_and_a_revoked_one_is_renewed(
    tmp_path: Path, issuer: FakeIssuer, relay: tuple[Xoauth2, int]
) -> None:
    handler, port = relay
    office = Office(tmp_path, issuer, BY_DEVICE + USES.format(imap=1, smtp=port))
    office.maild("login", "office")
    sender = SmtpSender(relay_settings(office.config))
    assert sender.send(LETTER).sent
    sender.close()
    issuer.tokens.clear()  # the server forgets them before their time
    kept = json.loads(office.kept.read_text())
    kept["renewed_at"] = "2026-01-01T00:00:00Z"  # as if it had been had long ago
    office.kept.write_text(json.dumps(kept))
    refused = sender.send(LETTER)
    assert not refused.sent
    assert refused.temporary
    assert kept["access"] not in refused.answer
    assert sender.send(LETTER).sent
    sender.close()
    assert len(handler.taken) == 2


def test_without_a_token_letters_wait_and_say_why(
    tmp_path: Path, issuer: FakeIssuer, relay: tuple[Xoauth2, int]
) -> None:
    office = Office(tmp_path, issuer, BY_DEVICE + USES.format(imap=1, smtp=relay[1]))
    delivery = SmtpSender(relay_settings(office.config)).send(LETTER)
    assert delivery.temporary
    assert "sign in with: maild login office" in delivery.answer


def test_a_mailbox_without_a_token_says_what_to_do(tmp_path: Path, issuer: FakeIssuer) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def greet() -> None:
            client, _ = listener.accept()
            with client, client.makefile("rb") as lines:
                client.sendall(b"* OK ready\r\n")
                for line in lines:
                    tag = line.partition(b" ")[0].decode()
                    client.sendall(f"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK done\r\n".encode())

        thread = threading.Thread(target=greet)
        thread.start()
        office = Office(tmp_path, issuer, BY_DEVICE + USES.format(imap=port, smtp=1))
        [trouble] = probe(mailbox_settings(office.config, office.config.mailbox[0]))
        thread.join()
    assert "sign in with: maild login office" in trouble
