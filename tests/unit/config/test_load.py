"""What `load` makes of a file, and how it tells every fault at once."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from maild.config.load import load
from maild.config.model import Config
from maild.config.secret import old_secrets, secret_values
from maild.config.tables import TABLES
from maild.errors import ConfigError

CANARY = "canary-S3CRET-never-shown"
DESK = f'[desk]\naddress = "support@example.com"\nsecret = "{CANARY}"\n'  # lines 1 to 3
BOX = '[[mailbox]]\nname = "in"\nhost = "imap.example.com"\nusername = "u"\n'  # lines 4 to 7
PASSWORD = f'password = "{CANARY}"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "maild.toml"


def read(file: Path, text: str, **environ: str) -> Config:
    file.write_text(text, "utf-8")
    return load(file, environ)


def problems(file: Path, text: str, **environ: str) -> list[str]:
    """The problems, without the file's name: `LINE: key: text`."""
    with pytest.raises(ConfigError) as caught:
        read(file, text, **environ)
    assert all(CANARY not in problem for problem in caught.value.problems)
    assert all(problem.startswith(f"{file}:") for problem in caught.value.problems)
    return [problem.removeprefix(f"{file}:") for problem in caught.value.problems]


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def test_the_smallest_file_has_a_queue_and_absolute_paths(file: Path) -> None:
    config = read(file, DESK)

    assert [(queue.name, queue.addresses) for queue in config.queue] == [("support", ("support@example.com",))]
    assert config.desk.data == file.parent / "data"
    assert config.send.path == file.parent / "data" / "sent"
    assert config.limits.message == 25 << 20


def test_every_sort_of_value_is_read(file: Path) -> None:
    text = DESK + '[tickets]\nreopen_within = "1h 30m"\n[limits]\nmessage = "10 MiB"\n[worker]\nretry = ["1s", "2m"]\n'
    config = read(file, text)

    assert config.tickets.reopen_within == timedelta(minutes=90)
    assert config.limits.message == 10 << 20
    assert config.worker.retry == (timedelta(seconds=1), timedelta(minutes=2))


def test_ten_faults_are_ten_messages_with_their_lines(file: Path) -> None:
    text = f"""\
[desk]
name = ""
address = "support"
timezone = "Europe/Berln"
secret = "{CANARY}"

[worker]
# a comment, and a value over several lines
retry = [
  "1s",
  "soon",
]
proceses = 2
attempts = "many"

[[mailbox]]
name = "in"
host = "imap.example.com"
username = "u"

[[mailbox]]
name = "in"
host = "imap.example.org:993"
username = "u"
after = "shred"
password = "{CANARY}"

[tickets]
labels = {{ on_hld = "waiting" }}

[mailbx]
"""
    found = problems(file, text)

    assert [problem.split(": ")[:2] for problem in found] == [
        ["2", "desk.name"],
        ["3", "desk.address"],
        ["4", "desk.timezone"],
        ["11", "worker.retry"],
        ["13", "worker.proceses"],
        ["14", "worker.attempts"],
        ["16", "mailbox.password"],
        ["22", "mailbox.name"],
        ["23", "mailbox.host"],
        ["25", "mailbox.after"],
        ["29", "tickets.labels.on_hld"],
        ["31", "mailbx"],
    ]
    assert all(";" in problem for problem in found)  # what would be right


