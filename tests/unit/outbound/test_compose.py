"""What a composed letter looks like; the laws for any text are in tests/property/test_compose.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from typing import Any

import pytest

from maild.app.ports import File, Head, Rendered
from maild.errors import Permanent
from maild.mail.model import Address
from maild.outbound.compose import compose

HEAD = Head(
    sender=Address("Hilfe, Büro", "help@acme.test"),
    to=(Address('Kim "K" Müller', "kim@x.test"),),
    message_id="o.1.abc@acme.test",
    date=datetime(2024, 3, 4, 9, 12, tzinfo=UTC),
)
WORDS = Rendered(subject="Größe", text="Grüße\n", html='<p>Grüße <img src="cid:i1"></p>\n')
PICTURE = File(name="a.png", type="image/png", content=b"\x89PNG", inline=True, content_id="i1")
BILL = File(name="Rechnung März.pdf", type="application/pdf", content=b"%PDF" * 50)


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def shape(part: MIMEPart) -> Any:
    """The type, or the type with the shapes inside."""
    if not part.is_multipart():
        return part.get_content_type()
    return (part.get_content_type(), [shape(child) for child in part.iter_parts()])


ALTERNATIVE = ("multipart/alternative", ["text/plain", "text/html"])


@pytest.mark.parametrize(
    ("html", "files", "expected"),
    [
        ("", [], "text/plain"),
        ("", [BILL], ("multipart/mixed", ["text/plain", "application/pdf"])),
        ("", [PICTURE], ("multipart/mixed", ["text/plain", "image/png"])),  # nothing shows it: not lost
        ("<p>", [], ALTERNATIVE),
        ("<p>", [BILL, BILL], ("multipart/mixed", [ALTERNATIVE, "application/pdf", "application/pdf"])),
        (
            "<p>",
            [BILL, PICTURE],
            (
                "multipart/mixed",
                [
                    (
                        "multipart/alternative",
                        ["text/plain", ("multipart/related", ["text/html", "image/png"])],
                    ),
                    "application/pdf",
                ],
            ),
        ),
        ("<p>", [replace(PICTURE, content_id="")], ("multipart/mixed", [ALTERNATIVE, "image/png"])),
        ("<p>", [replace(BILL, type="message/rfc822")], ("multipart/mixed", [ALTERNATIVE, "application/octet-stream"])),
        ("<p>", [replace(BILL, type="x y/z")], ("multipart/mixed", [ALTERNATIVE, "application/octet-stream"])),
    ],
)
def test_the_shape(html: str, files: list[File], expected: Any) -> None:
    assert shape(read(compose(HEAD, replace(WORDS, html=html), files))) == expected


def test_an_ordinary_letter_header_by_header() -> None:
    head = replace(
        HEAD,
        cc=(Address("Lou", "lou@x.test"),),
        reply_to="t+abc@acme.test",
        in_reply_to="m2@x.test",
        references=("m1@x.test", "m2@x.test"),
        auto_submitted="auto-replied",
    )
    raw = compose(head, WORDS)
    assert raw.split(b"\r\n\r\n")[0].decode().split("\r\n") == [
        "Date: Mon, 04 Mar 2024 09:12:00 +0000",
        "From: =?utf-8?q?Hilfe=2C_B=C3=BCro?=",
        " <help@acme.test>",
        "To: =?utf-8?q?Kim_=22K=22_M=C3=BCller?=",
        " <kim@x.test>",
        "Cc: Lou <lou@x.test>",
        "Reply-To: t+abc@acme.test",
        "Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=",
        "Message-ID: <o.1.abc@acme.test>",
        "In-Reply-To: <m2@x.test>",
        "References: <m1@x.test>",
        " <m2@x.test>",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_alternative_3994b829df92f6aa81a4eae8"',
    ]


def test_a_persons_words_are_not_called_automatic() -> None:
    mail = read(compose(HEAD, WORDS))
    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Kim", "Kim <k@x.test>"),
        ("", "k@x.test"),
        ("Help, Desk", '"Help, Desk" <k@x.test>'),
        ("kim@y.test", '"kim@y.test" <k@x.test>'),
        ('a"b', "=?utf-8?q?a=22b?=\r\n <k@x.test>"),
        ("=?utf-8?q?x?=", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=\r\n <k@x.test>"),
        ("界世", "=?utf-8?b?55WM5LiW?=\r\n <k@x.test>"),
        ("x\r\nBcc: v@x.test", '"x Bcc: v@x.test" <k@x.test>'),
    ],
)
def test_how_a_name_is_written(name: str, written: str) -> None:
    raw = compose(replace(HEAD, to=(Address(name, "k@x.test"),)), WORDS)
    assert f"\r\nTo: {written}\r\n" in raw.decode()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain\n", "7bit"),
        ("x" * 990 + "\n", "7bit"),
        ("x" * 991 + "\n", "quoted-printable"),
        ("Grüße aus dem Norden\n", "quoted-printable"),
        ("--=_mixed\n", "quoted-printable"),  # looks like a boundary of ours
        ("界世界世界世\n", "base64"),
    ],
)
def test_the_transfer_encoding(text: str, encoding: str) -> None:
    mail = read(compose(HEAD, Rendered(subject="x", text=text, html="")))
    assert mail["Content-Transfer-Encoding"] == encoding
    assert mail.get_content().replace("\r\n", "\n") == text


def test_a_subject_of_words_that_end_like_a_headers_name_is_folded() -> None:
    raw = compose(HEAD, replace(WORDS, subject="Bcc: " * 200))
    assert max(len(line) for line in raw.split(b"\r\n") if b"Bcc:" in line) <= 78
    assert read(raw)["Subject"] == ("Bcc: " * 200)[:998].strip()


def test_no_recipient_that_can_be_shown() -> None:
    raw = compose(replace(HEAD, to=(Address("", "kim"),)), WORDS)
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in raw


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": Address("Help", "help")},
        {"sender": Address("Help", "help@acme.test\r\nBcc: v@x.test")},
        {"reply_to": "t+abc@acme.test, v@x.test"},
        {"message_id": ""},
        {"message_id": "a b"},
        {"message_id": "a@x>\r\nBcc: v@x.test"},
        {"auto_submitted": "auto-replied\r\nBcc: v@x.test"},
        {"auto_submitted": "no"},
    ],
    ids=str,
)
def test_our_own_values_must_be_right(wrong: dict[str, Any]) -> None:
    with pytest.raises(Permanent):
        compose(replace(HEAD, **wrong), WORDS)


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        compose(replace(HEAD, date=datetime(2024, 3, 4)), WORDS)  # noqa: DTZ001 - this is the case


def test_a_file_name_in_any_language() -> None:
    (part,) = list(read(compose(HEAD, WORDS, [BILL])).iter_attachments())
    assert part.get_filename() == "Rechnung März.pdf"
    assert part.get_content() == BILL.content


def test_a_picture_is_found_by_the_html() -> None:
    related = read(compose(HEAD, WORDS, [PICTURE])).get_payload()[1]  # type: ignore[index]
    html, picture = related.iter_parts()  # type: ignore[union-attr]
    assert 'src="cid:i1"' in html.get_content()
    assert picture["Content-ID"] == "<i1>"
    assert picture.get_content_disposition() == "inline"
