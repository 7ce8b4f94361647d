"""A reader whose child is waited for, and the children that there are."""

from __future__ import annotations

from pathlib import Path

from maild.reader.ahead import ReadAhead


class WaitingReader(ReadAhead):
    """Has its child ready before the first group, a clock of the test's own, and keeps what it logs."""

    def __init__(self, patience: float = 60.0) -> None:
        """`patience`: seconds for one mail, after which the child hangs."""
        self.lines: list[str] = []
        self.now = 0.0
        self.ready_at: list[float] = []
        super().__init__(
            lambda event, **_facts: self.lines.append(event),
            waits=lambda _order: True,
            on_ready=lambda: self.ready_at.append(self.now),
            start=60.0,
            patience=patience,
            clock=lambda: self.now,
        )


def readers(*, parent: int = 0, group: int = 0) -> list[int]:
    """Those of a process, or of a process group, that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, above, together = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if b"maild.reader" in words and state != "Z" and (int(above) == parent or int(together) == group):
            found.append(int(entry.name))
    return found
