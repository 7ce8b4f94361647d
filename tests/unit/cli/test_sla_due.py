"""`maild sla due`: what-if, one question or many."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from maild.cli.main import app

WEEK = "\n".join(f'{day} = ["09:00-12:30", "13:30-17:30"]' for day in ("mon", "tue", "wed", "thu", "fri"))
CONFIG = f"""
[desk]
secret_file = "a file that is not there"
[[calendar]]
name = "office"
timezone = "Europe/Berlin"
[calendar.hours]
{WEEK}
[calendar.holidays]
country = "DE"
subdivision = "BE"
[[calendar]]
name = "nights"
timezone = "Europe/Berlin"
[calendar.hours]
sat = ["22:00-06:00"]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "maild.toml"
    path.write_text(CONFIG)
    monkeypatch.setenv("MAILD_CONFIG", str(path))
    return path


def due(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["sla", "due", *words], input=given)


def asked(calendar: str, target: str, start: str, now: str, *holds: str) -> dict[str, Any]:
    words = [word for hold in holds for word in ("--hold", hold)]
    result = due("--calendar", calendar, "--target", target, "--from", start, "--now", now, *words, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_people_see_both_zones_and_what_is_left(file: Path) -> None:
    words = ("--calendar", "office", "--target", "8h", "--from", "2026-03-06T16:00", "--now", "2026-03-09T10:00")

    assert (
        due(*words).stdout
        == """\
due     Mon 2026-03-09 16:30 CET (15:30 UTC)
used    2h 30m of 8h by Mon 2026-03-09 10:00 CET (09:00 UTC)
left    5h 30m
status  running
"""
    )
    assert (
        due(*words, "--hold", "2026-03-06T17:00/").stdout
        == """\
due     nobody can tell while the hold is open
used    1h of 8h by Mon 2026-03-09 10:00 CET (09:00 UTC)
left    7h
status  paused
"""
    )
    assert (
        due(*words[:3], "90m", *words[4:]).stdout
        == """\
due     Fri 2026-03-06 17:30 CET (16:30 UTC)
used    2h 30m of 1h 30m by Mon 2026-03-09 10:00 CET (09:00 UTC)
over    1h
status  breached
"""
    )


MARCH = "2026-03-02T{}+00:00"  # a Monday
CASES: dict[str, tuple[tuple[str, ...], str | None, float, str]] = {
    # 24x7, 4 hours from 08:00; now and the holds: due, minutes used, status
    "it runs": (("09:00",), "12:00", 60, "running"),
    "it is due": (("12:00",), "12:00", 240, "breached"),
    "it was due": (("13:30:06",), "12:00", 330.1, "breached"),
    "it has not begun": (("07:00",), "12:00", 0, "running"),
    "a hold is over": (("11:00", "09:00/10:00"), "13:00", 120, "running"),
    "a hold has an end": (("09:30", "09:00/10:00"), "13:00", 60, "paused"),
    "a hold begins now": (("09:00", "09:00/10:00"), "13:00", 60, "paused"),
    "a hold ends now": (("10:00", "09:00/10:00"), "13:00", 60, "running"),
    "a hold is to come": (("08:30", "09:00/10:00"), "13:00", 30, "running"),
    "a hold is open": (("11:00", "09:00/"), None, 60, "paused"),
    "an open hold is to come": (("08:30", "09:00/"), None, 30, "running"),
    "the target ran out before the hold": (("15:00", "13:00/"), "12:00", 300, "breached"),
    "the target ran out when the hold began": (("15:00", "12:00/"), "12:00", 240, "breached"),
    "holds overlap": (("12:00", "09:00/10:30", "10:00/11:00"), "14:00", 120, "running"),
    "holds come in any order": (("12:00", "10:00/11:00", "09:00/10:30"), "14:00", 120, "running"),
    "a hold lies in an open one": (("12:00", "09:00/", "10:00/11:00"), None, 60, "paused"),
    "a hold began before it": (("12:00", "06:00/09:00"), "13:00", 180, "running"),
    "a hold was over before it": (("09:00", "06:00/07:00"), "12:00", 60, "running"),
    "an open hold began before it": (("09:00", "06:00/"), None, 0, "paused"),
    "a hold of nothing": (("09:00", "08:30/08:30"), "12:00", 60, "running"),
}


@pytest.mark.parametrize(("times", "expected", "used", "status"), CASES.values(), ids=CASES.keys())
def test_holds(file: Path, times: tuple[str, ...], expected: str | None, used: float, status: str) -> None:
    now, *holds = times
    moved = ["/".join(MARCH.format(time) if time else "" for time in hold.split("/")) for hold in holds]

    assert asked("24x7", "4h", MARCH.format("08:00"), MARCH.format(now), *moved) == {
        "due_at": expected and f"2026-03-02T{expected}:00+00:00",
        "used_minutes": used,
        "status": status,
    }


@pytest.mark.parametrize(
    ("target", "start", "expected"),
    [
        ("240m", "2026-03-28T22:00", "2026-03-29T01:00:00+00:00"),  # the night in which an hour is missing
        ("7h", "2026-03-28T22:00", "2026-03-29T04:00:00+00:00"),
        ("7h 1m", "2026-03-28T22:00", "2026-04-04T20:01:00+00:00"),
        ("4h", "2026-10-24T22:00", "2026-10-25T00:00:00+00:00"),  # the night with an hour twice
        ("9h", "2026-10-24T22:00", "2026-10-25T05:00:00+00:00"),
        ("1h", "2026-03-29T02:30", "2026-03-29T02:00:00+00:00"),  # there is no 02:30: it is 03:00
        ("1h", "2026-10-25T02:30", "2026-10-25T01:30:00+00:00"),  # there are two: it is the first
        ("1h", "2026-10-25T02:30+01:00", "2026-10-25T02:30:00+00:00"),  # an offset says which
        ("1h", "2026-10-25T02:30:30.25", "2026-10-25T01:30:30.250000+00:00"),
        ("1h", "2026-10-24T20:30Z", "2026-10-24T21:30:00+00:00"),
    ],
)
def test_nights_in_which_clocks_are_changed(file: Path, target: str, start: str, expected: str) -> None:
    assert asked("nights", target, start, "2026-01-01")["due_at"] == expected


def test_a_public_holiday_is_closed(file: Path) -> None:
    assert asked("office", "1h", "2027-03-05T17:30", "2027-01-01")["due_at"] == "2027-03-09T09:00:00+00:00"


def test_a_configuration_is_not_needed_for_24x7(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILD_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert asked("24x7", "1h", "2026-03-02T08:00", "2026-03-02T08:30")["status"] == "running"


@pytest.mark.parametrize(
    ("changes", "option", "told"),
    [
        ({"--calendar": "ofice"}, "--calendar", "there is no calendar 'ofice'; did you mean office?"),
        ({"--target": "4 hours"}, "--target", "is not a duration; write it like"),
        ({"--target": "0m"}, "--target", "a target of nothing"),
        ({"--from": "yesterday"}, "--from", "'yesterday' is not a time; write 2026-03-02T09:00"),
        ({"--hold": "2026-03-02"}, "--hold", "is not a hold; write START/END"),
        ({"--hold": "2026-03-02T10:00/2026-03-02T09:00"}, "--hold", "ends before it begins"),
        ({"--now": "25:00"}, "--now", "'25:00' is not a time"),
        ({"--from": ""}, "--from", "is missing"),
        ({"--batch": "-"}, "", "leave --calendar, --target, --from and --hold out"),
    ],
)
def test_an_option_that_cannot_be_understood_is_named(
    file: Path, changes: dict[str, str], option: str, told: str
) -> None:
    words = {"--calendar": "office", "--target": "4h", "--from": "2026-03-02T08:00"} | changes
    result = due(*(each for pair in words.items() for each in pair))

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert option in result.stderr


def test_faults_of_calendars_are_told_as_at_load(file: Path) -> None:
    file.write_text('[[calendar]]\nname = "o"\ntimezone = "Mars"\n[calendar.hours]\nmon = ["9-17"]\n')
    result = due("--calendar", "24x7", "--target", "1h", "--from", "2026-03-02")

    assert result.exit_code == 78
    assert f"{file}:5: calendar.hours.mon: '9-17' is not a window of hours; did you mean 09:00-17:00?" in result.stderr
    assert f"{file}:3: calendar.timezone: there is no time zone 'Mars'" in result.stderr


LINE = {"id": 7, "calendar": "24x7", "target_minutes": 240, "opened_at": "2026-03-02T08:00", "now": "2026-03-02T10:00"}


def test_a_batch_answers_every_line(file: Path, tmp_path: Path) -> None:
    lines = [
        LINE | {"holds": []},
        LINE | {"id": "a-1", "holds": [["2026-03-02T09:00", "2026-03-02T09:30"], ["2026-03-02T09:45", None]]},
        LINE | {"calendar": "office", "target_minutes": 0.5, "holds": None, "due_at": "other keys are nobody's"},
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n\n".join(map(json.dumps, lines)))

    expected = """\
{"id": 7, "due_at": "2026-03-02T12:00:00+00:00", "used_minutes": 120, "status": "running"}
{"id": "a-1", "due_at": null, "used_minutes": 75, "status": "paused"}
{"id": 7, "due_at": "2026-03-02T08:00:30+00:00", "used_minutes": 60, "status": "breached"}
"""
    assert due("--batch", str(questions)).stdout == expected
    assert due("--batch", "-", given=questions.read_bytes()).stdout == expected


def test_a_line_without_a_now_is_answered_for_the_given_or_the_present_one(file: Path) -> None:
    line = json.dumps({key: value for key, value in LINE.items() if key != "now"})

    assert json.loads(due("--batch", "-", given=line).stdout)["status"] == "breached"
    assert json.loads(due("--batch", "-", "--now", "2026-03-02T09:00", given=line).stdout)["used_minutes"] == 60


BAD = {
    "no JSON": ("{", "is not a JSON object; write"),
    "no object": ("[1]", "is not a JSON object; write"),
    "no text": (b"\xff\xfe{", "is not a JSON object; write"),
    "too deep": ("[" * 100_000, "is not a JSON object; write"),
    "unknown calendar": (LINE | {"calendar": "ofice"}, "there is no calendar 'ofice'; did you mean office?"),
    "calendar of a wrong type": (LINE | {"calendar": 24}, "calendar is not a text; write it in quotes"),
    "no start": (
        {key: value for key, value in LINE.items() if key != "opened_at"},
        "opened_at is missing; write it in quotes",
    ),
    "start that is none": (LINE | {"opened_at": "soon"}, "'soon' is not a time; write"),
    "start beyond all years": (LINE | {"opened_at": "9999-12-31T23:59:59-12:00"}, "is not a time; write"),
    "target of nothing": (LINE | {"target_minutes": 0}, "target_minutes is 0; write a number of minutes above 0"),
    "target of a wrong type": (LINE | {"target_minutes": "4h"}, 'target_minutes is "4h"; write a number of minutes'),
    "target that is no number": (LINE | {"target_minutes": float("nan")}, "target_minutes is NaN; write a number"),
    "target that is true": (LINE | {"target_minutes": True}, "target_minutes is true; write a number"),
    "target beyond 5 years": (LINE | {"target_minutes": 3_000_000}, "is beyond 5 years"),
    "holds that are no pairs": (LINE | {"holds": ["2026-03-02"]}, "holds is not a list of pairs; write"),
    "holds without a start": (LINE | {"holds": [[None, None]]}, "a hold is not a pair of times; write"),
    "a hold that ends before it begins": (
        LINE | {"holds": [["2026-03-02T10:00", "2026-03-02T09:00"]]},
        "ends before it begins; write START first",
    ),
    "a key with a slip of the pen": (LINE | {"hold": []}, "there is no key 'hold'; did you mean holds?"),
}


@pytest.mark.parametrize(("line", "told"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_told_and_the_others_are_answered(file: Path, line: Any, told: str) -> None:
    raw = line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
    good = json.dumps(LINE).encode()
    result = due("--batch", "-", given=good + b"\n" + raw + b"\n" + good + b"\n")

    assert result.exit_code == 65
    assert result.stderr.startswith("-:2: ")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout.count('"due_at": "2026-03-02T12:00:00+00:00"') == 2


def test_a_batch_that_cannot_be_read_is_told(file: Path, tmp_path: Path) -> None:
    result = due("--batch", str(tmp_path / "none.jsonl"))

    assert result.exit_code == 2
    assert "No such file" in result.stderr


def test_it_starts_without_what_it_does_not_need() -> None:
    """Ten thousand lines are to take seconds, with the start; holidays are for calendars that name a country."""
    code = (
        "import sys; from typer.testing import CliRunner; from maild.cli.main import app;"
        "CliRunner().invoke(app, ['sla', 'due', '--calendar', '24x7', '--target', '1h', '--from', '2026-03-02']);"
        "assert 'maild.cli.sla_due' in sys.modules;"
        "names = ('sqlalchemy', 'dramatiq', 'jinja2', 'holidays', 'maild.store');"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
