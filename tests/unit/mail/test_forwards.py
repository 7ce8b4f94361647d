"""Who wrote a forwarded mail, from the blocks of mail programs in their languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.mail import Mail, read_mail
from maild.mail.forwards import Forward, read_forward
from maild.mail.model import Address

WORDS = "The printer is on fire.\n\nPlease help,\nAnn"
AGENT = Address("Bob", "bob@desk.example")
ANN = "Ann Lee <ann@example.com>"


def cases(file: str) -> list[tuple[str, str, str]]:
    """The mails of a file: "== ", what made it, " = ", the subject; then the block above the forwarded words."""
    text = Path(__file__).with_name(file).read_text("utf-8")
    blocks = [each.partition("\n") for each in text.removesuffix("\n").removeprefix("== ").split("\n== ")]
    return [(head.split(" = ")[0], head.split(" = ")[1], block) for head, _, block in blocks]


BLOCKS = cases("forwards.txt")
HTML = cases("forwards_html.txt")


def read(text: str, subject: str = "Fwd: Printer") -> Forward:
    found = read_forward(Mail(text=text, subject=subject, sender=AGENT))
    assert found is not None
    return found


@pytest.mark.parametrize(("subject", "block"), [each[1:] for each in BLOCKS], ids=[each[0] for each in BLOCKS])
def test_blocks(subject: str, block: str) -> None:
    words = WORDS
    if block.endswith(">"):
        words = "> " + WORDS.replace("\n", "\n> ")
    found = read(f"Please look.\n\n{block}\n\n{words}\n", subject)
    assert (found.name, found.address, found.subject, found.sure) == ("Ann Lee", "ann@example.com", "Printer", True)
    assert found.text == WORDS
    assert found.note == "Please look."
    assert "7" in found.date


def test_a_block_that_is_an_attribution() -> None:
    block = '-------- Пересылаемое сообщение --------\n07.05.2024, 10:00, "Ann Lee" <ann@example.com>:\n\n'
    found = read(block + WORDS)
    assert (found.name, found.address, found.date, found.sure) == (
        "Ann Lee", "ann@example.com", "07.05.2024, 10:00", True
    )  # fmt: skip
    assert found.text == WORDS


def test_only_the_announcement_names_the_sender() -> None:
    found = read(
        "----- Forwarded message from Ann Lee <ann@example.com> -----\n\nhelp\n\n----- End forwarded message -----"
    )
    assert (found.name, found.address, found.text, found.sure) == ("Ann Lee", "ann@example.com", "help", True)


GMAIL = (
    "---------- Forwarded message ---------\nFrom: {}\nDate: Tue, 7 May 2024\nSubject: Printer\nTo: x@desk.example\n\n"
)
MARKED = "> Begin forwarded message:\n> From: c@example.com\n"
UNSURE = [
    ("no address", GMAIL.format("Ann Lee"), "", "Ann Lee"),
    ("an address of Exchange", GMAIL.format("Ann Lee </O=EXAMPLE/CN=ANN>"), "", ""),
    ("no sender", GMAIL.format(""), "", ""),
    ("two senders", GMAIL.format("Ann <ann@example.com>, Carl <carl@example.com>"), "ann@example.com", "Ann"),
    ("another address as name", GMAIL.format('"ceo@example.org" <ann@example.com>'), "ann@example.com", ""),
    ("through a list", GMAIL.format("'Ann' via Users <users@lists.example.com>"), "users@lists.example.com", ""),
    ("on behalf", GMAIL.format("x@example.com [mailto:x@example.com] On Behalf Of Ann"), "x@example.com", ""),
    ("the forwarder", GMAIL.format("Bob <Bob@Desk.example>"), "Bob@desk.example", "Bob"),
    ("a forward of a forward", GMAIL.format(ANN) + GMAIL.format("carl@example.com"), "ann@example.com", "Ann Lee"),
    ("a marked forward of a forward", GMAIL.format(ANN) + MARKED, "ann@example.com", "Ann Lee"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "address", "name"), [each[1:] for each in UNSURE], ids=[each[0] for each in UNSURE])
def test_not_sure(block: str, address: str, name: str) -> None:
    found = read(block + WORDS)
    assert not found.sure
    assert found.address == address
    assert not name or found.name == name
    assert found.text.endswith(WORDS)


@pytest.mark.parametrize(
    "subject", ["Fwd: Printer", "WG: Printer", "FW: WG: Printer", "[desk] TR : Printer", "転送: Printer"]
)
def test_only_the_subject_says_so(subject: str) -> None:
    assert read("please look", subject) == Forward(subject="Printer", note="please look")


NONE = [
    ("Re: Printer", "Yes.\n\nFrom: Ann <ann@example.com>\nSent: Tuesday\nTo: Bob\nSubject: Printer\n\nOld"),
    ("Re: Printer", "Yes.\n\n-----Original Message-----\nFrom: Ann <ann@example.com>\nSubject: Printer\n\nOld"),
    ("Printer", "We forwarded a message.\nFrom: here to there"),
    ("", ""),
]


@pytest.mark.parametrize(("subject", "text"), NONE)
def test_no_forward(subject: str, text: str) -> None:
    assert read_forward(Mail(text=text, subject=subject, sender=AGENT)) is None


def test_the_note_has_no_signature() -> None:
    assert read(f"Look.\n\n-- \nBob\n\n{GMAIL.format(ANN)}{WORDS}").note == "Look."
    assert read(f"-- \nBob\n\n{GMAIL.format(ANN)}{WORDS}").note == ""
    assert read(f"{GMAIL.format(ANN)}{WORDS}").note == ""


def test_the_quotes_in_what_was_forwarded_are_kept() -> None:
    text = f"{WORDS}\n\nOn 6 May 2024, Carl <carl@example.com> wrote:\n> old"
    found = read(GMAIL.format(ANN) + text)
    assert (found.text, found.sure) == (text, True)


@pytest.mark.parametrize(("subject", "body"), [each[1:] for each in HTML], ids=[each[0] for each in HTML])
def test_html(subject: str, body: str) -> None:
    head = b"From: bob@desk.example\nSubject: " + subject.encode() + b"\nContent-Type: text/html; charset=utf-8\n\n"
    raw = head + body.encode()
    found = read_forward(read_mail(raw), raw)
    assert found is not None
    assert (found.name, found.address, found.subject, found.sure) == ("Ann Lee", "ann@example.com", "Printer", True)
    assert found.text == "It burns."
    assert found.note == "Look."
    assert "7" in found.date


def test_html_names_the_address_that_the_text_leaves_out() -> None:
    ann = ANN.replace("<", "&lt;")
    html = f"<p>Look.</p><p>From: {ann}<br>Sent: 7 May<br>Subject: Printer</p><p>Help</p>"
    text = "Look.\n\nFrom: Ann Lee\nSent: 7 May\nTo: Bob\nSubject: Printer\n\nHelp"
    found = read_forward(Mail(text=text, html=html, subject="FW: Printer", sender=AGENT))
    assert found is not None
    assert (found.address, found.sure) == ("ann@example.com", True)


INNER = (
    b"From: Ann Lee <ann@example.com>\r\nSubject: Printer\r\nDate: Tue, 7 May 2024 10:00:00 +0200\r\n\r\nIt burns.\r\n"
)
ATTACHED = b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + INNER


def attached(*parts: bytes, note: bytes = b"Look.\r\n\r\n-- \r\nBob") -> Forward | None:
    raw = (
        b"From: bob@desk.example\r\nSubject: this\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\n" + note + b"\r\n" + b"\r\n".join(parts) + b"\r\n--b--\r\n"
    )
    return read_forward(read_mail(raw), raw)


def test_a_mail_that_is_attached() -> None:
    assert attached(ATTACHED) == Forward(
        name="Ann Lee",
        address="ann@example.com",
        date="Tue, 7 May 2024 10:00:00 +0200",
        subject="Printer",
        text="It burns.",
        note="Look.",
        sure=True,
    )


def test_several_attached_mails() -> None:
    found = attached(ATTACHED, ATTACHED)
    assert found is not None
    assert not found.sure


def test_an_attached_mail_and_a_block() -> None:
    found = attached(ATTACHED, note=GMAIL.format("carl@example.com").encode() + b"words")
    assert found is not None
    assert (found.address, found.sure) == ("carl@example.com", False)


def test_an_attached_mail_without_sender() -> None:
    found = attached(b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nIt burns.")
    assert found is not None
    assert (found.address, found.text, found.sure) == ("", "It burns.", False)
