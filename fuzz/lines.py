"""Which lines of maild a case reaches: a case that reaches a new one is worth mutating further."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_MAILD = str(Path(__file__).parent.parent / "maild")


class Lines:
    """Tracing costs ten times the work, so the engine asks for it now and then only."""

    def __init__(self) -> None:
        self.seen: set[tuple[CodeType, int]] = set()

    def reached(self, run: Callable[[], object]) -> int:
        """How many lines `run` reached that nothing had reached before."""
        before = len(self.seen)
        other = sys.gettrace()
        sys.settrace(self._enter)
        try:
            run()
        finally:
            sys.settrace(other)
        return len(self.seen) - before

    def _enter(self, frame: FrameType, _event: str, _argument: object) -> Any:
        return self._line if frame.f_code.co_filename.startswith(_MAILD) else None

    def _line(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line":
            self.seen.add((frame.f_code, frame.f_lineno))
        return self._line
