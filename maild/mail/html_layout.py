"""Lays an HTML tree out with inscriptis, with a quicker way to take in words.

inscriptis looks at every character to join blanks, which is half of its time; here whole words are
taken. Its own rules decide everything else.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.canvas.block import Block
from inscriptis.model.canvas.prefix import Prefix
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

Element = Any  # lxml has no types

_NO_SIZE = re.compile(r"(?i)font-size\s{0,9}:\s{0,9}0(?![.\d]*[1-9])")
_HIDING = re.compile(
    r"(?i)display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden|opacity\s{0,9}:\s{0,9}0(?![.\d]*[1-9])"
    r"|font-size\s{0,9}:\s{0,9}0(?![.\d]*[1-9])"
)

_BLOCKS = ("hr", "section", "center", "form", "fieldset", "details", "summary", "dl", "dt", "dd")
# Not its "relaxed" rules: they put a blank on both sides of every <span>, and Outlook spans half words.
CONFIG = ParserConfig(css={**CSS_PROFILES["strict"], **dict.fromkeys(_BLOCKS, HtmlElement(display=Display.block))})


def tree_of(html: str) -> Element | None:
    """The tree of a document, None when it holds none. Raises what lxml raises for odd documents."""
    html = html.strip()
    if html.startswith("<?xml "):  # lxml refuses a declaration in text that is decoded already
        html = html.partition("?>")[2]
    if not html.strip():
        return None
    try:
        tree = lxml_html.document_fromstring(html)
    except etree.ParserError:  # only comments, say
        return None
    for element in [e for e in tree.iter("*") if e.attrib and _is_hidden(e)]:
        _remove(element)
    return tree


def _is_hidden(element: Element) -> bool:
    """Whether browsers show nothing of it: there words can be planted that nobody has seen (RELIABILITY A4)."""
    if "hidden" in element.attrib:
        return True
    style = element.get("style")
    if not style or not _HIDING.search(style):
        return False
    if not _NO_SIZE.search(style):
        return True
    # Newsletters set no size on a box, against gaps, and a size on what is in it.
    return not any("font" in e.get("style", "") or e.tag == "font" for e in element.iter("*") if e is not element)


def _remove(element: Element) -> None:
    """Take an element out, but not the words behind it."""
    parent, tail = element.getparent(), element.tail
    if parent is None:
        return
    element.tail = None
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (tail or "")
    else:
        parent.text = (parent.text or "") + (tail or "")
    parent.remove(element)


def tree_text(tree: Element) -> str:
    """The words of a tree in lines, as browsers lay them out."""
    return str(_Layout(tree, CONFIG).get_text())


class _Layout(Inscriptis):  # type: ignore[misc]
    def _parse_html_tree(self, state: Any, tree: Any) -> Any:
        if not isinstance(state.canvas.current_block, _Block):  # at its beginning
            state.canvas.current_block = _Block(0, Prefix())
        return super()._parse_html_tree(state, tree)


class _Block(Block):  # type: ignore[misc]
    """A line that takes words; it gives what inscriptis' own gives."""

    collapsable_whitespace: bool

    def merge_normal_text(self, text: str) -> None:
        """Add text with its blanks collapsed, also with those before it."""
        words = " ".join(text.split())
        lead = " " if text[:1].isspace() and not self.collapsable_whitespace else ""
        if not words:
            added, blank_ends = lead, bool(lead) or self.collapsable_whitespace
        else:
            blank_ends = text[-1].isspace()
            added = f"{lead}{words} " if blank_ends else f"{lead}{words}"
        self.collapsable_whitespace = blank_ends
        if added:
            added = unescape(added if self._content else self.prefix.first + added)
            self._content += added
            self.idx += len(added)

    def new_block(self) -> _Block:
        """The next line."""
        self.prefix.consumed = False
        return _Block(idx=self.idx + 1, prefix=self.prefix)
