"""Gives each row of the outbox to the sender of its sort: letters to the relay, webhooks to their URL."""

from __future__ import annotations

from collections.abc import Callable

from maild.app.ports import Delivery, Letter, Sender


class BySort:
    """Implements Sender with two of them.

    The sort was recorded when the row was written. The recipient's look must not decide it: an address
    such as `https://host/@example.com` is a customer's to choose.
    """

    def __init__(self, letters: Sender, make_webhooks: Callable[[], Sender]) -> None:
        """`make_webhooks` is called with the first webhook; most desks have none, and need no HTTP client."""
        self._letters = letters
        self._make_webhooks = make_webhooks
        self._webhooks: Sender | None = None

    def send(self, letter: Letter) -> Delivery:
        """Try once."""
        if not letter.webhook:
            return self._letters.send(letter)
        if self._webhooks is None:
            self._webhooks = self._make_webhooks()
        return self._webhooks.send(letter)

    def close(self) -> None:
        """Say goodbye to both."""
        self._letters.close()
        if self._webhooks is not None:
            self._webhooks.close()
