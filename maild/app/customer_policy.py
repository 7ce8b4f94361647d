"""What customers may see of each other's tickets when they ask by mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomerPolicy:
    """The desk's; an organisation may say otherwise."""

    sees_colleagues: bool = False  # whether `status` lists the tickets of the whole organisation
