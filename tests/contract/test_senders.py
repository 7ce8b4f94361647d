"""Both senders keep the promise of the port; the SMTP one also against relays that misbehave."""

from __future__ import annotations

import mailbox
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from maild.app.ports import Letter, Sender
from maild.outbound.maildir import MaildirSender
from maild.outbound.relay import RelaySettings, probe
from maild.outbound.smtp import SmtpSender
from maild.testing.servers.daemon import free_port

RAW = b"From: a@x.test\r\nSubject: dots\r\n\r\n.\r\n..two\r\n.\r\nMAIL FROM:<v@evil.test>\r\n \r\n\r\nend\r\n"
LETTER = Letter(raw=RAW, message_id="o.1.abc@x.test", envelope_from="bounce+1@x.test", envelope_to=("kim@y.test",))
TWO = replace(LETTER, envelope_to=("kim@y.test", "lou@y.test"))


@dataclass
class Taken:
    sender: str
    recipients: list[str]
    content: bytes


class Sink:
    """An aiosmtpd handler that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.connections: list[object] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(Taken(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        self.connections.append(session.peer)
        return "250 2.0.0 taken"


@dataclass
class Relay:
    """A running sink: its settings, and what it took."""

    sink: Sink
    settings: RelaySettings


def running(**options: Any) -> Iterator[Relay]:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), server_hostname="relay.test", **options)
    controller.start()
    try:
        yield Relay(sink, plain(controller.port))
    finally:
        controller.stop()


def plain(port: int) -> RelaySettings:
    return RelaySettings(
        host="127.0.0.1", port=port, security="none", hostname="desk.test", timeout=60, final_timeout=60
    )


@pytest.fixture
def relay() -> Iterator[Relay]:
    yield from running()


# ---------------------------------------------------------------------------- the contract


@pytest.fixture(params=["smtp", "maildir"])
def sender_and_letters(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Sender, Callable[[], list[bytes]]]]:
    """A sender, and a function for what has arrived behind it."""
    if request.param == "maildir":

        def stored() -> list[bytes]:
            return [path.read_bytes() for path in sorted(tmp_path.glob("out/new/*"))]

        yield MaildirSender(tmp_path / "out"), stored
        return
    running_relay: Relay = request.getfixturevalue("relay")
    sender = SmtpSender(running_relay.settings)
    yield sender, lambda: [taken.content for taken in running_relay.sink.taken]
    sender.close()


Both = tuple[Sender, Callable[[], list[bytes]]]


def test_a_letter_arrives_byte_for_byte(sender_and_letters: Both) -> None:
    sender, arrived = sender_and_letters
    delivery = sender.send(LETTER)
    assert delivery.sent, delivery
    assert not delivery.temporary
    assert not delivery.uncertain
    assert arrived() == [RAW]


def test_a_null_sender_is_fine(sender_and_letters: Both) -> None:
    sender, arrived = sender_and_letters
    assert sender.send(replace(LETTER, envelope_from="")).sent
    assert arrived() == [RAW]


def test_it_can_be_closed_twice_and_then_used_again(sender_and_letters: Both) -> None:
    sender, arrived = sender_and_letters
    sender.close()
    assert sender.send(LETTER).sent
    sender.close()
    sender.close()
    assert sender.send(replace(LETTER, message_id="o.2.abc@x.test")).sent
    assert len(arrived()) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"envelope_to": ()},
        {"envelope_to": ("kim@y.test", "lou")},
        {"envelope_to": ("Kim <v@evil.test>",)},  # parseaddr makes v@evil.test of it
        {"envelope_to": ("kim@y.test, v@evil.test",)},
        {"envelope_to": ("kim@y.test>\r\nRCPT TO:<v@evil.test",)},
        {"envelope_to": ("kim@y.test\n",)},
        {"envelope_to": ("kim@y.test (v@evil.test)",)},
        {"envelope_to": ("=?utf-8?q?v=40evil.test?=@y.test",)},
        {"envelope_to": ("kim@bücher.test",)},
        {"envelope_to": ("",)},
        {"envelope_to": ("kim" * 400,)},
        {"envelope_from": "a@x.test> SIZE=1\r\nRCPT TO:<v@evil.test"},
        {"envelope_from": "<>"},
        {"raw": b"Subject: x\r\n\r\nx\r.\r\nMAIL FROM:<v@evil.test>\r\n"},
        {"raw": b"Subject: x\r\n\r\nx\n.\r\nMAIL FROM:<v@evil.test>\r\n"},
        {"raw": b"Subject: x\n\nx\n"},
    ],
    ids=str,
)
def test_what_could_become_another_letter_is_refused_for_ever(sender_and_letters: Both, wrong: dict[str, Any]) -> None:
    sender, arrived = sender_and_letters
    delivery = sender.send(replace(LETTER, **wrong))
    assert not delivery.sent
    assert not delivery.temporary
    assert 0 < len(delivery.answer) <= 500
    assert delivery.answer.isprintable()
    assert arrived() == []


# ---------------------------------------------------------------------------- Maildir


def test_the_same_letter_twice_is_one_file_also_when_somebody_has_read_it(tmp_path: Path) -> None:
    sender = MaildirSender(tmp_path)
    assert sender.send(LETTER).sent
    assert sender.send(LETTER).sent
    (stored,) = (tmp_path / "new").iterdir()
    stored.rename(tmp_path / "cur" / f"{stored.name}:2,S")
    assert sender.send(LETTER).sent
    assert list((tmp_path / "new").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_other_programs_can_read_the_maildir(tmp_path: Path) -> None:
    MaildirSender(tmp_path).send(LETTER)
    (message,) = mailbox.Maildir(tmp_path, create=False)
    assert message["Subject"] == "dots"


@pytest.mark.parametrize("message_id", ["../../etc/cron.d/x", "a/b", "", "x\0y", "\ud800"])
def test_no_message_id_leaves_the_folder(tmp_path: Path, message_id: str) -> None:
    assert MaildirSender(tmp_path / "out").send(replace(LETTER, message_id=message_id)).sent
    assert len(list((tmp_path / "out" / "new").iterdir())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_in_the_way_is_temporary_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder")
    delivery = MaildirSender(tmp_path / "out").send(LETTER)
    assert (delivery.sent, delivery.temporary) == (False, True)


def test_a_disk_that_is_full_is_temporary_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("maild.outbound.maildir.os.fsync", full)
    delivery = MaildirSender(tmp_path).send(LETTER)
    assert (delivery.sent, delivery.temporary) == (False, True)
    assert "No space" in delivery.answer
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_written_synced_renamed_synced_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    rename = Path.rename
    monkeypatch.setattr("maild.outbound.maildir.os.fsync", lambda _handle: steps.append("sync"))

    def noted(path: Path, to: Path) -> Path:
        steps.append("rename")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", noted)
    assert MaildirSender(tmp_path).send(LETTER).sent
    assert steps == ["sync", "rename", "sync"]


# ---------------------------------------------------------------------------- SMTP, a good relay


def test_the_envelope_goes_out_as_given(relay: Relay) -> None:
    sender = SmtpSender(relay.settings)
    delivery = sender.send(replace(TWO, envelope_to=("kim+t.x@y.test", "o'neil@[127.0.0.1]")))
    sender.close()
    assert delivery.answer == "250 2.0.0 taken"
    assert relay.sink.taken[0].sender == "bounce+1@x.test"
    assert relay.sink.taken[0].recipients == ["kim+t.x@y.test", "o'neil@[127.0.0.1]"]


def test_one_connection_serves_many_letters_until_it_is_old_or_idle(relay: Relay) -> None:
    now = [0.0]
    sender = SmtpSender(replace(relay.settings, keep_letters=3, keep_idle=30), ticks=lambda: now[0])
    for _ in range(4):
        assert sender.send(LETTER).sent
    now[0] += 31
    assert sender.send(LETTER).sent
    sender.close()
    peers = relay.sink.connections
    assert peers[0] == peers[1] == peers[2]
    assert len(set(peers)) == 3


def test_a_large_letter_arrives_whole(relay: Relay) -> None:
    raw = b"Subject: x\r\n\r\n" + b".dots\r\n" * 200_000
    sender = SmtpSender(relay.settings)
    assert sender.send(replace(LETTER, raw=raw)).sent
    sender.close()
    assert relay.sink.taken[0].content == raw


def test_a_name_is_looked_up_nowhere(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object) -> str:
        raise AssertionError("a DNS look-up")

    monkeypatch.setattr(socket, "getfqdn", look_up)
    assert probe(relay.settings) == []


# ---------------------------------------------------------------------------- TLS and login


@dataclass
class Papers:
    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """A certificate for 127.0.0.1 that nobody but `client` trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("papers")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    order = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=relay"
    subprocess.run(
        [openssl, *order.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
        timeout=30,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return Papers(server, ssl.create_default_context(cafile=str(certificate)))


@pytest.fixture
def starttls(papers: Papers) -> Iterator[Relay]:
    def authenticator(_s: Any, _session: Any, _e: Any, mechanism: str, data: Any) -> AuthResult:
        good = mechanism in {"PLAIN", "LOGIN"} and (data.login, data.password) == (b"desk", b"secret")
        return AuthResult(success=good, handled=good)

    for relay in running(
        tls_context=papers.server,
        require_starttls=True,
        authenticator=authenticator,
        auth_required=True,
    ):
        yield Relay(
            relay.sink,
            replace(
                relay.settings,
                security="starttls",
                context=papers.client,
                username="desk",
                password="secret",
            ),
        )


def test_starttls_and_login(starttls: Relay) -> None:
    assert probe(starttls.settings) == []
    sender = SmtpSender(starttls.settings)
    assert sender.send(LETTER).sent
    sender.close()


def test_an_unknown_certificate_is_temporary_trouble(starttls: Relay) -> None:
    trusting_nobody = replace(starttls.settings, context=None)
    delivery = SmtpSender(trusting_nobody).send(LETTER)
    assert (delivery.sent, delivery.temporary) == (False, True)
    assert "TLS failed" in delivery.answer
    assert "TLS failed" in probe(trusting_nobody)[0]
    assert starttls.sink.taken == []


@pytest.mark.parametrize("password", ["wrong", "wröng"])
def test_a_wrong_password_is_our_trouble_not_the_letters_and_is_not_told(starttls: Relay, password: str) -> None:
    settings = replace(starttls.settings, password=password)
    delivery = SmtpSender(settings).send(LETTER)
    assert (delivery.sent, delivery.temporary) == (False, True)
    assert len(probe(settings)) == 1
    assert password not in delivery.answer + probe(settings)[0] + repr(settings)


def test_no_login_although_the_relay_wants_one_is_our_trouble(starttls: Relay) -> None:
    sender = SmtpSender(replace(starttls.settings, username=""))
    delivery = sender.send(LETTER)
    sender.close()
    assert (delivery.sent, delivery.temporary) == (False, True)
    assert delivery.answer.startswith("530")


def test_tls_from_the_first_byte(papers: Papers) -> None:
    with Scripted([], tls=papers.server) as relay:
        sender = SmtpSender(replace(relay.settings, security="tls", context=papers.client))
        assert sender.send(LETTER).sent
        sender.close()
        assert relay.heard[0] == "ehlo desk.test"


def test_tls_with_an_unknown_certificate_is_temporary_trouble(papers: Papers) -> None:
    with Scripted([], tls=papers.server) as relay:
        delivery = SmtpSender(replace(relay.settings, security="tls")).send(LETTER)
    assert outcome(delivery) == T
    assert "TLS failed" in delivery.answer


def test_a_relay_without_login_gets_no_letter(relay: Relay) -> None:
    settings = replace(relay.settings, username="desk", password="secret")
    assert outcome(SmtpSender(settings).send(LETTER)) == T
    assert "AUTH" in probe(settings)[0]
    assert relay.sink.taken == []


def test_a_relay_without_starttls_gets_no_letter(relay: Relay) -> None:
    settings = replace(relay.settings, security="starttls")
    delivery = SmtpSender(settings).send(LETTER)
    assert (delivery.sent, delivery.temporary) == (False, True)
    assert "STARTTLS" in probe(settings)[0]
    assert relay.sink.taken == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "relay.test", "username": "desk", "security": "none"},
        {"host": "relay.test", "security": "STARTTLS"},
        {"host": "relay.test", "hostname": "a\r\nMAIL FROM:<x@y>"},
    ],
)
def test_settings_that_are_dangerous_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="use "):
        RelaySettings(**wrong)


