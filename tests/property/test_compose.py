"""The standard library reads back from a letter exactly what went in, and nothing else, for any text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

from hypothesis import example, given, settings
from hypothesis import strategies as st

from maild.app.ports import File, Head, Rendered
from maild.mail.model import Address
from maild.outbound.compose import compose
from maild.outbound.headers import one_line

Test = Callable[..., None]

PLAIN = Rendered(subject="Printer", text="It burns.\n", html="<p>It burns.</p>\n")
DESK = Address("Help", "help@acme.test")
KIM = Address("Kim", "kim@x.test")
ALLOWED = {
    *("date", "from", "to", "cc", "reply-to", "subject", "message-id", "in-reply-to", "references"),
    *("auto-submitted", "x-auto-response-suppress", "mime-version", "content-type"),
    "content-transfer-encoding",
}

# Half of the characters are the ones that have broken a mail program somewhere.
NASTY = st.sampled_from("\r\n\0\v\f\x1c\x1d\x1e\x85\u2028\u2029\t =?:;,<>@\"\\()[].'%*_-ü界🙂\u202e\ud800\xa0a")
TEXT = st.text(NASTY | st.characters(), max_size=120)
ATTACKS = (
    "x\r\nBcc: v@evil.test",
    "x\nBcc: v@evil.test\n\nbody",
    "x\0\r\nTo: v@evil.test",
    "x\u2028Bcc: v@evil.test",
    "x\x85Bcc: v@evil.test",
    "x\vBcc: v@evil.test",
    "=?utf-8?q?a=0d=0aBcc:_v=40evil.test?=",
    "=?utf-8?b?djw=?= <v@evil.test>",
    "Hilfe, Büro",
    'a" <v@evil.test>, "b',
    "a\\",
    "v@evil.test, w@evil.test",
    "(comment",
    "a" * 2000,
    "ü" * 2000,
    ("word " * 300).strip(),
    "--=_mixed",
)


def head(**changes: object) -> Head:
    facts: dict[str, object] = {
        "sender": DESK,
        "to": (KIM,),
        "message_id": "o.1.abc@acme.test",
        "date": datetime(2024, 3, 4, 9, 12, tzinfo=UTC),
    }
    return Head(**(facts | changes))  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\0" not in raw
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    names = [name.lower() for name in mail]
    assert set(names) <= ALLOWED
    assert len(set(names)) == len(names)
    return mail


def every_example(name: str) -> Callable[[Test], Test]:
    """All attacks as Hypothesis examples of one argument."""

    def decorate(test: Test) -> Test:
        for attack in ATTACKS:
            test = example(**{name: attack})(test)
        return test

    return decorate


def lines(part: object) -> str:
    assert isinstance(part, EmailMessage)
    return part.get_content().replace("\r\n", "\n")  # type: ignore[no-any-return]


def as_sent(text: str) -> str:
    """What text_part promises: LF line ends, a final one, U+FFFD for what no mail can carry."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)
    return text if text.endswith("\n") else text + "\n"


@given(subject=TEXT)
@every_example("subject")
def test_a_subject_reads_back_as_one_line_and_makes_no_header(subject: str) -> None:
    mail = read(compose(head(), Rendered(subject=subject, text="x\n", html="")))
    assert mail["Subject"] == one_line(subject)
    assert mail["To"].addresses[0].addr_spec == "kim@x.test"


@given(name=TEXT)
@every_example("name")
def test_a_name_reads_back_and_makes_no_recipient(name: str) -> None:
    named = Address(name, "kim@x.test")
    raw = compose(head(sender=Address(name, "help@acme.test"), to=(named, DESK), cc=(named,)), PLAIN)
    mail = read(raw)
    for header, addresses in {
        "From": ["help@acme.test"],
        "To": ["kim@x.test", "help@acme.test"],
        "Cc": ["kim@x.test"],
    }.items():
        assert [entry.addr_spec for entry in mail[header].addresses] == addresses
        # The old parser, which most programs in Python still use, must see the same recipients.
        old = getaddresses([message_from_bytes(raw)[header]])
        assert [address for _, address in old] == addresses
        assert str(make_header(decode_header(old[0][0]))) == one_line(name)
        # The new one puts a space between two encoded words of a phrase (3.11, against RFC 2047 §6.2),
        # and makes one space of any other kind of blank.
        new = mail[header].addresses[0].display_name
        assert "".join(new.split()) == "".join(one_line(name).split())