CASES = {
    # text after DESK: line, key, and words of the message
    "unknown key, nearest": ('[send]\nhots = "x"', "5: send.hots: ", "did you mean host?"),
    "unknown key of another table": ("[send]\nrecipients = 5", "5: send.recipients: ", "belongs to [limits]"),
    "unknown key, none near": ("[log]\nzzzz = 5", "5: log.zzzz: ", "this table has level, format"),
    "text for a number": ('[worker]\nprocesses = "two"', "5: worker.processes: ", "a whole number"),
    "text for a switch": ("[[receiver]]\nrequire_tls = 7", "5: receiver.require_tls: ", "true or false"),
    "number for a text": ("[tickets]\ntag = 7", "5: tickets.tag: ", "text in quotes"),
    "text for a list": ('[worker]\nretry = "5s"', "5: worker.retry: ", "a list in brackets"),
    "number too low": ("[limits]\nconnections = 0", "5: limits.connections: ", "at least 1"),
    "number too high": ("[worker]\nprocesses = 65", "5: worker.processes: ", "at most 64"),
    "no wait at all": ('[worker]\nsweep = "0s"', "5: worker.sweep: ", "at least 1"),
    "endless duration": ('[worker]\nsweep = "99999999999w"', "5: worker.sweep: ", "hundred years"),
    "empty list": ('[[queue]]\nname = "q"\naddresses = []', "6: queue.addresses: ", "at least one"),
    "key missing": ("[[agent]]\nname = \"A\"", "4: agent.address: ", "is missing"),
    "one bracket": ('[agent]\nname = "A"', "4: agent: ", "[[agent]]"),
    "two brackets": ("[[send]]", "4: send: ", "[send]"),
    "no table": ("[log]\n[worker]\nbroker_file = 5", "6: worker.broker_file: ", "a path in quotes"),
    "line break in a name": ('[[agent]]\nname = "A\\nBcc: x"\naddress = "a@b.c"', "5: agent.name: ", "control"),
    "name with a colon": (BOX.replace('"in"', '"a:b"') + PASSWORD, "5: mailbox.name: ", "letters, digits"),
    "no password": (BOX, "4: mailbox.password: ", "password_file"),
    "two passwords": (BOX + PASSWORD + 'password_env = "P"', "9: mailbox.password_env: ", "keep one"),
    "password not in the environment": (BOX + 'password_env = "P"', "8: mailbox.password_env: ", "has no P"),
    "password file missing": (BOX + 'password_file = "nope"', "8: mailbox.password_file: ", "No such file"),
    "login without a password": ('[send]\nusername = "u"', "4: send.password: ", "no password"),
    "password without a login": (f'[send]\nkind = "smtp"\n{PASSWORD}', "4: send.username: ", "both or none"),
    "IMAP in the clear": (BOX + PASSWORD + 'security = "none"', "9: mailbox.security: ", "tls"),
    "relay in the clear": (
        '[send]\nkind = "smtp"\nhost = "mx"\nsecurity = "none"', "7: send.security: ", "allow_plaintext"
    ),
    "login in the clear, even if permitted": (
        f'[send]\nkind = "smtp"\nhost = "mx"\nusername = "u"\n{PASSWORD}security = "none"\nallow_plaintext = true',
        "9: send.security: ",
        "in the clear",
    ),
    "moved to where it is": (BOX + PASSWORD + 'move_to = "inbox"', "9: mailbox.move_to: ", "another folder"),
    "mailbox without a queue": (BOX + PASSWORD + 'address = "x@y.z"', "9: mailbox.address: ", "no queue"),
    "no host name": ('[[receiver]]\nhostname = "Büro 1"', "5: receiver.hostname: ", "mail.example.com"),
    "no place to listen": ('[[receiver]]\nlisten = "25"', "5: receiver.listen: ", "127.0.0.1:2525"),
    "two receivers in one place": (
        '[[receiver]]\nlisten = "[::1]:25"\n[[receiver]]\nlisten = "[::1]:25"', "7: receiver.listen: ", "line 5"
    ),
    "TLS without a certificate": (
        '[[receiver]]\nsecurity = "tls"\nkey = "k"', "4: receiver.certificate: ", "is missing"
    ),
    "certificate without TLS": ('[[receiver]]\ncertificate = "c"', "5: receiver.certificate: ", "starttls"),
    "certificate that is not there": (
        '[[receiver]]\nsecurity = "tls"\ncertificate = "c"\nkey = "k"', "6: receiver.certificate: ", "no file"
    ),
    "an address in two queues": (
        '[[queue]]\nname = "a"\naddresses = ["A@b.c"]\n[[queue]]\nname = "b"\naddresses = ["a@b.c"]',
        "9: queue.addresses: ",
        "line 6",
    ),
    "an unknown agent": (
        '[[queue]]\nname = "a"\naddresses = ["a@b.c"]\nagents = ["eva@b.c"]', "7: queue.agents: ", "add [[agent]]"
    ),
    "an agent that is a queue": (
        '[[agent]]\nname = "A"\naddress = "Support@example.com"', "6: agent.address: ", "would open a ticket"
    ),
    "status unknown": ('[tickets]\nlabels = { zzz = "x" }', "5: tickets.labels.zzz: ", "on_hold"),
    "tag that ends in a digit": ('[tickets]\ntag = "A1"', "5: tickets.tag: ", "digit"),
    "unknown database": (f'[store]\nurl = "mysql://u:{CANARY}@h/d"', "5: store.url: ", "postgresql://"),
    "two ways to the database": (
        f'[store]\nurl = "postgresql://u:{CANARY}@h/d"\nurl_env = "U"', "6: store.url_env: ", "keep one"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "start", "words"), CASES.values(), ids=CASES.keys())
