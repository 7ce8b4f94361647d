"""Header text as senders write it: encoded words, raw bytes, both, neither."""

from __future__ import annotations

import pytest

from maild.mail.words import header_text


def raw(header: bytes) -> str:
    """A header value as `split_fields` hands it on."""
    return header.decode("ascii", "surrogateescape")


CASES = [
    (b"plain", "plain", "nothing to do"),
    (b"=?utf-8?q?M=C3=BCller?=", "Müller", "quoted-printable word"),
    (b"=?UTF-8?B?TcO8bGxlcg==?=", "Müller", "base64 word"),
    (b"=?iso-8859-1?Q?a=80b?=", "a€b", "Windows says iso-8859-1 and means cp1252"),
    (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab", "RFC 2047 §6.2: no blank between two words"),
    (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", "blanks around plain text stay"),
    (b"=?utf-8?B?w?= =?utf-8?B?7w=?=", "ü", "base64 cut inside a group of four"),
    (b"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü", "words cut inside a character"),
    (b"=?utf-8?q?=C3?=\t=?UTF-8?q?=BC?=", "ü", "and with the charset in other letters"),
    (b"=?utf-8*de?q?=C3=BC?=", "ü", "RFC 2231 §5: a language after the charset"),
    (b"=?x-unknown?q?=C3=BC?=", "ü", "unknown charset: UTF-8 if it can be"),
    (b"=?x-unknown?q?=FC?=", "ü", "unknown charset: else cp1252"),
    (b"=?hex?q?4142?=", "4142", "a Python codec that is no charset must not run"),
    (b"=?utf-8?q?Really??=", "Really?", "an unencoded question mark"),
    (b"=?utf-8?q?two words?=", "two words", "unencoded blanks"),
    (b"=?utf-8?q?never ends", "=?utf-8?q?never ends", "broken words stay"),
    (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?=", "unknown encoding stays"),
    (b"M\xc3\xbcller", "Müller", "raw UTF-8"),
    (b"M\xfcller", "Müller", "raw 8-bit, not UTF-8"),
    (b"=?iso-8859-1?Q?Fr\xf6sche?=", "Frösche", "raw 8-bit inside a word"),
    (b"\xfc =?utf-8?q?=C3=BC?=", "ü ü", "raw 8-bit beside a word"),
    (b"=?utf-8?q?a=0D=0ABcc:_x@y.example?=", "a Bcc: x@y.example", "an encoded line end makes no header"),
    (b"=?utf-8?q?a=00b?=", "ab", "NUL is refused by PostgreSQL"),
    (b"=?utf-8?q?=C3=BC=ED=A0=80?=", "ü\ufffd", "an encoded surrogate is no character"),
    (b"=?gb2312?B?lkc=?=", "朑", "gb2312 in name only: gb18030"),
    (b"=?iso-2022-jp?B?GyRCLSEbKEI=?=", "①", "vendor characters of Japanese mail"),
    (b"=?ks_c_5601-1987?B?sK0=?=", "강", "what Outlook calls Korean"),
    (b"=?unknown-8bit?q?=E9?=", "é", "what gateways call bytes they do not know"),
]


@pytest.mark.parametrize(("header", "text", "why"), CASES)
def test_header_text(header: bytes, text: str, why: str) -> None:
    assert header_text(raw(header)) == text, why


def test_raw_bytes_follow_the_charset_of_the_mail() -> None:
    assert header_text(raw("Привет".encode("koi8-r")), "koi8-r") == "Привет"
