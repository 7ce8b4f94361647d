"""`maild sla policies`: which policy a queue, a customer and a priority get."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maild.cli.main import app

CONFIG = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "staff"
addresses = ["staff@example.com"]
internal = true
[[organisation]]
name = "Acme"
domains = ["acme.example"]
tags = ["vip"]
[[policy]]
name = "vip"
tags = ["vip"]
priorities = ["high", "critical"]
[policy.first_response]
high = "2h"
critical = "30m"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "maild.toml"
    path.write_text(CONFIG)
    return path


def policies(file: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["sla", "policies", "--config", str(file), *words])


def test_every_queue_and_priority_is_in_the_table(file: Path) -> None:
    assert (
        policies(file).stdout
        == """\
queue    priority  policy    calendar  first response  next response  resolution
support  critical  standard  24x7      1h              -              4h
support  high      standard  24x7      4h              -              1d
support  medium    standard  24x7      1d              -              3d
support  low       standard  24x7      2d              -              7d
staff    critical  internal  24x7      2h              -              8h
staff    high      internal  24x7      8h              -              2d
staff    medium    internal  24x7      2d              -              6d
staff    low       internal  24x7      4d              -              14d
"""
    )


@pytest.mark.parametrize("customer", ["acme", "kim@Acme.example"])
def test_one_queue_and_priority_also_say_why(file: Path, customer: str) -> None:
    asked = ("--queue", "support", "--customer", customer)

    assert (
        policies(file, *asked, "--priority", "urgent").stdout
        == """\
queue    priority  policy  calendar  first response  next response  resolution
support  critical  vip     24x7      30m             -              -

policy vip: fits
"""
    )
    assert (
        policies(file, *asked, "--priority", "low", "--type", "Repair").stdout
        == """\
queue    priority  policy   calendar  first response  next response  resolution
support  low       service  24x7      2d              -              7d

policy vip: its priority is low, not critical or high
policy internal: its queue is for customers
policy service: fits
"""
    )


def test_json_has_a_line_for_each_with_minutes_and_reasons(file: Path) -> None:
    result = policies(file, "--queue", "support", "--customer", "Acme", "--json")

    first, *others = [json.loads(line) for line in result.stdout.splitlines()]
    assert first == {
        "queue": "support",
        "priority": "critical",
        "policy": "vip",
        "calendar": "24x7",
        "first_response_minutes": 30,
        "next_response_minutes": None,
        "resolution_minutes": None,
        "why": ["policy vip: fits"],
    }
    assert [line["policy"] for line in others] == ["vip", "standard", "standard"]


def test_without_any_policy_there_is_none(file: Path) -> None:
    file.write_text(CONFIG + "[sla]\nbuilt_in = false\n")

    assert policies(file, "--queue", "staff", "--priority", "low").stdout.splitlines()[1:] == [
        "staff  low       -       -         -               -              -",
        "",
        "policy vip: its priority is low, not critical or high",
        "no policy fits, so no clock runs",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--queue", "suport"), "there is no queue 'suport'; did you mean support?"),
        (("--queue", "zzz"), "there is no queue 'zzz'; there are support, staff"),
        (("--customer", "Acne"), "there is no organisation 'Acne'; did you mean Acme?"),
        (("--priority", "hgh"), "there is no priority 'hgh'; did you mean high?"),
    ],
)
def test_what_does_not_exist_is_told_with_the_nearest(file: Path, words: tuple[str, ...], told: str) -> None:
    result = policies(file, *words)

    assert result.exit_code == 2
    assert told in result.stderr


def test_a_stranger_gets_what_everybody_gets(file: Path) -> None:
    result = policies(file, "--customer", "lee@other.example", "--queue", "support", "--priority", "high")

    assert "support  high      standard" in result.stdout
