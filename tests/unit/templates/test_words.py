"""The sentences of letters: the same in every language, all of them used, none of them English by accident."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from markupsafe import Markup

from maild.templates import builtin, environment
from maild.templates.words import Words, flat
from maild.tickets.command_readers import HELP
from tests.unit.templates.test_letters import LANGUAGES

LETTERS = Path(builtin.__file__).parent / "letters"
WORDS = {
    language: flat(tomllib.loads((LETTERS / language / "words.toml").read_text("utf-8"))) for language in LANGUAGES
}
# Forms of these languages' own, and forms without words: punctuation, placeholders, names of commands.
COMMANDS = re.compile(r"#\w+|\{\w+\}|\bETA\b|%")
ONLY_NOT_ENGLISH = {"commands", "lists"}  # in English the commands say themselves what they do (tickets, app)
# The same word in English and in the other language.
EQUAL = {
    "de": {
        "about.head",
        "common.ticket",
        "confirmation.done",
        "labels.status",
        "labels.team",
        "labels.ticket",
        "actions.team",
        "priority.normal",
    },
    "fr": {"common.ticket", "invitation.invited", "labels.ticket", "labels.type", "priority.normal"},
    "es": {"about.head", "common.ticket", "confirmation.done", "labels.ticket", "priority.normal"},
    "ar": set(),
}


def test_there_are_the_built_in_languages_and_nothing_else_in_their_folders() -> None:
    assert {path.parent.name for path in LETTERS.glob("*/*")} == set(LANGUAGES)
    assert {path.name for path in LETTERS.glob("*/*")} == {"words.toml"}


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    english = WORDS["en"]
    other = {key: said for key, said in WORDS[language].items() if key.partition(".")[0] not in ONLY_NOT_ENGLISH}
    assert other.keys() == english.keys()
    for key, sentence in english.items():
        assert sorted(re.findall(r"\{\w+\}", other[key])) == sorted(re.findall(r"\{\w+\}", sentence)), key
        assert sorted(re.findall(r"#\w+", other[key])) == sorted(re.findall(r"#\w+", sentence)), key


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_no_english_sentence_is_left(language: str) -> None:
    left = {
        key
        for key, sentence in WORDS["en"].items()
        if key != "direction" and WORDS[language][key] == sentence and re.search(r"\w", COMMANDS.sub("", sentence))
    }
    assert left <= EQUAL[language]


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_every_command_is_explained_in_every_language(language: str) -> None:
    explained = {key.partition(".")[2] for key in WORDS[language] if key.startswith("commands.")}
    assert explained == HELP.keys() | {"42"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_sober(language: str) -> None:
    for key, sentence in WORDS[language].items():
        assert sentence, key
        assert not re.search("[!¡]", sentence), key
        assert not re.search(r"  |^ ", sentence), key
        assert all(ord(letter) < 0x2190 or 0xFE00 > ord(letter) > 0x2BFF for letter in sentence), key  # no pictures


def test_every_sentence_is_used() -> None:
    source = "".join(path.read_text("utf-8") for path in LETTERS.glob("*.j2"))
    source += Path(environment.__file__).read_text("utf-8") + Path(builtin.__file__).read_text("utf-8")
    groups = {*re.findall(r"word\(\"([a-z_.]+)\"", source), *re.findall(r"[\"']([a-z_.]+)\.[\"'] ~", source)}
    groups |= set(re.findall(r"f\"([a-z_.]+)\.\{", source)) | {"commands", "lists"}
    for key in WORDS["en"]:
        group, _, _ = key.rpartition(".")
        assert f'"{key}"' in source or f"'{key}'" in source or group in groups or key in ("direction",), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_arabic_is_written_from_right_to_left(language: str) -> None:
    letters = "".join(WORDS[language].values())
    assert WORDS[language]["direction"] == ("rtl" if language == "ar" else "ltr")
    assert ("ا" in letters) is (language == "ar")


def test_a_value_is_escaped_in_html_unless_it_is_markup() -> None:
    say = Words({"a": "1 < {what}"}, {}, html=True)
    assert say("a", what="<b>") == "1 &lt; &lt;b&gt;"
    assert say("a", what=Markup("<b>x</b>")) == "1 &lt; <b>x</b>"
    assert Words({"a": "1 < {what}"}, {}, html=False)("a", what="<b>") == "1 < <b>"


def test_a_value_is_never_read_as_a_sentence() -> None:
    say = Words({"a": "{one} {two}"}, {}, html=False)
    assert say("a", one="{two}", two="2") == "{two} 2"


def test_what_a_language_lacks_is_said_in_the_other() -> None:
    say = Words({"a": "eins", "b": ""}, {"a": "one", "b": "two"}, html=False)
    assert (say("a"), say("b")) == ("eins", "two")
    with pytest.raises(LookupError):
        say("c")
    with pytest.raises(LookupError):
        Words({"a": "{one}"}, {}, html=False)("a")


@pytest.mark.parametrize(("value", "said"), [("on hold", "wartet"), ("On-Hold", "wartet"), ("<own>", "&lt;own&gt;")])
def test_a_word_for_one_of_a_few_values(value: str, said: str) -> None:
    assert Words({"status.on_hold": "wartet"}, {}, html=True).word("status", value) == said


def test_a_words_file_holds_texts_only() -> None:
    assert flat({"a": {"b": "x", "c": {"d": "y"}}, "e": "z"}) == {"a.b": "x", "a.c.d": "y", "e": "z"}
    with pytest.raises(ValueError, match=r"a\.b must be a text"):
        flat({"a": {"b": 1}})
