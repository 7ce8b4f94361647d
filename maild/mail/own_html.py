"""The writer's own part of an HTML mail, for those who are to see it as it was written: bold, lists, links, pictures.

Nothing is guessed. What is left without quotes and without the lines that were taken out of the text has to say
exactly the words that the text says; else there is none, and the text alone has to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from maild.mail.html import SIZE_LIMIT, layout_is_affordable
from maild.mail.reply_html import CUT, cut_quotes, cut_signatures

Element = Any  # lxml has no types

_WORD = re.compile(r"\w+")
# What programs write into the text for what only HTML can show: where a link leads, and a picture.
_SHOWN = re.compile(
    r"<(?:(?:https?|mailto|tel):[^<>]{1,2000}|[^\s<>@]{1,64}@[^\s<>@]{1,190})>|\[(?:image|cid):[^\[\]]{0,300}\]"
)
_FORMATTED = re.compile(r"<(?:b|strong|i|em|u|s|ul|ol|table|code|pre|h[1-6]|a|img)\b")
_MOST_LINES = 50  # that are taken out
_LONGEST_VALUE = 4096  # characters of an attribute: libxml2 takes seconds to write 128 KiB of "<" (fuzzing)
_BLOCKS = frozenset({"p", "div", "li", "td"})


def own_html(html: str, words: str, is_taken_out: Callable[[str], bool]) -> str:
    """The HTML of exactly these words, not sanitised; "" when it is not certain, or has nothing that text has not.

    `is_taken_out` says of a line whether it was taken out of the words.
    """
    if not html or len(html) > SIZE_LIMIT or not layout_is_affordable(html):
        return ""
    from maild.mail.html_layout import tree_text  # slow to import, and few mails need it
    from maild.mail.html_tree import tree_of

    try:
        root = tree_of(html)
        if root is None or cut_quotes(root) is None:
            return ""
        without = deepcopy(root)
        cut_signatures(without)
        return next((found for each in (root, without) if (found := _body(each, words, is_taken_out, tree_text))), "")
    except Exception:  # noqa: BLE001 - odd HTML must not lose an answer: the text alone has to do
        return ""


def _body(root: Element, words: str, is_taken_out: Callable[[str], bool], lay_out: Callable[[Element], str]) -> str:
    """What stands in the body, if it says these words and shows them other than text does."""
    from lxml import etree  # type: ignore[import-untyped]

    for element in list(root.iter("*")):
        if _is_line(element) and _is_out(_text(element), is_taken_out):
            _empty(element)
    for _ in range(_MOST_LINES):  # each line that is removed moves others
        found = next((s for s in _slots(root) if _is_out(getattr(*s) or "", is_taken_out)), None)
        if found is None:
            break
        setattr(*found, None)
        _remove_break(*found)
    if _WORD.findall(_SHOWN.sub(" ", lay_out(root))) != _WORD.findall(_SHOWN.sub(" ", words)):
        return ""
    body = root.find(".//body")
    body = root if body is None else body
    for element in body.iter("*"):
        for name, value in element.attrib.items():
            if len(value) > _LONGEST_VALUE and name != "src":  # but for a picture, nobody sees so much of it
                del element.attrib[name]
    parts = [body.text or "", *(etree.tostring(each, encoding="unicode", method="html") for each in body)]
    own = "".join(parts).strip()
    return own if _FORMATTED.search(own) else ""


def _is_out(line: str, is_taken_out: Callable[[str], bool]) -> bool:
    return line.strip() == CUT or (bool(line.strip()) and is_taken_out(line))


def _text(element: Element) -> str:
    return "".join(element.itertext())


def _is_line(element: Element) -> bool:
    """Whether a box holds one line: no other box, and no break but at its end."""
    if element.tag not in _BLOCKS:
        return False
    for inner in element.iterdescendants("*"):
        if inner.tag in _BLOCKS or inner.tag == "table":
            return False
        if inner.tag == "br" and ((inner.tail or "").strip() or inner.getnext() is not None):
            return False
    return True


def _slots(root: Element) -> Iterator[tuple[Element, str]]:
    """Where words may stand that are no box of their own, but end at breaks or boxes."""
    for element in root.iter("*"):
        after = element[0] if len(element) else None
        if element.tag in _BLOCKS | {"body", "span", "font"} and (after is None or after.tag in _BLOCKS | {"br"}):
            yield element, "text"
        following = element.getnext()
        if element.tag in _BLOCKS | {"br"} and (following is None or following.tag in _BLOCKS | {"br"}):
            yield element, "tail"


def _empty(element: Element) -> None:
    """Take the words out of a box, and the box with them; what stands behind it stays."""
    for child in list(element):
        element.remove(child)
    element.text = None
    parent = element.getparent()
    if parent is not None and not (element.tail or "").strip():
        parent.remove(element)


def _remove_break(element: Element, slot: str) -> None:
    """Remove the break that ended a line which was taken out, so that no empty line is left of it."""
    following = (element[0] if len(element) else None) if slot == "text" else element.getnext()
    parent = following.getparent() if following is not None else None
    if following is None or following.tag != "br" or parent is None:
        return
    tail = following.tail
    parent.remove(following)
    if slot == "text":
        element.text = tail
    else:
        element.tail = tail
