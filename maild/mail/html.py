"""Lays HTML out as readable text."""

from __future__ import annotations

import re
from html import unescape

from maild.mail.charsets import clean

SIZE_LIMIT = 1024 * 1024
DEPTH_LIMIT = 200
TAGS_LIMIT = 20_000  # inscriptis takes about 15 µs for each
TABLE_LIMIT = 50_000_000  # it pads every line of a table to its widest: lines x characters

# A picture in the text: src="cid:one@x" (RFC 2392).
CONTENT_ID_REFERENCE = re.compile(r"(?i)cid:([^\"'\s<>)]{1,200})")
_DOCUMENT = re.compile(r"(?i)\s{0,200}<(?:!doctype html|html[\s>])")
_HIDDEN = re.compile(r"(?i)<(script|style|head|title|noscript|template)\b[^<>]*>")
_END = {name: re.compile(rf"(?i)</{name}\s*>") for name in ("script", "style", "head", "title", "noscript", "template")}
_COMMENT = re.compile(r"(?s)<!--.*?-->")
_BREAK = re.compile(
    r"(?i)<(?:br|/?(?:p|div|tr|li|ul|ol|h[1-6]|blockquote|table|hr|pre|section|article|address))\b[^<>]*>"
)
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*>?")
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0]+")
_NEWLINES = re.compile(r"\n{3,}")
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})[^<>]*>?")
_BREAKING = frozenset({"br", "p", "div", "tr", "td", "th", "li", "h1", "h2", "h3", "hr", "pre", "ul", "ol", "table"})
_VOID = frozenset(
    {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "p", "li", "td", "tr", "o:p"}
)


def html_text(html: str) -> str:
    """The words of an HTML document in readable lines; never raises. Beyond 1 MiB it is cut.

    Documents that would cost the layout too much (nesting, giant tables) are laid out plainly.
    """
    html = html[:SIZE_LIMIT]
    text = ""
    if layout_is_affordable(html):
        from maild.mail.html_layout import tree_text  # slow to import, and most mail has a plain part
        from maild.mail.html_tree import tree_of

        try:
            tree = tree_of(html.replace("\u00ad", ""))
            text = "" if tree is None else tree_text(tree)
        except Exception:  # noqa: BLE001 - a layout that fails on odd HTML must not lose the words
            text = ""
    if not text.strip():
        text = plain_html_text(html)
    return clean(tidy(text))


def is_html_document(text: str) -> bool:
    """Whether text that calls itself plain is a whole HTML document."""
    return _DOCUMENT.match(text) is not None


def plain_html_text(html: str) -> str:
    """The words of an HTML document with line ends where blocks begin, by a few linear passes."""
    # Without an end, `.*?` would look for it again from each beginning.
    if "-->" in html:
        html = _COMMENT.sub("", html[: html.rfind("-->") + 3]) + html[html.rfind("-->") + 3 :]
    html = _without_hidden(html)
    html = _BREAK.sub("\n", _BLANKS.sub(" ", html.replace("\n", " ")))
    return _NEWLINES.sub("\n\n", _TAG.sub("", html).strip()) and unescape(_TAG.sub("", html))


def _without_hidden(html: str) -> str:
    """The document without what nobody reads, where that is closed.

    Once a sort has no end any more, none is looked for: 1 MiB of `<template>` without took one expression minutes.
    """
    shown: list[str] = []
    unclosed: set[str] = set()  # of these there is no end any more
    at = 0
    while found := _HIDDEN.search(html, at):
        name = found[1].lower()
        end = None if name in unclosed else _END[name].search(html, found.end())
        if end is None:
            unclosed.add(name)
            shown.append(html[at : found.end()])
            at = found.end()
        else:
            shown.append(html[at : found.start()])
            at = end.end()
    return "".join((*shown, html[at:]))


def tidy(text: str) -> str:
    """Text without blanks at line ends and without more than one empty line in a row."""
    lines = [line.rstrip() for line in text.replace("\u00a0", " ").split("\n")]
    return _NEWLINES.sub("\n\n", "\n".join(lines)).strip("\n")


def layout_is_affordable(html: str) -> bool:
    """Whether nesting, number of tags and tables are such that no layout of them can explode.

    A table of L lines and W characters of text may cost L x W: a cell of 100,000 line breaks beside one
    long line took inscriptis 196 s and 22 GB.
    """
    depth = deepest = tables = breaks = text = tags = at = 0
    for match in _ANY_TAG.finditer(html):
        tags += 1
        name = match.group(2).lower()
        if tables:
            text += match.start() - at
            breaks += name in _BREAKING
        at = match.end()
        if tags > TAGS_LIMIT or deepest > DEPTH_LIMIT:
            return False
        if name in _VOID:
            continue
        step = -1 if match.group(1) else 1
        depth = max(depth + step, 0)
        deepest = max(deepest, depth)
        if name == "table":
            tables = max(tables + step, 0)
    return deepest <= DEPTH_LIMIT and breaks * (text + (len(html) - at if tables else 0)) <= TABLE_LIMIT
