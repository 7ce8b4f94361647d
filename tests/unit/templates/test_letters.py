"""The built-in letters: every one in every language, against hostile facts, and against the golden files.

`GOLDEN=write pytest tests/unit/templates` writes tests/golden/ anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from markupsafe import Markup

from maild.errors import Permanent
from maild.mail.model import Mail
from maild.mail.replies import reply_text
from maild.templates.builtin import BuiltinTemplates
from maild.templates.examples import EXAMPLES
from maild.templates.facts import LETTERS, TEXT, checked

GOLDEN = Path(__file__).parents[2] / "golden"
LANGUAGES = ("ar", "de", "en", "es", "fr")
SIDES = re.compile(r"(?:padding|border|margin)-(left|right)|text-align:(left|right)|align=\"(left|right)\"")


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


def required(name: str) -> dict[str, Any]:
    """The facts without which there is no letter."""
    return {fact: value for fact, value in EXAMPLES[name].items() if fact in LETTERS[name].required}


@every_letter
@every_language
def test_golden(templates: BuiltinTemplates, name: str, language: str) -> None:
    letter = templates.render(name, language, EXAMPLES[name])
    words = f"Subject: {letter.subject}\n\n{letter.text}"
    if language == "en":  # the same structure in all languages
        read = Reading(letter.html).words
        page = "\n".join(" ".join(read[start : start + 12]) for start in range(0, len(read), 12))
        words += f"\n===== HTML as read =====\n{page}\n"
    file = GOLDEN / f"{language}-{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(words, "utf-8")
    # By meaning: another line break or space is no other letter.
    assert words.split() == file.read_text("utf-8").split()


@every_language
def test_the_page_is_whole_and_loads_nothing(templates: BuiltinTemplates, language: str) -> None:
    for name in LETTERS:
        page = Reading(templates.render(name, language, EXAMPLES[name]).html)
        assert page.open == []
        assert not page.tags & {"script", "link", "iframe", "img", "style", "object"}
        for attribute, value in page.attributes:
            assert attribute not in {"src", "srcset", "background"}
            assert "url(" not in value
            if attribute == "href":
                assert value.startswith(("https://example.org/", "mailto:"))


@every_language
def test_every_letter_is_written_in_the_direction_of_its_language(templates: BuiltinTemplates, language: str) -> None:
    direction, start = ("rtl", "right") if language == "ar" else ("ltr", "left")
    for name in LETTERS:
        html = templates.render(name, language, EXAMPLES[name]).html
        assert f'<html lang="{language}" dir="{direction}">' in html
        assert f'<table role="presentation" dir="{direction}"' in html  # programs that drop <html> keep it
        quotes = re.findall("<blockquote[^>]*>", html)
        assert all(f"border-{start}:3px" in quote for quote in quotes)


def test_a_page_from_right_to_left_is_the_mirror_of_one_from_left_to_right(templates: BuiltinTemplates) -> None:
    other = {"left": "right", "right": "left"}
    for name in LETTERS:
        english, arabic = (
            [side for found in SIDES.findall(re.sub("<pre.*?</pre>", "", page)) for side in found if side]
            for page in (templates.render(name, language, EXAMPLES[name]).html for language in ("en", "ar"))
        )
        assert arabic == [other[side] for side in english]


@every_language
def test_values_do_not_turn_the_words_around_them(templates: BuiltinTemplates, language: str) -> None:
    """Numbers and addresses in Arabic, and an Arabic name in French, are isolated (UAX #9)."""
    name = "كيم" if language != "ar" else "Kim"
    letter = templates.render("acknowledgement", language, {**EXAMPLES["acknowledgement"], "greeting_name": name})
    assert f"\u2068{name}\u2069" in letter.text
    assert f"<bdi>{name}</bdi>" in letter.html
    assert letter.subject == EXAMPLES["acknowledgement"]["subject_with_tag"]  # the customer's own, untouched
    plain = templates.render("acknowledgement", language, EXAMPLES["acknowledgement"])
    assert ("\u2068" in plain.text) is (language == "ar")


@every_language
def test_the_marker_is_first_or_not_there(templates: BuiltinTemplates, language: str) -> None:
    for name in LETTERS:
        with_marker = templates.render(name, language, {**EXAMPLES[name], "marker": "##- here -##"})
        assert with_marker.text.startswith("##- here -##\n")
        page = Reading(with_marker.html)
        title = with_marker.subject.split()
        assert page.words[len(title) :][:3] == ["##-", "here", "-##"]
        without = templates.render(name, language, {**EXAMPLES[name], "marker": ""})
        assert "##-" not in without.text + without.html


@every_language
def test_what_is_written_above_the_marker_is_the_reply(templates: BuiltinTemplates, language: str) -> None:
    for name in ("acknowledgement", "notification", "answer", "resolution"):
        letter = templates.render(name, language, {**EXAMPLES[name], "mark": "[t17.2f8a3b]"})
        assert letter.text.startswith("##- ")
        assert "[t17.2f8a3b] -##" in letter.text
        for quoted in (letter.text, re.sub("^", "> ", letter.text, flags=re.MULTILINE)):
            reply = reply_text(Mail(text=f"Yes.\n\n{quoted}"))
            assert reply.text == "Yes."
            assert "Printer" in reply.cut + letter.subject


HOSTILE = (
    "{{ 7*7 }}",
    "{% raw %}",
    "{% for i in range(9) %}x{% endfor %}",
    "{# gone #}",
    "<script>alert(1)</script>",
    '" onmouseover="x',
    "</title></td></table></body>",
    "&lt;b&gt;",
    "%(x)s {0.__class__} {number} {name}",
)
OUR_OWN_KEYS = {"receipt": {"done": "refused"}}  # never a stranger's words


def with_words(value: object, words: str) -> Any:
    """The same facts with other words in every text, however deep."""
    if isinstance(value, str):
        return words
    if isinstance(value, dict):
        return {key: with_words(entry, words) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [with_words(entry, words) for entry in value]
    return value


@every_language
@pytest.mark.parametrize("words", [" ".join(HOSTILE), Markup("<script>alert(2)</script>")], ids=["text", "markup"])
def test_facts_are_shown_as_they_are(templates: BuiltinTemplates, language: str, words: str) -> None:
    for name in LETTERS:
        facts = with_words(dict(EXAMPLES[name]), words) | OUR_OWN_KEYS.get(name, {})
        letter = templates.render(name, language, facts)
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
    attack = {**EXAMPLES[name], "subject_with_tag": "a\r\nBcc: v@x.test\n\x85\u2028b\0c"}
    letter = templates.render(name, "en", attack)
    assert letter.subject.endswith("a Bcc: v@x.test bc")
    assert len(letter.subject.splitlines()) == 1
    assert "Bcc" not in letter.text


def test_html_of_an_agent_is_cleaned(templates: BuiltinTemplates) -> None:
    html = Markup('<b>now</b><script>x()</script><img src="https://evil.test/t.gif">')
    letter = templates.render("answer", "en", {**EXAMPLES["answer"], "html": html})
    assert "<b>now</b>" in letter.html
    assert "script" not in letter.html
    assert "evil.test" not in letter.html


@pytest.mark.parametrize("name", ["acknowledgement", "missing_information"])
def test_an_acknowledgement_repeats_nothing_from_a_sender_who_is_not_proven(
    templates: BuiltinTemplates, name: str
) -> None:
    spam: dict[str, Any] = dict.fromkeys(("greeting_name", "subject", "order"), "BUY") | {"authentic": False}
    spam["attachments"] = [{"name": "BUY", "size_text": "1 B", "refused": False}]
    if name == "acknowledgement":
        spam["summary"] = "BUY"
    letter = templates.render(name, "en", {**EXAMPLES[name], **spam})
    assert "BUY" not in letter.text + letter.html


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("de", "Guten Tag"),
        ("de-AT", "Guten Tag"),
        ("DE_ch", "Guten Tag"),
        ("fr-CA", "Bonjour"),
        ("pt", "Hello"),
        ("", "Hello"),
        ("../de", "Hello"),
    ],
)
def test_an_unknown_language_is_english(templates: BuiltinTemplates, language: str, word: str) -> None:
    assert word in templates.render("acknowledgement", language, EXAMPLES["acknowledgement"]).text


