"""Charsets by the names that senders use."""

from __future__ import annotations

import pytest

from maild.mail.charsets import clean, codec_for, decode


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ("latin_1", "cp1252"),
        ("us-ascii", "utf-8"),
        ("GBK", "gb18030"),
        ("x-sjis", "cp932"),
        ("Windows-949", "cp949"),
        ('"utf-8"', "utf-8"),
        ("charset=utf-8", "utf-8"),
        ("utf-8 (Unicode)", "utf-8"),
        ("iso-8859-8-i", "cp1255"),
        ("no-such-thing", None),
        ("zlib", None),
        ("idna", None),
        ("a\0b", None),
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_codec_for(label: str, codec: str | None) -> None:
    assert codec_for(label) == codec


@pytest.mark.parametrize(
    ("data", "charset", "text", "why"),
    [
        (b"\xe4", "utf-8", "ä", "UTF-8 was claimed and nothing of it is"),
        ("ä€".encode()[:-1], "utf-8", "ä\ufffd", "cut UTF-8 is still UTF-8"),
        (b"\xef\xbb\xbfa", "utf-8", "a", "the byte order mark is no text"),
        (b"+AOQ-", "utf-7", "ä", "UTF-7"),
        (b"+2AA-x", "utf-7", "\ufffdx", "UTF-7 can make a lone surrogate"),
        (b"\x1b$B-j\x1b(Bx", "iso-2022-jp", "㈱x", "JIS row 13, which the codec refuses"),
        (b"\x1b$B", "iso-2022-jp", "", "an escape and no more"),
        ("日本".encode("shift_jis"), "Shift_JIS", "日本", "plain Shift_JIS"),
        (b"\x87\x40", "shift_jis", "①", "Windows' Shift_JIS"),
        (b"a\0b", "", "ab", "NUL"),
    ],
)
def test_decode(data: bytes, charset: str, text: str, why: str) -> None:
    assert decode(data, charset) == text, why


def test_clean_removes_what_databases_refuse() -> None:
    assert clean("a\0\ud800b") == "a\ufffdb"
