"""Broken and hostile mails: each becomes a ticket or goes into quarantine, and holds nothing up."""

from datetime import timedelta

import pytest

from maild.app.desk import Desk
from maild.app.ports import PackageOpener
from maild.app.prepare import Prepared, prepare
from maild.app.work import Claimed
from maild.store import schema
from maild.store.quarantine import Handling, leave_quarantine
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail, reply_to

KIM, ANNA, ROOT = "kim@customer.example", "anna@staff.example", "root@example.com"

HEAD = b"From: Kim <kim@customer.example>\r\nTo: support@example.com\r\nSubject: broken\r\n"
IDENTIFIED = HEAD + b"Message-ID: <broken@customer.example>\r\n"


def nested(depth: int) -> bytes:
    """Multiparts in multiparts."""
    parts = [IDENTIFIED + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b0"\r\n\r\n']
    between = b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n'
    parts += [between % (level, level + 1) for level in range(depth)]
    return b"".join(parts) + b"--b%d\r\n\r\nhello\r\n" % depth


def side_by_side(count: int) -> bytes:
    """Many parts in one multipart."""
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    return IDENTIFIED + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * count


BROKEN = {
    "no Message-ID": HEAD + b"\r\nhello\r\n",
    "no From": b"To: support@example.com\r\nSubject: x\r\n\r\nhello\r\n",
    "an empty From": b"From: \r\nTo: support@example.com\r\n\r\nhello\r\n",
    "no To": b"From: kim@customer.example\r\n\r\nhello\r\n",
    "no header": b"\r\nhello\r\n",
    "nothing at all": b"",
    "one byte": b"\xff",
    "only a header": IDENTIFIED,
    "25 MiB": IDENTIFIED + b"\r\n" + (b"x" * 76 + b"\r\n") * (25 * 1024 * 1024 // 78),
    "10,000 headers": IDENTIFIED + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\nhello\r\n",
    "5,000 parts inside each other": nested(5_000),
    "5,000 parts beside each other": side_by_side(5_000),
    "NUL in the text": IDENTIFIED + b"\r\nhel\0lo\r\n",
    "NUL in the subject": IDENTIFIED.replace(b"broken\r", b"bro\0ken\r") + b"\r\nhello\r\n",
    "NUL in an encoded subject": IDENTIFIED.replace(b"broken\r", b"=?utf-8?q?bro=00ken?=\r") + b"\r\nhello\r\n",
    "NUL in the sender's name": IDENTIFIED.replace(b"Kim <", b"=?utf-8?q?K=00im?= <") + b"\r\nhello\r\n",
    "NUL in the Message-ID": IDENTIFIED.replace(b"<broken", b"<bro\0ken") + b"\r\nhello\r\n",
    "NUL in a file's name": IDENTIFIED
    + b'Content-Type: image/png; name="a\0b.png"\r\n'
    + b'Content-Disposition: attachment; filename="a\0b.png"\r\n\r\nhello\r\n',
    "NUL everywhere": IDENTIFIED + b"\r\n" + b"\0" * 100_000,
    "an unknown charset": IDENTIFIED + b"Content-Type: text/plain; charset=klingon\r\n\r\nhell\xe9\r\n",
    "a charset that is no text": IDENTIFIED + b"Content-Type: text/plain; charset=zlib\r\n\r\nhello\r\n",
    "half a surrogate pair": IDENTIFIED + b"Content-Type: text/plain; charset=utf-16\r\n\r\n\xff\xfe\x3d\xd8",
    "a lone surrogate in UTF-8": IDENTIFIED + b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xed\xa0\x80",
    "a lone surrogate in UTF-7": IDENTIFIED + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-",
    "raw 8 bit in the header": IDENTIFIED.replace(b"broken\r", b"bro\xe4ken\r") + b"\r\nhello\r\n",
    "invalid base64": IDENTIFIED + b"Content-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!===\r\n",
    "a boundary that never comes": IDENTIFIED + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nhello\r\n",
    "no boundary": IDENTIFIED + b"Content-Type: multipart/mixed\r\n\r\nhello\r\n",
    "80 KB of semicolons": IDENTIFIED + b"Content-Type: text/plain" + b";" * 80_000 + b"\r\n\r\nhello\r\n",
    "100 KB of commas": b"From: kim@customer.example\r\nTo: " + b"," * 100_000 + b"\r\n\r\nhello\r\n",
    "a Date of nonsense": IDENTIFIED + b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nhello\r\n",
    "a long Message-ID": HEAD + b"Message-ID: <" + b"x" * 5_000 + b"@customer.example>\r\n\r\nhello\r\n",
    "10,000 references": IDENTIFIED + b"References:" + b" <x@y>\r\n" * 10_000 + b"\r\nhello\r\n",
    "a number that no ticket has": IDENTIFIED.replace(b"broken\r", b"[#999999999999999]\r") + b"\r\nhello\r\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_mail_becomes_a_ticket_that_can_be_answered_or_goes_into_quarantine(
    talk: Conversation, name: str
) -> None:
    talk.accept(BROKEN[name], to="support@example.com", envelope_from=KIM)
    talk.accept(new_mail("I come behind it"))
    talk.work()
    broken, behind = talk.settled()
    assert broken.outcome in ("new_ticket", "quarantined")
    assert behind.outcome == "new_ticket"
    failed = [line for line in talk.log if "error" in line]
    assert failed == [], "it failed before it was quarantined"
    assert talk.rows(schema.raw)[0].size == len(BROKEN[name])
    if broken.outcome == "quarantined":
        assert "maild quarantine show 1" in talk.letters(ROOT)[0].text
    else:
        talk.receive(reply_to(talk.letters(ANNA)[0], "What did you want to say?"))
        unanswerable = not talk.ticket(1).contact
        assert talk.statuses() == ["new" if unanswerable else "responded", "new"]


# ---------------------------------------------------------------------------- quarantine


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every mail with the word poison makes the parser fail, as a fault in it would; `undo` mends it."""

    def poisoned(row: Claimed, desk: Desk, open_package: PackageOpener) -> Prepared:
        if b"poison" in row.raw and row.handling == "normal":
            raise ZeroDivisionError("a fault in the parser")
        return prepare(row, desk, open_package)

    monkeypatch.setattr("maild.app.reader.prepare", poisoned)
    return monkeypatch


def exhaust(talk: Conversation) -> None:
    """Let time go by until nothing is tried any more."""
    for _ in range(6):
        talk.work()
        talk.wait(timedelta(minutes=15))


def test_a_mail_that_always_fails_goes_into_quarantine_with_an_alert(
    talk: Conversation, poison: pytest.MonkeyPatch
) -> None:
    talk.accept(new_mail("poison"))
    talk.accept(new_mail("I come behind it"))
    talk.work()
    assert [done.state for done in talk.settled()] == ["waiting", "done"]
    exhaust(talk)
    quarantined = talk.settled()[0]
    assert (quarantined.state, quarantined.outcome) == ("quarantined", "quarantined")
    assert "failed 5 times, last: ZeroDivisionError: a fault in the parser" in quarantined.why
    [alert] = talk.letters(ROOT)
    assert "maild quarantine show 1" in alert.text
    failures = [line for line in talk.log if line["event"] == "mail failed"]
    assert [(line["inbox"], line["attempts"]) for line in failures] == [(1, n) for n in (1, 2, 3, 4, 5)]


def test_a_mail_in_quarantine_can_be_replayed_once_the_fault_is_mended(
    talk: Conversation, poison: pytest.MonkeyPatch
) -> None:
    talk.accept(new_mail("poison"))
    exhaust(talk)
    poison.undo()
    assert leave_quarantine(talk.database, [1], Handling.REPLAY, talk.now) == [1]
    talk.work()
    [done] = talk.settled()
    assert (done.state, done.outcome, done.ticket) == ("done", "new_ticket", 1)
    assert len(talk.letters(KIM)) == 1


def test_a_mail_over_a_limit_is_quarantined_at_once_and_a_replay_takes_it_in(talk: Conversation) -> None:
    done = talk.receive(side_by_side(5_000))
    assert done.outcome == "quarantined"
    leave_quarantine(talk.database, [1], Handling.REPLAY, talk.now)
    talk.work()
    assert talk.settled()[0].outcome == "new_ticket"


def test_a_mail_in_quarantine_can_be_released_without_being_read(
    talk: Conversation, poison: pytest.MonkeyPatch
) -> None:
    talk.accept(new_mail("poison"))
    exhaust(talk)
    leave_quarantine(talk.database, [1], Handling.RELEASE, talk.now)
    talk.work()
    [done] = talk.settled()
    assert (done.outcome, done.ticket) == ("new_ticket", 1)
    assert "maild quarantine show 1" in talk.ticket(1).description
    assert talk.letters(KIM) == []  # who would be answered? nobody has read it


def test_alerts_about_quarantine_have_a_budget(talk: Conversation, poison: pytest.MonkeyPatch) -> None:
    for number in range(15):
        talk.accept(new_mail(f"poison {number}"))
    for _ in range(100):
        talk.work()
        talk.wait(timedelta(seconds=7))
    talk.wait(timedelta(hours=1))
    exhaust(talk)
    assert {done.state for done in talk.settled()} == {"quarantined"}
    assert len(talk.letters(ROOT)) <= 15
