"""Nothing secret gets out, and nobody is called who is not configured (RELIABILITY §11.4, A11 and A12).

One daemon at debug level, with a canary in every secret that it has and in everything that people write, and with
trouble provoked wherever a secret is used.
"""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maild.cli.main import app
from maild.testing.conversation import SETTINGS
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail, reply_to
from maild.testing.servers.daemon import HOST, free_port
from maild.testing.waiting import wait_until

KIM, ANNA, EVE, ROOT = "kim@customer.example", "anna@staff.example", "eve@evil.example", "root@example.com"
SECRETS = {
    name: f"canary-secret-{name}-Zq7" for name in ("desk", "mailbox", "relay", "directory", "header", "url", "token")
}
WORDS = {name: f"canary-{name}-word" for name in ("subject", "body", "file", "html", "note")}
FORGED = "2026-01-01T00:00:00Z [info] forged line"
SECRET_DESK = SETTINGS.replace("0123456789abcdef0123456789abcdef", SECRETS["desk"])
NOBODY = free_port()  # nobody listens there: whoever asks gets trouble with a secret in hand
TROUBLE = f"""
[log]
level = "debug"

[[mailbox]]
name = "support"
host = "{HOST}"
port = {NOBODY}
security = "none"
username = "kim"
password = "{SECRETS["mailbox"]}"

[[directory]]
name = "orders"
of = "orders"
patterns = ['\\bSO-\\d{{6}}\\b']
[directory.http]
url = "http://{HOST}:{NOBODY}/{{key}}"
token = "{SECRETS["directory"]}"
headers = {{ X-Key = "{SECRETS["header"]}" }}
"""
# Every way in which a mail asks its reader's program to fetch something (A11).
PICTURES = "http://192.0.2.1:8080"
FETCHES = f"""<html><head><base href="{PICTURES}"><link rel=stylesheet href="{PICTURES}/a.css"><style>@import
url({PICTURES}/b.css);</style></head><body background="{PICTURES}/c"><img src="{PICTURES}/d.png"><img
src="file:///etc/passwd"><img src="php://filter/x"><iframe src="{PICTURES}/e"></iframe><object data="{PICTURES}/f">
</object><video src="{PICTURES}/g"></video><svg><image href="{PICTURES}/h"/></svg><p>{WORDS["html"]}</p></body>"""
SVG = f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "{PICTURES}/i">]><svg><image href="{PICTURES}/j"/>&x;</svg>'
CALENDAR = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\nDTSTART:20260504T080000Z\n"
    f"ATTACH:{PICTURES}/k\nURL:{PICTURES}/l\nTZURL:{PICTURES}/m\nEND:VEVENT\nEND:VCALENDAR\n"
)
# Told to the daemon's Python by its own name for start-up code: whom it calls, and whose name it looks up.
WATCH = """
import os, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        os.write(calls, (repr(arguments[1]) + "\\n").encode())
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        os.write(calls, (repr(("name", arguments[0])) + "\\n").encode())
calls = os.open(os.environ["MAILD_TEST_CALLS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The daemon, after all that was done to it; it still runs."""
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "python").mkdir()
    (folder / "python" / "sitecustomize.py").write_text(WATCH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder / "python"))
        patch.setenv("MAILD_TEST_CALLS", str(folder / "calls"))
        made = Desk(folder, SetUp(store="sqlite"), settings=SECRET_DESK)
        made.write_config(TROUBLE)
        made.start()
    try:
        happen(made)
        yield made
    finally:
        made.close()


