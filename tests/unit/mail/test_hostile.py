"""Mail made to be slow: every one is read, judged and split in time.

The time of the processor is the test: quadratic work on these sizes takes many seconds. Sizes are a fraction
of 25 MiB, so that the linear case costs well under a second.
"""

from __future__ import annotations

import time

import pytest

from maild.mail import Identity, classify, read_mail, reply_text
from maild.mail.forwards import read_forward
from maild.mail.reading import FileReader
from maild.mail.reply_html import own_html_text

pytestmark = [pytest.mark.processor(5), pytest.mark.timeout(60)]

SIZE = 2_000_000
FROM = b"From: a@b.example\nSubject: x\n"
HTML = FROM + b"Content-Type: text/html; charset=utf-8\n\n"
DAEMON = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n"
MIXED = FROM + b"Content-Type: multipart/mixed; boundary=x\n\n"
REPORT = FROM + (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n"
    b"Content-Type: message/delivery-status\n\n"
)


def judge(raw: bytes) -> None:
    mail = read_mail(raw)
    classify(mail, None, Identity())
    reply_text(mail)
    read_forward(mail, raw)


def filled(head: bytes, unit: bytes, size: int = SIZE) -> bytes:
    return head + unit * (size // len(unit))


@pytest.mark.processor(0)
@pytest.mark.xfail(raises=pytest.fail.Exception, strict=True, reason="no time at all is allowed")
def test_what_takes_longer_fails() -> None:
    judge(FROM + b"\nx")


@pytest.mark.parametrize(
    "unit", [b"\n", b"\r\n", b"\r", b"\0", b"\xff", b" ", b"a", b":", b"a: b\n", b"a\n", b"From x\n", b"-"]
)
@pytest.mark.parametrize("head", [b"", FROM, FROM + b"\n"], ids=["whole", "header", "body"])
def test_bytes_without_sense(head: bytes, unit: bytes) -> None:
    judge(filled(head, unit))


@pytest.mark.parametrize("unit", [b"\n", b" \r\n", b"\t"])
def test_lines_before_the_header(unit: bytes) -> None:
    judge(filled(b"", unit) + FROM + b"\nx")


@pytest.mark.parametrize(
    "unit", [b"--x\n", b"--xy\n", b"--x--x", b"--x\n\na\n", b"--x\nContent-Type: message/rfc822\n\nA: b\n"]
)
def test_delimiters(unit: bytes) -> None:
    judge(filled(MIXED, unit))


@pytest.mark.parametrize("depth", [49, 5_000])
def test_nesting_above_many_lines(depth: int) -> None:
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    judge(filled(FROM + nest + b"\n", b"--b\n"))


def test_nested_mails() -> None:
    judge(b"Content-Type: message/rfc822\n\n" * 100_000)


UNITS = [
    "(",
    "<",
    '"',
    '\\"',
    '"\\',
    "<a ",
    ",",
    "=?",
    "=?a?q?",
    "=?a?q?x?=",
    "[",
    "a.",
    "a@",
    ":",
    "a ",
    ";",
    "()",
    "(\\",
    "ä",
    "' ",
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", ["From", "Subject", "References", "Date", "Message-ID", "Content-Type"])
def test_headers_of_64_kib(name: str, unit: str) -> None:
    judge(f"{name}: {unit * (65_000 // len(unit))}\n\nx".encode())


@pytest.mark.parametrize("unit", [";", "; ", ";a", ";a ", ';a="', ';a="\\"', ";a*0=x", ";a*1*='", "; a=b"])
def test_parameters(unit: str) -> None:
    judge(f"Content-Type: text/plain{unit * (60_000 // len(unit))}\nContent-Disposition: x{unit * 9_000}\n\nx".encode())


LINES = [
    b"> a\n", b"On 3 May 2024, a@b.example wrote:\n", b"wrote:\n", b"a:\n", b"From: a\n", b"Subject: x\nFrom: b\n",
    b"-- \n",
    b"Sent from my x\n", b"-----\n", b"_" * 70 + b"\n", b"On ", b"##-", b"##- x -##\n", b"| a\n",
    b"x" * 390 + b":\n", b"<\n", b"##- x\n", b"From: a\nSent: b\nTo: c\nSubject: d\n", b"-----Original Message-----\n",
    b"  On 3 May 2024, a@b.example wrote:\n", b"A wrote:\nA> b\n", b"5c5\n> a\n", b">>> import x\n", b"$ do\n> a\n",
    b"-----BEGIN PGP SIGNATURE-----\n", b"> " + b"a" * 70 + b"\nb\n", b"Begin forwarded message:\n",
    b"--- Forwarded message\nFrom: a@b.example\n", b">>>>> \"A\" == B:\nA> b\n", b"you received this message because\n",
]  # fmt: skip


@pytest.mark.parametrize("unit", LINES)
@pytest.mark.parametrize(
    ("subject", "head"),
    [(b"Re: x", b""), (b"x", b"Hello\n"), (b"Fwd: x", b"Hello\n")],
    ids=["answer", "mail", "forward"],
)
def test_quotes(subject: bytes, head: bytes, unit: bytes) -> None:
    judge(filled(b"From: a@b.example\nSubject: " + subject + b"\n\n" + head, unit))


@pytest.mark.parametrize("mark", [b"*", b"|", b"-", b"_", b"=", b">", b"* ", b"> "])
def test_a_row_of_marks_in_a_bounce(mark: bytes) -> None:
    judge(DAEMON + filled(b"could not be delivered\n", mark, 60_000) + b"\na@b.example\n")


BOUNCES = [
    b"could not deliver a@b.example \n",
    b"a@",
    b"a.",
    b'"a',
    b"<" * 900 + b"a@b.c\n",
    b"not ",
    b"message ",
    b" ",
    b">|*- ",
]


@pytest.mark.parametrize(
    "unit", [*BOUNCES, b"SMTP=" * 390 + b"@\n", b"recipient ", b"-", b"(", b"user ", b"following:\n bob\n"]
)
def test_notices(unit: bytes) -> None:
    judge(filled(DAEMON, unit))


@pytest.mark.parametrize(
    "unit", [b"Action: failed\n\n", b"garbage\n", b"garbage\n\n", b"Final-Recipient: rfc822;a@b.example\n"]
)
def test_reports(unit: bytes) -> None:
    judge(filled(REPORT, unit))


TAGS = [
    "<", "<!--", "-->", "<a ", "<div>", "<table><tr><td>", "<ul><li>", "&", "<![CDATA[", "<br>", "<p>x",
    "<script>", "<td>x",
    "<blockquote type=cite>", "<tr><td>x</td></tr>", "<style>a</style>", "</p>", "<x class=gmail_quote>a</x>",
    "<pre>a\n", "<hr>", "</body", "</html>x",
]  # fmt: skip


@pytest.mark.parametrize("unit", TAGS)
def test_html(unit: str) -> None:
    judge(filled(HTML, unit.encode(), 1_000_000))


def test_html_with_much_that_is_hidden() -> None:
    """The words behind each were copied to those before it: 1 MiB took 15 seconds."""
    judge(filled(HTML, b"<br hidden>" + b"x" * 42, 1_000_000))


@pytest.mark.parametrize("within", ['<div class="gmail_quote">', '<div class="moz-signature">'])
def test_html_with_quotes_in_quotes_is_read_once(within: str) -> None:
    """The beginning of each was looked for through all that stands in it."""

    def takes(depth: int) -> float:
        html = within * depth + "<i></i>" * 2_500
        begun = time.process_time()
        own_html_text(html, "")
        return time.process_time() - begun

    takes(1)
    assert min(takes(195) for _ in range(3)) < 10 * min(takes(1) for _ in range(3))  # 2, and once 33


@pytest.mark.parametrize("name", ["template", "script"])
def test_html_that_is_hidden_and_never_closed(name: str) -> None:
    """One expression that looked for the end of each took minutes; a tag closed at the end made it look."""
    judge(filled(HTML, f"<{name}>".encode(), 500_000) + b"</p>")


@pytest.mark.parametrize(
    "table",
    [
        "<tr><td>" + "<br>" * 15_000 + "</td><td>" + "z " * 60_000,
        "<tr><td>" + "x" * 500_000 + "</td></tr>" + "<tr><td>y</td></tr>" * 25_000,
        "<tr>" + "<td>y</td>" * 90_000,
        "<tr><td>" + "<div>x</div>" * 9_000 + "</td><td>" + "z" * 400_000,
    ],
    ids=["lines beside width", "rows below width", "columns", "blocks beside width"],
)
def test_tables_that_would_fill_memory(table: str) -> None:
    """The first took the layout 196 s and 22 GB."""
    judge(HTML + f"<table>{table}</table>".encode())


@pytest.mark.parametrize(
    ("headers", "unit"),
    [
        (b"Content-Transfer-Encoding: quoted-printable\n", b"=\r\n"),
        (b"Content-Transfer-Encoding: base64\n", b"!a"),
        (b"Content-Transfer-Encoding: base64\n", b"="),
        (b"Content-Transfer-Encoding: base64\n", b"QUI=\n"),
        (b"Content-Transfer-Encoding: base64\n\nQUI=!", b"QUI=\n"),
        (b"Content-Transfer-Encoding: quoted-printable\n", b"=   "),
        (b"Content-Type: text/enriched\n", b"<"),
        (b"Content-Type: text/calendar\n", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n"),
        (b"Content-Transfer-Encoding: x-uuencode\n", b"begin 644 "),
        (b"Content-Transfer-Encoding: x-uuencode\n", b"begin 644 a\n#abcd\n"),
        (b"Content-Type: text/plain; charset=iso-2022-jp\n", b"\x1b$B-!"),
        (b"Content-Type: text/plain; charset=utf-7\n", b"+"),
        (b"Content-Type: text/plain; charset=utf-16\n", b"\xd8\x00"),
        (b"Content-Type: text/plain; format=flowed\n", b"> a \n"),
        (b"", b"begin 644 a\n"),
        (b"", b"begin 644 a\nM" + b"A" * 60 + b"\n"),
    ],
)
def test_encodings(headers: bytes, unit: bytes) -> None:
    judge(filled(FROM + headers + b"\n", unit) + b"\nend\n")


def test_a_mail_of_many_files_is_taken_apart_once_for_all_of_them() -> None:
    """Each file by itself: 200 uuencoded files in 22 MiB took a minute and a half, inside a transaction."""
    one = b"begin 644 a\n" + (b"M" + b"A" * 60 + b"\n") * 300 + b"`\nend\n"
    raw = FROM + b"\n" + one * 100
    read = FileReader(raw)
    assert [len(read(file.part)) for file in read_mail(raw).attachments] == [300 * 45] * 100
    with pytest.raises(KeyError):
        read("1#101")
