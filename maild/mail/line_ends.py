"""Mends lines that a program broke in the text of a mail, where the mail's HTML shows that they were one."""

from __future__ import annotations

from maild.mail.html import html_text

_MOST_LINES = 400  # an answer of a person; further down nothing is mended
_SHORT = 40  # no program breaks a line that is shorter


def mend_line_ends(text: str, html: str) -> str:
    """The text with lines joined that are one line in the HTML (Gmail and Outlook break them, and leave no mark)."""
    if not html or "\n" not in text:
        return text
    whole = [" ".join(line.split()) for line in html_text(html).split("\n")[: _MOST_LINES * 2]]
    complete = set(whole)
    lines, mended = text.split("\n"), list[str]()
    for line in lines[:_MOST_LINES]:
        above = " ".join(mended[-1].split()) if mended else ""
        joined = f"{above} {' '.join(line.split())}"
        is_torn = len(above) >= _SHORT and bool(line.strip()) and above not in complete
        if is_torn and any(each.startswith(joined) for each in whole):
            mended[-1] = f"{mended[-1].rstrip()} {line.strip()}"
        else:
            mended.append(line)
    return "\n".join((*mended, *lines[_MOST_LINES:]))
