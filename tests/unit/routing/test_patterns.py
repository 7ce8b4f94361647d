"""Regular expressions: what they match in every script, what is refused and why, and that none is slow."""

from __future__ import annotations

import time

import pytest
import re2

from maild.routing.patterns import MOST_MATCHES, PatternSet, check_pattern, found_all, occurs_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("so-[0-9]{6}", "Order SO-123456", True),
        ("SO-[0-9]{6}", "order so-123456", True),
        (r"\bgröße\b", "Die GRÖSSE", False),  # ß is one letter here
        (r"\bgröße\b", "Die GRÖßE.", True),
        (r"\bgröße\b", "Übergröße", False),
        (r"\bgrosse\b", "größe", False),  # accents count
        ("gro\u0308ße", "größe", True),
        (r"\bстрок\w+", "в строке", True),
        (r"\bок\w+", "в строке", False),
        (r"^\w+$", "Straße", True),
        (r"^\w+$", "हिन्दी", True),  # vowel signs are letters
        (r"^\d+$", "٣٤٥", True),
        (r"^[\d-]+$", "٣-٤", True),
        (r"a\sb", "a\u00a0b", True),
        (r"a[\s,]b", "a\u3000b", True),
        (r"^\W+$", "ü", False),
        (r"^\S$", "\u2003", False),
        (r"^[^\w]$", "é", False),
        (r"^[\D]$", "٣", False),
        (r"a[\s\S]b", "a\nb", True),
        ("οδος", "ΟΔΟΣ", True),
        ("退款", "我要退款", True),
        (r"\Q1+1\E=2", "1+1=2", True),
        (r"nr\.?\s+\d+", "Nr 5", True),
        (r"foo\b \bbar", "foo bar", True),
        (r"foo\B", "food", True),
        (r"foo\B", "foo", False),
        (r"(?:\bfoo|bar\b)", "xbar", True),
        (r"(?:\bfoo|bar\b)", "xfoo", False),
        (r"[]a]x", "]x", True),
        (r"[a\-z]x", "-x", True),
        (r"[^a-c]x", "bx", False),
    ],
)
def test_a_pattern_in_a_text(pattern: str, text: str, matches: bool) -> None:
    assert check_pattern(pattern) == ""
    assert occurs_pattern(pattern, text) is matches
    assert PatternSet([pattern, "zzz", "yyy"]).found_in(text) == ({pattern} if matches else set())


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("", "it is empty"),
        ("x" * 1001, "it has 1001 characters; 1000 are the most"),
        (r"\w{1,1000}", r"it takes too much memory; let \w, \pL and the like repeat less often"),  # 121 MiB for ever
        ("a(?=b)", '"(?=" at character 2 is not possible, for it looks ahead; write what must be there'),
        ("(?!a)b", '"(?!" at character 1 is not possible, for it looks ahead'),
        ("(?<=a)b", '"(?<=" at character 1 is not possible, for it looks behind'),
        ("(?<!a)b", '"(?<!" at character 1 is not possible, for it looks behind'),
        (r"(a)\1", r'"\1" at character 4 refers back to a group, which is not possible; write the text twice'),
        ("(?P<n>a)(?P=n)", '"(?P=" at character 9 is not possible, for it refers back'),
        (r"(?<n>a)\k<n>", r'"\k" at character 8 is not known; a search that is linear cannot look back'),
        ("a++", '"++" at character 2 repeats a repetition; write + alone'),
        ("(?>a)", '"(?>" at character 1 is not possible, for it is an atomic group'),
        ("a{2,2000}", '"{2,2000}" at character 2 repeats too often; write at most 1000'),
        ("((a{1,100}){1,100}){1,100}", "invalid repetition size"),
        ("(a", '"(" at character 1 is never closed; write the missing ")"'),
        ("a)", r'")" at character 2 closes nothing; write \) for the character itself'),
        ("[a", '"[" at character 1 is never closed; write the missing "]"'),
        ("[z-a]", '"z-a" is a range that ends before it begins; turn it round'),
        ("[[:foo:]]", "RE2 says: invalid character class range: [:foo:]"),
        (r"\p{Foo}", r"RE2 says: invalid character class range: \p{Foo}"),
        (r"\p", r'"\p" at character 1 is not complete; write \pL'),
        ("*a", '"*" at character 1 has nothing to repeat'),
        ("^*a", '"*" at character 2 repeats ^'),
        ("a\\", "it ends with a single \\"),
        (r"\Z", r'"\Z" at character 1 is not known; write \z'),
        (r"\q", r'"\q" at character 1 is not known; write q'),
        (r"\u20AC", r"write \x{1234} for a character by its number"),
        (r"\Cx", "a byte is no character"),
        (r"[\q]", r'"\q" is not known within [...]'),
        (r"[^\W\d]", r'"\W" cannot stand within [...]; write \PL there'),
        (r"[\S,]", r'"\S" cannot stand within [...]'),
        ("(?x)a", '"(?x" at character 1 is no group'),
        ("(" * 60 + "a" + ")" * 60, "nested more than 50 deep"),
        (r"a\bb", r'"\b" can never hold where it stands; leave it out'),
        (r"\b[\w.-]+@x", r'"\b" stands beside something that may be a letter and may be none'),
        (r"(\bfoo\b\s*)+", r'"\b" stands beside something'),
        (r"x\b.*y", r'"\b" stands beside something'),
        ("(?P<maild_border_1>a)", "is a name of maild's own"),
        ("x*", "it matches the empty text, so that every mail would fit"),
        ("a|", "it matches the empty text"),
        ("^", "it matches the empty text"),
    ],
)
def test_what_no_pattern_is(pattern: str, fault: str) -> None:
    assert fault in check_pattern(pattern)
    with pytest.raises(ValueError, match="pattern"):
        PatternSet([pattern])


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\bSO-\d{6}\b", "so-123456 so-234567", ["so-123456", "so-234567"]),
        (r"\bSO-\d{6}\b", "xSO-123456 SO-1234567 (So-999999)", ["So-999999"]),
        (r"\bSO-\d+,?", "SO-1,SO-2", ["SO-1,", "SO-2"]),
        (r"order\s*(\d+)", "Order 12, ORDER13", ["12", "13"]),
        (r"(\bfoo\b)", "foo foo.foo", ["foo", "foo", "foo"]),
        (r"\bнр-(?P<n>\d+)\b", "НР-1 нр-2", ["1", "2"]),
        (r"a(x)|b", "b ax", ["x"]),  # a match without the group tells nothing
        ("\\bgro\u0308ße\\b", "Größe größe", ["Größe", "größe"]),
        (r"\d", "x", []),
    ],
)
def test_what_is_found_is_as_the_text_has_it(pattern: str, text: str, found: list[str]) -> None:
    assert found_all(pattern, text) == found


