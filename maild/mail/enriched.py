"""Reads text/enriched (RFC 1896) and its forerunner text/richtext (RFC 1341 §7.1.3) as plain text."""

from __future__ import annotations

import re

_MARK = re.compile(r"<(<|/?[A-Za-z0-9-]{1,60}>)")
_NEWLINES = re.compile(r"\n+")
_BREAKS = {"nl": "\n", "np": "\n\n", "paragraph": "\n\n", "/paragraph": "\n\n", "lt": "<"}


def enriched_text(text: str, *, rich: bool) -> str:
    """The words without their marks; `rich`: by the older rules, where only <nl> ends a line. Linear."""
    if rich:
        return _MARK.sub(lambda mark: _BREAKS.get(mark.group(1)[:-1].lower(), ""), text.replace("\n", " "))
    # RFC 1896 §2: a lone line end is a blank, and of several one is dropped.
    text = _NEWLINES.sub(lambda run: "\n" * (len(run.group()) - 1) or " ", text)
    return _MARK.sub(lambda mark: "<" if mark.group(1) == "<" else "", text)
