"""Whether mails are read ahead, in a child process."""

from __future__ import annotations

from maild.app.ports import Log
from maild.app.reader import Order
from maild.bootstrap.cores import cores
from maild.language.detector import DETECTOR
from maild.reader.ahead import ReadAhead


def make_reader(log: Log) -> ReadAhead | None:
    """Nothing on one core: there the child would only take the time of its parent.

    A child that starts is waited for as long as this process would have to load the model of languages itself, which
    takes as long, and as much memory again. If it has the model, it lets it go: whoever reads needs it.
    """
    if cores() < 2:
        return None
    return ReadAhead(log, waits=_must_load, on_ready=DETECTOR.forget)


def _must_load(order: Order) -> bool:
    return order.desk.tells_languages and not DETECTOR.loaded
