"""Lays an HTML tree out with inscriptis, with a quicker way to take in words.

inscriptis looks at every character to join blanks, which is half of its time; here whole words are
taken. Its own rules decide everything else.
"""

from __future__ import annotations

from html import unescape
from typing import Any

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.canvas.block import Block
from inscriptis.model.canvas.prefix import Prefix
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement

Element = Any  # lxml has no types
_BLOCKS = ("hr", "section", "center", "form", "fieldset", "details", "summary", "dl", "dt", "dd")
# Not its "relaxed" rules: they put a blank on both sides of every <span>, and Outlook spans half words.
CONFIG = ParserConfig(css={**CSS_PROFILES["strict"], **dict.fromkeys(_BLOCKS, HtmlElement(display=Display.block))})


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
