"""How commands show things: tables, colours, JSON, and words for times and sizes.

Everything that may come from a mail goes through `clean`: an ESC in a subject could otherwise
rewrite the screen or the window's title of the agent who lists tickets.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:  # rich is slow to import and `--help` does without
    from rich.console import Console

# Whole escape sequences first (CSI, OSC with its end, others), then what is left of control
# characters, and the bidi marks that can make "gpj.exe" read as a picture.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|\x1b[^\x1b\n]?"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str, *, lines: bool = False) -> str:
    """The text without anything that commands a terminal; in one line unless `lines` keeps its breaks."""
    text = _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))
    return text.replace("\t", "    ") if lines else " ".join(re.split(r"[\t\n\u2028\u2029]+", text))


def console(stream: TextIO | None = None) -> Console:
    """A rich console that colours only on a terminal without NO_COLOR, and never reads markup in text."""
    from rich.console import Console

    out = stream or sys.stdout
    plain = bool(os.environ.get("NO_COLOR")) or not out.isatty()
    return Console(file=out, no_color=plain, color_system=None if plain else "auto", markup=False, highlight=False)


def say(text: str = "", *, style: str = "") -> None:
    """One text to the standard output, cleaned."""
    _print(sys.stdout, text, style)


def complain(texts: Iterable[str]) -> None:
    """Texts to the standard error, one a line, in red on a terminal."""
    for text in texts:
        _print(sys.stderr, text, "red")


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[str] = (),
    styles: Sequence[str] = (),
) -> None:
    """Rows below a heading, aligned; the columns named in `right` hold numbers, `styles` has one for each row.

    On a terminal, long cells are cut to fit; in a pipe everything is there, without colours.
    """
    cells = [[clean(str(cell)) for cell in row] for row in rows]
    out = console()
    if out.is_terminal:
        from rich.table import Table
        from rich.text import Text

        shown = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for name in head:
            justify = "right" if name in right else "left"
            shown.add_column(Text(name), justify=justify, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
        for row, style in zip_longest(cells, styles):
            shown.add_row(*(Text(cell) for cell in row), style=style)
        out.print(shown)
        return
    from rich.cells import cell_len  # CJK and emoji take two columns

    widths = [max(map(cell_len, column)) for column in zip(head, *cells, strict=True)]
    for row in [list(head), *cells]:
        padded = []
        for name, cell, width in zip(head, row, widths, strict=True):
            space = " " * (width - cell_len(cell))
            padded.append(space + cell if name in right else cell + space)
        _write(sys.stdout, "  ".join(padded).rstrip())


def print_json(document: object) -> None:
    """One JSON document on one line; call it once a row for JSON lines. Times become ISO 8601."""
    _write(sys.stdout, json.dumps(document, ensure_ascii=True, default=_plain))


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, or in how long, in one unit: "3 min ago", "in 2 d", "just now"."""
    text = length(abs(now - moment))
    if text == "0 s":
        return "just now"
    return f"{text} ago" if moment <= now else f"in {text}"


def length(span: timedelta) -> str:
    """A time span in its largest unit, cut: 59 s, 3 min, 5 h, 12 d."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= size:
            return f"{int(seconds / size)} {unit}"
    return f"{seconds} s"


def size(count: int) -> str:
    """A number of bytes with at most one decimal: 512 B, 1.5 KiB, 25 MiB."""
    if count < 1024:
        return f"{count} B"
    amount, units = count / 1024, ["KiB", "MiB", "GiB", "TiB"]
    while amount >= 1023.95 and len(units) > 1:  # beyond it, one decimal would round to 1024
        amount /= 1024
        del units[0]
    return f"{amount:.1f}".removesuffix(".0") + f" {units[0]}"


def folded(cut: str) -> str:
    """One line in the place of what a mail quotes: "... 23 quoted lines"."""
    count = sum(1 for line in cut.split("\n") if line.strip())
    return f"... {count} quoted line{'' if count == 1 else 's'}"


def _print(stream: TextIO, text: str, style: str) -> None:
    shown = clean(text, lines=True)
    if not stream.isatty():
        _write(stream, shown)
        return
    from rich.text import Text

    console(stream).print(Text(shown, style=style), soft_wrap=True)


def _write(stream: TextIO, text: str) -> None:
    """A line; what the stream's encoding lacks (LANG=C) becomes an escape instead of a traceback."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
