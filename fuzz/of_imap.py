"""What an IMAP server answers, broken in every way, against the real poller over a real connection."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache

from structlog.testing import capture_logs

from fuzz.target import Target, hold
from maild.clock import utc_now
from maild.intake.imap import MailboxSettings, Poller
from tests.integration.test_imap_fakes import FakeStore, mail
from tests.integration.test_imap_hostile import ScriptedServer

_BETWEEN = b"\x1e"  # stands between the answers of a case
_COMMAND = re.compile(
    r"(?:CAPABILITY|LOGIN|LIST|SELECT|EXAMINE|UID (?:SEARCH|FETCH|MOVE|STORE|COPY|EXPUNGE)|CREATE|SUBSCRIBE|NOOP)\b"
)


class _Server(ScriptedServer):
    """Answers the first time with what the case says, and then honestly."""

    def __init__(self) -> None:
        super().__init__()
        self.script: list[bytes] = []
        self.asked: list[str] = []

    def begin(self, case: bytes) -> None:
        self.mails = {uid: mail(f"m{uid}") for uid in range(1, 6)}
        self.moved.clear()
        self.asked.clear()
        self.script = case.split(_BETWEEN)

    def _answer(self, command: str) -> bytes:
        self.asked.append(command)
        honest = super()._answer(command)
        if self.script and command.startswith(("CAPABILITY", "LIST", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE")):
            said = self.script.pop(0)
            return said if said else honest
        return honest


@cache
def _server() -> _Server:
    return _Server()


def check_imap(case: bytes) -> None:
    """Whatever it answers, the poller gives up or goes on; it never takes away a mail that is not stored."""
    server, store = _server(), FakeStore()
    server.begin(case)
    settings = MailboxSettings(
        name="desk", host="127.0.0.1", port=server.port, security="none", username="support", password=lambda: "secret",
        address="help@example.org", first_run="all", read_seconds=0.1, connect_seconds=5.0, largest=1 << 20,
    )  # fmt: skip
    poller = Poller(settings, store, store, utc_now, lambda _: None, owner="one")
    with capture_logs(), suppress(Exception):  # as `run` does, which notes it and connects again
        poller.poll_once()
    stored = store.stored_uids("desk", 7)
    for command in server.asked:
        hold(_COMMAND.match(command), f"the server was told {command[:200]!r}")
    for command in server.moved:
        uids = server._uids(command.split()[2])
        hold(
            uids & set(range(1, 6)) <= stored | _stored_otherwise(store), f"{command}, and stored are {sorted(stored)}"
        )
    hold(not any("secret" in trouble for trouble in store.troubles), "a password is told")


def _stored_otherwise(store: FakeStore) -> set[int]:
    """UIDs that are stored under another UIDVALIDITY, which the case made up."""
    return {int(key.rpartition(":")[2]) for key in store.arrivals}


def _cases() -> list[bytes]:
    capability = b"* CAPABILITY IMAP4rev1 MOVE UIDPLUS IDLE LITERAL+\r\n"
    listed = b'* LIST (\\HasNoChildren) "/" Processed\r\n* LIST () "." "INBOX.Processed"\r\n'
    selected = b"* 5 EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 6] ok\r\n"
    found = b"* SEARCH 1 2 3 4 5\r\n"
    sizes = b"".join(
        b'* %d FETCH (UID %d RFC822.SIZE 60 INTERNALDATE "01-Jan-2026 10:00:00 +0100")\r\n' % (n, n)
        for n in range(1, 6)
    )
    raw = mail("m1")
    bodies = b"".join(b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (n, n, len(raw), raw) for n in range(1, 6))
    whole = (capability, b"", listed, selected, found, sizes, bodies, b"* OK [COPYUID 1 1:5 1:5] x\r\n")
    return [
        _BETWEEN.join(whole),
        *(_BETWEEN.join(b"" if at != one else part for at, part in enumerate(whole)) for one in range(len(whole))),
        _BETWEEN.join((b"", b"", b"", b"", b"", sizes, b"* 3 FETCH (UID 3 BODY[] NIL)\r\n")),
        _BETWEEN.join((b"", b"", b"", b"", b"", sizes, b"* 3 FETCH (UID 3 BODY " + b"(" * 900 + b")" * 900 + b")\r\n")),
        _BETWEEN.join((b"", b"", b"", selected.replace(b"7", b"8"), b"* ESEARCH (TAG \"x\") UID ALL 1:5\r\n")),
    ]  # fmt: skip


_WORDS = (
    b"* ", b"\r\n", b"FETCH (UID ", b"BODY[] {", b"}\r\n", b"{10}\r\n", b"NIL", b'"', b"(", b")", b"UID 3",
    b"UID 99", b"RFC822.SIZE ", b"INTERNALDATE ", b"EXPUNGE", b"EXISTS", b"* BYE x\r\n", b"* NO x\r\n",
    b"* OK [UIDVALIDITY 0] x\r\n", b"UIDNEXT ", b"* SEARCH ", b"4294967296", b"-1", b"NO [SERVERBUG] x", b"BAD x",
    b"BREAK", _BETWEEN, b"+ \r\n", b"\\Deleted",
)  # fmt: skip

TARGETS = (
    Target(
        name="imap", check=check_imap, seeds=_cases, words=_WORDS, seconds=1.0, largest=48 * 1024, seconds_per_mib=20.0
    ),
)
