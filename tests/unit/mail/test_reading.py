"""What a mail says, from its bytes."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from maild.mail import Address, Mail, attachment_bytes, read_mail

JPEG = b"\xff\xd8\xff not really"


def built() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Jörg <joerg@example.org>"
    mail["To"] = "support@example.com, Büro <buero@example.com>"
    mail["Cc"] = "third@example.net"
    mail["Subject"] = "Kaputt: Größe 5"
    mail["Message-ID"] = "<one@example.org>"
    mail["In-Reply-To"] = "<zero@example.com>"
    mail["References"] = "<start@example.com> <zero@example.com>"
    mail["Date"] = "Tue, 7 May 2024 10:00:00 +0200"
    mail.set_content("Guten Tag,\n\nes ist kaputt.\n")
    return mail


def typed(content_type: str, body: bytes, more: bytes = b"") -> Mail:
    return read_mail(b"From: a@b.example\nContent-Type: " + content_type.encode() + b"\n" + more + b"\n" + body)


def test_the_headers() -> None:
    mail = read_mail(built().as_bytes())
    assert mail.sender == Address("Jörg", "joerg@example.org")
    assert mail.to == (Address("", "support@example.com"), Address("Büro", "buero@example.com"))
    assert mail.cc == (Address("", "third@example.net"),)
    assert mail.subject == "Kaputt: Größe 5"
    assert mail.message_id == "one@example.org"
    assert mail.in_reply_to == ("zero@example.com",)
    assert mail.references == ("start@example.com", "zero@example.com")
    assert mail.date == datetime(2024, 5, 7, 8, tzinfo=UTC)
    assert mail.header("SUBJECT") == "Kaputt: Größe 5"
    assert mail.defects == ()


def test_of_two_from_headers_the_first_counts() -> None:
    mail = read_mail(b"From: first@example.org\nFrom: second@example.org\n\nx")
    assert mail.sender == Address("", "first@example.org")


def test_several_to_headers_all_count() -> None:
    assert len(read_mail(b"To: a@x.example\nTo: b@x.example\n\nx").to) == 2


def test_plain_text_wins_and_html_is_kept() -> None:
    built_mail = built()
    built_mail.add_alternative("<p>Guten <b>Tag</b></p>", subtype="html")
    mail = read_mail(built_mail.as_bytes())
    assert mail.text == "Guten Tag,\n\nes ist kaputt.\n"
    assert mail.html == "<p>Guten <b>Tag</b></p>\n"
    assert not mail.html_only


def test_html_alone_is_laid_out() -> None:
    mail = typed("text/html; charset=utf-8", "<p>Grüße</p><ul><li>eins<li>zwei</ul><script>no()</script>".encode())
    assert mail.html_only
    assert [line.strip() for line in mail.text.split("\n") if line.strip()] == ["Grüße", "* eins", "* zwei"]


def test_an_empty_plain_part_gives_way_to_html() -> None:
    built_mail = EmailMessage()
    built_mail.set_content("\n")
    built_mail.add_alternative("<p>here</p>", subtype="html")
    mail = read_mail(built_mail.as_bytes())
    assert (mail.text, mail.html_only) == ("here", True)


def test_html_says_its_charset_inside() -> None:
    assert typed("text/html", b'<meta charset="koi8-r"><p>\xf0\xd2\xc9').text == "При"


def test_html_nested_beyond_the_layout_keeps_its_words() -> None:
    assert "deep" in typed("text/html", b"<div>" * 400 + b"deep" + b"</div>" * 400).text


def test_text_on_both_sides_of_an_attachment() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nabove\n"
    raw += b"--x\nContent-Type: image/png\n\nP\n--x\n\nbelow\n--x--\n"
    mail = read_mail(raw)
    assert mail.text == "above\nbelow"
    assert [each.name for each in mail.attachments] == ["part-2.png"]


def test_flowed_text_is_joined() -> None:
    assert typed("text/plain; format=flowed", b"one \ntwo\n").text == "one two\n"


def test_line_ends_are_one_kind() -> None:
    assert typed("text/plain", b"a\r\nb\rc\n").text == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        (b"base64", base64.b64encode("Grüße".encode()), "Grüße"),
        (b"base64", b"R3LD\n!!vMOfZQ", "Grüße"),  # stray characters, no padding
        (b"Quoted-Printable", b"Gr=C3=BC=C3=9Fe=\n!", "Grüße!"),
        (b"8bit", "Grüße".encode(), "Grüße"),
        (b"x-unknown", b"as it is", "as it is"),
        (b"x-uuencode", b"begin 644 a\n#86)C\n`\nend\n", "abc"),
    ],
)
def test_transfer_encodings(encoding: bytes, body: bytes, text: str) -> None:
    assert typed("text/plain; charset=utf-8", body, b"Content-Transfer-Encoding: " + encoding + b"\n").text == text


def test_an_attachment() -> None:
    built_mail = built()
    built_mail.add_attachment(JPEG, maintype="image", subtype="jpeg", filename="Größe ü.jpg")
    raw = built_mail.as_bytes()
    (found,) = read_mail(raw).attachments
    assert (found.name, found.type, found.size, found.inline) == ("Größe ü.jpg", "image/jpeg", len(JPEG), False)
    assert found.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert attachment_bytes(raw, found.part) == JPEG


def test_the_path_in_an_attachments_name_is_cut() -> None:
    mail = typed('image/png; name="../../etc/cron.d/x"', b"P")
    assert [each.name for each in mail.attachments] == ["x"]


def test_a_picture_in_the_text_is_inline() -> None:
    raw = (
        b"Content-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n<img src='cid:p1@x'>look\n"
        b"--x\nContent-Type: image/png\nContent-ID: <p1@x>\n\nP\n"
        b"--x\nContent-Type: image/png\nContent-ID: <p2@x>\nContent-Disposition: attachment\n\nP\n--x--\n"
    )
    assert [(each.content_id, each.inline) for each in read_mail(raw).attachments] == [("p1@x", True), ("p2@x", False)]


def test_an_attached_mail_is_a_file_and_no_text() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nsee below\n--x\nContent-Type: message/rfc822\n\n"
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nsecret words\n--x--\n"
    )
    mail = read_mail(raw)
    assert [each.name for each in mail.attachments] == ["Grüße.eml"]
    assert mail.text == "see below"


def test_a_text_file_is_a_file() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nsee\n"
        b"--x\nContent-Disposition: attachment; filename=log.txt\n\nlines\n--x--\n"
    )
    mail = read_mail(raw)
    assert (mail.text, [each.name for each in mail.attachments]) == ("see", ["log.txt"])


def test_a_uuencoded_file_in_plain_text() -> None:
    raw = b"From: a@b.example\n\nbefore\nbegin 644 a.txt\n#86)C\n`\nend\nafter\n"
    mail = read_mail(raw)
    assert mail.text == "before\nafter\n"
    assert [(each.name, each.size) for each in mail.attachments] == [("a.txt", 3)]
    assert attachment_bytes(raw, mail.attachments[0].part) == b"abc"


def test_prose_that_begins_is_no_file() -> None:
    assert typed("text/plain", b"begin 100 years ago\nwe did\nend\n").attachments == ()


@pytest.mark.parametrize("part", ["9", "", "1#1", "x"])
def test_no_such_part(part: str) -> None:
    with pytest.raises(KeyError):
        attachment_bytes(b"A: b\n\nx", part)


@pytest.mark.parametrize(
    ("content_type", "method"),
    [("text/calendar; method=REQUEST", "request"), ("text/calendar", "publish"), ("text/plain", "")],
)
def test_an_invitation(content_type: str, method: str) -> None:
    assert typed(content_type, b"BEGIN:VCALENDAR").calendar_method == method


def test_a_calendar_file_is_no_invitation() -> None:
    more = b"Content-Disposition: attachment; filename=a.ics\n"
    assert typed("text/calendar; method=REQUEST", b"x", more).calendar_method == ""


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\0", b"\xff" * 100, b":", b"Content-Type: multipart/mixed; boundary=\n\n--\n"]
)
def test_bytes_that_are_no_mail(raw: bytes) -> None:
    assert read_mail(raw).size == len(raw)


def test_over_a_limit_it_is_read_as_far_as_it_goes() -> None:
    mail = read_mail(b"From: a@b.example\nSubject: bomb\n" + b"X: y\n" * 1001 + b"\nwords")
    assert (mail.subject, mail.text) == ("bomb", "words")
    assert mail.over_limit