def test_of_many_matches_the_first_are_given() -> None:
    assert found_all(r"\d", "7" * 5000) == ["7"] * MOST_MATCHES


def test_a_search_that_finds_no_group_ends_as_well() -> None:
    begun = time.process_time()
    assert found_all(r"(RMA)?a[^z]*(b)|a", "a" * 100_000) == []
    assert time.process_time() - begun < 2  # a tenth in truth; looking at every match takes many seconds


@pytest.mark.parametrize(
    "pattern", [r"\w{1,100}@zz", r"[\w.+-]{1,64}@[\w.-]{1,255}\.zzz", r"\w{2,20}-\w{2,20}-\w{2,20}zzz"]
)
def test_a_pattern_that_is_not_refused_has_the_memory_to_search_quickly(pattern: str) -> None:
    text = "".join(map(chr, range(0x4E00, 0x9000))) * 6
    assert check_pattern(pattern) == ""
    begun = time.process_time()
    for _ in range(5):
        assert not occurs_pattern(pattern, text)
    assert time.process_time() - begun < 0.8  # a twentieth in truth; with no more than the check has, 1.4 to 7 s


@pytest.mark.parametrize("pattern", [r"\w{1,350}", r"\w{1,64}@\w{1,255}", r"\W{350}", ".{1,1000}", "[a-z]{1000}"])
def test_what_the_documentation_allows_is_not_refused(pattern: str) -> None:
    assert check_pattern(pattern) == ""


def test_an_empty_set_finds_nothing() -> None:
    assert PatternSet([]).found_in("refund") == frozenset()


def test_a_set_that_does_not_fit_into_memory_still_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: re2.Filter) -> None:  # as it does from some 7,000 patterns on
        raise re2.error("failed to compile Filter")

    monkeypatch.setattr(re2.Filter, "Compile", refuse)
    assert PatternSet(["refund", "money", r"so-\d+"]).found_in("Refund of SO-12") == {"refund", r"so-\d+"}


def test_a_filter_that_fails_silently_is_found_out() -> None:
    class Exhausted:
        def Match(self, text: bytes, potential: bool) -> None:  # noqa: N802 -- RE2's name
            return None

    some = PatternSet(["refund", "money", r"so-\d+"])
    some._filter = Exhausted()
    assert some.found_in("Refund of SO-12") == {"refund", r"so-\d+"}


CATASTROPHIC = [
    "(a+)+$", "(a*)*b", "(a|a)*b", "(a|aa)+$", "(.*a){20}x", r"(\w+\s?)*!", "([a-zA-Z]+)*1", "^(a?){30}a{30}b",
    "(x+x+)+y", r"(\d+)*z", "(a+){10}b", r"^(\w+)+@", "(.+)+q", "(?:a?a?)*b", "((a+)+)+b", r"(?:\s*a\s*)*b",
    "a.*a.*a.*a.*b", "(?:aa|aab?)*c", "[a-z]*[a-z]*[a-z]*1", "(?s)(.*)(.*)(.*)(.*)9",
]  # fmt: skip


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_a_pattern_that_is_slow_elsewhere(pattern: str) -> None:
    if check_pattern(pattern):  # it matches the empty text
        return
    begun = time.process_time()
    occurs_pattern(pattern, "a" * 60_000)
    PatternSet([pattern, "x1", "x2", "x3"]).found_in("a " * 30_000)
    found_all(pattern, "aaaa " * 100)
    assert time.process_time() - begun < 5  # milliseconds in truth
