"""Takes away the names that a mail program wrote into the plain text for the pictures shown below it."""

from __future__ import annotations

from collections.abc import Iterable

LINE_LIMIT = 2_000  # characters


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
