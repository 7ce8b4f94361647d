"""Text and other people's HTML, made safe for our letters."""

from __future__ import annotations

import re

import nh3
from markupsafe import Markup, escape

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
    return _CLEANER.clean(known)


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
