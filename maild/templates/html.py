"""Text and other people's HTML, made safe for our letters."""

from __future__ import annotations

import re
from typing import Any

import nh3
from markupsafe import Markup, escape

from maild.mail.html import plain_html_text, tidy

HTML = 500_000  # characters that are read; the rest is cut

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol", "p", "pre"),
    *("s", "small", "span", "strong", "sub", "sup", "u", "ul"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_EMPTY = {"br", "hr", "img"}
_NOT_SHOWN = {"head", "script", "style", "template", "title"}  # svg and math lose their tags, and keep their words
_LINK = re.compile(r"https?://[^\s<>\"'\x00-\x1f\u2028\u2029]{1,2000}", re.IGNORECASE)
_LEADS_TO = ("http://", "https://", "mailto:")
_AFTER_LINK = ".,;:!?)]}*_"  # more often the sentence's than the address's


def _keep(tag: str, attribute: str, value: str) -> str | None:
    # A remote image tells its owner who reads the letter, and when; only what travels with it stays.
    is_ours = value.lower().startswith("cid:")
    if attribute == "src":
        return value if tag == "img" and is_ours else None
    if attribute == "href":  # one without a scheme leads to wherever the reader's program thinks it is
        return value if value.strip().lower().startswith(_LEADS_TO) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=_keep,
    url_schemes={"http", "https", "mailto", "cid"},
    link_rel="noopener noreferrer",
    strip_comments=True,
)


def safe_html(html: str) -> str:
    """A fragment with a short list of tags: no script, style, form or remote image.

    Links are http, https or mailto. Every tag is closed, so the fragment cannot break out of the
    letter around it.
    """
    known = html[:HTML].encode("utf-8", "replace").decode("utf-8")  # nh3 raises on lone surrogates
    return _CLEANER.clean(_closed(known))


def _closed(html: str) -> str:
    """The same with every tag closed in turn, without what is not kept; its words alone when it is nested too deeply.

    At most tags the parser of nh3 looks through all that are open, and it opens bold text again in each paragraph:
    128 KiB of `<ul><li>` took 2 seconds, 60 KiB of `<p><b id=1><p><b id=2>` became 87 MiB.
    """
    if "<" not in html:
        return html
    from lxml import etree  # type: ignore[import-untyped]  # slow to import, and few answers need it

    from maild.mail.html_tree import parsed

    try:
        root = parsed(f"<html><body>{html}")
    except ValueError:
        return str(text_to_html(tidy(plain_html_text(html))))
    parts: list[str] = []
    ends: list[str] = []  # of the elements that are open
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            begin, end = _tags(element)
            parts += (begin, escape(element.text or ""))
            ends.append(end)
            if element.tag in _NOT_SHOWN:
                walk.skip_subtree()
                parts.pop()
        else:
            parts += (ends.pop() if event == "end" else "", escape(element.tail or ""))
    return "".join(parts)


def _tags(element: Any) -> tuple[str, str]:
    """What an element begins and ends with: nothing when it is not kept."""
    name = element.tag
    if name not in _TAGS:
        return "", ""
    given = "".join(f' {key}="{escape(value)}"' for key, value in element.items() if key in _ATTRIBUTES.get(name, ()))
    return f"<{name}{given}>", "" if name in _EMPTY else f"</{name}>"


def text_to_html(text: str) -> Markup:
    """The text escaped, with its line breaks, and with links for addresses that begin with http."""
    if "://" not in text:
        return Markup(_broken(text))  # noqa: S704 - _broken escapes
    parts: list[str] = []
    done = 0
    for found in _LINK.finditer(text):
        link = found.group().rstrip(_AFTER_LINK)
        parts.append(_broken(text[done : found.start()]))
        parts.append(f'<a href="{escape(link)}" rel="noopener noreferrer">{escape(link)}</a>')
        done = found.start() + len(link)
    return Markup("".join([*parts, _broken(text[done:])]))  # noqa: S704 - _broken and escape escape


def _broken(text: str) -> str:
    return str(escape(text)).replace("\n", "<br>\n")