# ---------------------------------------------------------------------------- SMTP, bad relays

DROP = "DROP"  # close the connection instead of an answer
HANG = "HANG"  # say nothing until the other side has had enough
Script = list[tuple[str, str]]  # the command a step is for, and what is done about it


class Scripted:
    """A relay that says 250 (354 to DATA) until the next step of its script fits the command."""

    offers = ""  # in the answer to EHLO

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.heard: list[str] = []
        self.letters: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        patience = 0.5 if any(act == HANG for _, act in script) else 60  # a busy machine is slow at times
        self.settings = replace(plain(self._socket.getsockname()[1]), timeout=patience, final_timeout=patience)
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> Scripted:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._socket.close()
        self._thread.join()
        assert self.script == [], "the relay was never asked for these steps"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    connection.settimeout(60)
                    self._talk(connection)
            except OSError:  # the other side hung up: often that is what the case is about
                pass

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            if not self._act(connection, "connect", "220 relay.test"):
                return
            for line in lines:
                words = line.decode("latin-1").strip()
                self.heard.append(words)
                verb = words.split(" ")[0].split(":")[0].upper()
                if not self._act(connection, verb, self._usual(verb)):
                    return
                if verb == "QUIT":
                    return
                if verb == "DATA" and self._last.startswith("354"):
                    if self.script and self.script[0] == ("body", DROP):
                        self.script.pop(0)
                        return
                    body: list[bytes] = []
                    while (line := lines.readline()) != b".\r\n":
                        if not line:
                            return
                        body.append(line)
                    self.letters.append(b"".join(body))
                    if not self._act(connection, "dot", "250 2.0.0 taken"):
                        return

    def _usual(self, verb: str) -> str:
        if verb == "EHLO" and self.offers:
            return f"250-relay.test\r\n250 {self.offers}"
        return "354 go on" if verb == "DATA" else "250 ok"

    def _act(self, connection: socket.socket, moment: str, usual: str) -> bool:
        answer = usual
        if self.script and self.script[0][0] == moment:
            answer = self.script.pop(0)[1]
        if answer == DROP:
            return False
        if answer == HANG:
            connection.recv(1)  # returns when the client gives up
            return False
        self._last = answer
        connection.sendall(answer.encode("latin-1") + b"\r\n")
        return True


