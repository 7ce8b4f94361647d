"""Which queue a new ticket goes to."""

from __future__ import annotations

import pytest

from maild.routing.by_address import route

QUEUES = {"support": ["support@example.com", "hilfe@example.com"], "sales": ["Sales@example.com"]}


@pytest.mark.parametrize(
    ("addressed", "queue"),
    [
        (["support@example.com"], "support"),
        (["HILFE@Example.com"], "support"),  # local parts of ours are compared without case
        (["sales+t42.abc@example.com"], "sales"),  # an extension does not matter
        (["boss@example.com", "sales@example.com"], "sales"),  # people in between do not matter
        (["sales@example.com", "support@example.com"], "sales"),  # the first address counts
        (["somebody@else.example"], "support"),  # Bcc: the first queue
        ([], "support"),
    ],
)
def test_route(addressed: list[str], queue: str) -> None:
    found = route(addressed, QUEUES)
    assert found.queue == queue
    assert found.why.startswith(f"queue {queue}:")
