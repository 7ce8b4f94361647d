"""Our quicker way to take words in gives the layout that inscriptis gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from inscriptis import get_text

from maild.mail.html_layout import CONFIG, tree_text
from maild.mail.html_tree import tree_of

TAGS = ["p", "b", "br", "div", "span", "ul", "li", "ol", "table", "tr", "td", "th", "pre", "h1", "blockquote", "a"]
PIECES = [
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    *(" ", "  ", "\n", "\t", "word", "two words", " x ", "&amp;", "&nbsp;", "&lt;b&gt;", "<!-- c -->", "\u2003"),
]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join))
def test_the_layout_is_that_of_inscriptis(html: str) -> None:
    tree = tree_of(html)
    assert ("" if tree is None else tree_text(tree)).rstrip() == get_text(html, CONFIG).rstrip()