@every_language
def test_only_the_required_facts(templates: BuiltinTemplates, language: str) -> None:
    for name in LETTERS:
        letter = templates.render(name, language, required(name))
        assert letter.text.strip()
        assert "\n\n\n" not in letter.text
        assert Reading(letter.html).open == []


@every_language
def test_no_letter_has_a_gap(templates: BuiltinTemplates, language: str) -> None:
    for name in LETTERS:
        assert "\n\n\n" not in templates.render(name, language, EXAMPLES[name]).text


@every_language
def test_the_text_says_where_every_link_of_the_page_goes_or_how_to_do_without(
    templates: BuiltinTemplates, language: str
) -> None:
    by_reply = {"notification", "assignment", "ticket", "approval", "closing", "feedback"}
    for name in LETTERS.keys() - by_reply:
        letter = templates.render(name, language, EXAMPLES[name])
        for address in re.findall(r'href="mailto:([^"?]+)', letter.html):
            assert unquote(address) in letter.text
    for name, words in {
        "notification": "#assign me",
        "approval": "#approve 42",
        "closing": "1",
        "feedback": "1",
    }.items():
        assert words in templates.render(name, language, EXAMPLES[name]).text


def test_an_address_in_a_link_is_shown_as_people_write_it(templates: BuiltinTemplates) -> None:
    links = {"yes_link": "mailto:help%2By17.2f%40example.com?subject=Printer"}
    letter = templates.render("resolution", "en", {**EXAMPLES["resolution"], **links})
    assert "Yes, it is solved: write to help+y17.2f@example.com\n" in letter.text


