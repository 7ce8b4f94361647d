"""Shows the story to people: in colours on a terminal, as the same plain text elsewhere."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from maild.app.story import LetterLine
from maild.demo.mails import Posted
from maild.demo.stage import Check, Entry, Facts
from maild.demo.watch import Taken
from maild.store.tickets_read import TicketLine
from maild.tickets.lifecycle import LABELS

_WIDEST = 100
_LABEL = 8  # columns of "  in", "  why" and the like
_LETTER = 16  # of a letter's name
_RECIPIENT = 30
_LINES = 6  # of a command's output


class Screen:
    """Implements Teller."""

    def __init__(self, console: Console, *, pause: float = 0) -> None:
        """`pause`: seconds after each step, for reading along; nothing waits for them."""
        self._console = console
        self._pause = pause
        self._width = min(_WIDEST, console.width) if console.is_terminal else _WIDEST

    def opening(self, facts: Facts) -> None:
        """See the port."""
        self._line("maild demo: the real daemon, real SMTP and IMAP, and a story told by mail", "bold")
        self._line("")
        self._facts(facts)

    def begin(self, number: int, title: str) -> None:
        """See the port."""
        self._line("")
        head = f"── {number}. {title} "
        self._line(head + "─" * (self._width - len(head)), "bold cyan")

    def mail(self, posted: Posted, taken: Taken) -> None:
        """See the port."""
        door = taken.decision.door.upper()
        self._labelled("in", f"{posted.sender.name} <{posted.sender.address}> by {door}", "bold")
        self._labelled("", f"“{posted.subject}”")
        if posted.files:
            self._labelled("", f"with {', '.join(posted.files)}", "dim")
        self._taken(taken)

    def replayed(self, taken: Taken) -> None:
        """See the port."""
        self._labelled("in", f"mail {taken.decision.inbox} again, out of quarantine", "bold")
        self._taken(taken)

    def command(self, line: str, output: str) -> None:
        """See the port."""
        self._labelled("$", line, "bold")
        for text in output.split("\n")[:_LINES]:
            self._labelled("", text, "dim")

    def check(self, check: Check) -> None:
        """See the port."""
        mark, style = ("✓", "green") if check.kept else ("✗", "bold red")
        self._labelled(mark, check.promise, style)
        if not check.kept:
            self._labelled("", f"expected: {check.expected}", "red")
            self._labelled("", f"saw:      {check.saw}", "red")

    def end(self, trouble: str) -> None:
        """See the port."""
        if trouble:
            self._labelled("✗", f"the story cannot go on: {trouble}", "bold red")
        time.sleep(self._pause)

    def tickets(self, tickets: Sequence[TicketLine]) -> None:
        """See the port."""
        self._section("The tickets")
        rows = [("no.", "status", "customer", "subject")]
        rows += [(str(t.number), LABELS[t.status], t.contact_name or t.contact, t.subject) for t in tickets]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for at, row in enumerate(rows):
            cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            self._line(_cut(f"  {cells}  {row[3]}", self._width), "" if at else "bold")

    def timeline(self, number: int, entries: Sequence[Entry]) -> None:
        """See the port."""
        self._section(f"What happened on ticket {number}")
        what = max((len(e.what) for e in entries), default=0)
        for entry in entries:
            line = f"  {entry.at.astimezone():%H:%M:%S}  {entry.what.ljust(what)}  {entry.details}"
            self._line(_cut(line, self._width), "dim" if entry.what.startswith("letter to") else "")

    def verdict(self, facts: Facts, *, kept: bool, seconds: float) -> None:
        """See the port."""
        self._section("Look around")
        self._facts(facts)
        self._line("")
        if kept:
            self._line(f"✓ All went as told, in {seconds:.0f} seconds.", "bold green")
        else:
            self._line(f"✗ Not all went as told ({seconds:.0f} seconds): see the lines with ✗.", "bold red")

    def staying(self, facts: Facts) -> None:
        """See the port."""
        self._section("Everything goes on running, until Ctrl-C")
        self._facts(facts)

    def _taken(self, taken: Taken) -> None:
        decision = taken.decision
        ticket = f", ticket {decision.ticket}" if decision.ticket else ""
        self._labelled("done", f"{(decision.outcome or decision.state).replace('_', ' ')}{ticket}", "bold yellow")
        for number, why in enumerate(decision.why):
            self._labelled("" if number else "why", why)
        for number, letter in enumerate(taken.letters):
            self._letter("" if number else "out", letter)
        if not taken.letters:
            self._labelled("out", "nothing", "dim")

    def _letter(self, label: str, letter: LetterLine) -> None:
        facts = f"{letter.template.ljust(_LETTER)}{letter.recipient.ljust(_RECIPIENT)} "
        self._labelled(label, _cut(f"{facts}“{letter.subject}”", self._width - _LABEL), "magenta")

    def _section(self, title: str) -> None:
        self._line("")
        self._line("══ " + title + " " + "═" * (self._width - len(title) - 4), "bold cyan")

    def _facts(self, facts: Facts) -> None:
        wide = max(len(name) for name, _ in facts) + 2
        for name, value in facts:
            self._line(f"  {name.ljust(wide)}{value}")  # not wrapped: it holds what is to be copied

    def _labelled(self, label: str, text: str, style: str = "") -> None:
        """Text behind a label, wrapped below itself."""
        first, label_style = f"  {label}".ljust(_LABEL), "dim" if label.isalpha() else style
        wrapped = textwrap.wrap(text, self._width - _LABEL, break_on_hyphens=False) or [""]
        for number, line in enumerate(wrapped):
            shown = Text(" " * _LABEL if number else first, style=label_style)
            self._console.print(Text.assemble(shown, (line, style)), soft_wrap=True)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
