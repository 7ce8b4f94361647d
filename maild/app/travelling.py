"""How many of a customer's files go along with letters to agents: policy, which the configuration sets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelling:
    """How much travels. Each recipient's letter has a copy of its own, in memory and, until it is packed, stored."""

    up_to: int = 10 << 20  # decoded bytes of all files in one letter; 0: none at all
    recipients: int = 3  # of one mail; with more, only the assignee gets the files
