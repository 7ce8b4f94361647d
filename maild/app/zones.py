"""The time zone in which each of our own people reads times: pure."""

from __future__ import annotations

from datetime import tzinfo

from maild.app.desk import Desk


def zone_of(address: str, desk: Desk) -> tzinfo:
    """An agent's own zone, else the desk's; `address` in lower case."""
    return desk.agent_named(address).zone or desk.zone
