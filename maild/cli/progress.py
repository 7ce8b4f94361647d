"""A progress bar on the standard error, for people only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from maild.cli.terminal import console

T = TypeVar("T")


@contextmanager
def progress(what: str, total: int | None = None, *, shown: bool = True) -> Iterator[Callable[[int], None]]:
    """Gives the function that counts on; without a terminal it does nothing."""
    if not (shown and sys.stderr.isatty()):
        yield lambda _more: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


def counted(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """The items, each counted."""
    with progress(what, total) as count:
        for item in items:
            yield item
            count(1)
