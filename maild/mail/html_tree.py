"""Reads HTML into a tree, without what no reader sees."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

Element = Any  # lxml has no types

# The end of a document is none when more follows, as a list's footer does: browsers show it, libxml2 would set it
# beside the tree. These become ends of unknown tags, which it passes over.
_END = re.compile(r"(?i)</(?=(?:html|body)[\s/>])")
_NO_SIZE = re.compile(r"(?i)font-size\s{0,9}:\s{0,9}0(?![.\d]*[1-9])")
_HIDING = re.compile(
    r"(?i)display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden|opacity\s{0,9}:\s{0,9}0(?![.\d]*[1-9])"
    r"|font-size\s{0,9}:\s{0,9}0(?![.\d]*[1-9])"
)


def parsed(html: str) -> Element:
    """The tree of a document, whole, with what stands behind its end.

    Raises ValueError for one of more than 250 open tags, of which libxml2 leaves out all that follows, and what lxml
    raises for one without any element.
    """
    parser = lxml_html.HTMLParser()
    tree = lxml_html.document_fromstring(_END.sub("</x", html), parser=parser)
    if any(each.level == etree.ErrorLevels.FATAL for each in parser.error_log):
        raise ValueError("the HTML is nested too deeply")
    return tree


def tree_of(html: str) -> Element | None:
    """The tree of a document, None when it holds none, without what is hidden.

    Raises what `parsed` and lxml raise for odd documents.
    """
    html = html.strip()
    if html.startswith("<?xml "):  # lxml refuses a declaration in text that is decoded already
        html = html.partition("?>")[2]
    if not html.strip():
        return None
    try:
        tree = parsed(html)
    except etree.ParserError:  # only comments, say
        return None
    _remove([e for e in tree.iter("*") if e.attrib and _is_hidden(e)])
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


def _remove(elements: list[Element]) -> None:
    """Take elements out, in document order, but not the words behind them."""
    # What grows together is put together once: of 20,000 in a row each would copy the words behind all before it.
    words: dict[tuple[Element, str], list[str]] = {}
    for element in elements:
        parent, before = element.getparent(), element.getprevious()
        if parent is None:
            continue
        place = (parent, "text") if before is None else (before, "tail")
        words.setdefault(place, [getattr(*place) or ""]).append(element.tail or "")
        element.tail = None
        parent.remove(element)
    for (element, where), pieces in words.items():
        setattr(element, where, "".join(pieces))
