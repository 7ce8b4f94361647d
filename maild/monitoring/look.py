"""What a process knows at one moment; /metrics, /health and /ready are answered from it alone.

So nobody who asks, however often, can make the database work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.app.trouble_facts import Facts
from maild.app.troubles import Trouble, living

_UNWRITTEN = timedelta(seconds=45)  # four heartbeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One moment."""

    now: datetime
    written_at: datetime | None  # when the database was written to last; None: not yet
    facts: Facts | None = None  # as they were read last; None: not yet
    troubles: Sequence[Trouble] = ()
    counted: Sequence[tuple[str, str, float]] = ()  # name, labels, value
    hanging: Sequence[str] = ()  # sentences
    shut: Sequence[str] = ()  # doors that should be open and are not
    stopping: bool = False
    least_disk: int = 0  # bytes, below which no mail is taken
    silent: timedelta = timedelta(minutes=2)  # after which a process does not count as alive


def unhealthy(look: Look) -> list[str]:
    """Why this process should be started again; [] when it should not."""
    return list(look.hanging)


def unready(look: Look) -> list[str]:
    """Why mail would not be taken in and worked off; [] when it would."""
    reasons = [*unhealthy(look)]
    if look.stopping:
        reasons.append("it is stopping")
    if look.written_at is None or look.now - look.written_at > _UNWRITTEN:
        reasons.append("the database cannot be written to")
    reasons += [f"the door {door} is not open" for door in look.shut]
    facts = look.facts
    if facts is not None:
        if not living(facts, "worker", look.silent + (look.now - facts.now)):
            reasons.append("no worker is alive")
        if facts.free_disk is not None and facts.free_disk < look.least_disk:
            reasons.append("the disk is full: less than limits.free_disk is left")
    return reasons