@pytest.mark.parametrize(("language", "said"), [("en", "Quoted lines"), ("de", "Zitierte Zeilen")])
def test_a_notification_tells_how_much_was_cut(templates: BuiltinTemplates, language: str, said: str) -> None:
    letter = templates.render("notification", language, {**EXAMPLES["notification"], "cut_lines": 23})
    assert said in letter.text
    assert ": 23" in letter.text
    assert ": 23" in letter.html
    assert said not in templates.render("notification", language, required("notification")).text


def test_an_empty_mail_is_called_empty(templates: BuiltinTemplates) -> None:
    letter = templates.render("notification", "en", {**EXAMPLES["notification"], "text": " \n"})
    assert "no readable text" in letter.text
    assert "no readable text" in letter.html


@every_language
def test_an_acknowledgement_names_a_time_only_when_there_is_one(templates: BuiltinTemplates, language: str) -> None:
    letter = templates.render("acknowledgement", language, EXAMPLES["acknowledgement"])
    for said in (letter.text, letter.html):
        assert "2024-03-04 13:12" in said
        assert "Europe/Berlin" in said
    none = templates.render("acknowledgement", language, {**EXAMPLES["acknowledgement"], "response_due": ""})
    assert "13:12" not in none.text + none.html
    assert "09:12 Europe/Berlin" in none.text  # in whose time it was opened


@every_language
@pytest.mark.parametrize("why", ["no_answer", "confirmed", "time", "asked", "", "odd"])
def test_a_closing_says_why(templates: BuiltinTemplates, language: str, why: str) -> None:
    plain = templates.render("closing", language, required("closing")).text
    letter = templates.render("closing", language, required("closing") | {"why": why})
    assert "17" in letter.text
    assert (letter.text == plain) is (why in ("", "odd"))


@every_language
def test_a_receipt_says_what_was_done(templates: BuiltinTemplates, language: str) -> None:
    done = "closed resolved reopened joined left added removed rated confirmed rejected refused"
    said = {
        templates.render("receipt", language, required("receipt") | {"done": each, "stars": 3}).text
        for each in f"{done} cannot_leave cannot_add cannot_remove".split()
    }
    assert len(said) == 14


