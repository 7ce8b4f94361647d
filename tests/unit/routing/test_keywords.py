"""Keywords: where they stand, script by script; what no keyword is."""

from __future__ import annotations

import time

import pytest

from maild.routing.folding import fold
from maild.routing.keywords import KeywordIndex, check_keyword, occurs
from maild.routing.scripts import is_letter, letter_class

CASES = [
    # English
    ("refund", "I want a REFUND.", True),
    ("refund", "no refunds", False),  # a whole word
    ("refund", "prerefund", False),
    ("refund*", "Refunded already", True),
    ("refund*", "prerefund", False),
    ("money back", "my money\n  back", True),
    ("money back", "money-back guarantee", True),
    ("money-back", "money back", True),
    ("money back", "money. Back home", False),
    ("money back", "moneyback", False),
    ("missing part*", "two missing parts", True),
    ("missing part*", "missing two parts", False),
    ("C++", "a C++ book", True),
    (".NET", "ASP.NET", True),
    ("can't open", "I can’t open it", True),
    ("24/7", "we work 24/7!", True),
    ("24/7", "124/7", False),
    ("x_1", "x_1 and x", True),
    ("x", "x_1", False),
    ("*hook*", "the webhooks", True),
    ("*load failed", "upload failed", True),
    # German
    ("rückerstattung", "RÜCKERSTATTUNG bitte", True),
    ("rückerstattung", "Rueckerstattung bitte", True),
    ("rückerstattung", "Ruckerstattung bitte", True),
    ("Rückgabe Größe", "Rueckgabe-Groesse", True),
    ("straße", "STRASSE", True),
    ("teil", "Ersatzteil", False),
    ("*teil", "das Ersatzteil.", True),
    ("*teil", "Ersatzteile", False),
    ("*teil*", "Ersatzteile", True),
    ("neue", "neü", False),  # only the keyword's umlauts have two spellings
    # French, Turkish, Vietnamese
    ("remboursé", "REMBOURSE", True),
    ("reçu", "recu", True),
    ("iade", "İADE istiyorum", True),
    ("ısıtıcı", "ISITICI", True),
    ("hoàn tiền", "HOAN TIEN", True),
    # Arabic, Hebrew
    ("استرداد", "أُرِيدُ اسْتِرْدَاد المبلغ", True),
    ("إلغاء", "الغاء", True),
    ("كتاب", "كتـــاب", True),
    ("كتاب", "الكتاب", False),
    ("*كتاب", "الكتاب", True),
    ("שלום", "שָׁלוֹם", True),
    ("בית ספר", "בית־ספר", True),
    # Chinese, Japanese, Thai, Khmer: anywhere
    ("退款", "我要退款。", True),
    ("退款", "退货款", False),
    ("iPhone坏了", "我的iphone坏了", True),
    ("iPhone坏了", "XiPhone坏了", False),
    ("iphone", "我的iPhone坏了", True),
    ("返品", "返品したい", True),
    ("キャンセル", "ｷｬﾝｾﾙします", True),
    ("คืนเงิน", "ต้องการคืนเงินครับ", True),
    ("សង", "សូមសងប្រាក់", True),
    # Korean: words with particles, syllables whole
    ("환불", "환불 부탁드립니다", True),
    ("환불", "환불을", False),
    ("환불*", "환불을", True),
    ("하*" + "하", "하하", None),
    ("가나*", "가난", False),
    # Russian, Greek, Hindi
    ("возврат*", "ВОЗВРАТА", True),
    ("елка", "ёлка", True),
    ("мои", "мой", False),
    ("επιστροφή", "ΕΠΙΣΤΡΟΦΗ", True),
    ("οδος", "ΟΔΟΣ", True),
    ("वापसी", "पैसे वापसी।", True),
    ("वापस", "वापसी", False),  # a vowel sign is part of the word
    # what people cannot see
    ("refund", "re\u00adfund", True),
    ("refund", "re\u200bfund", True),
]


@pytest.mark.parametrize(("keyword", "text", "is_there"), CASES)
def test_a_keyword_in_a_text(keyword: str, text: str, is_there: bool | None) -> None:
    if is_there is None:
        assert check_keyword(keyword)
        return
    assert occurs(keyword, text) is is_there
    assert KeywordIndex([keyword]).found_in(fold(text)) == ({keyword} if is_there else set())


def test_an_index_of_all_of_them_finds_the_same() -> None:
    keywords = [keyword for keyword, _, is_there in CASES if is_there is not None]
    text = "\n\n".join(text for _, text, _ in CASES)
    assert KeywordIndex(keywords).found_in(fold(text)) == {keyword for keyword in keywords if occurs(keyword, text)}


def test_no_keywords_and_no_text() -> None:
    assert KeywordIndex([]).found_in("refund") == frozenset()
    assert KeywordIndex(["refund"]).found_in("") == frozenset()


@pytest.mark.parametrize(
    ("keyword", "fault"),
    [
        ("", "it is empty; write a word or a phrase"),
        ("  ", "it is empty"),
        ("!?", "it has no letter and no digit"),
        ("*", "it has no letter"),
        ("**", "it has no letter"),
        ("\u200b", "it has no letter"),
        ("a*", "at least 2 letters"),
        ("*er", "at least 3 letters"),
        ("re*fund", "a star may stand only at its beginning or at its end"),
        ("refund* money", "a star may stand only"),
        ("refund**", "a star may stand only"),
        ("refund *", "a star must touch a letter or a digit"),
        ("C++*", "a star must touch"),
        ("x" * 101, "it has 101 characters; 100 are the most"),
    ],
)
def test_what_no_keyword_is(keyword: str, fault: str) -> None:
    assert fault in check_keyword(keyword)
    with pytest.raises(ValueError, match="keyword"):
        KeywordIndex([keyword])


@pytest.mark.parametrize("keyword", ["a", "ab*", "退", "退*", "*teil", "x" * 100, " refund "])
def test_what_is_one(keyword: str) -> None:
    assert check_keyword(keyword) == ""


def test_letters_are_the_same_one_by_one_and_as_a_class() -> None:
    import re

    letters = re.compile(f"[{letter_class()}]")
    differ = [
        hex(code)
        for code in (*range(0xD800), *range(0xE000, 0x20000, 7))
        if is_letter(chr(code)) is not bool(letters.match(chr(code)))
    ]
    assert differ == []


HOSTILE = {
    "one word again and again": "a " * 131_072,
    "one word": "a" * 262_144,
    "64K words": " ".join(f"{number:x}" for number in range(65_536)),
    "one Han character": "退" * 87_000,
    "borders everywhere": "124/7 " * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_makes_it_slow(text: str) -> None:
    words = [
        "a a a g",
        "a a a a a a g",
        "*aaag",
        "*aaag*",
        "24/7",
        "退退款",
        "款退退",
        *(f"ab{n:x}*" for n in range(900)),
    ]
    index = KeywordIndex([*words, *(f"*zq{n}*" for n in range(900)), *(f"退{n}退" for n in range(900))])
    begun = time.process_time()
    assert index.found_in(fold(text)).isdisjoint(words[:7])
    assert time.process_time() - begun < 2  # milliseconds in truth; a quadratic way would take minutes
