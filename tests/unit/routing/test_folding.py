"""What falls together when a text is folded, and what must not; by script."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from maild.routing import folding
from maild.routing.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Refund NOW", "refund now"),
        ("Größe ÄÖÜ Straße STRASSE", "grosse aou strasse strasse"),
        ("Cafe\u0301 déjà Œuvre", "cafe deja oeuvre"),
        ("İSTANBUL ısı Işık", "istanbul isi isik"),
        ("Łódź Đặng Nguyễn Þór Ħal smørrebrød", "lodz dang nguyen thor hal smorrebrod"),
        ("Ελλάδα ΟΔΟΣ οδός", "ελλαδα οδοσ οδοσ"),
        ("Ёлка за\u0301мок", "елка замок"),
        ("Мой йод, Їжак", "мой йод, їжак"),  # letters of their own
        ("الكِتَابُ", "الكتاب"),
        ("أحمد إلى آخر ٱسم", "احمد الي اخر اسم"),
        ("مـــرحبا", "مرحبا"),
        ("مدرسة ی ک", "مدرسه ي ك"),
        ("שָׁלוֹם", "שלום"),
        ("हिन्दी क़लम", "हिन्दी क\u093cलम"),
        ("ที่อยู่", "ที่อยู่"),
        ("ကျေးဇူး ភាសា ພາສາ", "ကျေးဇူး ភាសា ພາສາ"),
        ("ＡＢＣ１２３ ｶﾞｷﾞ", "abc123 ガギ"),
        ("か\u3099 ガ", "が ガ"),
        (unicodedata.normalize("NFD", "한국어"), "한국어"),
        ("ﬁne ℡ ²", "fine tel 2"),
        ("can’t", "can't"),
        ("re\u00adfund re\u200bfund re\u200dfund \u202erefund\ufeff ❤\ufe0f", "refund refund refund refund ❤"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_text_of_many_rare_characters_is_folded_like_one_of_few() -> None:
    rare = "".join(chr(code) for code in range(0xC0, 0x250))
    assert fold(rare + "x") == "".join(fold(character) for character in rare) + "x"


def test_characters_that_are_not_looked_at_stay_as_they_are() -> None:
    changed = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF
        and not folding._RARE.match(chr(code))
        and chr(code).casefold() == chr(code)
        and folding._TABLE[code] != chr(code)
    ]
    assert changed == []