@every_language
def test_a_site_may_have_statuses_and_priorities_of_its_own(templates: BuiltinTemplates, language: str) -> None:
    own = {"status_label": "at the <boss>", "priority": "P0"}
    letter = templates.render("notification", language, {**EXAMPLES["notification"], **own})
    assert "at the <boss>" in letter.text
    assert "P0" in letter.text
    assert "at the &lt;boss&gt;" in letter.html


@pytest.mark.parametrize(
    ("title", "heading"),
    [("mine", "Your tickets"), ("queue Hardware", "Queue Hardware"), ("search wet paper", "with the words: wet paper")],
)
def test_a_list_is_called_by_what_was_asked_for(templates: BuiltinTemplates, title: str, heading: str) -> None:
    letter = templates.render("list", "en", {**EXAMPLES["list"], "title": title})
    assert heading in letter.text
    assert heading in letter.html


def test_a_list_stands_in_columns_and_says_how_to_get_more(templates: BuiltinTemplates) -> None:
    letter = templates.render("list", "en", EXAMPLES["list"])
    lines = [line for line in letter.text.split("\n") if line.startswith(("Ticket ", "[ACME"))]
    assert len({line.index(word) for line, word in zip(lines, ("Priority", "high", "high"), strict=True)}) == 1
    assert "with the word: more" in letter.text
    assert "with the word: more" not in templates.render("list", "en", {**EXAMPLES["list"], "page": 3}).text
    none = templates.render("list", "en", {**EXAMPLES["list"], "rows": [], "total": 0})
    assert "None." in none.text
    assert "None." in none.html


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("invoice", {}, "no letter 'invoice'"),
        ("confirmation", {"done": "x"}, "missing facts"),
        ("confirmation", {**EXAMPLES["confirmation"], "dnoe": "x"}, "unknown facts ['dnoe']"),
        ("confirmation", {**EXAMPLES["confirmation"], "done": object()}, "no value"),
        ("confirmation", {**EXAMPLES["confirmation"], "done": b"x"}, "no value"),
        ("notification", {**EXAMPLES["notification"], "history": [{"who": "Kim"}]}, "when"),
        ("receipt", {**EXAMPLES["receipt"], "done": "eaten"}, "receipt.done.eaten"),
        ("alert", {**EXAMPLES["alert"], "lines": [("one",)]}, "alert"),
        ("breach", {}, "missing facts"),
        ("breach", {**EXAMPLES["breach"], "eta": "noon"}, "unknown facts ['eta']"),
        ("escalation", EXAMPLES["at_risk"], "missing facts ['actions', 'blocker', 'eta', 'owner', 'rule', 'why']"),
        ("at_risk", {**EXAMPLES["at_risk"], "others": [{"clock_label": "resolution", "standing": "due"}]}, "'due'"),
        ("at_risk", {**EXAMPLES["at_risk"], "others": ["resolution"]}, "letter en/at_risk"),
        ("escalation", {**EXAMPLES["escalation"], "actions": [{"what": "tag"}]}, "value"),
        ("sla_digest", {**EXAMPLES["sla_digest"], "tickets": [{"tag": "x"}]}, "no attribute"),
    ],
)
def test_wrong_facts_are_named(templates: BuiltinTemplates, name: str, facts: Any, words: str) -> None:
    with pytest.raises(Permanent, match=re.escape(words)):
        templates.render(name, "en", facts)


def test_long_facts_are_cut() -> None:
    facts: Any = checked("confirmation", {**EXAMPLES["confirmation"], "done": "x" * (TEXT + 5)})
    assert facts["done"] == "x" * TEXT + " […]"
    many: Any = checked("notification", {**EXAMPLES["notification"], "warnings": ["x"] * 500})
    assert len(many["warnings"]) == 200


def test_all_letters_compile(templates: BuiltinTemplates) -> None:
    assert templates.check() == []