def happen(desk: Desk) -> None:
    """Mails of every sort, and trouble with each of them."""
    files = [(f"{WORDS['file']}.svg", "image/svg+xml", SVG.encode()), ("x.ics", "text/calendar", CALENDAR.encode())]
    subject = f"SO-123456 {WORDS['subject']} password={SECRETS['token']}"
    desk.send(new_mail(f"{WORDS['body']}\n{FORGED}", subject=subject, html=FETCHES, files=files))
    desk.letters(KIM)
    told = desk.letters(ANNA)[0]
    desk.send(reply_to(told, f"#note {WORDS['note']}"))
    desk.send(new_mail("#close", sender=f"Anna <{ANNA}>", to=str(told.mail["Reply-To"]).replace("+a", "+t")))
    headers = {"X-Note": FORGED, "Authentication-Results": f"mx; dmarc=fail reason={WORDS['body']}"}
    stranger = new_mail(WORDS["body"], sender=f"Eve <{EVE}>", headers=headers)
    desk.send(stranger.replace(b"From: Eve", f'From: "x\u2028{FORGED}"'.encode()))
    encoded = FORGED.replace(" ", "_").encode()
    broken = b"Subject: =?utf-8?q?x=0D=0A" + encoded + b"?=\r\n\r\n" + WORDS["body"].encode()
    desk.send(broken, sender="", to="support@example.com")
    with suppress(smtplib.SMTPException), desk.connect() as smtp:
        smtp.docmd("AUTH", f"PLAIN {SECRETS['token']}")
        smtp.docmd("MAIL", f"FROM:<{SECRETS['token']}")
    hung_up = desk.connect()  # in the middle of a mail
    hung_up.docmd("EHLO", "x")
    hung_up.mail(KIM)
    hung_up.rcpt("support@example.com")
    hung_up.docmd("DATA")
    hung_up.send(f"Subject: {WORDS['subject']}\r\n")
    hung_up.close()
    desk.settle()
    wait_until(lambda: [line for line in desk.logged() if "mailbox" in line and line["level"] == "warning"], "trouble")


def log_of(desk: Desk) -> str:
    return "".join(path.read_text() for path in desk.folder.glob("*.log"))


def test_trouble_was_provoked_and_written_down(desk: Desk) -> None:
    assert str(NOBODY) in log_of(desk)
    assert len(desk.mails()) >= 5


def test_the_log_holds_no_secret_and_nobodys_words(desk: Desk) -> None:
    log = log_of(desk)
    assert [secret for secret in SECRETS.values() if secret in log] == []
    assert [word for word in WORDS.values() if word in log] == []
    assert "+a1." not in log, "a signed address is as good as a password"


def test_no_line_of_the_log_is_forged(desk: Desk) -> None:
    lines = log_of(desk).splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert not any(line.startswith("2026-01-01") for line in lines)


@pytest.mark.parametrize("command", ["status", "doctor", "check", "outbox"])
def test_what_a_command_shows_holds_no_secret(desk: Desk, command: str) -> None:
    for form in ([], ["--json"]):
        shown = CliRunner().invoke(app, ["--config", str(desk.config), command, *form]).output
        assert [secret for secret in SECRETS.values() if secret in shown and secret != SECRETS["token"]] == []


def test_a_database_and_a_broker_that_are_away_tell_no_password(desk: Desk, tmp_path: Path) -> None:
    there = desk.config.read_text()
    store = f"postgresql://maild:{SECRETS['url']}@{HOST}:{NOBODY}/x?connect_timeout=1"
    away = there.replace('url = "sqlite"', f'url = "{store}"')
    away = away.replace('broker = "memory"', f'broker = "redis://:{SECRETS["url"]}@{HOST}:{NOBODY}/0"')
    assert away.count(SECRETS["url"]) == 2
    config = tmp_path / "maild.toml"
    config.write_text(away)
    config.chmod(0o600)
    for command in ("check", "status", "doctor"):
        result = CliRunner().invoke(app, ["--config", str(config), command])
        assert result.exit_code != 0
        said = result.output + repr(result.exception)
        assert SECRETS["url"] not in said, command


def test_letters_hold_no_secret_of_ours(desk: Desk) -> None:
    letters = "".join(posted.everything for posted in desk.sink.posted)
    ours = [secret for name, secret in SECRETS.items() if name != "token"]
    assert [secret for secret in ours if secret in letters] == []


def test_nobody_is_called_but_who_is_configured(desk: Desk) -> None:
    """Neither a picture nor a style sheet, an entity of XML or an attachment of a calendar is fetched."""
    calls = {line for line in (desk.folder / "calls").read_text().splitlines() if line}
    allowed = {repr((HOST, port)) for port in (desk.sink.port, NOBODY)} | {repr(("name", HOST))}
    assert repr((HOST, desk.sink.port)) in calls, "the hook sees what is called"
    assert calls <= allowed
