"""Takes the quotes of known mail programs out of an HTML mail before it is laid out as text."""

from __future__ import annotations

import re
from typing import Any

from maild.mail.html import SIZE_LIMIT, html_text, layout_is_affordable
from maild.mail.quote_words import FORWARDED, FROM

Element = Any  # lxml has no types

CUT = "> \ue000"  # a line in the place of every quote: what introduces it is then known as such

# The element and everything after it is quoted: Outlook, Hotmail and their kin mark only a beginning.
_FROM_HERE = (
    "//*[@id='appendonsend' or @id='divRplyFwdMsg' or @id='stopSpelling' or @id='OLK_SRC_BODY_SECTION'"
    " or @id='mail-editor-reference-message-container' or @id='x_divRplyFwdMsg' or @id='zwchr'"
    " or @id='ms-outlook-mobile-reference-message' or @id='ms-outlook-mobile-body-separator-line'"
    " or @data-marker='__QUOTED_TEXT__']"
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
    "zmail_extra",
    "front-blockquote",
    "missive_quote",
)
_THIS = (
    "//blockquote[translate(@type, 'CITE', 'cite')='cite']|//blockquote[@id='isReplyContent' or @id='blockquote_zmail']"
    "|//*[@name='quote' or @name='messageReplySection' or @id='reply-intro']|//*["
    + " or ".join(f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in _CLASSES)
    + "]"
)
_CITED = "//blockquote[translate(@type, 'CITE', 'cite')='cite' or contains(@class, '_quote')]"
_SIGNATURE_CLASSES = (
    "moz-signature",
    "gmail_signature",
    "gmail_signature_prefix",
    "protonmail_signature_block",
    "k9mail-signature",
    "ms-outlook-mobile-signature",
)
_SIGNATURES = (
    "//*[@id='ms-outlook-mobile-signature' or @id='AppleMailSignature']|//*["
    + " or ".join(f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in _SIGNATURE_CLASSES)
    + "]"
)
SIGNATURE_LENGTH = 1000  # somebody may have written the answer into what is longer
_WORD = re.compile(r"\w+")


def own_html_text(html: str, text: str) -> str | None:
    """The laid-out text of an HTML mail with `CUT` for the quotes of known programs, None when it has none.

    Signatures of known programs are left out. `text` is the whole mail; every word of the result is one of it,
    or the answer is None too.
    """
    if len(html) > SIZE_LIMIT or not layout_is_affordable(html) or not _may_quote(html):
        return None
    from lxml import etree  # type: ignore[import-untyped]  # slow to import, and few mails need it
    from lxml import html as lxml_html

    try:
        root = lxml_html.document_fromstring(html)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    cut = _cut_quotes(root)
    if cut is None:
        return None
    for element in root.xpath(_SIGNATURES):
        if len(_beginning(element, SIGNATURE_LENGTH)) <= SIGNATURE_LENGTH and not element.xpath(".//blockquote"):
            _replace(element, "")
            cut = True
    if not cut:
        return None
    own = html_text(etree.tostring(root, encoding="unicode", method="html"))
    own = "\n".join(CUT if line.strip() == CUT else line for line in own.split("\n"))
    if not _WORD.search(own) or not set(_WORD.findall(own)) <= set(_WORD.findall(text)):
        return None
    return own


def _cut_quotes(root: Element) -> bool | None:
    """Replace the quotes in a document; whether there were any, None for a forward."""
    cut = False
    for element in root.xpath(_FROM_HERE):
        if element.tag == "div" and "border-top" in element.get("style", "") and not _has_headers(element):
            continue
        if _is_forward(element):
            return None
        _remove_following(element)
        _replace(element, "")
        cut = True
        break
    quoting = set(root.xpath(_CITED))
    for element in root.xpath(_THIS):
        if _is_forward(element):
            return None
        if element.tag != "blockquote" and quoting.intersection(element.iter("blockquote")):
            continue  # answers may stand between the quotes in it
        _replace(element, CUT)
        cut = True
    return cut


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
    "zwchr",
    "signature",
    "separator-line",
    "isreplycontent",
)


def _may_quote(html: str) -> bool:
    lowered = html.lower()
    return any(hint in lowered for hint in _HINTS)


def _is_forward(element: Element) -> bool:
    """Whether a container holds a forwarded mail: a forward keeps its text."""
    return bool(FORWARDED.match(" ".join(_beginning(element, 300).split())[:200]))


def _beginning(element: Element, length: int) -> str:
    """The first words of an element, at least so many characters of them if it has them."""
    text = ""
    for piece in element.itertext():
        text += piece[: length + 1]
        if len(text) > length:
            break
    return text


def _has_headers(element: Element) -> bool:
    """Whether an element begins with the headers of a mail: its looks alone say little."""
    return bool(FROM.match(_beginning(element, 100).strip()[:100]))


def _replace(element: Element, text: str) -> None:
    """Put a line in the element's place: without it the words around would grow together."""
    parent = element.getparent()
    if parent is None:
        return
    line = element.makeelement("div")
    line.text = text or None
    line.tail = element.tail
    element.tail = None
    parent.replace(element, line)


def _remove_following(element: Element) -> None:
    """Remove everything after an element in document order."""
    while (parent := element.getparent()) is not None:
        element.tail = None
        for sibling in list(element.itersiblings()):
            parent.remove(sibling)
        element = parent
