"""Tells the story to programs: one JSON object for each step, and one for the verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TextIO

from maild.demo.mails import Posted
from maild.demo.stage import Check, Entry, Facts
from maild.demo.watch import Taken
from maild.store.tickets_read import TicketLine


class JsonLines:
    """Implements Teller."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._step: dict[str, Any] = {}
        self._last: dict[str, Any] = {}

    def opening(self, facts: Facts) -> None:
        """See the port."""
        self._print({"running": _named(facts)})

    def begin(self, number: int, title: str) -> None:
        """See the port."""
        self._step = {"step": number, "title": title, "mails": [], "commands": [], "checks": []}

    def mail(self, posted: Posted, taken: Taken) -> None:
        """See the port."""
        head = {"from": asdict(posted.sender), "subject": posted.subject, "files": posted.files}
        self._step["mails"].append(head | _facts(taken))

    def replayed(self, taken: Taken) -> None:
        """See the port."""
        self._step["mails"].append({"replayed": True} | _facts(taken))

    def command(self, line: str, output: str) -> None:
        """See the port."""
        self._step["commands"].append({"line": line, "output": output})

    def check(self, check: Check) -> None:
        """See the port."""
        self._step["checks"].append(asdict(check))

    def end(self, trouble: str) -> None:
        """See the port."""
        kept = not trouble and all(check["kept"] for check in self._step["checks"])
        self._print(self._step | {"kept": kept, "trouble": trouble})

    def tickets(self, tickets: Sequence[TicketLine]) -> None:
        """See the port."""
        self._last["tickets"] = [asdict(ticket) for ticket in tickets]

    def timeline(self, number: int, entries: Sequence[Entry]) -> None:
        """See the port."""
        self._last["timeline"] = {"ticket": number, "entries": [asdict(entry) for entry in entries]}

    def verdict(self, facts: Facts, *, kept: bool, seconds: float) -> None:
        """See the port."""
        self._print(self._last | {"look_around": _named(facts), "kept": kept, "seconds": round(seconds, 1)})

    def staying(self, facts: Facts) -> None:
        """See the port."""
        self._print({"staying": _named(facts)})

    def _print(self, document: dict[str, Any]) -> None:
        self._out.write(json.dumps(document, default=str) + "\n")
        self._out.flush()


def _named(facts: Facts) -> dict[str, str]:
    """Without the lines that only continue the one above."""
    return {name: value for name, value in facts if name}


def _facts(taken: Taken) -> dict[str, Any]:
    names = ("inbox", "door", "outcome", "ticket", "kind", "why")
    letters = [{"template": x.template, "to": x.recipient, "subject": x.subject} for x in taken.letters]
    return {name: getattr(taken.decision, name) for name in names} | {"letters": letters}
