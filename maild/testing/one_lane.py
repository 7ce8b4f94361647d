"""Sends one letter after the other, in the caller's thread: what is sent has an order that a test can name."""

from __future__ import annotations

from maild.app.ports import Delivery, Letter, Sender


class OneLane:
    """Implements Lanes with a single sender."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._ended: list[tuple[int, Delivery]] = []

    @property
    def free(self) -> int:
        """See the port."""
        return 0 if self._ended else 1

    def begin(self, letter_id: int, letter: Letter) -> None:
        """See the port; it has ended when this returns."""
        self._ended.append((letter_id, self._sender.send(letter)))

    def ended(self, wait: float) -> list[tuple[int, Delivery]]:  # noqa: ARG002  # there is nothing to wait for
        """See the port."""
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        """See the port."""
        self._sender.close()
