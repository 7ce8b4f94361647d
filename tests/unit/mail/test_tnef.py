"""Winmail.dat: what Outlook packs, and what is broken in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.packages import Package, PackedFile
from maild.mail.rtf import rtf_text, unpacked_rtf
from maild.mail.tnef import read_tnef
from maild.testing.tnef import (
    BODY,
    CONTENT_ID,
    DATA,
    FLAGS,
    HTML,
    LONG_NAME,
    METHOD,
    MIME_TYPE,
    RTF,
    SUBJECT,
    attribute,
    file,
    tnef,
)

# The example of MS-OXRTFCP 4.1.
PACKED_RTF = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
PICTURE = file(b"\x89PNG", values={LONG_NAME: "Übersicht.png", CONTENT_ID: "<one@x>", FLAGS: 4, MIME_TYPE: "image/png"})


def test_a_file_with_its_long_name() -> None:
    package = read_tnef(tnef(files=[file(b"%PDF", values={LONG_NAME: "Übersicht 2024.pdf"})]))
    assert package == Package(files=(PackedFile(name="Übersicht 2024.pdf", data=b"%PDF"),))


def test_a_file_that_has_only_its_short_name() -> None:
    assert [f.name for f in read_tnef(tnef(files=[file(b"x", title="ü.doc".encode("cp1252"))])).files] == ["ü.doc"]


def test_a_file_whose_bytes_are_a_property() -> None:
    assert [f.data for f in read_tnef(tnef(files=[file(b"", values={DATA: b"bytes"})])).files] == [b"bytes"]


def test_a_picture_shown_in_the_html() -> None:
    (found,) = read_tnef(tnef({HTML: b"<p>Hi<img src='cid:one@x'>"}, [PICTURE])).files
    assert (found.type, found.inline, found.content_id) == ("image/png", True, "one@x")


def test_a_picture_that_only_the_html_knows_of() -> None:
    picture = file(b"x", values={LONG_NAME: "a.png", CONTENT_ID: "one@x"})
    for html, inline in ((b"<img src='cid:one@x'>", True), (b"<img src='cid:two@x'>", False)):
        assert [f.inline for f in read_tnef(tnef({HTML: html}, [picture])).files] == [inline]


@pytest.mark.parametrize(
    ("data", "text", "html"),
    [
        (tnef(body="Grüße\r\nAnna".encode("cp1252")), "Grüße\nAnna", ""),
        (tnef({BODY: "Grüße 日本"}), "Grüße 日本", ""),
        (tnef({HTML: "<p>Grüße".encode("cp1252")}), "", "<p>Grüße"),
        (tnef({HTML: "<p>日本".encode(), 0x3FDE: 65001}), "", "<p>日本"),
        (tnef({RTF: PACKED_RTF}), "hello world", ""),
        (tnef({RTF: PACKED_RTF, BODY: "plain"}), "plain", ""),
    ],
    ids=["attBody", "PR_BODY", "PR_HTML", "PR_HTML in UTF-8", "RTF alone", "RTF beside text"],
)
def test_the_text(data: bytes, text: str, html: str) -> None:
    package = read_tnef(data)
    assert (package.text, package.html, package.defects) == (text, html, ())


def test_a_mail_attached_gives_its_words_and_its_files() -> None:
    inner = tnef({SUBJECT: "Inner", BODY: "inner words"}, [file(b"deep", values={LONG_NAME: "deep.txt"})])
    outer = tnef(files=[file(b"", title=b"", values={METHOD: 5, DATA: bytes(16) + inner})])
    assert [(f.name, f.data) for f in read_tnef(outer).files] == [("Inner.txt", b"inner words"), ("deep.txt", b"deep")]


def test_mails_nested_without_end_are_not_followed() -> None:
    data = tnef({BODY: "innermost"})
    for _ in range(8):
        data = tnef(files=[file(b"", values={METHOD: 5, DATA: bytes(16) + data})])
    assert read_tnef(data).defects == ("mails are nested too deeply; the innermost are not opened",)


@pytest.mark.parametrize(
    ("data", "defect"),
    [
        (b"PK\x03\x04", "it is not TNEF"),
        (tnef(files=[PICTURE])[:-40], "it is cut off"),
        (tnef() + b"\x07" * 20, "it is damaged"),
        (tnef() + attribute(0x00069003, b"\xff\xff\xff\xff\x1e"), "some of its properties could not be read"),
        (tnef() + attribute(0x00069003, b"\x01\0\0\0\x1f\x10\x01\0" + b"\xff" * 9), "some of its properties"),
        (tnef(files=[attribute(0x00069002, b"")] * 1100), "more than 1000 files; the rest of them was not read"),
    ],
)
def test_defects(data: bytes, defect: str) -> None:
    assert any(found.startswith(defect) for found in read_tnef(data).defects)


def test_what_stands_before_the_damage_is_given() -> None:
    package = read_tnef(tnef({BODY: "words"}, [PICTURE])[:-3])
    assert (package.text, [f.data for f in package.files]) == ("words", [b"\x89PNG"])


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Hello\par you}", "Hello\nyou"),
        (rb"{\rtf1\ansi\ansicpg1251 \'cc\'e8\'f0}", "Мир"),
        (rb"{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b}", "日本"),
        (rb"{\rtf1 \u8364?uro \uc2\u252\'81\'82ber}", "€uro über"),
        (rb"{\rtf1 \u-10179?\u-8704?}", "😀"),
        (rb"{\rtf1{\*\generator Outlook;}{\pict 89504e47}a\tab b\{c\}\\}", "a\tb{c}\\"),
        (rb"}}}}\par}{{{{", "\n"),
        (b"", ""),
    ],
)
def test_rtf(rtf: bytes, text: str) -> None:
    assert rtf_text(rtf) == text


@given(st.binary(max_size=300))
def test_any_compressed_rtf(data: bytes) -> None:
    assert len(unpacked_rtf(PACKED_RTF[:16] + data)) <= 0x2B + 17
    rtf_text(data)


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 40))
def test_any_bytes_give_an_answer(junk: bytes, at: int, cut: int) -> None:
    good = tnef({BODY: "x", RTF: PACKED_RTF}, [PICTURE, PICTURE])
    package = read_tnef(good[:at] + junk + good[at + cut :])
    assert "\0" not in package.text + package.html
    read_tnef(b"\x78\x9f\x3e\x22" + junk)


@pytest.mark.processor(5)
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [attribute(0x00069002, b""), attribute(0x00069005, b"\x01\0\0\0"), attribute(0x00069003, bytes(40)), b"\x01"],
)
def test_hostile_lengths_cost_little(unit: bytes) -> None:
    read_tnef(tnef() + unit * (5_000_000 // len(unit)))


@pytest.mark.processor(5)
@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", [b"{", b"\\'41", b"\\u1?", b"{\\*\\a", b"\\", b"a", b"\\par "])
def test_hostile_rtf_costs_little(unit: bytes) -> None:
    rtf_text(unit * (1_000_000 // len(unit)))


@pytest.mark.processor(5)
@pytest.mark.timeout(60)
def test_a_bomb_of_compressed_rtf_stays_small() -> None:
    bomb = b"\xff\xff\xff\xff\xff\xff\xff\x7fLZFu\0\0\0\0" + b"\xff" + b"\x00\x0f" * 8
    assert len(unpacked_rtf(bomb + (b"\xff" + b"\x00\x1f" * 8) * 100_000)) <= 2 * 1024 * 1024 + 17
