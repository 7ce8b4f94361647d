"""Other people's HTML and text cannot do anything in our letters."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.templates.html import safe_html, text_to_html


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>Hello <b>Kim</b></p>", "<p>Hello <b>Kim</b></p>"),
        ("x<script>alert(1)</script>", "x"),
        ("x<style>p{}</style>", "x"),
        ('<p style="color:red" class="a" id="b" onclick="x()">x</p>', "<p>x</p>"),
        ('<img src="https://evil.test/t.gif" alt="a">', '<img alt="a">'),
        ('<img src="//evil.test/t.gif">', "<img>"),
        ('<img src="data:image/svg+xml,x">', "<img>"),
        ('<img src="cid:i1">', '<img src="cid:i1">'),
        ('<a href="javascript:x()">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="cid:x">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="//evil.test/x">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="javascri&#25;t:x()">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<a href="mailto:k@x.test">x</a>', '<a href="mailto:k@x.test" rel="noopener noreferrer">x</a>'),
        ("<form action=x><input name=y>z</form>", "z"),
        ("<svg><a href=x>y</a></svg>", '<a rel="noopener noreferrer">y</a>'),
        ("<p>Hello <b>you</b></p><svg width=1><p>second words</p>", "<p>Hello <b>you</b></p><p>second words</p>"),
        ("<p><b>Hi</b></p><math>x = 1</math><p>see above</p>", "<p><b>Hi</b></p>x = 1<p>see above</p>"),
        ("<svg><text>chart label</text></svg>", "chart label"),
        ("<svg><style><img src=x></style><script>x</script>y</svg>", "y"),
        ("</td></tr></table></body>x", "x"),
        ("<p>a</p></body></html><div>FOOTER</div>", "<p>a</p><div>FOOTER</div>"),
        ("<p>a</p></body><head><title>x</title></head><p>b</p>", "<p>a</p><p>b</p>"),
        ("<div><b>open", "<div><b>open</b></div>"),
        ("<!-- c -->x", "x"),
        ("a\ud800b", "a?b"),
        ("<iframe src=https://evil.test></iframe>x", "x"),
    ],
)
def test_html_is_cleaned(html: str, clean: str) -> None:
    assert safe_html(html) == clean


def test_of_html_that_is_nested_too_deeply_only_the_words_are_shown() -> None:
    """At each tag all that are open were looked through: 128 KiB took 2 seconds, 500 KB half a minute."""
    assert safe_html("<ul><li>x" * 300) == "<br>\n<br>\n".join("x" * 300)
    assert safe_html("<ul><li>x" * 90) == "<ul><li>x" * 90 + "</li></ul>" * 90


@pytest.mark.processor(5)
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        "<ul><li>x",
        "<div></y>x",
        "<y><div></y></div>x",
        "<p><b id={}>x",  # bold text goes on in the next paragraph: 60 KiB became 87 MiB
        "<table><b id={}>x",
        "<i id={}><p>x</p>",
        "<a href={}>x",
        "<font size={}>x",
    ],
)
def test_html_of_any_nesting_has_all_its_words_and_not_many_more_tags(unit: str) -> None:
    html = "".join(unit.format(number) for number in range(60_000 // len(unit)))
    shown = safe_html(html)
    assert re.sub("<[^>]*>", "", shown).count("x") == html.count("x")
    assert len(shown) < 4 * len(html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "a<br>\nb"),
        ("<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;"),
        (
            "see https://x.test/a?b=1&c=2.",
            'see <a href="https://x.test/a?b=1&amp;c=2" rel="noopener noreferrer">https://x.test/a?b=1&amp;c=2</a>.',
        ),
        (
            '<http://x.test"onclick="x>',
            '&lt;<a href="http://x.test" rel="noopener noreferrer">http://x.test</a>&#34;onclick=&#34;x&gt;',
        ),
        ("javascript://x", "javascript://x"),
    ],
)
def test_text_becomes_html(text: str, html: str) -> None:
    assert text_to_html(text) == html


@given(st.text(st.sampled_from("<>\"'&/ahttps:x.=\n") | st.characters()))
def test_no_text_makes_another_tag_than_a_link_or_a_break(text: str) -> None:
    html = str(text_to_html(text))
    assert safe_html(html).count("<") == html.count("<")
    rest = html.replace("<br>", "").replace("</a>", "").replace('" rel="noopener noreferrer">', "")
    assert "<" not in rest.replace('<a href="', "")


def test_the_cleaner_may_be_used_by_many_threads() -> None:
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(safe_html, ["<p>x<script>y</script></p>"] * 200)) == {"<p>x</p>"}
