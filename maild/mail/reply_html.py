"""Takes the quotes of known mail programs out of an HTML mail before it is laid out as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from maild.mail.charsets import clean
from maild.mail.html import SIZE_LIMIT, layout_is_affordable, tidy
from maild.mail.quote_words import FORWARDED, FROM

Element = Any  # lxml has no types

CUT = "> \ue000"  # a line in the place of every quote: what introduces it is then known as such

# The element and everything after it is quoted: Outlook, Hotmail and their kin mark only a beginning.
_FROM_HERE_IDS = frozenset(
    """
    appendonsend divRplyFwdMsg stopSpelling OLK_SRC_BODY_SECTION mail-editor-reference-message-container
    x_divRplyFwdMsg zwchr ms-outlook-mobile-reference-message ms-outlook-mobile-body-separator-line
    """.split()  # noqa: SIM905  # names, as words
)
_OUTLOOK_RULES = (
    "border-top:solid #B5C4DF 1.0pt",
    "border-top:solid #E1E1E1 1.0pt",
    "border-top: solid #E1E1E1 1.0pt",
    "border-top: 1pt solid rgb(225, 225, 225)",
)
# The element alone is quoted; answers may stand below it.
_QUOTE_CLASSES = frozenset(
    """
    gmail_quote gmail_quote_container gmail_attr yahoo_quoted protonmail_quote tutanota_quote moz-cite-prefix
    zmail_extra front-blockquote missive_quote
    """.split()  # noqa: SIM905
)
_QUOTE_NAMES = frozenset({"quote", "messageReplySection"})
_QUOTING_IDS = frozenset({"isReplyContent", "blockquote_zmail"})
_SIGNATURE_CLASSES = frozenset(
    """
    moz-signature gmail_signature gmail_signature_prefix protonmail_signature_block k9mail-signature
    ms-outlook-mobile-signature
    """.split()  # noqa: SIM905
)
_SIGNATURE_IDS = frozenset({"ms-outlook-mobile-signature", "AppleMailSignature"})
SIGNATURE_LENGTH = 1000  # somebody may have written the answer into what is longer
_WORD = re.compile(r"\w+")


def own_html_text(html: str, text: str) -> str | None:
    """The laid-out text of an HTML mail with `CUT` for the quotes of known programs, None when it has none.

    Signatures of known programs are left out. `text` is the whole mail; every word of the result is one of it,
    or the answer is None too.
    """
    if len(html) > SIZE_LIMIT or not layout_is_affordable(html) or not _may_quote(html):
        return None
    from maild.mail.html_layout import tree_text  # slow to import, and few mails need it
    from maild.mail.html_tree import tree_of

    try:
        root = tree_of(html.replace("\u00ad", ""))
        own = _own_text(root, tree_text) if root is not None else None
    except Exception:  # noqa: BLE001 - odd HTML must not lose the words: the text alone is looked at then
        return None
    if own is None or not _WORD.search(own) or not set(_WORD.findall(own)) <= set(_WORD.findall(text)):
        return None
    return own


def _own_text(root: Element, lay_out: Callable[[Element], str]) -> str | None:
    """The text of a document without its quotes and signatures; None when it has none of them."""
    cut = cut_quotes(root)
    if cut is None:
        return None
    if not (cut_signatures(root) or cut):
        return None
    own = clean(tidy(lay_out(root)))
    return "\n".join(CUT if line.strip() == CUT else line for line in own.split("\n"))


def cut_signatures(root: Element) -> bool:
    """Replace the signatures of known programs in a document; whether there were any."""
    gone: set[Element] = set()
    for element in _those(root, _is_signature):
        if element in gone:
            continue
        if len(_beginning(element, SIGNATURE_LENGTH)) <= SIGNATURE_LENGTH and not element.xpath(".//blockquote"):
            gone.update(element.iter("*"))
            _replace(element, "")
    return bool(gone)


def cut_quotes(root: Element) -> bool | None:
    """Replace the quotes in a document by lines of `CUT`; whether there were any, None for a forward."""
    cut = False
    for element in _those(root, _begins_quote):
        if _is_forward(element):
            return None
        _remove_following(element)
        _replace(element, "")
        cut = True
        break
    quoting = set(_those(root, _is_cited))
    gone: set[Element] = set()
    for element in _those(root, _is_quote):
        if element in gone:
            continue
        if _is_forward(element):
            return None
        if element.tag != "blockquote" and quoting.intersection(element.iter("blockquote")):
            continue  # answers may stand between the quotes in it
        gone.update(element.iter("*"))
        _replace(element, CUT)
    return cut or bool(gone)


def _those(root: Element, wanted: Callable[[Element], bool]) -> list[Element]:
    """The elements of a kind, in order. One walk: XPath with so many conditions took as long as the layout."""
    return [element for element in root.iter("*") if element.attrib and wanted(element)]


def _begins_quote(element: Element) -> bool:
    if element.get("id") in _FROM_HERE_IDS or element.get("data-marker") == "__QUOTED_TEXT__":
        return True
    style = element.get("style", "") if element.tag == "div" else ""
    return "border-top" in style and any(rule in style for rule in _OUTLOOK_RULES) and _has_headers(element)


def _is_quote(element: Element) -> bool:
    if element.tag == "blockquote" and (element.get("type", "").lower() == "cite" or element.get("id") in _QUOTING_IDS):
        return True
    if element.get("name") in _QUOTE_NAMES or element.get("id") == "reply-intro":
        return True
    return not _QUOTE_CLASSES.isdisjoint(element.get("class", "").split())


def _is_cited(element: Element) -> bool:
    if element.tag != "blockquote":
        return False
    return element.get("type", "").lower() == "cite" or "_quote" in element.get("class", "")


def _is_signature(element: Element) -> bool:
    if element.get("id") in _SIGNATURE_IDS:
        return True
    return not _SIGNATURE_CLASSES.isdisjoint(element.get("class", "").split())


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
    return str(element.xpath(f"substring(string(.), 1, {length + 1})"))


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
