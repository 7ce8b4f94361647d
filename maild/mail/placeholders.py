"""Knows what programs write into the plain text in place of something else: nobody's words."""

from __future__ import annotations

from collections.abc import Iterable

LINE_LIMIT = 2_000  # characters
STUB_LIMIT = 400  # characters
_COMPARED = 60  # characters


def without_picture_names(text: str, names: Iterable[str]) -> str:
    """The text without a last line that is nothing but the names of the mail's own inline files.

    Eudora ends a text with `a.pngb.png`: nobody wrote that, and the files are listed anyway. Anywhere
    else such a name may be meant, and stays.
    """
    before, _, last = text.rstrip().rpartition("\n")
    rest = last.strip()
    if not rest or len(rest) > LINE_LIMIT:
        return text
    for name in sorted(set(names), key=len, reverse=True):
        if name:
            rest = rest.replace(name, "")
    return text if rest.strip() else before.rstrip() + "\n"


def may_be_stub(plain: str) -> bool:
    """Whether a plain text is empty, or may only say that the mail is HTML ("please use a modern mail program")."""
    return not plain.strip() or (len(plain) <= STUB_LIMIT and "html" in plain.lower())


def is_stub(plain: str, laid_out: str) -> bool:
    """Whether such a text stands in place of the HTML: the HTML says more, and nothing of the plain text."""
    if not plain.strip():
        return bool(laid_out)
    return len(laid_out) > len(plain) and _letters(plain)[:_COMPARED] not in _letters(laid_out)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()
