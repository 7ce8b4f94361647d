"""The line of time of a clock as a bar on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING

from maild.cli.sla_lines import ClockLine
from maild.cli.terminal import console
from maild.sla.line_of_time import Mark, Part, Row, Sign

if TYPE_CHECKING:
    from rich.text import Text

_WIDEST = 100
_TO_COME = "to come"
# What is drawn, in colours and in plain ASCII, and the style.
_CELLS = {
    Part.COUNTED: ("█", "#", "green"),
    Part.CLOSED: ("░", ".", "dim"),
    Part.HELD: ("▒", "=", "yellow"),
    Part.ENDED: ("─", "-", "blue"),
    _TO_COME: ("·", " ", "dim"),
}
_SIGNS = {Sign.TARGET: ("◆", "T", "magenta"), Sign.DUE: ("▼", "D", "red"), "now": ("▲", "N", "bold")}
_LEGEND = {Sign.TARGET: "another target", Sign.DUE: "due", "now": "now"}


def draw(line: ClockLine, now: datetime, zone: tzinfo) -> None:
    """Draw the line of a clock to the standard output, which is a terminal."""
    out = console()
    plain = bool(os.environ.get("NO_COLOR")) or (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    for text in bar(line.rows, line.marks, now, zone, width=min(out.width - 2, _WIDEST), plain=plain):
        out.print(text, soft_wrap=True)


def bar(
    rows: Sequence[Row], marks: Sequence[Mark], now: datetime, zone: tzinfo, *, width: int, plain: bool
) -> list[Text]:
    """The bar, the signs below it, its ends as times and a legend; [] for a clock that has just begun.

    A cell shows what takes most of its time, so that a hold that is shorter than a cell may be in the table alone.
    """
    from rich.text import Text

    if not rows:
        return []
    running = not any(mark.sign is Sign.ENDED for mark in marks)
    signs: list[tuple[datetime, Sign | str]] = [(m.at, m.sign) for m in marks if m.sign in _SIGNS]
    signs += [(now, "now")] if running else []
    start, end = rows[0].start, max([rows[-1].end, *(at for at, _ in signs)])
    look = 1 if plain else 0
    line, below = Text("  "), [" "] * width
    cells = _cells(rows, start, end, width)
    for cell, same in groupby(cells):
        line.append(_CELLS[cell][look] * len(list(same)), style="" if plain else _CELLS[cell][2])
    for at, sign in signs:
        below[min(int((at - start) / (end - start) * width), width - 1)] = _SIGNS[sign][look]
    under = Text("  ")
    styles = {looks[look]: looks[2] for looks in _SIGNS.values()}
    for character in below:
        under.append(character, style="" if plain else styles.get(character, ""))
    legend = [f"{_CELLS[p][look]} {p}" for p in _CELLS if p in cells and _CELLS[p][look].strip()]
    legend += [f"{_SIGNS[s][look]} {_LEGEND[s]}" for s in _SIGNS if _SIGNS[s][look] in below]
    ends = [f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (start, end)]
    scale = f"  {ends[0]}{ends[1].rjust(width - len(ends[0]))}"
    return [line, under, Text(scale, style="" if plain else "dim"), Text("  " + "   ".join(legend))]


def _cells(rows: Sequence[Row], start: datetime, end: datetime, width: int) -> list[Part | str]:
    """What takes most of each cell's time."""
    cells: list[Part | str] = []
    at = 0
    for cell in range(width):
        begin, finish = start + (end - start) * cell / width, start + (end - start) * (cell + 1) / width
        while at < len(rows) and rows[at].end <= begin:
            at += 1
        shares: dict[Part | str, float] = {}
        seen = begin
        for row in rows[at:]:
            if row.start >= finish:
                break
            part = (min(row.end, finish) - max(row.start, begin)).total_seconds()
            shares[row.part] = shares.get(row.part, 0) + part
            seen = min(row.end, finish)
        shares[_TO_COME] = (finish - seen).total_seconds()
        cells.append(max(shares, key=lambda part: shares[part]))
    return cells
