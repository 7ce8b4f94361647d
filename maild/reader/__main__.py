"""The child: `python -m maild.reader` reads mails from stdin and writes what is in them to stdout.

Started by `maild.reader.child`, never by people. It ends when stdin does, so also when its parent is killed.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import BinaryIO

from maild.app.prepare import prepare
from maild.app.reader import Order, Read
from maild.app.routed_ahead import routed_ahead
from maild.app.routing_facts import with_language
from maild.app.work import Claimed
from maild.reader.framing import pack, pack_read, receive

LONGEST = 60  # seconds for one mail


def main() -> None:
    """Answer each message, until there are no more."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # meant for the parent, which has mails in hand
        signal.signal(number, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    with suppress(BrokenPipeError):
        _work(sys.stdin.buffer, answers)


def _work(source: BinaryIO, answers: BinaryIO) -> None:
    order: Order | None = None
    while (message := receive(source)) is not None:
        if isinstance(message, Order):
            order = message
            _make_ready(order)
            answer = pack(None)
        elif isinstance(message, Claimed) and order is not None:
            signal.alarm(LONGEST)  # the parent has given up long before, or is dead
            answer = pack_read(_read(message, order))
            signal.alarm(0)
        else:
            raise TypeError(type(message))
        answers.write(answer)
        answers.flush()


def _make_ready(order: Order) -> None:
    if order.desk.tells_languages:
        order.desk.load_language()
    gc.collect()
    gc.freeze()  # what stays until the end is not looked through again and again
    gc.set_threshold(5000, 10, 10)


def _read(row: Claimed, order: Order) -> Read | None:
    """None: it failed, or has a package. The parent meets the same, and writes it down."""
    try:
        prepared = with_language(prepare(row, order.desk, order.open_package), order.desk)
        routed = routed_ahead([prepared], order.desk) if order.route else {}
    except Exception:  # noqa: BLE001
        return None
    return Read(prepared, routed.get(row.id), done=order.route)


if __name__ == "__main__":
    main()
