"""Each thread has a sender of its own, and none outlives its thread for long."""

import threading

from maild.app.ports import Delivery, Letter
from maild.bootstrap.senders import ThreadSenders


class Line:
    """A sender whose connection is open until it is closed."""

    def __init__(self, opened: list["Line"]) -> None:
        self.open = True
        opened.append(self)

    def send(self, letter: Letter) -> Delivery:
        return Delivery(sent=True, answer=f"250 took {len(letter.raw)} bytes")

    def close(self) -> None:
        self.open = False


def in_a_thread(senders: ThreadSenders) -> None:
    thread = threading.Thread(target=senders)
    thread.start()
    thread.join()


def test_a_thread_keeps_its_sender() -> None:
    opened: list[Line] = []
    senders = ThreadSenders(lambda: Line(opened))
    assert senders() is senders()
    in_a_thread(senders)
    assert len(opened) == 2


def test_senders_of_ended_threads_are_closed() -> None:
    # As when Redis is away: each ring then runs in a thread of its own.
    opened: list[Line] = []
    senders = ThreadSenders(lambda: Line(opened))
    senders()
    for _ in range(20):
        in_a_thread(senders)
    assert [line.open for line in opened] == [True, *[False] * 19, True]
    senders.close()
    assert not any(line.open for line in opened)