def test_a_fault_names_its_line_and_what_would_be_right(file: Path, text: str, start: str, words: str) -> None:
    (found,) = problems(file, DESK + text)

    assert found.startswith(start)
    assert words in found


NEEDED = [(name, key) for name, (kind, _) in TABLES.items() for key, f in kind.model_fields.items() if f.is_required()]


@pytest.mark.parametrize(("table", "key"), NEEDED)
def test_a_table_without_a_key_that_it_needs_is_told_of(file: Path, table: str, key: str) -> None:
    text = DESK.replace("address", "#") if table == "desk" else f"{DESK}[[{table}]]\n"

    assert any(f"{table}.{key}: is missing; " in problem for problem in problems(file, text))


def test_an_unknown_language_and_a_misspelt_zone_are_told_with_what_exists(file: Path) -> None:
    found = problems(file, DESK + 'language = "fi"\ntimezone = "europe/berlim"\n')

    assert found[0].startswith("4: desk.language: ")
    assert "no letters in fi; there are " in found[0]
    assert "did you mean Europe/Berlin?" in found[1]


SYNTAX = {
    "no quotes": ("[desk]\nname = Acme\n", 2),
    "key twice": ("[desk]\nname = 'a'\nname = 'b'\n", 3),
    "never closed": ("[desk]\nname = [\n'a',\n", 3),
}


@pytest.mark.parametrize(("text", "line"), SYNTAX.values(), ids=SYNTAX.keys())
def test_what_is_not_toml_is_told_with_its_line(file: Path, text: str, line: int) -> None:
    (found,) = problems(file, text)

    assert found.startswith(f"{line}: is not valid TOML")


def test_a_file_that_is_missing_or_not_utf8_is_a_config_error(file: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(file, {})
    file.write_bytes(b"[desk]\nname = '\xe4'\n")
    with pytest.raises(ConfigError, match=":2: is not UTF-8"):
        load(file, {})


def test_a_byte_order_mark_and_crlf_are_no_fault(file: Path) -> None:
    assert read(file, "\ufeff" + DESK.replace("\n", "\r\n")).desk.name == "Support"


def test_a_missing_desk_is_told_in_full(file: Path) -> None:
    keys = [problem.split(": ")[1] for problem in problems(file, "")]

    assert sorted(keys) == ["desk.address", "desk.secret"]


def test_secrets_come_from_files_and_the_environment(file: Path) -> None:
    private(file.parent / "box", f"{CANARY}\n")
    text = DESK.replace(f'"{CANARY}"', '"KEY"').replace("secret =", "secret_env =") + BOX + 'password_file = "box"\n'
    text += '[store]\nurl_env = "DB"\n'
    config = read(file, text, KEY=CANARY, DB="postgresql://u:p%40ss@h/d")

    assert config.desk.secret is not None
    assert config.desk.secret.get_secret_value() == CANARY
    assert config.mailbox[0].password is not None
    assert config.mailbox[0].password.get_secret_value() == CANARY
    assert config.mailbox[0].password_file == file.parent / "box"
    assert config.store.url.get_secret_value() == "postgresql://u:p%40ss@h/d"
    assert set(secret_values(config)) == {CANARY, "p%40ss", "p@ss"}


def test_secrets_are_not_in_the_repr(file: Path) -> None:
    config = read(file, DESK + BOX + PASSWORD + f'[store]\nurl = "postgresql://u:{CANARY}@h/d"\n')

    assert CANARY not in repr(config)
    assert CANARY not in str(config)


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_secret_file_that_others_can_read_is_refused(file: Path, mode: int) -> None:
    private(file.parent / "box", CANARY, mode)
    (found,) = problems(file, DESK + BOX + 'password_file = "box"\n')

    assert "open to other users" in found
    assert "chmod 0600" in found


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600, 0o640])
def test_a_secret_file_of_maild_and_its_group_is_taken(file: Path, mode: int) -> None:
    private(file.parent / "box", CANARY, mode)

    assert read(file, DESK + BOX + 'password_file = "box"\n').mailbox[0].password


