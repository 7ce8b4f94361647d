"""The drawn line of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from maild.cli.sla_bar import bar
from maild.sla.clocks import Rules, derive
from maild.sla.facts import Fact
from maild.sla.line_of_time import line_of_time, marks
from maild.tickets.events import EventKind, Facts

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TERMS: Facts = {"policy": "standard", "calendar": "24x7", "resolution": 8 * 3600}


def drawn(now: datetime, *, plain: bool) -> list[str]:
    """Two hours counted, two on hold, then another target, from eight hours to six."""
    facts = [
        Fact(1, START, EventKind.OPENED, 1, TERMS),
        Fact(2, START + timedelta(hours=2), EventKind.STATUS, None, {"from": "open", "to": "on_hold"}),
        Fact(3, START + timedelta(hours=4), EventKind.STATUS, None, {"from": "on_hold", "to": "open"}),
        Fact(4, START + timedelta(hours=5), EventKind.TARGET, None, {**TERMS, "resolution": 6 * 3600}),
    ]
    (clock,) = derive(facts, Rules()).each
    return [t.plain for t in bar(line_of_time(clock, now), marks(clock, facts), now, UTC, width=32, plain=plain)]


def test_what_counts_and_what_does_not_is_drawn_to_scale() -> None:
    assert drawn(START + timedelta(hours=6), plain=False) == [
        "  ████████▒▒▒▒▒▒▒▒████████········",
        "                      ◆   ▲      ▼",
        "  2026-03-02 09:002026-03-02 17:00",
        "  █ counted   ▒ held   · to come   ◆ another target   ▼ due   ▲ now",
    ]


def test_a_sign_under_another_one_is_not_in_the_legend() -> None:
    now = START + timedelta(hours=5)
    assert drawn(now, plain=False)[3] == "  █ counted   ▒ held   · to come   ▼ due   ▲ now"


def test_without_colours_it_is_plain_ascii() -> None:
    lines = drawn(START + timedelta(hours=6), plain=True)
    assert lines[:2] == ["  ########========########        ", "                      T   N      D"]
    assert all(line.isascii() for line in lines)


def test_a_clock_that_has_just_begun_has_nothing_to_draw() -> None:
    assert drawn(START, plain=True) == []
