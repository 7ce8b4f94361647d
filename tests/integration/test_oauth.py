"""Signing in at a mail provider: an issuer on loopback, a real login by XOAUTH2 at an IMAP server and a relay."""

from __future__ import annotations

import json
import re
import resource
import stat
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from typer.testing import CliRunner

from maild.app.ports import Letter
from maild.bootstrap import mailbox_settings, relay_settings
from maild.bootstrap.accounts import kept_tokens, make_account
from maild.cli.main import app
from maild.config.load import load
from maild.config.model import Config
from maild.errors import NoToken
from maild.intake.imap import probe
from maild.oauth.account import Account
from maild.oauth.asking import Away
from maild.outbound.smtp import SmtpSender
from maild.testing.issuer import FakeIssuer
from maild.testing.servers.daemon import free_port

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

SETTINGS = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
[[oauth]]
name = "office"
provider = "other"
client_id = "maild-test"
client_secret = "the-secret-of-maild-test"
username = "support@example.com"
token_url = "{url}/token"
scopes = ["mail", "offline_access"]
{more}
"""
BY_DEVICE = 'device_url = "{url}/device"'
BY_BROWSER = 'browser_url = "{url}/authorize"'
OUR_NAME = 'grant = "client"'
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


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with FakeIssuer().running() as running:
        yield running


class Office:
    """A configuration with one account, and the commands a person types."""

    def __init__(self, folder: Path, issuer: FakeIssuer, more: str = BY_DEVICE) -> None:
        self.file = folder / "maild.toml"
        self.file.write_text(SETTINGS.format(url=issuer.url, more=more.format(url=issuer.url)))
        self.file.chmod(0o600)
        self.now = NOON

    @property
    def config(self) -> Config:
        return load(self.file, {})

    @property
    def kept(self) -> Path:
        return self.config.desk.data / "oauth" / "office.json"

    def account(self) -> Account:
        [table] = self.config.oauth
        return make_account(self.config, table, lambda: self.now)

    def maild(self, *words: str, typed: str = "") -> Any:
        return CliRunner().invoke(app, ["--config", str(self.file), *words], input=typed)


@pytest.fixture
def office(tmp_path: Path, issuer: FakeIssuer) -> Office:
    return Office(tmp_path, issuer)


# ---------------------------------------------------------------- maild login


def test_a_login_by_device_shows_the_code_waits_for_it_and_keeps_the_tokens(issuer: FakeIssuer, office: Office) -> None:
    issuer.pending = 2
    done = office.maild("login", "office")
    assert done.exit_code == 0, done.output
    assert "WDJB-MJHT" in done.stderr
    assert f"{issuer.url}/here" in done.stderr
    assert "signed in" in done.stdout
    assert issuer.asked[0] == {"client_id": "maild-test", "scope": "mail offline_access"}
    assert len(issuer.asked) == 4  # the code, twice too early, then in time
    assert stat.S_IMODE(office.kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(office.kept.parent.stat().st_mode) == 0o700
    assert issuer.refresh not in done.output


def test_a_login_in_a_browser_ends_at_an_address_of_this_machine(tmp_path: Path, issuer: FakeIssuer) -> None:
    office = Office(tmp_path, issuer, BY_BROWSER)
    said: list[str] = []

    def browse(text: str, **_: object) -> None:
        said.append(text)
        if found := re.search(r"http://\S+/authorize\S+", text):
            address = issuer.sign_in(found[0])
            threading.Thread(target=lambda: urllib.request.urlopen(address).read()).start()  # noqa: S310

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("maild.cli.login._tell", browse)
        done = office.maild("login")
    assert done.exit_code == 0, done.output
    assert issuer.asked[0]["code_challenge_method"] == "S256"
    assert issuer.asked[0]["login_hint"] == "support@example.com"
    assert office.account().token() in issuer.tokens


def test_with_the_browser_elsewhere_its_last_address_is_pasted(tmp_path: Path, issuer: FakeIssuer) -> None:
    office = Office(tmp_path, issuer, BY_BROWSER)
    with pytest.MonkeyPatch.context() as patch:
        ended: list[str] = []
        patch.setattr("maild.cli.login._tell", lambda text: ended.extend(_signed_in(issuer, text)))
        patch.setattr("maild.cli.login._pasted", lambda: ended[0])
        done = office.maild("login", "--paste")
    assert done.exit_code == 0, done.output
    assert ended[0].startswith("http://127.0.0.1:1/")


def _signed_in(issuer: FakeIssuer, text: str) -> list[str]:
    found = re.search(r"http://\S+/authorize\S+", text)
    return [issuer.sign_in(found[0])] if found else []


def test_an_address_of_somebody_elses_login_is_not_taken(tmp_path: Path, issuer: FakeIssuer) -> None:
    """The state is not ours: somebody wants maild to read his own mailbox (RFC 6749 §10.12)."""
    office = Office(tmp_path, issuer, BY_BROWSER)
    done = office.maild("login", "--paste", typed="http://127.0.0.1:1/?code=theirs&state=theirs\n")
    assert done.exit_code == 1
    assert "refuses: mismatching_state" in done.output
    assert not office.kept.exists()


def test_who_says_no_at_the_login_page_changes_nothing(issuer: FakeIssuer, office: Office) -> None:
    issuer.secret = "another"  # of a test
    done = office.maild("login", "office")
    assert done.exit_code == 1
    assert "account office: the issuer refuses: invalid_client (AADSTS70000)" in done.output
    assert "kim@customer.example" not in done.output
    assert not office.kept.exists()


def test_show_tells_how_it_stands(issuer: FakeIssuer, office: Office) -> None:
    before = office.maild("login", "--show")
    assert before.exit_code == 1
    assert "nobody has signed in yet; sign in with: maild login office" in before.output
    office.maild("login", "office")
    after = office.maild("login", "--show", "--json")
    assert after.exit_code == 0
    [standing] = json.loads(after.output)
    assert (standing["name"], standing["trouble"]) == ("office", "")


# ---------------------------------------------------------------- tokens


def test_a_token_is_used_until_shortly_before_its_end_then_renewed(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    account = office.account()
    office.now = datetime.now(UTC)
    first = account.token()
    office.now += timedelta(minutes=54)
    assert account.token() == first
    office.now += timedelta(minutes=2)
    second = account.token()
    assert second != first
    assert second in issuer.tokens
    assert account.token() == second


def test_a_refresh_token_that_changes_each_time_is_followed(issuer: FakeIssuer, office: Office) -> None:
    issuer.changes = True
    office.maild("login", "office")
    office.now = datetime.now(UTC)
    for _ in range(3):
        office.now += timedelta(hours=2)
        assert office.account().token() in issuer.tokens  # each time as another process


def test_many_at_once_renew_once(issuer: FakeIssuer, office: Office) -> None:
    issuer.changes = True  # a second refresh with the same token would be refused
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    asked = len(issuer.asked)
    had: list[str] = []
    threads = [threading.Thread(target=lambda: had.append(office.account().token())) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(had) == 8
    assert len(set(had)) == 1
    assert len(issuer.asked) == asked + 1


def test_while_the_issuer_is_away_the_old_token_goes_on(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    account = office.account()
    office.now = datetime.now(UTC)
    token = account.token()
    issuer.says = (503, b"busy")
    office.now += timedelta(minutes=57)
    assert account.token() == token
    assert "answered 503" in account.standing().trouble
    office.now += timedelta(minutes=10)
    with pytest.raises(NoToken, match="answered 503"):
        account.token()
    issuer.says = None
    office.now += timedelta(minutes=2)
    assert account.token() in issuer.tokens
    assert not account.standing().trouble


def test_a_login_that_was_revoked_asks_for_a_new_one_and_does_not_press_the_issuer(
    issuer: FakeIssuer, office: Office
) -> None:
    office.maild("login", "office")
    issuer.refresh = "another"
    office.now = datetime.now(UTC) + timedelta(hours=2)
    account = office.account()
    asked = len(issuer.asked)
    for _ in range(5):
        with pytest.raises(NoToken, match=r"invalid_grant \(AADSTS70000\); sign in with: maild login office"):
            account.token()
    assert len(issuer.asked) == asked + 1
    issuer.refresh = ""
    office.maild("login", "office")
    office.now = datetime.now(UTC)
    assert account.token() in issuer.tokens


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"<html>", {"access_token": ""}, {"access_token": "two words"}, {"access_token": "a\r\nb"}, {}],
)
def test_an_answer_that_makes_no_sense_is_trouble_and_no_token(
    issuer: FakeIssuer, office: Office, answer: object
) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    issuer.says = (200, answer)
    with pytest.raises(NoToken):
        office.account().token()


@pytest.mark.parametrize("life", [float("nan"), float("inf"), -1, "soon", None])
def test_a_life_that_makes_no_sense_is_no_trouble(issuer: FakeIssuer, office: Office, life: object) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    issuer.says = (200, {"access_token": "token", "expires_in": life})
    assert office.account().token() == "token"


def test_a_file_that_was_spoilt_means_signing_in_again(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    office.kept.write_text("{")
    with pytest.raises(NoToken, match="nobody has signed in yet"):
        office.account().token()


def test_tokens_of_another_user_are_not_called_missing(issuer: FakeIssuer, office: Office) -> None:
    office.kept.mkdir(parents=True)  # as little to be read as another user's file, also for root
    with pytest.raises(NoToken, match="does everything run as maild's user"):
        office.account().token()
    assert "cannot be read or kept" in office.maild("login", "--show").stdout
    assert "cannot be read or kept" in office.maild("status").output + office.account().standing().trouble
    done = office.maild("login", "office")
    assert done.exit_code != 0
    assert "run this as maild's user" in done.output


def test_what_root_asks_for_belongs_to_mailds_user(
    issuer: FakeIssuer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", lambda _what, user, group: given.append((user, group)))
    office.maild("login", "office")
    owner = office.config.desk.data.stat()
    assert given == [(owner.st_uid, owner.st_gid)] * 3  # the folder, the lock, the tokens


def test_a_full_disk_leaves_the_tokens_that_were_kept(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    before = office.kept.read_bytes()
    office.now = datetime.now(UTC) + timedelta(hours=2)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # writing ends in the middle
    try:
        with pytest.raises(NoToken, match="No space left"):
            office.account().token()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert office.kept.read_bytes() == before
    assert office.account().token() in issuer.tokens


def test_a_token_that_lasts_does_not_wait_for_a_slow_issuer(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC)
    token = office.account().token()
    office.now += timedelta(minutes=57)
    with kept_tokens(office.config, office.config.oauth[0]).alone():  # somebody is asking, and gets no answer
        assert office.account().token() == token


def test_an_issuer_has_seconds_in_all(issuer: FakeIssuer, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr("maild.oauth.asking._IN_ALL", 0.1)
    going_on = threading.Event()
    monkeypatch.setattr("maild.oauth.asking._asked", lambda *_: going_on.wait(10))
    with pytest.raises(NoToken, match=r"did not answer within 0\.1 s"):
        office.account().token()
    going_on.set()


def test_the_rest_after_a_refusal_begins_with_its_end(
    issuer: FakeIssuer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(hours=2)

    def slow(*_: object) -> None:
        asked.append(office.now)
        office.now += timedelta(minutes=4)  # a firewall, and an issuer with many addresses
        raise Away("nobody answers")

    asked: list[datetime] = []
    monkeypatch.setattr("maild.oauth.asking.ask", slow)
    for _ in range(3):  # who waited
        with pytest.raises(NoToken, match="nobody answers"):
            office.account().token()
    assert len(asked) == 1


def test_a_clock_that_was_ahead_does_not_keep_a_dead_token(issuer: FakeIssuer, office: Office) -> None:
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(days=30)
    account = office.account()
    token = account.token()
    office.now -= timedelta(days=30)
    account.refused(token)  # its end has come, whatever we thought
    assert account.token() != token
    account.refused(account.token())
    office.now += timedelta(days=30)
    issuer.says = (503, b"busy")
    with pytest.raises(NoToken, match="503"):
        account.token()
    office.now -= timedelta(days=30)
    issuer.says = None
    assert account.token() in issuer.tokens


def test_a_login_that_has_ended_is_trouble(issuer: FakeIssuer, office: Office) -> None:
    issuer.refresh_life = 7 * 86400
    office.maild("login", "office")
    office.now = datetime.now(UTC) + timedelta(days=8)
    assert "its login has ended; sign in with: maild login office" in office.account().standing().trouble


def test_the_end_of_a_login_is_known_where_the_issuer_tells_it(issuer: FakeIssuer, office: Office) -> None:
    issuer.refresh_life = 7 * 86400  # as Google's, for an app that is being tried
    office.maild("login", "office")
    ends = office.account().standing().ends_at
    assert ends is not None
    assert timedelta(days=6) < ends - datetime.now(UTC) < timedelta(days=8)


def test_in_its_own_name_nobody_signs_in(tmp_path: Path, issuer: FakeIssuer) -> None:
    office = Office(tmp_path, issuer, OUR_NAME)
    assert office.account().token() in issuer.tokens
    assert issuer.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "maild-test",
            "client_secret": "the-secret-of-maild-test",
            "scope": "mail offline_access",
        }
    ]
    assert 'has grant = "client"' in office.maild("login", "office").output


def test_a_service_account_signs_its_claim(tmp_path: Path, issuer: FakeIssuer) -> None:
    import jwt

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file = tmp_path / "service.json"
    file.write_text(json.dumps({"client_email": "desk@project.iam.example", "private_key": pem}))
    file.chmod(0o600)
    office = Office(tmp_path, issuer, 'grant = "service_account"\nkey_file = "service.json"')
    assert office.account().token() in issuer.tokens
    claim = jwt.decode(
        issuer.asked[0]["assertion"],
        key.public_key(),
        algorithms=["RS256"],
        audience=f"{issuer.url}/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert (claim["iss"], claim["sub"]) == ("desk@project.iam.example", "support@example.com")
    assert claim["scope"] == "mail offline_access"


# ---------------------------------------------------------------- logging in with them


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