@pytest.mark.parametrize("content", ["", "\n", "one\ntwo\n", "\udcff"])
def test_a_secret_file_holds_one_line_of_text(file: Path, content: str) -> None:
    (file.parent / "box").write_bytes(content.encode("utf-8", "surrogateescape"))
    (file.parent / "box").chmod(0o600)
    (found,) = problems(file, DESK + BOX + 'password_file = "box"\n')

    assert "one line" in found


def test_a_short_key_is_refused_and_not_repeated(file: Path) -> None:
    (found,) = problems(file, DESK.replace(CANARY, "fifteen-letters"))

    assert found.startswith("3: desk.secret: ")
    assert "fifteen" not in found


def test_old_keys_are_read_and_checked(file: Path) -> None:
    private(file.parent / "old", f"{CANARY}-1\n\n{CANARY}-2\n")
    config = read(file, DESK + 'old_secrets_file = "old"\n')
    assert [key.get_secret_value() for key in old_secrets(config)] == [f"{CANARY}-1", f"{CANARY}-2"]

    private(file.parent / "old", "short\n")
    assert "too short" in problems(file, DESK + 'old_secrets_file = "old"\n')[0]


def test_a_local_relay_or_mailbox_may_be_without_tls(file: Path) -> None:
    relay = '[send]\nkind = "smtp"\nhost = "127.0.0.1"\nsecurity = "none"\n'
    box = BOX.replace("imap.example.com", "localhost") + PASSWORD + 'security = "none"\n'

    assert read(file, DESK + relay + box).send.security == "none"


def test_a_unix_socket_is_relative_to_the_file(file: Path) -> None:
    config = read(file, DESK + '[[receiver]]\nprotocol = "lmtp"\nlisten = "unix:lmtp.sock"\n')

    assert config.receiver[0].listen == f"unix:{file.parent}/lmtp.sock"
    assert read(file, DESK + '[virus_scan]\nclamd = "unix:clamd"\n').virus_scan.clamd == f"unix:{file.parent}/clamd"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("sqlite", "sqlite"),
        ("sqlite:///a.db", "sqlite:///{}/a.db"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql:///d", "postgresql:///d"),
    ],
)
def test_a_sqlite_file_is_relative_to_the_file(file: Path, url: str, found: str) -> None:
    config = read(file, DESK + f'[store]\nurl = "{url}"\n')

    assert config.store.url.get_secret_value() == found.format(file.parent)


def test_receivers_on_port_0_do_not_collide(file: Path) -> None:
    assert len(read(file, DESK + '[[receiver]]\nlisten = "127.0.0.1:0"\n' * 2).receiver) == 2


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate")
def test_a_certificate_must_fit_its_key(file: Path) -> None:
    folder = file.parent
    for name in ("a", "b"):
        command = f"openssl req -x509 -nodes -newkey rsa:2048 -subj /CN=x -keyout {name}.key -out {name}.pem"
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
        os.chmod(folder / f"{name}.key", 0o600)  # noqa: PTH101
    door = '[[receiver]]\nsecurity = "starttls"\nrequire_tls = true\ncertificate = "a.pem"\nkey = "%s.key"\n'

    assert read(file, DESK + door % "a").receiver[0].certificate == folder / "a.pem"
    (found,) = problems(file, DESK + door % "b")
    assert "cannot be used together" in found


def test_our_own_check_is_refused_without_what_it_needs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = '[desk]\naddress = "a@example.com"\nsecret = "0123456789abcdef"\n[authenticity]\ncheck_here = true\n'
    assert read(file, wanted).authenticity.check_here
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "spf" else name)
    assert problems(file, wanted) == [
        "5: authenticity.check_here: there is no module spf; install maild[check], or set this to false"
    ]
