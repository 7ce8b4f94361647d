"""Rows that are one or a few sorts of the soak's faults, each so many times, under its mixed load."""

from __future__ import annotations

from collections.abc import Callable

from maild.testing.sink import DROP, HANG
from soak.faults import SORTS, Sort, stages_of_relay
from soak.row import Row, Shown, Way
from soak.trial import Outcome, Trial


def _named(*names: str) -> list[Sort]:
    known = {sort.name: sort for sort in SORTS}
    return [known[name] for name in names]


def shown(outcomes: list[Outcome]) -> Shown:
    """What trials came to, in one figure."""
    recoveries = [one for outcome in outcomes for one in outcome.recoveries]
    mails = sum(sum(outcome.mails.values()) for outcome in outcomes)
    codes = sorted({code or "none" for outcome in outcomes for code in outcome.said.answers})
    lost, doubled = sum(outcome.lost for outcome in outcomes), sum(outcome.doubled for outcome in outcomes)
    stops = [one for outcome in outcomes for one in outcome.stops]
    stopped = f"slowest stop {max(stops):.1f} s, " if stops else ""
    return Shown(
        f"{len(recoveries)} faults, {mails} mails, lost {lost}, doubled {doubled}, "
        f"uncertain {sum(o.uncertain for o in outcomes)}, slowest recovery {max(recoveries, default=0):.1f} s, "
        f"{stopped}the door answered {' '.join(codes)}",
        [one for outcome in outcomes for one in outcome.breaks],
    )


def under(sorts: list[Sort], *setups: str) -> Callable[[Way], Shown]:
    """These sorts in turn, `count` in all, shared between the set-ups."""

    def show(way: Way) -> Shown:
        share = max(1, way.count // len(setups))
        return shown([Trial(s, way.seed, way.place(s), way.say).run_faults(sorts, share) for s in setups])

    return show


_RELAY = stages_of_relay(("4xx", "421", "5xx", DROP, HANG, "ceci n'est pas SMTP"))

ROWS = (
    Row(
        "F2",
        "kill -9 of every process at a random moment under load",
        1000,
        under(_named("all processes killed"), "sqlite", "postgresql"),
    ),
    Row(
        "F6",
        "PostgreSQL killed, stopped, its connections cut, COMMIT cut before it arrives or its answer lost",
        100,
        under(
            _named("PostgreSQL killed", "PostgreSQL stopped", "cut during COMMIT", "database connections cut"),
            "postgresql",
        ),
    ),
    Row(
        "F7",
        "Redis killed without AOF, stopped, emptied",
        50,
        under(_named("Redis killed", "Redis stopped", "Redis emptied"), "postgresql"),
    ),
    Row(
        "F8",
        "relay says 4xx, 421, 5xx, hangs, drops or speaks garbage, each at each stage",
        20 * len(_RELAY),
        under(_RELAY, "sqlite"),
    ),
    Row(
        "F13",
        "clocks of one or all processes +1 h, -1 h, +3 d",
        20,
        under(_named("clock jumps"), "sqlite", "postgresql"),
    ),
    Row(
        "F14",
        "SIGTERM and reload under load",
        100,
        under(_named("stopped under load", "reloaded under load"), "sqlite", "postgresql"),
    ),
)