@given(address=TEXT)
@every_example("address")
@example(address="=?utf-8?q?v=40evil.test?=@x.test")
@example(address="kim@x.test\n")
def test_an_address_of_a_recipient_is_written_whole_or_not_at_all(address: str) -> None:
    mail = read(compose(head(to=(KIM, Address("Kim", address))), PLAIN))
    seen = [entry.addr_spec for entry in mail["To"].addresses]
    assert seen in (["kim@x.test"], ["kim@x.test", address])


@given(ids=st.lists(TEXT | st.from_regex(r"[a-z0-9=?.]{1,90}@[a-z]{1,20}", fullmatch=True), max_size=40))
@example(ids=["a" * 80 + "@x.test"] * 3)
@example(ids=["x>\r\nBcc: <v@evil.test"])
@example(ids=["=?utf-8?q?a?=@x.test"])
@example(ids=["ü@x.test"])
@example(ids=[f"{n}@x.test" for n in range(30)])
def test_ids_are_raw_and_the_first_and_the_last_nineteen_stay(ids: list[str]) -> None:
    raw = compose(head(in_reply_to=ids[-1] if ids else "", references=tuple(ids)), PLAIN)
    mail = read(raw)
    written = [entry.strip("<>") for entry in str(mail.get("References", "")).split()]
    good = [
        entry for entry in ids if entry and all("!" <= c <= "~" and c not in "<>" for c in entry) and "=?" not in entry
    ]
    assert written == (good if len(good) <= 20 else good[:1] + good[-19:])
    assert b"=?utf" not in raw.split(b"\r\n\r\n")[0]
    assert str(mail.get("In-Reply-To", "")) in ("", f"<{ids[-1]}>" if ids else "")


@given(text=TEXT | st.text(NASTY, min_size=900, max_size=1200))
@every_example("text")
@example(text="a\r\n.\r\nMAIL FROM:<v@evil.test>\r\n")
@example(text="x\r.\r\nMAIL")
@example(text="trailing space \n\n\n")
@example(text="--=_alternative_3994b829df92f6aa81a4eae8--\n")
@settings(deadline=None)
def test_words_read_back_and_make_no_part(text: str) -> None:
    mail = read(compose(head(), Rendered(subject="x", text=text, html=text or "x")))
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, html = mail.iter_parts()
    assert lines(plain) == as_sent(text)
    assert lines(html) == as_sent(text or "x")


@given(name=TEXT, kind=TEXT, content_id=TEXT, content=st.binary(max_size=300), inline=st.booleans())
@example(name='x"\r\nBcc: v@evil.test', kind="a/b\r\nBcc: v", content_id="a>\r\nBcc: v", content=b"", inline=True)
@example(name="ü" * 200, kind="message/rfc822", content_id="", content=b"\r\n.\r\n", inline=False)
@example(name="a%0d%0a'b*.txt", kind="image/png", content_id="i1", content=b"\0", inline=True)
@example(name="=?utf-8?q?a?=", kind="multipart/mixed", content_id="i1", content=b"x", inline=False)
def test_a_file_reads_back_and_its_name_makes_no_header(
    name: str, kind: str, content_id: str, content: bytes, inline: bool
) -> None:
    file = File(name=name, type=kind, content=content, inline=inline, content_id=content_id)
    mail = read(compose(head(), PLAIN, [file]))
    # `related` for an image inside, `mixed` for any other file: it is one of them, exactly once.
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in leaves[:2]] == ["text/plain", "text/html"]
    (part,) = leaves[2:]
    assert part.get_payload(decode=True) == content
    assert (part.get_filename() or "") == one_line(name)[:120].strip()
    assert {key.lower() for key in part} <= {
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
    }
    assert part.get_content_disposition() == ("inline" if part["Content-ID"] else "attachment")


@given(subject=TEXT, text=TEXT)
def test_the_same_letter_is_the_same_bytes(subject: str, text: str) -> None:
    words = Rendered(subject=subject, text=text, html=text)
    assert compose(head(), words) == compose(head(), words)
