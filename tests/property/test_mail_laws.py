"""Laws of reading mail, for any bytes."""

from __future__ import annotations

import email
import json
import re
from dataclasses import fields, is_dataclass
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from maild.mail import Identity, Mail, as_json, attachment_bytes, classify, read_mail, reply_text
from maild.mail.findings import Findings
from maild.mail.parts import leaves, read_parts
from maild.mail.transfer import body_bytes

SEED = (
    b"Received: from a by b; Tue, 7 May 2024 10:00:00 +0200\r\nFrom: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\n"
    b'To: a@x.example, "B, C" <b@x.example>\r\nSubject: Fw: \xc3\xbc =?iso-2022-jp?B?GyRCLSEbKEI=?=\r\n'
    b"Message-ID: <1@x>\r\nReferences: <2@x> <3@x>\r\nDate: Tue, 7 May 2024 10:00:00 +0200\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\npre\r\n--b\r\n'
    b"Content-Type: text/plain; charset=gb2312; format=flowed\r\n\r\nHi\r\n\r\n"
    b"On 7 May 2024 at 10:00, A <a@x> wrote:\r\n> x\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-7\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+eDwvcD4=\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: x\r\n\r\nFinal-Recipient: rfc822; q@x\r\n\r\n"
    b"--b\r\nContent-Type: image/png; name*0*=utf-8''%C3; name*1*=%BC\r\n"
    b"Content-Disposition: inline\r\n\r\n\x89PNG\r\n--b--\r\n"
)
HEADER_WORDS = st.sampled_from(
    [b"From: ", b"=?utf-8?q?", b"?=", b"\r\n", b"\n", b"\r", b"--b", b"\0", b"\xff", b'"', b"<", b"(", b"\xed\xa0\x80"]
)


@st.composite
def broken_mails(draw: st.DrawFn) -> bytes:
    """An ordinary mail with pieces cut out, doubled and replaced."""
    raw = SEED
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 60)))
        raw = raw[:start] + draw(HEADER_WORDS | st.binary(max_size=12) | st.just(raw[start:end] * 2)) + raw[end:]
    return raw


any_bytes = st.binary(max_size=600) | broken_mails()
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff"), max_size=40
)


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple | frozenset):
        return [text for each in value for text in strings(each)]
    if is_dataclass(value):
        return [text for one in fields(value) for text in strings(getattr(value, one.name))]
    return []


@given(any_bytes)
def test_any_bytes_are_read_judged_and_explained(raw: bytes) -> None:
    mail = read_mail(raw)
    verdict = classify(mail, None, Identity())
    assert json.dumps(as_json(mail, verdict, reply_text(mail)))
    assert verdict.why
    assert verdict.acknowledge_why


@given(any_bytes)
def test_no_text_holds_what_a_database_refuses(raw: bytes) -> None:
    mail = read_mail(raw)
    for text in strings((mail, classify(mail, None, Identity()), reply_text(mail))):
        assert "\0" not in text
        text.encode("utf-8")  # raises on a lone surrogate


@given(any_bytes)
def test_what_comes_out_of_headers_is_one_line(raw: bytes) -> None:
    mail = read_mail(raw)
    values = [mail.subject, mail.message_id, *mail.references, *mail.in_reply_to]
    values += strings((mail.sender, mail.to, mail.cc, mail.reply_to)) + [value for _, value in mail.headers]
    values += [each.name for each in mail.attachments]
    assert not [value for value in values if len(value.splitlines()) > 1]


@given(any_bytes)
def test_every_attachment_can_be_had_again(raw: bytes) -> None:
    for found in read_mail(raw).attachments:
        assert len(attachment_bytes(raw, found.part)) == found.size
        assert found.name
        assert "/" not in found.name


lines = st.sampled_from(
    ["On 7 May 2024 at 10:00, A <a@x.example> wrote:", "> quoted", "From: A", "Sent: now", "Subject: x", "-- ", "",
     "own words",
     "-----Original Message-----", "##- reply above -##", "Sent from my iPhone", "____________", "| bar", "> wrote:"]
)  # fmt: skip


@given(st.lists(lines | words, max_size=12), st.sampled_from(["", "Re: x", "Fwd: x"]))
def test_a_reply_says_nothing_that_the_mail_does_not(given_lines: list[str], subject: str) -> None:
    mail = Mail(text="\n".join(given_lines), subject=subject)
    reply = reply_text(mail)
    said = set(re.findall(r"\w+", mail.text))
    assert set(re.findall(r"\w+", reply.text)) <= said
    assert set(re.findall(r"\w+", reply.text + "\n" + reply.cut)) == said  # and nothing is thrown away
    assert bool(re.search(r"[^\W_]", reply.text)) == bool(re.search(r"[^\W_]", mail.text))


@given(words, words, st.binary(max_size=200), words)
def test_an_ordinary_mail_is_read_as_it_was_written(subject: str, text: str, data: bytes, name: str) -> None:
    built = EmailMessage()
    built["Subject"] = " ".join(subject.split())
    built.set_content(text)
    built.add_attachment(data, maintype="application", subtype="x-any", filename=f"a{name}.bin")
    raw = built.as_bytes()
    mail = read_mail(raw)
    assert mail.subject.split() == subject.split()
    assert mail.text == (text + "\n" if text.strip() else "")
    (found,) = mail.attachments
    assert attachment_bytes(raw, found.part) == data
    assert mail.defects == ()


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> EmailMessage:
    """A well-formed mail of nested multiparts, as the standard library builds it."""
    message = EmailMessage()
    if depth == 0 or draw(st.booleans()):
        message.set_content(draw(words), subtype=draw(st.sampled_from(["plain", "html"])))
        return message
    message.make_mixed()
    for child in draw(st.lists(trees(depth - 1), min_size=1, max_size=3)):
        message.attach(child)
    return message


@given(trees())
def test_the_parts_are_those_that_the_standard_library_finds(tree: EmailMessage) -> None:
    raw = tree.as_bytes()
    expected = [
        (part.get_content_type(), part.get_payload(decode=True))
        for part in email.message_from_bytes(raw).walk()
        if not part.is_multipart()
    ]
    assert [(part.content_type, body_bytes(raw, part)) for part in leaves(read_parts(raw, Findings()))] == expected
