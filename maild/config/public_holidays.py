"""Asks the library of holidays: which countries there are, and their public holidays.

It takes half a second to load, so this module is only imported for a calendar that names a country.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

from holidays import HolidayBase, country_holidays
from holidays.registry import COUNTRIES

from maild.config.faults import nearest

_SHOWN = 12  # of a list of subdivisions


def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year; none beyond the years that the library knows."""
    return frozenset(country_holidays(country, subdiv=subdivision, years=year, expand=False))


def library_version() -> str:
    """The version of the library: another one may know other holidays."""
    return version("holidays")


def wrong_country(country: str) -> str:
    """What is wrong with the code of a country, and what would be right; "" when it is one."""
    names = {module.replace("_", " "): alpha2 for module, (_, alpha2, *_) in COUNTRIES.items()}
    if country in names.values():
        return ""
    aliases = {alias: alpha2 for _, alpha2, *rest in COUNTRIES.values() for alias in (alpha2, *rest[:1])}
    name = nearest(country, names)
    near = nearest(country, aliases)
    found = f"{names[name]} ({name})" if name else aliases[near] if near else ""
    hint = f"did you mean {found}?" if found else "write its ISO code, such as DE, AT, CH, FR, GB or US"
    return f"the library of holidays has no country {country!r}; {hint}"


def wrong_subdivision(country: str, subdivision: str) -> str:
    """What is wrong with the part of a country that exists, and what would be right; "" when there is one."""
    known: HolidayBase = country_holidays(country)
    if subdivision in known.subdivisions:
        return ""
    if not known.subdivisions:
        return f"{country} has no subdivisions with holidays of their own; leave it out"
    shown = ", ".join(known.subdivisions[:_SHOWN]) + (", ..." if len(known.subdivisions) > _SHOWN else "")
    aliases = {code: code for code in known.subdivisions} | dict(known.subdivisions_aliases)
    near = nearest(subdivision, aliases)
    hint = f"did you mean {aliases[near]}? They are {shown}" if near else f"they are {shown}"
    return f"{country} has no subdivision {subdivision!r}; {hint}"
