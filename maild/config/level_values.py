"""The small types that service levels are written in: windows, dates, shares, targets, recipients."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from maild.config.faults import nearest
from maild.config.values import Duration, read_address, write_duration
from maild.routing.assignment import FIXED, STRATEGIES
from maild.tickets.priorities import ALIASES, PRIORITIES

DAY = 1440  # minutes
RECIPIENTS = ("assignee", "team", "manager")
SHARED = tuple(strategy for strategy in STRATEGIES if strategy != FIXED)
LONGEST_TARGET = timedelta(days=1826)  # five years
MOST_PERCENT = 1000
_WINDOW = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
_ROUGHLY = re.compile(r"\D*(\d{1,2})(?:[:.h](\d\d))?\D+(\d{1,2})(?:[:.h](\d\d))?\D*")
_GERMAN_DATE = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")


def read_window(value: object) -> tuple[int, int]:
    """Minutes after midnight of "09:00-12:30": (540, 750); "22:00-06:00" ends on the next day: (1320, 1800).

    ValueError says what would be right.
    """
    text = value.strip() if isinstance(value, str) else ""
    found = _WINDOW.fullmatch(text)
    begin, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (DAY, 0)
    if begin >= DAY or end > DAY:
        raise ValueError(f"{value!r} is not a window of hours; {_window_like(text)}")
    if begin == end:
        raise ValueError(f"{value!r} is empty; the whole day is 00:00-24:00")
    return begin, end if end > begin else end + DAY


def _window_like(text: str) -> str:
    rough = _ROUGHLY.fullmatch(text)
    if rough:
        begin, end = ((int(rough[at]), int(rough[at + 1] or 0)) for at in (1, 3))
        if begin < (24, 0) and (0, 0) < end <= (24, 0) and begin != end and max(begin[1], end[1]) < 60:
            return f"did you mean {begin[0]:02}:{begin[1]:02}-{end[0]:02}:{end[1]:02}?"
    return "write it like 09:00-12:30, 22:00-06:00 or 00:00-24:00"


def write_window(window: tuple[int, int]) -> str:
    """The same as a person writes it."""
    begin, end = window[0] % DAY, window[1] if window[1] <= DAY else window[1] % DAY
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"


def read_date(value: object) -> date:
    """A day, as a text or as TOML's own date; ValueError says what would be right."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = value.strip() if isinstance(value, str) else ""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    german = _GERMAN_DATE.fullmatch(text)
    right = "write it like 2026-12-24"
    if german:
        right = f"did you mean {german[3]}-{int(german[2]):02}-{int(german[1]):02}?"
    told = str(value) if isinstance(value, datetime) else repr(value)
    raise ValueError(f"{told} is not a day; {right}")


def read_percent(value: object) -> int:
    """The share of a target, "90%"; 100% is the breach. ValueError says what would be right."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    found = re.fullmatch(r"(\d{1,4})\s*(%?)", text)
    if not found or not 1 <= int(found[1]) <= MOST_PERCENT:
        raise ValueError(f'{value!r} is not a share of the target; write "90%", from "1%" to "{MOST_PERCENT}%"')
    if not found[2]:
        raise ValueError(f'{value!r} has no unit; did you mean "{found[1]}%"?')
    return int(found[1])


def read_thresholds(value: tuple[int, ...]) -> tuple[int, ...]:
    """Percent of a target before the breach, ascending; ValueError says what would be right."""
    right = sorted({percent for percent in value if 1 <= percent <= 99})
    if right != list(value):
        wrong = next((f"{p} is not between 1 and 99" for p in value if not 1 <= p <= 99), "")
        wrong = wrong or next((f"{p} is there twice" for p in value if value.count(p) > 1), "they do not ascend")
        raise ValueError(f"{wrong} (100, the breach, is always told); did you mean {right}?")
    return value


def read_target(value: timedelta) -> timedelta:
    """Counted time within which something is promised; ValueError says what would be right."""
    if not value:
        raise ValueError("a target of nothing is missed at once; leave it out, or write it like 30m, 4h or 3d")
    if value > LONGEST_TARGET:
        raise ValueError(
            f"{write_duration(value)} is beyond 5 years; write it like 30m, 4h or 3d (of 24 counted hours)"
        )
    return value


def read_wait(value: timedelta) -> timedelta:
    """Counted time after which something is done; ValueError says what would be right."""
    if not value or value > LONGEST_TARGET:
        raise ValueError(f"{write_duration(value)} is out of range; write it like 2h, at most 5 years")
    return value


def read_priority(value: str) -> str:
    """One of low, medium, high, critical; normal and urgent are other words for two of them."""
    word = ALIASES.get(value.lower(), value.lower())
    if word not in PRIORITIES:
        near = nearest(value, (*PRIORITIES, *ALIASES))
        hint = f"did you mean {near}?" if near else f"they are {', '.join(PRIORITIES)}"
        raise ValueError(f"there is no priority {value!r}; {hint}")
    return word


def read_recipient(value: str) -> str:
    """Who is told: assignee, team, manager, or an address."""
    word = value.strip().lower()
    if word in RECIPIENTS:
        return word
    if "@" in value:
        return read_address(value)
    near = nearest(value, RECIPIENTS)
    hint = f"did you mean {near}?" if near else f"it can be {', '.join(RECIPIENTS)}, or an address"
    raise ValueError(f"{value!r} is nobody; {hint}")


def read_assignee(value: str) -> str:
    """Who gets a ticket: the manager, or an agent's address."""
    word = read_recipient(value)
    if word in ("assignee", "team"):
        raise ValueError(f'a ticket cannot be given to {word!r}; write "manager", or an agent\'s address')
    return word


def read_tag(value: str) -> str:
    """One word, in lower case: tickets keep their tags separated by spaces."""
    if not re.fullmatch(r"[^\s,;]{1,64}", value):
        raise ValueError(f"{value!r} cannot be a tag; write one word, such as {'-'.join(value.split())[:64] or 'vip'}")
    return value.lower()


def read_strategy(value: str) -> str:
    """How a team's tickets find their agents. A fixed agent is named by a rule, in `assignee`."""
    word = value.strip().lower().replace("-", "_")
    if word in SHARED:
        return word
    near = nearest(word, SHARED)
    hint = f"did you mean {near}?" if near else f"it can be {', '.join(SHARED)}"
    raise ValueError(f"{value!r} is no way to assign; {hint}")


Window = Annotated[tuple[int, int], BeforeValidator(read_window)]
Day = Annotated[date, BeforeValidator(read_date)]
Percent = Annotated[int, BeforeValidator(read_percent)]
Thresholds = Annotated[tuple[int, ...], AfterValidator(read_thresholds)]
Target = Annotated[Duration, AfterValidator(read_target)]
Wait = Annotated[Duration, AfterValidator(read_wait)]
Priority = Annotated[str, AfterValidator(read_priority)]
Recipient = Annotated[str, AfterValidator(read_recipient)]
Assignee = Annotated[str, AfterValidator(read_assignee)]
TeamStrategy = Annotated[str, AfterValidator(read_strategy)]
Tag = Annotated[str, AfterValidator(read_tag)]
Folded = Annotated[str, AfterValidator(str.lower)]
