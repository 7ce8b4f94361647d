"""Reads from an automatic reply until when a person is away, in the languages of the usual programs.

A date counts only where words beside it say what it means: "until 5 January", "zurück am 6.1.". When two
dates disagree, or digits may be read two ways ("01/05"), nothing is said: a person can set it by hand.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from maild.mail.absence_words import (
    FROM_TO_ENGLISH,
    LEFT_BACK,
    LEFT_BACK_ENGLISH,
    LEFT_END,
    LEFT_END_ENGLISH,
    LEFT_FROM,
    LEFT_RANGE,
    RIGHT_BACK,
    RIGHT_END,
)
from maild.mail.date_words import Written, as_date, written_dates
from maild.mail.model import Kind, Mail, Reply, Verdict

TEXT_LIMIT = 4000  # characters
CONTEXT = 60  # characters beside a date that are looked at
AHEAD_LIMIT = timedelta(days=3 * 366)
WITHOUT_YEAR_LIMIT = timedelta(days=270)  # "until 20 November", read on the 22nd, is over and not next year's

_DAY = timedelta(days=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(
    r"(?i)\b(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rs|rsday|r|urday)?\.?,? {0,2}(?:the )?$"
)


def with_absence(verdict: Verdict, mail: Mail, reply: Reply, received_at: datetime) -> Verdict:
    """The verdict with `away_until` filled in when it is that of an automatic reply which names the day."""
    if verdict.kind is not Kind.AUTO_REPLY:
        return verdict
    until = away_until(mail.subject, reply.text or mail.text, received_at.astimezone(UTC).date())
    return replace(verdict, away_until=until) if until else verdict


def away_until(subject: str, text: str, received: date) -> date | None:
    """The last day on which somebody is away, from the words of an automatic reply; None when it is not certain.

    "Until the 5th" gives the 5th, "back on the 5th" the 4th. A date without a year is the next one from
    `received` on. None for a day before `received`, for one years away, and where two dates disagree.
    """
    whole = f"{subject[:300]}\n{text[:TEXT_LIMIT]}"
    found = list(written_dates(whole))
    month_first = any(each.slashed and each.swapped is False and each.month_first for each in found)
    day_first = any(each.slashed and not each.swapped and not each.month_first for each in found)
    ends: set[date] = set()
    backs: set[date] = set()
    for each in found:
        label, english = _label(whole, each)
        if not label:
            continue
        read = _decided(each, whole, received, english=english, month_first=month_first, day_first=day_first)
        if read is None:
            return None
        (backs if label == "back" else ends).add(read)
    last = {day - _DAY for day in backs} or ends
    if len(last) != 1:
        return None
    until = last.pop()
    return until if received <= until <= received + AHEAD_LIMIT else None


def _label(text: str, each: Written) -> tuple[str, bool]:
    """What the words beside a date say of it: "end", "back" or "", and whether they are English."""
    left = _clause(text[max(each.start - CONTEXT, 0) : each.start])
    right = text[each.end : each.end + CONTEXT].partition("\n")[0]
    if RIGHT_END.match(right):
        return "end", False
    if RIGHT_BACK.match(right) and (not left.strip() or LEFT_FROM.search(left) or not left.isascii()):
        return "back", bool(re.match(r"(?i)[^.]{0,20}\bback\b", right))
    if LEFT_BACK_ENGLISH.search(left):
        return "back", True
    if LEFT_BACK.search(left):
        return "back", False
    if LEFT_END_ENGLISH.search(left):
        return "end", True
    if LEFT_END.search(left):
        return "end", False
    if each.ends_range or LEFT_RANGE.search(left):
        return "end", each.ends_range or bool(FROM_TO_ENGLISH.search(left))
    return "", False


def _clause(left: str) -> str:
    """What stands before a date in its own sentence; the full stop of "vom 1. bis" ends none."""
    return re.split(r"\n\s*\n|(?<!\d)[.!?。！](?=\s[^a-zа-я])|(?<=\D\D)[。！]", left)[-1].replace("\n", " ")


def _decided(
    each: Written, text: str, received: date, *, english: bool, month_first: bool, day_first: bool
) -> date | None:
    """The day that a date means; None when its digits may be read two ways and nothing tells which."""
    if not each.swapped:
        return _bounded(each, received)
    turned = replace(each, day=each.month, month=each.day)
    if month_first != day_first:
        return _bounded(turned if month_first else each, received)
    weekday = _WEEKDAY.search(text[max(each.start - 20, 0) : each.start])
    readings = [_bounded(one, received) for one in (each, turned)]
    if weekday is not None:
        fitting = {one for one in readings if one and _WEEKDAYS[one.weekday()].startswith(weekday.group(1).lower())}
        return fitting.pop() if len(fitting) == 1 else None
    return None if english else readings[0]


def _bounded(each: Written, received: date) -> date | None:
    found = as_date(each, received)
    if found is not None and each.year is None and found > received + WITHOUT_YEAR_LIMIT:
        return None
    return found
