"""The built-in letters: every one in every language, against hostile facts, and against the golden files.

`GOLDEN=write pytest tests/unit/templates` writes tests/golden/ anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from maild.errors import Permanent
from maild.templates.builtin import MARKERS, BuiltinTemplates
from maild.templates.facts import LETTERS, TEXT, checked
from tests.unit.templates.letter_facts import FACTS

GOLDEN = Path(__file__).parents[2] / "golden"
LANGUAGES = ("de", "en")


@pytest.fixture(scope="module")
def templates() -> BuiltinTemplates:
    return BuiltinTemplates()


every_letter = pytest.mark.parametrize("name", LETTERS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


class Reading(HTMLParser):
    """What a person reads of a page, and the tags that were opened and not closed."""

    VOID = frozenset({"meta", "br", "img", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data.split()


@every_letter
@every_language
def test_golden(templates: BuiltinTemplates, name: str, language: str) -> None:
    letter = templates.render(name, language, FACTS[name])
    page = "\n".join(" ".join(Reading(letter.html).words[start : start + 12]) for start in range(0, 2000, 12))
    words = f"Subject: {letter.subject}\n\n{letter.text}\n===== HTML as read =====\n{page.strip()}\n"
    file = GOLDEN / f"{language}-{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(words, "utf-8")
    # By meaning: another line break or space is no other letter.
    assert words.split() == file.read_text("utf-8").split()


@every_letter
@every_language
def test_the_page_is_whole_and_loads_nothing(templates: BuiltinTemplates, name: str, language: str) -> None:
    page = Reading(templates.render(name, language, FACTS[name]).html)
    assert page.open == []
    assert not page.tags & {"script", "link", "iframe", "img", "style", "object"}
    for attribute, value in page.attributes:
        assert attribute not in {"src", "srcset", "background"}
        assert "url(" not in value
        if attribute == "href":
            assert value.startswith(("https://example.org/", "mailto:"))


@every_letter
@every_language
def test_the_marker_is_first_or_not_there(templates: BuiltinTemplates, name: str, language: str) -> None:
    with_marker = templates.render(name, language, FACTS[name] | {"marker": "##- here -##"})
    assert with_marker.text.startswith("##- here -##\n")
    page = Reading(with_marker.html)
    title = with_marker.subject.split()
    assert page.words[len(title) :][:3] == ["##-", "here", "-##"]
    without = templates.render(name, language, FACTS[name] | {"marker": ""})
    assert "##-" not in without.text + without.html


@pytest.mark.parametrize("name", ["acknowledgement", "notification", "answer"])
@every_language
def test_letters_that_are_answered_have_a_marker(templates: BuiltinTemplates, name: str, language: str) -> None:
    assert templates.render(name, language, FACTS[name]).text.startswith(MARKERS[language] + "\n")


HOSTILE = (
    "{{ 7*7 }}",
    "{% raw %}",
    "{% for i in range(9) %}x{% endfor %}",
    "{# gone #}",
    "<script>alert(1)</script>",
    '" onmouseover="x',
    "</title></td></table></body>",
    "&lt;b&gt;",
    "%(x)s {0.__class__}",
    Markup("<script>alert(2)</script>"),
)


def with_words(value: object, words: str) -> Any:
    """The same facts with other words in every text, however deep."""
    if isinstance(value, str):
        return words
    if isinstance(value, dict):
        return {key: with_words(entry, words) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [with_words(entry, words) for entry in value]
    return value


@every_letter
@every_language
@pytest.mark.parametrize("words", HOSTILE, ids=str)
def test_facts_are_shown_as_they_are(templates: BuiltinTemplates, name: str, language: str, words: str) -> None:
    letter = templates.render(name, language, with_words(FACTS[name], words))
    assert letter.subject.endswith(words)
    assert letter.text.count(str(words)) >= 2
    page = Reading(letter.html)
    assert page.open == []
    assert " ".join(words.split()) in " ".join(page.words)
    assert "script" not in page.tags
    assert not [attribute for attribute, _ in page.attributes if attribute.startswith("on")]
    assert "49" not in re.sub(r"#[0-9a-f]{3,6}", "", letter.html + letter.text)


@every_letter
def test_no_fact_makes_a_second_line_in_the_subject_or_loses_one(templates: BuiltinTemplates, name: str) -> None:
    attack = FACTS[name] | {"subject_with_tag": "a\r\nBcc: v@x.test\n\x85\u2028b\0c"}
    letter = templates.render(name, "en", attack)
    assert letter.subject.endswith("a Bcc: v@x.test bc")
    assert len(letter.subject.splitlines()) == 1
    assert "Bcc" not in letter.text


def test_html_of_an_agent_is_cleaned(templates: BuiltinTemplates) -> None:
    html = Markup('<b>now</b><script>x()</script><img src="https://evil.test/t.gif">')
    letter = templates.render("answer", "en", FACTS["answer"] | {"html": html})
    assert "<b>now</b>" in letter.html
    assert "script" not in letter.html
    assert "evil.test" not in letter.html


def test_an_acknowledgement_repeats_nothing_from_a_sender_who_is_not_proven(
    templates: BuiltinTemplates,
) -> None:
    spam = {"greeting_name": "BUY", "subject": "BUY", "summary": "BUY", "authentic": False}
    letter = templates.render("acknowledgement", "en", FACTS["acknowledgement"] | spam)
    assert "BUY" not in letter.text + letter.html


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("de", "Guten Tag"),
        ("de-AT", "Guten Tag"),
        ("DE_ch", "Guten Tag"),
        ("fr", "Hello"),
        ("", "Hello"),
        ("../de", "Hello"),
    ],
)
def test_an_unknown_language_is_english(templates: BuiltinTemplates, language: str, word: str) -> None:
    assert word in templates.render("acknowledgement", language, FACTS["acknowledgement"]).text


@every_letter
@every_language
def test_only_the_required_facts(templates: BuiltinTemplates, name: str, language: str) -> None:
    required = {fact: value for fact, value in FACTS[name].items() if fact in LETTERS[name].required}
    assert required.keys() == LETTERS[name].required
    assert templates.render(name, language, required).text


@pytest.mark.parametrize(("language", "said"), [("en", "Quoted lines"), ("de", "Zitierte Zeilen")])
def test_a_notification_tells_how_much_was_cut(templates: BuiltinTemplates, language: str, said: str) -> None:
    letter = templates.render("notification", language, FACTS["notification"] | {"cut_lines": 23})
    assert said in letter.text
    assert ": 23" in letter.text
    assert ": 23" in letter.html
    assert said not in templates.render("notification", language, FACTS["notification"]).text


def test_an_empty_mail_is_called_empty(templates: BuiltinTemplates) -> None:
    letter = templates.render("notification", "en", FACTS["notification"] | {"text": " \n"})
    assert "no readable text" in letter.text
    assert "no readable text" in letter.html


@every_language
def test_an_acknowledgement_names_a_time_only_when_there_is_one(templates: BuiltinTemplates, language: str) -> None:
    aim = "2024-03-04 13:12 (Europe/Berlin)"
    letter = templates.render("acknowledgement", language, FACTS["acknowledgement"])
    assert aim in " ".join(letter.text.split())
    assert aim in letter.html
    none = templates.render("acknowledgement", language, FACTS["acknowledgement"] | {"response_due": ""})
    assert "Europe/Berlin" not in none.text + none.html


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("invoice", {}, "no letter 'invoice'"),
        ("confirmation", {"done": "x"}, "missing facts"),
        ("confirmation", FACTS["confirmation"] | {"dnoe": "x"}, "unknown facts ['dnoe']"),
        ("confirmation", FACTS["confirmation"] | {"done": object()}, "no value"),
        ("confirmation", FACTS["confirmation"] | {"done": b"x"}, "no value"),
        ("notification", FACTS["notification"] | {"history": [{"who": "Kim"}]}, "when"),
        ("alert", FACTS["alert"] | {"lines": [("one",)]}, "alert"),
        ("breach", {}, "missing facts"),
        ("breach", FACTS["breach"] | {"eta": "noon"}, "unknown facts ['eta']"),
        ("escalation", FACTS["at_risk"], "missing facts ['actions', 'blocker', 'eta', 'owner', 'rule', 'why']"),
        ("at_risk", FACTS["at_risk"] | {"others": [{"clock_label": "resolution", "standing": "due"}]}, "'due'"),
        ("at_risk", FACTS["at_risk"] | {"others": ["resolution"]}, "letter en/at_risk"),
        ("escalation", FACTS["escalation"] | {"actions": [{"what": "tag"}]}, "value"),
        ("sla_digest", FACTS["sla_digest"] | {"tickets": [{"tag": "x"}]}, "subject"),
    ],
)
def test_wrong_facts_are_named(templates: BuiltinTemplates, name: str, facts: Any, words: str) -> None:
    with pytest.raises(Permanent, match=re.escape(words)):
        templates.render(name, "en", facts)


def test_long_facts_are_cut() -> None:
    facts: Any = checked("confirmation", FACTS["confirmation"] | {"done": "x" * (TEXT + 5)})
    assert facts["done"] == "x" * TEXT + " […]"
    many: Any = checked("notification", FACTS["notification"] | {"warnings": ["x"] * 500})
    assert len(many["warnings"]) == 200


def test_all_letters_compile(templates: BuiltinTemplates) -> None:
    assert templates.check() == []


def test_a_site_has_its_own_letters(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    for name in LETTERS:
        (tmp_path / "fr" / f"{name}.txt.j2").write_text("Subject: {{ subject_with_tag }}\nBonjour\n")
        (tmp_path / "fr" / f"{name}.html.j2").write_text("<p>Bonjour</p>")
    site = BuiltinTemplates(tmp_path)
    assert site.check() == []
    assert site.render("answer", "fr", FACTS["answer"]).text == "Bonjour\n"
    assert site.render("answer", "en", FACTS["answer"]).text.startswith("##-")


@pytest.mark.parametrize("source", ["{{ subject.__class__ }}", "{{ nothing }}", "{{ quoted.append(1) }}"])
def test_a_sites_letter_stays_in_the_sandbox(tmp_path: Path, source: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "notification.txt.j2").write_text(f"Subject: x\n{source}\n")
    with pytest.raises(Permanent):
        BuiltinTemplates(tmp_path).render("notification", "en", FACTS["notification"])


def test_a_sites_broken_letter_is_found_by_check(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "alert.html.j2").write_text("{% if %}")
    (problem,) = BuiltinTemplates(tmp_path).check()
    assert problem.startswith("letter en/alert: ")


def test_a_text_letter_without_a_subject_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "alert.txt.j2").write_text("Dear all\n")
    with pytest.raises(Permanent, match="Subject:"):
        BuiltinTemplates(tmp_path)