@pytest.fixture(params=["", "PIPELINING"], ids=["in turn", "pipelined"])
def offers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Relays that take one command at a time, and relays that take several at once."""
    monkeypatch.setattr(Scripted, "offers", request.param)
    return str(request.param)


T, P, U, S = "temporary", "permanent", "uncertain", "sent"


def outcome(delivery: Any) -> str:
    if delivery.sent:
        return S
    if delivery.uncertain:
        assert delivery.temporary
        return U
    return T if delivery.temporary else P


@pytest.mark.parametrize(
    ("script", "expected", "answer"),
    [
        ([("connect", "421 4.3.2 too busy")], T, "relay 127.0.0.1"),
        ([("connect", "554 5.7.1 no service for you")], T, "relay 127.0.0.1"),
        ([("connect", DROP)], T, ""),
        ([("connect", HANG)], T, ""),
        ([("connect", "HTTP/1.1 400 Bad Request")], T, ""),
        ([("connect", "2" * 9000)], T, ""),
        ([("EHLO", "550 go away"), ("HELO", "550 go away")], T, "relay 127.0.0.1"),
        ([("EHLO", DROP)], T, ""),
        ([("EHLO", HANG)], T, ""),
        ([("MAIL", "451 4.3.0 try later")], T, "451 4.3.0 try later"),
        ([("MAIL", "550 5.7.1 bad sender")], P, "550 5.7.1 bad sender"),
        ([("MAIL", "530 5.7.0 log in first")], T, "530"),
        ([("MAIL", "503 5.5.1 EHLO first")], T, "503"),
        ([("MAIL", "421 4.7.0 closing")], T, "421"),
        ([("MAIL", DROP)], T, ""),
        ([("MAIL", HANG)], T, ""),
        ([("MAIL", "hello?")], T, ""),
        ([("RCPT", "450 4.2.0 greylisted")], T, "450"),
        ([("RCPT", "550 5.1.1 no such user")], P, "550 5.1.1 no such user"),
        ([("RCPT", "552 too many recipients")], T, "552"),
        ([("RCPT", "552 5.2.2 mailbox full")], P, "552"),
        ([("RCPT", DROP)], T, ""),
        ([("RCPT", "999 what")], T, ""),
        ([("DATA", "451 4.3.0 no disk")], T, "451"),
        ([("DATA", "554 5.5.1 no valid recipients")], P, "554"),
        ([("DATA", DROP)], T, ""),
        ([("DATA", HANG)], T, ""),
        ([("dot", "451 4.3.0 no disk")], T, "451"),
        ([("dot", "421 4.3.0 closing")], T, "421"),
        ([("dot", "550 5.7.1 spam")], P, "550 5.7.1 spam"),
        ([("dot", DROP)], U, ""),
        ([("dot", HANG)], U, ""),
        ([("dot", "\0\0garbage")], U, ""),
        ([("dot", "250-first\r\n250 second")], S, "250 first second"),
        ([("dot", "250 " + "x" * 4000)], S, "250 xxx"),
        ([("dot", "550 evil\r\x85\x0bwords\0")], P, "550 evil"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("offers")
def test_every_way_to_fail_is_a_delivery(script: Script, expected: str, answer: str) -> None:
    with Scripted(list(script)) as relay:
        letter = replace(LETTER, raw=RAW + b"x" * 998 + b"\r\n")
        sender = SmtpSender(relay.settings)
        delivery = sender.send(letter)
        sender.close()
    assert outcome(delivery) == expected, delivery
    assert delivery.answer.startswith(answer)
    assert delivery.answer
    assert len(delivery.answer) <= 500
    assert delivery.answer.isprintable()


@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA", "dot"])
@pytest.mark.usefixtures("offers")
def test_the_next_letter_goes_out_after_a_refusal(moment: str) -> None:
    with Scripted([(moment, "550 5.0.0 no")]) as relay:
        sender = SmtpSender(relay.settings)
        assert outcome(sender.send(LETTER)) == P
        assert outcome(sender.send(LETTER)) == S
        sender.close()
        assert relay.connections == 1
        # Without it the next MAIL would be "nested" for a relay that has taken the first.
        assert moment == "dot" or "RSET" in relay.heard


@pytest.mark.parametrize("moment", ["connect", "MAIL", "body", "dot"])
@pytest.mark.usefixtures("offers")
def test_the_next_letter_goes_out_after_a_drop(moment: str) -> None:
    with Scripted([(moment, DROP)]) as relay:
        sender = SmtpSender(relay.settings)
        assert not sender.send(LETTER).sent
        assert outcome(sender.send(LETTER)) == S
        sender.close()
        assert relay.connections == 2


@pytest.mark.parametrize("step", [("MAIL", DROP), ("MAIL", "421 idle too long"), ("RCPT", DROP), ("DATA", DROP)])
@pytest.mark.usefixtures("offers")
def test_a_kept_connection_that_was_dropped_is_made_anew_once(step: tuple[str, str]) -> None:
    with Scripted([]) as relay:
        sender = SmtpSender(relay.settings)
        assert sender.send(LETTER).sent
        relay.script.append(step)
        assert sender.send(replace(LETTER, raw=b"Subject: 2\r\n\r\n")).sent
        sender.close()
        assert relay.letters == [RAW.replace(b"\r\n.", b"\r\n.."), b"Subject: 2\r\n\r\n"]
        assert relay.connections == 2


# The kernel takes a small letter whole before it hears of the drop; 32 MiB is more than it buffers.
@pytest.mark.parametrize(
    ("moment", "raw", "expected"), [("body", RAW + b"x\r\n" * 11_000_000, T), ("dot", RAW, U)], ids=["body", "dot"]
)
@pytest.mark.usefixtures("offers")
def test_after_data_nothing_is_tried_twice(moment: str, raw: bytes, expected: str) -> None:
    with Scripted([]) as relay:
        sender = SmtpSender(relay.settings)
        assert sender.send(LETTER).sent
        relay.script.append((moment, DROP))
        assert outcome(sender.send(replace(LETTER, raw=raw))) == expected
        assert relay.connections == 1


@pytest.mark.usefixtures("offers")
def test_some_recipients_refused() -> None:
    with Scripted([("RCPT", "550 5.1.1 no such user")]) as relay:
        sender = SmtpSender(relay.settings)
        delivery = sender.send(TWO)
        sender.close()
    assert delivery.sent
    assert delivery.refused == (("kim@y.test", "550 5.1.1 no such user"),)


@pytest.mark.usefixtures("offers")
def test_all_refused_is_temporary_while_one_may_still_be_taken() -> None:
    with Scripted([("RCPT", "550 5.1.1 no such user"), ("RCPT", "450 4.2.0 greylisted")]) as relay:
        sender = SmtpSender(relay.settings)
        delivery = sender.send(TWO)
        sender.close()
    assert outcome(delivery) == T
    assert delivery.answer == "450 4.2.0 greylisted"


@pytest.mark.usefixtures("offers")
def test_nothing_is_said_between_two_letters_that_went_through() -> None:
    with Scripted([]) as relay:
        sender = SmtpSender(relay.settings)
        for _ in range(2):
            assert sender.send(LETTER).sent
        sender.close()
        verbs = [line.split()[0].upper() for line in relay.heard]
    assert verbs == ["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "QUIT"]
    assert relay.heard[0].lower() == "ehlo desk.test"


def test_a_relay_that_takes_data_for_nobody_gets_an_empty_letter_and_the_next_one_whole() -> None:
    # RFC 2920 §3.1: DATA was said before the refusal was heard.
    with Scripted([("EHLO", "250-relay.test\r\n250 PIPELINING"), ("RCPT", "550 5.1.1 no such user")]) as relay:
        sender = SmtpSender(relay.settings)
        assert outcome(sender.send(LETTER)) == P
        assert outcome(sender.send(LETTER)) == S
        sender.close()
        assert relay.letters == [b"", RAW.replace(b"\r\n.", b"\r\n..")]
        assert relay.connections == 1


def test_a_refusal_counts_although_the_relay_hangs_up_behind_it() -> None:
    script = [("EHLO", "250-relay.test\r\n250 PIPELINING"), ("MAIL", "550 5.7.1 bad sender"), ("RCPT", DROP)]
    with Scripted(script) as relay:
        sender = SmtpSender(relay.settings)
        delivery = sender.send(LETTER)
        assert (outcome(delivery), delivery.answer) == (P, "550 5.7.1 bad sender")
        assert outcome(sender.send(LETTER)) == S
        sender.close()
        assert relay.connections == 2


def test_the_size_is_told_to_a_relay_that_asks_for_it() -> None:
    with Scripted([("EHLO", "250-relay.test\r\n250 SIZE 1000000")]) as relay:
        sender = SmtpSender(relay.settings)
        assert sender.send(LETTER).sent
        sender.close()
    assert f"MAIL FROM:<bounce+1@x.test> SIZE={len(RAW)}" in relay.heard


def test_a_relay_that_is_not_there_is_temporary() -> None:
    settings = plain(free_port())
    delivery = SmtpSender(settings).send(LETTER)
    assert outcome(delivery) == T
    assert "cannot be reached" in delivery.answer
    assert "cannot be reached" in probe(settings)[0]


def test_a_tls_handshake_with_something_else_is_temporary(papers: Papers) -> None:
    with Scripted([]) as relay:
        delivery = SmtpSender(replace(relay.settings, security="tls", context=papers.client)).send(LETTER)
    assert outcome(delivery) == T
