"""Takes the quotes of known mail programs out of an HTML mail before it is laid out as text."""

from __future__ import annotations

import re
from typing import Any

from maild.mail.html import SIZE_LIMIT, html_text, layout_is_affordable
from maild.mail.quote_words import FORWARDED

Element = Any  # lxml has no types

# The element and everything after it is quoted: Outlook, Hotmail and their kin mark only a beginning.
_FROM_HERE = (
    "//*[@id='appendonsend' or @id='divRplyFwdMsg' or @id='stopSpelling' or @id='OLK_SRC_BODY_SECTION'"
    " or @id='mail-editor-reference-message-container' or @id='x_divRplyFwdMsg'"
    " or @id='ms-outlook-mobile-reference-message']"
    "|//div[contains(@style, 'border-top:solid #B5C4DF 1.0pt') or contains(@style, 'border-top:solid #E1E1E1 1.0pt')"
    " or contains(@style, 'border-top: solid #E1E1E1 1.0pt')"
    " or contains(@style, 'border-top: 1pt solid rgb(225, 225, 225)')]"
)
# The element alone is quoted; answers may stand below it.
_CLASSES = (
    "gmail_quote",
    "gmail_quote_container",
    "gmail_attr",
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "moz-cite-prefix",
    "moz-signature",
    "zmail_extra",
)
_THIS = (
    "//blockquote[translate(@type, 'CITE', 'cite')='cite']"
    "|//*[@name='quote' or @name='messageReplySection' or @id='reply-intro']|//*["
    + " or ".join(f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in _CLASSES)
    + "]"
)
_WORD = re.compile(r"\w+")


def own_html_text(html: str, text: str) -> str | None:
    """The laid-out text of an HTML mail without the quotes of known programs, None when it has none.

    `text` is the whole layout; every word of the result is one of it, or the answer is None too.
    """
    if len(html) > SIZE_LIMIT or not layout_is_affordable(html) or not _may_quote(html):
        return None
    from lxml import etree  # type: ignore[import-untyped]  # slow to import, and few mails need it
    from lxml import html as lxml_html

    try:
        root = lxml_html.document_fromstring(html)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    cut = False
    for element in root.xpath(_FROM_HERE)[:1]:
        if _is_forward(element):
            return None
        _remove_following(element)
        _replace(element)
        cut = True
    for element in root.xpath(_THIS):
        if element.getparent() is None:
            continue
        if _is_forward(element):
            return None
        _replace(element)
        cut = True
    if not cut:
        return None
    own = html_text(etree.tostring(root, encoding="unicode", method="html"))
    if not _WORD.search(own) or not set(_WORD.findall(own)) <= set(_WORD.findall(text)):
        return None
    return own


_HINTS = (
    "gmail_",
    "cite",
    "appendonsend",
    "divrplyfwdmsg",
    "stopspelling",
    "olk_src",
    "border-top",
    "yahoo_quoted",
    "protonmail",
    "tutanota",
    "zmail_extra",
    "quote",
    "reference-message",
    "messagereplysection",
)


def _may_quote(html: str) -> bool:
    lowered = html.lower()
    return any(hint in lowered for hint in _HINTS)


def _is_forward(element: Element) -> bool:
    """Whether a container holds a forwarded mail: a forward keeps its text."""
    words = " ".join("".join(element.itertext()).split())[:300]
    return bool(FORWARDED.match(words))


def _replace(element: Element) -> None:
    """Put a line break in the element's place: without it the words around would grow together."""
    parent = element.getparent()
    if parent is None:
        return
    line_break = element.makeelement("br")
    line_break.tail = element.tail
    element.tail = None
    parent.replace(element, line_break)


def _remove_following(element: Element) -> None:
    """Remove everything after an element in document order."""
    while (parent := element.getparent()) is not None:
        element.tail = None
        for sibling in list(element.itersiblings()):
            parent.remove(sibling)
        element = parent
