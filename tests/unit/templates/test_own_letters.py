"""A site's own letters: which file counts, what a bad one gets, and what it can never do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from maild.app.ports import Rendered
from maild.templates.builtin import BuiltinTemplates
from maild.templates.examples import EXAMPLES
from maild.templates.filling import Filling
from maild.templates.languages import BUILT_IN
from maild.templates.own_files import OwnFiles, read_own
from maild.templates.own_process import Asks, Begin, OwnProcess
from maild.templates.site import SiteTemplates

ACK = EXAMPLES["acknowledgement"]
OURS = BuiltinTemplates()


class HereAndNow:
    """Fills letters in the test's own process, which has begun already."""

    def __init__(self, begin: Begin) -> None:
        self._filling = Filling(**json.loads(json.dumps(begin)))

    def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """As the process does."""
        return self._filling.fill(**json.loads(json.dumps(asked)))


class Site:
    """A folder and what is made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "templates"
        self.folder.mkdir()
        self.log: list[dict[str, object]] = []
        self.start: Callable[[Begin], Asks] = HereAndNow
        self._templates: SiteTemplates | None = None

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @property
    def templates(self) -> SiteTemplates:
        if self._templates is None:
            self._templates = SiteTemplates(self.folder, self._note, start=self.start)
        return self._templates

    def _note(self, event: str, **facts: object) -> None:
        self.log.append({"event": event, **facts})

    def acknowledge(self, language: str = "en", **facts: Any) -> Rendered:
        return self.templates.render("acknowledgement", language, {**ACK, **facts})

    def faults(self) -> list[str]:
        return [str(fault) for fault in self.templates.own.faults]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def apart(site: Site) -> Site:
    """With a process for its letters, as the daemon has one."""
    site.start = partial(OwnProcess, seconds=0.7)
    return site


def test_an_own_letter_takes_the_place_of_ours_in_its_language(site: Site) -> None:
    site.write("de/acknowledgement.txt.j2", "Subject: Danke {{ number }}\nMoin {{ greeting_name }}!\n")
    german, english = site.acknowledge("de-AT"), site.acknowledge("en")
    assert german.subject == "Danke 17"
    assert german.text.endswith("Moin Kim Müller!\n")
    assert german.broken == ("", "")
    assert english == OURS.render("acknowledgement", "en", ACK)


def test_the_html_of_a_letter_given_as_text_says_the_same_words(site: Site) -> None:
    site.write("acknowledgement.txt.j2", "Subject: Thanks\nGot <it>, see https://example.com/a?b=1&c=2\n")
    page = site.acknowledge("de").html
    assert "Got &lt;it&gt;" in page
    assert 'href="https://example.com/a?b=1&amp;c=2"' in page
    assert '<html lang="de"' in page
    assert page.count(ACK["subject"]) == 0


def test_the_file_of_one_language_comes_before_that_of_all(site: Site) -> None:
    site.write("acknowledgement.txt.j2", "Subject: all\nall\n")
    site.write("acknowledgement.html.j2", "<p>all</p>")
    site.write("de/acknowledgement.txt.j2", "Subject: German\nGerman\n")
    assert (site.acknowledge("en").subject, site.acknowledge("en").html) == ("all", "<p>all</p>")
    german = site.acknowledge("de")
    assert german.subject == "German"
    assert "all</p>" not in german.html  # it would say other words than the text
    assert "German" in german.html


def test_the_marker_is_added_where_the_writer_forgot_it(site: Site) -> None:
    site.write("acknowledgement.txt.j2", "Subject: Thanks\nGot it.\n")
    assert site.acknowledge(mark="[t17.x]").text.startswith("##- ")
    assert "[t17.x]" in site.acknowledge(mark="[t17.x]").text.split("\n")[0]


def test_an_own_letter_may_go_on_from_ours_and_use_own_parts(site: Site) -> None:
    site.write("_hours.txt.j2", "Mon to Fri")
    site.write("acknowledgement.txt.j2", 'Subject: Hi\n{% include "_hours.txt" %} {{ number }}\n')
    site.write("acknowledgement.html.j2", '{% extends "builtin/layout.html" %}{% block body %}<b>own</b>{% endblock %}')
    found = site.acknowledge()
    assert "Mon to Fri 17" in found.text
    assert "<b>own</b>" in found.html
    assert "color-scheme" in found.html


def test_an_own_layout_is_around_every_letter(site: Site) -> None:
    ours = (BUILT_IN / "layout.html.j2").read_text("utf-8")
    site.write("layout.html.j2", ours.replace("<body", '<body class="acme"'))
    assert '<body class="acme"' in site.acknowledge("de").html
    assert site.acknowledge().text == OURS.render("acknowledgement", "en", ACK).text


def test_an_own_layout_is_around_a_letter_given_as_text(site: Site) -> None:
    ours = (BUILT_IN / "layout.html.j2").read_text("utf-8")
    site.write("layout.html.j2", ours.replace("<body", '<body class="acme"'))
    site.write("acknowledgement.txt.j2", "Subject: Thanks\nGot it.\n")
    page = site.acknowledge(mark="[t17.x]").html
    assert '<body class="acme"' in page
    assert "Got it." in page
    assert page.count("[t17.x]") == 1


def test_a_layout_that_goes_with_no_letter_is_named_itself(site: Site) -> None:
    site.write("layout.html.j2", "<html>{% block body %}{% endblock %}</html>")
    found = site.acknowledge()
    assert found.html == OURS.render("acknowledgement", "en", ACK).html
    assert found.broken[1].startswith("templates/layout.html.j2:1: 'parts' is undefined")


def test_facts_are_escaped_in_own_html(site: Site) -> None:
    site.write("acknowledgement.txt.j2", "Subject: {{ subject }}\n{{ summary }}\n")
    site.write("acknowledgement.html.j2", "<p>{{ summary }}</p>")
    found = site.acknowledge(summary="<script>{{ 7 * 7 }}</script>", subject="a\nBcc: b")
    assert found.html == "<p>&lt;script&gt;{{ 7 * 7 }}&lt;/script&gt;</p>"
    assert "{{ 7 * 7 }}" in found.text
    assert found.subject == "a Bcc: b"


@pytest.mark.parametrize("html", ["{{ summary | safe }}", "{% autoescape false %}{{ summary }}{% endautoescape %}"])
def test_no_own_html_takes_a_fact_for_html(site: Site, html: str) -> None:
    site.write("acknowledgement.html.j2", f"<p>\n{html}</p>")
    found = site.acknowledge(summary="<script>")
    assert "<script>" not in found.html
    assert found.broken[1].startswith("templates/acknowledgement.html.j2:2: ")


def test_a_folder_that_has_gone_is_a_fault_and_no_end(site: Site) -> None:
    site.folder.rmdir()
    assert site.acknowledge() == OURS.render("acknowledgement", "en", ACK)
    assert site.faults() == ["templates:1: cannot be read: No such file or directory"]


# ---------------------------------------------------------------------------- what is broken


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("Subject: x\nHi\n{% if %}\n", 3, "Expected an expression"),
        ("Subject: x\nHi {{ naem }}\n", 2, "'naem' is undefined"),
        ("Subject: {{ naem }}\nHi\n", 1, "'naem' is undefined"),
        ("Subject: x\nHi\n\n{{ number + 1 }}\n", 4, "TypeError"),
        ("Hello\n", 1, "Subject"),
        ("Subject:\nHello\n", 1, "Subject"),
        ("Subject: {{ '' }}\nHello\n", 1, "subject is empty"),
        ("Subject: x\n{# nothing #}\n", 1, "text is empty"),
        ("Subject: x\n{{ say('no.such') }}\n", 2, "LookupError|KeyError"),
    ],
)
def test_a_broken_letter_is_replaced_by_ours_and_named_with_its_line(
    site: Site, body: str, line: int, says: str
) -> None:
    site.write("de/acknowledgement.txt.j2", body)
    found = site.acknowledge("de")
    ours = OURS.render("acknowledgement", "de", ACK)
    assert (found.subject, found.text, found.html) == (ours.subject, ours.text, ours.html)
    file, trouble = found.broken
    assert file == "templates/de/acknowledgement.txt.j2"
    assert trouble.startswith(f"{file}:{line}: ")
    assert any(each in trouble for each in says.split("|"))
    assert site.log[-1]["file"] == file


def test_a_broken_part_is_named_itself(site: Site) -> None:
    site.write("_foot.txt.j2", "one\n{{ nowhere }}\n")
    site.write("acknowledgement.txt.j2", 'Subject: x\nHi {% include "_foot.txt" %}\n')
    assert site.acknowledge().broken[1].startswith("templates/_foot.txt.j2:2: 'nowhere' is undefined")


def test_what_a_customer_wrote_is_not_in_the_log(site: Site) -> None:
    site.write("acknowledgement.txt.j2", "Subject: x\n{{ summary.nothing }}{{ summary | int + summary }}\n")
    assert site.acknowledge(summary="my secret").broken[0]
    assert "my secret" not in str(site.log)


# ---------------------------------------------------------------------------- what is hostile


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ say.__init__.__globals__ }}", "unsafe"),
        ("{{ attachments.append(1) }}", "append"),
        ('{% include "../../../../../../etc/passwd" %}', "passwd"),
        ('{% include "/etc/passwd" %}', "passwd"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "without end"),
        ('{% include "acknowledgement.txt" %}', "without end"),
        ("{% for a in range(90000) %}{{ number * 100 }}{% endfor %}", "longer than"),
        ("{% for a in range(10000000) %}{% endfor %}", "Range too big"),
    ],
)
def test_what_a_template_must_not_do_gives_our_letter(site: Site, body: str, says: str) -> None:
    site.write("acknowledgement.txt.j2", f"Subject: x\n{body}\n")
    found = site.acknowledge()
    assert found.text == OURS.render("acknowledgement", "en", ACK).text
    assert any(each in found.broken[1] for each in says.split("|")), found.broken


ENDLESS = "{% for a in range(90000) %}{% for b in range(90000) %}{% for c in range(90000) %}{% endfor %}"
ENDLESS += "{% endfor %}{% endfor %}"
TWICE = "{% macro m(n) %}{% if n %}{% set a = m(n - 1) %}{% set b = m(n - 1) %}{% endif %}{% endmacro %}{{ m(60) }}"


def test_a_letter_that_needs_too_much_memory_gives_ours(apart: Site) -> None:
    apart.write("acknowledgement.txt.j2", "Subject: x\n{{ 'x' * 3000000000 }}\n")
    found = apart.acknowledge()
    assert "memory" in found.broken[1]
    assert found.text == OURS.render("acknowledgement", "en", ACK).text


@pytest.mark.parametrize("body", [ENDLESS, TWICE], ids=["loops", "macros"])
def test_a_letter_that_never_ends_is_tried_once(apart: Site, body: str) -> None:
    site = apart
    site.write("acknowledgement.txt.j2", f"Subject: x\n{body}\n")
    site.write("de/alert.txt.j2", "Subject: own\nown\n")
    first, second = site.acknowledge(), site.acknowledge()
    assert "loop without end" in first.broken[1]
    assert second.broken == first.broken
    assert first.text == OURS.render("acknowledgement", "en", ACK).text
    # The others are still the site's own.
    assert site.templates.render("alert", "de", EXAMPLES["alert"]).subject == "own"


def test_a_link_out_of_the_folder_is_not_followed(site: Site, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Subject: x\nsecret\n")
    (site.folder / "acknowledgement.txt.j2").symlink_to(tmp_path / "secret")
    assert "leads out of the folder" in site.acknowledge().broken[1]


# ---------------------------------------------------------------------------- what files are called


def test_files_that_mean_nothing_are_told_with_what_is_near(site: Site) -> None:
    site.write("acknowledgment.txt.j2", "Subject: x\nHi\n")
    site.write("acknowledgement.txt.jinja", "no template at all")
    site.write("german/alert.txt.j2", "Subject: x\nHi\n")
    site.write("de/wrods.toml", "")
    site.write(".git/config.toml", "")
    site.write("README.md", "what is here")
    assert [fault.partition(": ")[::2] for fault in site.faults()] == [
        ("templates/acknowledgment.txt.j2:1", "there is no such letter; did you mean acknowledgement.txt.j2?"),
        ("templates/de/wrods.toml:1", "this file is not used; did you mean words.toml?"),
        (
            "templates/german/alert.txt.j2:1",
            "this file is not used; a folder in it is a language, of two letters such as de",
        ),
    ]


def test_a_folder_that_holds_nothing_changes_nothing(site: Site) -> None:
    assert site.acknowledge("de") == OURS.render("acknowledgement", "de", ACK)
    assert site.faults() == []


# ---------------------------------------------------------------------------- single sentences

OURS_SAID = {
    "en": {"acknowledgement.received": "We have {subject}.", "status.open": "open", "status.on_hold": "on hold"},
    "de": {"acknowledgement.received": "{subject} ist da."},
}


def sentences(site: Site) -> OwnFiles:
    return read_own(site.folder, ["acknowledgement.txt", "layout.html"], OURS_SAID)


def test_sentences_are_taken_by_the_keys_of_ours(site: Site) -> None:
    site.write("de/words.toml", '[acknowledgement]\nreceived = "Moin, {subject}"\n[status]\nlent = "verliehen"\n')
    site.write("nl/words.toml", '"acknowledgement"."received" = "Hallo {subject}"\n')
    own = sentences(site)
    assert own.faults == ()
    assert own.words["de"] == {"acknowledgement.received": "Moin, {subject}", "status.lent": "verliehen"}
    assert own.words["nl"] == {"acknowledgement.received": "Hallo {subject}"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[acknowledgement]\n\nrecieved = "x"\n', "3: there is no sentence acknowledgement.recieved; did you mean"),
        (
            '[acknowledgement]\nreceived = "{name}"\n',
            "2: acknowledgement.received has no {name}; it can have {subject}",
        ),
        ('[acknowledgement]\nreceived = " "\n', "2: acknowledgement.received is empty"),
        ('acknowledgement.received = "{x}"\n', "1: acknowledgement.received has no {x}"),
        ('[acknowledgement]\nreceived = "x\n', "2: "),
        ("[acknowledgement]\nreceived = 3\n", "1: acknowledgement.received must be a text"),
        ('[nothing]\nlike = "this"\n', "2: there is no sentence nothing.like; take it out"),
    ],
)
def test_a_wrong_sentence_is_told_with_its_line_and_ours_is_said(site: Site, text: str, fault: str) -> None:
    site.write("de/words.toml", text)
    own = sentences(site)
    assert [str(each)[: len("templates/de/words.toml:") + len(fault)] for each in own.faults] == [
        f"templates/de/words.toml:{fault}"
    ]
    assert not own.words.get("de")


def test_one_wrong_sentence_costs_no_other(site: Site) -> None:
    site.write("de/words.toml", '[acknowledgement]\nreceived = "{x}"\n[status]\nopen = "offen"\n')
    assert sentences(site).words["de"] == {"status.open": "offen"}
