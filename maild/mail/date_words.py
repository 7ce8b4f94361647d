"""Finds the dates that people write in a text: in words and in digits, in many languages, with what each may mean."""

# ruff: noqa: E501 - a table of months, a language a line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

# Twelve words a line; several words of one month joined by "/". No "set", "out", "ago": they are other words, too.
_MONTH_TABLE = """
january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec
januar/jänner/jaenner februar/feber märz/maerz/mrz april mai juni juli august september oktober/okt november dezember/dez
janvier/janv février/fevrier/févr/fevr mars avril/avr mai juin juillet/juil août/aout septembre octobre novembre décembre/decembre/déc
enero/ene febrero marzo abril/abr mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre/dic
gennaio/gen febbraio marzo aprile maggio/mag giugno/giu luglio/lug agosto settembre ottobre/ott novembre dicembre
janeiro fevereiro/fev março/marco abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart/mrt april mei juni juli augustus september oktober november december
stycznia/styczeń lutego/luty marca/marzec kwietnia/kwiecień maja/maj czerwca/czerwiec lipca/lipiec sierpnia/sierpień września/wrzesień października/październik listopada/listopad grudnia/grudzień
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november desember
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
ledna února března dubna května června července srpna září října listopadu prosince
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
يناير فبراير مارس أبريل/ابريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
"""
_MONTHS = {
    word: number
    for line in _MONTH_TABLE.strip().split("\n")
    for number, words in enumerate(line.split(), 1)
    for word in words.split("/")
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_NTH = r"(?:st|nd|rd|th|er|º|°|ª)?"
_DATE = re.compile(
    rf"""(?ix)
    (?<![A-Za-z0-9_/.\-À-ɏЀ-ӿ])(?:
      (?P<iso>(?P<iso_year>20\d\d)[-/.](?P<iso_month>\d{{1,2}})[-/.](?P<iso_day>\d{{1,2}})(?!\d))
    | (?:(?P<east_year>20\d\d)\s?[年년]\s?)?(?P<east_month>\d{{1,2}})\s?[月월]\s?(?P<east_day>\d{{1,2}})\s?[日号일]
    | (?P<day>\d{{1,2}}){_NTH}\.?,?\s{{0,3}}(?:of\s|de\s|den\s)?(?P<month>{_MONTH})\b\.?(?:,?\s{{0,3}}(?:de\s|del\s)?(?P<year>20\d\d)\b)?
    | (?:(?P<first_year>20\d\d)\.?\s)?(?P<first_month>{_MONTH})\.?\s{{1,3}}(?P<first_day>\d{{1,2}}){_NTH}
        (?:\s?(?P<range>-|–|to|through|thru|until|till)\s?(?P<range_day>\d{{1,2}}){_NTH}(?!\d))?(?![\d:])(?:,?\s{{0,3}}(?P<last_year>20\d\d)\b)?
    | (?P<one>\d{{1,2}})(?P<mark>[./-])\s?(?P<two>\d{{1,2}})(?:(?P=mark)\s?(?P<short>20\d\d|\d\d(?!\d)))?\.?(?!\.?\d|[/:])
    )"""
)
_TIME = re.compile(r"(?i)\s?(?:uhr|h\b|[ap]\.?m\b|o'clock|%|€|kg)")


@dataclass(frozen=True, slots=True)
class Written:
    """A date in a text: where it stands, and its readings, day before month first; no year when none is written."""

    start: int
    end: int
    day: int
    month: int
    year: int | None
    swapped: bool = False  # digits that may as well be month before day
    slashed: bool = False  # written with "/" or "-", which do not tell the order
    month_first: bool = False  # digits that can only be month before day
    ends_range: bool = False  # "August 1-12"


def written_dates(text: str) -> Iterator[Written]:
    """The dates of a text in order. One in digits that can only be month before day is turned; linear."""
    for found in _DATE.finditer(text):
        each = _in_words(found) or _in_digits(found, text)
        if each is not None and 1 <= each.month <= 12 and 1 <= each.day <= 31:
            yield each


def as_date(written: Written, not_before: date) -> date | None:
    """The day that is meant, the next such day from `not_before` on without a year; None when there is none."""
    if written.year is not None:
        return _date(written.year, written.month, written.day)
    for year in range(not_before.year, not_before.year + 5):  # the next 29 February is at most four years away
        found = _date(year, written.month, written.day)
        if found is not None and found >= not_before:
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_words(found: re.Match[str]) -> Written | None:
    start, end = found.span()
    if found["iso"]:
        return Written(start, end, int(found["iso_day"]), int(found["iso_month"]), int(found["iso_year"]))
    if found["east_day"]:
        return Written(start, end, int(found["east_day"]), int(found["east_month"]), _year(found["east_year"]))
    if found["day"]:
        return Written(start, end, int(found["day"]), _month(found["month"]), _year(found["year"]))
    if found["first_day"]:
        day = found["range_day"] or found["first_day"]
        year = _year(found["last_year"] or found["first_year"])
        month = _month(found["first_month"])
        return Written(start, end, int(day), month, year, ends_range=bool(found["range_day"]))
    return None


def _in_digits(found: re.Match[str], text: str) -> Written | None:
    start, end = found.span()
    one, two, mark = int(found["one"]), int(found["two"]), found["mark"]
    year = _year(found["short"])
    if year is None and (mark == "-" or _TIME.match(text, end)):
        return None
    slashed = mark != "."
    if slashed and two > 12:
        return Written(start, end, two, one, year, slashed=True, month_first=True)
    return Written(start, end, one, two, year, swapped=slashed and one <= 12 and one != two, slashed=slashed)


def _month(word: str) -> int:
    return _MONTHS.get(word.casefold(), 0)


def _year(digits: str | None) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) == 4 else 2000 + int(digits)
