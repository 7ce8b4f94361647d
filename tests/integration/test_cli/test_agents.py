"""`maild agents`: who has how much, who is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

ANNA = "anna@example.com"


def test_a_table_of_agents(house: Any) -> None:
    house.maild("ticket", 1, "assign", ANNA, "+", "priority", "high")
    shown = house.maild("agents", "list").stdout
    assert "Anna Agent" in shown
    assert "never" in shown  # no strategy gave her a turn
    (anna,) = house.lines("agents", "list")
    assert (anna["address"], anna["open"], anna["weight"], anna["absent"]) == (ANNA, 1, 4, False)


def test_what_is_on_hold_is_not_counted(house: Any) -> None:
    house.maild("ticket", 1, "assign", ANNA, "+", "hold", "a part is missing")
    (anna,) = house.lines("agents", "list")
    assert (anna["open"], anna["weight"]) == (0, 0)


def test_an_agent_is_away_until_a_day_and_back_again(house: Any) -> None:
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    said = house.maild("agents", "away", ANNA, "--until", day.isoformat())
    assert f"{ANNA} is away until {day + timedelta(days=1)} 00:00" in said.stdout
    (anna,) = house.lines("agents", "list")
    assert (anna["absent"], anna["absent_by"]) == (True, "admin")
    assert f"{ANNA} is back" in house.maild("agents", "back", ANNA).stdout
    assert house.lines("agents", "list")[0]["absent"] is False
    assert "was not away" in house.maild("agents", "back", ANNA).stdout


def test_without_a_day_it_is_until_further_notice(house: Any) -> None:
    house.maild("agents", "away", ANNA)
    assert "until further notice" in house.maild("agents", "list").stdout


def test_mistakes_are_told_with_what_would_be_right(house: Any) -> None:
    unknown = house.maild("agents", "away", "ana@example.com")
    assert unknown.exit_code == 2
    assert "did you mean" in unknown.stderr
    assert "is not a day" in house.maild("agents", "away", ANNA, "--until", "soon").stderr
    assert "is over" in house.maild("agents", "away", ANNA, "--until", "2020-01-01").stderr
