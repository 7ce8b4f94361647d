"""Chooses the queue of a new ticket by the address that the mail was sent to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maild.ids import plain_address


@dataclass(frozen=True, slots=True)
class Route:
    """Where a ticket goes."""

    queue: str
    why: str


def route(addressed: Sequence[str], queues: Mapping[str, Sequence[str]]) -> Route:
    """The queue of the first address that belongs to one; the first queue when none does.

    `addressed` holds the envelope's recipients first; `queues` has at least one, each with its addresses.
    """
    owners = {plain_address(address): name for name, addresses in queues.items() for address in addresses}
    for address in addressed:
        if queue := owners.get(plain_address(address)):
            return Route(queue, f"queue {queue}: it was sent to {plain_address(address)}")
    first = next(iter(queues))
    return Route(first, f"queue {first}: it was sent to no address of a queue, and this is the first one")
