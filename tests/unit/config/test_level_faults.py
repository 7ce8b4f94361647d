"""What is wrong with service levels is told at load: the line, the cause, and the nearest right form."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.config.load import load, load_calendars
from maild.errors import ConfigError

# Lines 1 to 8: a desk with two queues; every case begins in line 9.
DESK = """\
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
[[agent]]
name = "Anna"
address = "anna@example.com"
"""
FIRST = DESK.count("\n") + 1

OFFICE = '[[calendar]]\nname = "office"\ntimezone = "Europe/Berlin"\n[calendar.hours]\n'
DE = OFFICE + 'mon = ["09:00-17:00"]\n[calendar.holidays]\n'
POLICY = '[[policy]]\nname = "p"\n'
HIGH = '[policy.resolution]\nhigh = "8h"\n'
ACME = '[[organisation]]\nname = "Acme"\ndomains = ["acme.example"]\ngroups = ["Key"]\ntags = ["vip"]\n'
TEAM = '[[team]]\nname = "service"\n'
RISE = '[[escalation]]\nname = "rise"\n'
BEN = '[[agent]]\nname = "Ben"\naddress = "ben@example.com"\n'
AT = 'at = "90%"\n'


def two(first: str, second: str) -> str:
    """Two policies with these conditions."""
    return f'[[policy]]\nname = "one"\n{first}\n{HIGH}[[policy]]\nname = "two"\n{second}\n{HIGH}'


# what is written: the line (counted from the first of the case), the key, and the whole message
CASES: dict[str, tuple[str, int, str, str]] = {
    # calendars
    "unknown zone": (
        '[[calendar]]\nname = "o"\ntimezone = "europe/berlim"\n[calendar.hours]\nmon = ["09:00-17:00"]',
        3, "calendar.timezone", "there is no time zone 'europe/berlim'; did you mean Europe/Berlin?",
    ),
    "no zone": (
        '[[calendar]]\nname = "o"\n[calendar.hours]\nmon = ["09:00-17:00"]',
        1, "calendar.timezone", "is missing; IANA time zone of its hours and days.",
    ),
    "the name of the built-in one": (
        '[[calendar]]\nname = "24x7"\ntimezone = "UTC"\n[calendar.hours]\nmon = ["09:00-17:00"]',
        2, "calendar.name", "24x7 is built in and counts every hour; choose another name",
    ),
    "two of a name": (
        OFFICE + 'mon = ["09:00-17:00"]\n' + OFFICE + 'mon = ["09:00-17:00"]',
        7, "calendar.name", f"office is also in line {FIRST + 1}; give each calendar its own",
    ),
    "windows that overlap": (
        OFFICE + 'mon = ["09:00-12:30", "12:00-17:30"]',
        5, "calendar.hours.mon", "mon 12:00-17:30 overlaps with mon 09:00-12:30; did you mean 12:30-17:30?",
    ),
    "windows that overlap, in the wrong order": (
        OFFICE + 'mon = ["12:00-17:30", "09:00-12:30"]',
        5, "calendar.hours.mon", "mon 12:00-17:30 overlaps with mon 09:00-12:30; did you mean 12:30-17:30?",
    ),
    "a window over midnight into the next day's": (
        OFFICE + 'mon = ["22:00-06:00"]\ntue = ["05:00-09:00"]',
        6, "calendar.hours.tue", "tue 05:00-09:00 overlaps with mon 22:00-06:00; did you mean 06:00-09:00?",
    ),
    "a window over the end of the week": (
        OFFICE + 'mon = ["05:00-09:00"]\nsun = ["22:00-06:00"]',
        5, "calendar.hours.mon", "mon 05:00-09:00 overlaps with sun 22:00-06:00; did you mean 06:00-09:00?",
    ),
    "a window in another one": (
        OFFICE + 'mon = ["08:00-18:00", "09:00-12:00"]',
        5, "calendar.hours.mon", "mon 09:00-12:00 lies inside mon 08:00-18:00; take one of them out",
    ),
    "a window twice": (
        OFFICE + 'mon = ["09:00-12:00", "09:00-12:00"]',
        5, "calendar.hours.mon", "mon 09:00-12:00 lies inside mon 09:00-12:00; take one of them out",
    ),
    "a reversed window": (
        OFFICE + 'mon = ["17:00-09:00"]',
        5, "calendar.hours.mon",
        ("17:00-09:00 ends before it begins, and for a night it is too long (over 14 hours);"
        " did you mean 09:00-17:00? If not, write it as two windows, cut at midnight"),
    ),
    "an empty window": (
        OFFICE + 'mon = ["09:00-09:00"]',
        5, "calendar.hours.mon", "'09:00-09:00' is empty; the whole day is 00:00-24:00",
    ),
    "a window without minutes": (
        OFFICE + 'mon = ["9-17"]',
        5, "calendar.hours.mon", "'9-17' is not a window of hours; did you mean 09:00-17:00?",
    ),
    "a window with a dash of typographers": (
        OFFICE + 'mon = ["9:00 – 17:30"]',
        5, "calendar.hours.mon", "'9:00 – 17:30' is not a window of hours; did you mean 09:00-17:30?",
    ),
    "a window that is none": (
        OFFICE + 'mon = ["morning"]',
        5, "calendar.hours.mon",
        "'morning' is not a window of hours; write it like 09:00-12:30, 22:00-06:00 or 00:00-24:00",
    ),
    "a window beyond the day": (
        OFFICE + 'mon = ["09:00-25:00"]',
        5, "calendar.hours.mon",
        "'09:00-25:00' is not a window of hours; write it like 09:00-12:30, 22:00-06:00 or 00:00-24:00",
    ),
    "a day that is none": (
        OFFICE + 'mond = ["09:00-17:00"]\ntue = ["09:00-17:00"]',
        5, "calendar.hours.mond", "there is no such key; did you mean mon?",
    ),
    "hours that are no table": (
        '[[calendar]]\nname = "o"\ntimezone = "UTC"\nhours = "09:00-17:00"',
        4, "calendar.hours", "wrong type; it must be a table: its name in brackets, with keys below it",
    ),
    "no window at all": (
        OFFICE, 4, "calendar.hours",
        'the calendar never opens; give at least one window, such as mon = ["09:00-17:00"]',
    ),
    "a country by its name": (
        DE + 'country = "Germany"',
        7, "calendar.holidays.country", "the library of holidays has no country 'Germany'; did you mean DE (germany)?",
    ),
    "a country in small letters": (
        DE + 'country = "de"',
        7, "calendar.holidays.country", "the library of holidays has no country 'de'; did you mean DE?",
    ),
    "a country that is none": (
        DE + 'country = "Xyzzyland"',
        7, "calendar.holidays.country",
        "the library of holidays has no country 'Xyzzyland'; write its ISO code, such as DE, AT, CH, FR, GB or US",
    ),
    "a subdivision by its name": (
        DE + 'country = "DE"\nsubdivision = "Berlin"',
        8, "calendar.holidays.subdivision",
        "DE has no subdivision 'Berlin'; did you mean BE? They are BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, ...",
    ),
    "a subdivision that is none": (
        DE + 'country = "AT"\nsubdivision = "XYZZY"',
        8, "calendar.holidays.subdivision", "AT has no subdivision 'XYZZY'; they are 1, 2, 3, 4, 5, 6, 7, 8, 9",
    ),
    "a subdivision without a country": (
        DE + 'subdivision = "BE"',
        7, "calendar.holidays.subdivision", 'a part of which country? Add country = "DE", say',
    ),
    "a day that does not exist": (
        DE + 'dates = ["2026-02-30"]',
        7, "calendar.holidays.dates", "'2026-02-30' is not a day; write it like 2026-12-24",
    ),
    "a day as Germans write it": (
        DE + 'dates = ["24.12.2026"]',
        7, "calendar.holidays.dates", "'24.12.2026' is not a day; did you mean 2026-12-24?",
    ),
    "open on a day that is no holiday": (
        DE + 'country = "DE"\nopen = ["2026-10-04"]',
        8, "calendar.holidays.open", "2026-10-04 is no holiday in DE, so it is open anyway; did you mean 2026-10-03?",
    ),
    "open without holidays": (
        DE + 'open = ["2026-10-04"]',
        7, "calendar.holidays.open", "2026-10-04 is no holiday here, so it is open anyway; take it out",
    ),
    "open and closed": (
        DE + 'dates = [2026-10-05]\nopen = [2026-10-05]',
        8, "calendar.holidays.open", "2026-10-05 is also in dates; keep it in one of them",
    ),
    # what holds for all
    "a calendar that nobody has": (
        '[sla]\ncalendar = "offce"\n' + OFFICE + 'mon = ["09:00-17:00"]',
        2, "sla.calendar", "there is no calendar 'offce'; did you mean office?",
    ),
    "thresholds out of range": (
        "[sla]\nthresholds = [0, 50, 100]",
        2, "sla.thresholds",
        "0 is not between 1 and 99 (100, the breach, is always told); did you mean [50]?",
    ),
    "thresholds that do not ascend": (
        "[sla]\nthresholds = [90, 50]",
        2, "sla.thresholds", "they do not ascend (100, the breach, is always told); did you mean [50, 90]?",
    ),
    "a threshold twice": (
        "[sla]\nthresholds = [50, 50]",
        2, "sla.thresholds", "50 is there twice (100, the breach, is always told); did you mean [50]?",
    ),
    "somebody who is nobody": (
        '[sla]\nbreach_to = ["managr"]', 2, "sla.breach_to", "'managr' is nobody; did you mean manager?",
    ),
    "an alert that would open a ticket": (
        '[sla]\nbreach_to = ["Support@example.com"]',
        2, "sla.breach_to",
        "Support@example.com is a support address, and an alert to it would open a ticket; give a person's own",
    ),
    "a status that cannot pause": (
        '[sla]\npaused_by = ["resolved"]',
        2, "sla.paused_by", "unknown word; it can be 'open', 'in_progress', 'responded' or 'on_hold'",
    ),
    "quiet hours that overlap": (
        '[sla]\nquiet = ["05:00-08:00", "22:00-06:00"]',
        2, "sla.quiet", "22:00-06:00 overlaps with 05:00-08:00; let each end before the next",
    ),
    "quiet hours that begin together": (
        '[sla]\nquiet = ["22:00-06:00", "22:00-23:00"]',
        2, "sla.quiet", "22:00-23:00 overlaps with 22:00-06:00; let each end before the next",
    ),
    "quiet all day": (
        '[sla]\nquiet = ["00:00-12:00", "12:00-24:00"]',
        2, "sla.quiet", "no hour is left in which warnings could be told; write it like 22:00-07:00",
    ),
    "a calendar with too few hours for the built-in policies": (
        '[sla]\ncalendar = "office"\n' + OFFICE + 'mon = ["09:00-09:30"]',
        2, "sla.calendar",
        ("of the built-in policies, 14d cannot be reached within ten years on the calendar office, which is open for"
        " 261 hours in them; write a shorter one, or give the calendar more hours, or set built_in = false"),
    ),
    # policies
    "a policy's calendar": (
        OFFICE + 'mon = ["09:00-17:00"]\n' + POLICY + 'calendar = "Offices"\n' + HIGH,
        8, "policy.calendar", "there is no calendar 'Offices'; did you mean office?",
    ),
    "a queue that nobody has": (
        POLICY + 'queues = ["suport"]\n' + HIGH,
        3, "policy.queues", "there is no queue 'suport'; did you mean support?",
    ),
    "a customer that nobody has": (
        ACME + POLICY + 'customers = ["Acne"]\n' + HIGH,
        8, "policy.customers", "there is no organisation 'Acne'; did you mean Acme?",
    ),
    "a customer, and no organisations": (
        POLICY + 'customers = ["Acne"]\n' + HIGH,
        3, "policy.customers", "there is no organisation 'Acne'; no organisation is configured; leave it out",
    ),
    "a group that nobody has": (
        ACME + POLICY + 'groups = ["kye"]\n' + HIGH,
        8, "policy.groups", "there is no group of organisations 'kye'; did you mean key?",
    ),
    "a customer who is in none of the groups": (
        ACME + '[[organisation]]\nname = "Bo"\ndomains = ["bo.example"]\n'
        + POLICY + 'customers = ["Bo"]\ngroups = ["key"]\n' + HIGH,
        12, "policy.groups", "Bo is in none of these groups; leave out one of the two",
    ),
    "a tag with a slip of the pen": (
        ACME + POLICY + 'tags = ["vpi"]\n' + HIGH,
        8, "policy.tags", "no organisation has the tag 'vpi'; did you mean vip?",
    ),
    "a tag of two words": (
        POLICY + 'tags = ["very important"]\n' + HIGH,
        3, "policy.tags", "'very important' cannot be a tag; write one word, such as very-important",
    ),
    "a priority that is none": (
        POLICY + 'priorities = ["urgnt"]\n' + HIGH,
        3, "policy.priorities", "there is no priority 'urgnt'; did you mean urgent?",
    ),
    "a target for a priority that is none": (
        POLICY + '[policy.resolution]\nhihg = "8h"\nlow = "9h"',
        4, "policy.resolution.hihg", "there is no such key; did you mean high?",
    ),
    "a target of zero": (
        POLICY + '[policy.resolution]\nhigh = "0h"',
        4, "policy.resolution.high",
        "a target of nothing is missed at once; leave it out, or write it like 30m, 4h or 3d",
    ),
    "a target beyond 5 years": (
        POLICY + '[policy.resolution]\nlow = "261w"',
        4, "policy.resolution.low", "1827d is beyond 5 years; write it like 30m, 4h or 3d (of 24 counted hours)",
    ),
    "a target that the calendar has no time for": (
        OFFICE + 'mon = ["09:00-09:30"]\n' + POLICY + 'calendar = "office"\n[policy.resolution]\nlow = "300h"',
        10, "policy.resolution.low",
        ("12d 12h cannot be reached within ten years on the calendar office, which is open for 261 hours in them;"
        " write a shorter one, or give the calendar more hours"),
    ),
    "a priority by two names": (
        POLICY + '[policy.resolution]\nmedium = "8h"\nnormal = "9h"',
        5, "policy.resolution.normal",
        "normal is another word for medium, which is there as well; keep one of them",
    ),
    "no target": (
        POLICY, 2, "policy.name", 'p promises nothing; add [policy.resolution] with high = "8h", say',
    ),
    "no target for its priorities": (
        POLICY + 'priorities = ["low"]\n' + HIGH,
        3, "policy.priorities", "p is for priority low, but has targets only for high; add targets for it",
    ),
    "for internal queues that are not there": (
        POLICY + 'queues = ["support"]\ninternal = true\n' + HIGH,
        4, "policy.internal",
        "support: no queue that is internal; leave it out, or set internal in [[queue]]",
    ),
    "hidden by one that takes everything": (
        two("", 'priorities = ["high"]'),
        7, "policy.name",
        (f"two never gets a ticket: one (line {FIRST + 1}) takes all that it could match;"
        " put two above it, or give one a condition"),
    ),
    "hidden by one that takes more": (
        two('queues = ["support", "staff"]', 'queues = ["staff"]\ntypes = ["repair"]'),
        7, "policy.name",
        (f"two never gets a ticket: one (line {FIRST + 1}) takes all that it could match;"
        " put two above it, or give one a condition"),
    ),
    "hidden, for its queue is internal": (
        two("internal = true", 'queues = ["staff"]'),
        7, "policy.name",
        (f"two never gets a ticket: one (line {FIRST + 1}) takes all that it could match;"
        " put two above it, or give one a condition"),
    ),
    "hidden, for there is one internal queue": (
        two('queues = ["staff"]', "internal = true"),
        7, "policy.name",
        (f"two never gets a ticket: one (line {FIRST + 1}) takes all that it could match;"
        " put two above it, or give one a condition"),
    ),
    "two policies of a name": (
        two('priorities = ["high"]', "").replace('"two"', '"One"'),
        7, "policy.name", f"one is also in line {FIRST + 1}; give each policy its own",
    ),
    # teams
    "a team that nobody has": (
        TEAM + '[[queue]]\nname = "q"\naddresses = ["q@example.com"]\nteam = "servce"',
        6, "queue.team", "there is no team 'servce'; did you mean service?",
    ),
    "a team with a stranger": (
        TEAM + 'agents = ["ana@example.com"]',
        3, "team.agents", "ana@example.com is no agent; did you mean anna@example.com?",
    ),
    "a manager who would open a ticket": (
        TEAM + 'manager = "staff@example.com"',
        3, "team.manager",
        "staff@example.com is a support address, and an alert to it would open a ticket; give a person's own",
    ),
    "a team that shares out in an unknown way": (
        TEAM + 'assign = "round-robbin"',
        3, "team.assign", "'round-robbin' is no way to assign; did you mean round_robin?",
    ),
    "a team that names nobody": (
        TEAM + 'assign = "fixed"',
        3, "team.assign", "'fixed' is no way to assign; it can be none, round_robin, least_loaded",
    ),
    # agents
    "a shift that is no calendar": (
        OFFICE + 'mon = ["09:00-17:00"]\n' + BEN + 'shift = "ofice"',
        9, "agent.shift", "there is no calendar 'ofice'; did you mean office?",
    ),
    "an agent for a customer who is none": (
        ACME + BEN + 'customers = ["Key", "Acmee"]',
        9, "agent.customers", "there is no organisation or group of them 'acmee'; did you mean acme?",
    ),
    "an agent for a type that is none": (
        BEN + 'types = ["incidnet", "anything"]',
        4, "agent.types", "there is no type 'incidnet'; did you mean incident?",
    ),
    "an agent for a language that is none": (
        BEN + 'languages = ["German"]',
        4, "agent.languages", "there is no language 'German'; did you mean de?",
    ),
    # escalations
    "no trigger": (
        RISE + "raise_priority = true",
        2, "escalation.name", 'it never happens; add at = "90%" (of the target), after = "2h" or reopened = 2',
    ),
    "two triggers": (
        RISE + AT + 'after = "2h"\nraise_priority = true',
        4, "escalation.after", "there is already at; keep one of them",
    ),
    "a share without its unit": (
        RISE + 'at = 90\nraise_priority = true', 3, "escalation.at", '90 has no unit; did you mean "90%"?',
    ),
    "a share of nothing": (
        RISE + 'at = "0%"\nraise_priority = true',
        3, "escalation.at", "'0%' is not a share of the target; write \"90%\", from \"1%\" to \"1000%\"",
    ),
    "too large a share": (
        RISE + 'at = "1001%"\nraise_priority = true',
        3, "escalation.at", "'1001%' is not a share of the target; write \"90%\", from \"1%\" to \"1000%\"",
    ),
    "no action": (
        RISE + AT + "notify = []",
        4, "escalation.notify",
        'it does nothing; add notify = ["manager"], assign, team, raise_priority, status, tag or task',
    ),
    "a policy that nobody has": (
        RISE + AT + 'policies = ["standart"]\nraise_priority = true',
        4, "escalation.policies", "there is no policy 'standart'; did you mean standard?",
    ),
    "no clock": (
        RISE + AT + "clocks = []\nraise_priority = true",
        4, "escalation.clocks", "no clock is looked at; name one, or leave the key out for all of them",
    ),
    "a clock that is none": (
        RISE + AT + 'clocks = ["answer"]\nraise_priority = true',
        4, "escalation.clocks", "unknown word; it can be 'first_response', 'next_response' or 'resolution'",
    ),
    "to a manager, without teams": (
        RISE + AT + 'notify = ["manager"]',
        4, "escalation.notify",
        'nobody is "manager", for no queue here has a team; set team in [[queue]], and manager in [[team]]',
    ),
    "to a manager that the team does not have": (
        TEAM + RISE + AT + 'team = "service"\nnotify = ["manager"]',
        7, "escalation.notify",
        'nobody is "manager", for service has none; add manager = "ADDRESS" to [[team]]',
    ),
    "assigned to a manager that nobody is": (
        RISE + AT + 'assign = "manager"',
        4, "escalation.assign",
        'nobody is "manager", for no queue here has a team; set team in [[queue]], and manager in [[team]]',
    ),
    "assigned to a manager who is no agent": (
        TEAM + 'manager = "boss@example.com"\n' + RISE + AT + 'team = "service"\nassign = "manager"',
        8, "escalation.assign",
        "boss@example.com, a manager, is no agent and cannot be given tickets; add [[agent]] with this address",
    ),
    "assigned to a stranger": (
        RISE + AT + 'assign = "ana@example.com"',
        4, "escalation.assign", "ana@example.com is no agent; did you mean anna@example.com?",
    ),
    "assigned to a word": (
        RISE + AT + 'assign = "team"',
        4, "escalation.assign", "a ticket cannot be given to 'team'; write \"manager\", or an agent's address",
    ),
    "to a team that nobody is": (
        RISE + AT + 'notify = ["team"]',
        4, "escalation.notify",
        'nobody is "team" here; give [[team]] agents and set team in [[queue]], or give the queue agents',
    ),
    "handed to a team that is none": (
        TEAM + RISE + AT + 'team = "servic"',
        6, "escalation.team", "there is no team 'servic'; did you mean service?",
    ),
    "a notification that would open a ticket": (
        RISE + AT + 'notify = ["staff@example.com"]',
        4, "escalation.notify",
        "staff@example.com is a support address, and an alert to it would open a ticket; give a person's own",
    ),
    "a task for a queue that is none": (
        RISE + AT + 'task = { queue = "staf", subject = "Call" }',
        4, "escalation.task.queue", "there is no queue 'staf'; did you mean staff?",
    ),
    "a task without a subject": (
        RISE + AT + 'tag = "x"\ntask = { queue = "staff" }', 5, "escalation.task.subject", "is missing; What it says.",
    ),
    "a status that is none": (
        RISE + AT + 'status = "hold"',
        4, "escalation.status",
        "unknown word; it can be 'open', 'in_progress', 'on_hold', 'resolved' or 'closed'",
    ),
    "two escalations of a name": (
        (RISE + AT + "raise_priority = true\n") * 2,
        6, "escalation.name", f"rise is also in line {FIRST + 1}; give each escalation its own",
    ),
}  # fmt: skip


def faults(file: Path, text: str) -> list[str]:
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    return [problem.removeprefix(f"{file}:") for problem in caught.value.problems]


@pytest.mark.parametrize(("text", "line", "key", "message"), CASES.values(), ids=CASES.keys())
def test_a_fault_is_told_once_with_its_line_and_what_would_be_right(
    tmp_path: Path, text: str, line: int, key: str, message: str
) -> None:
    assert faults(tmp_path / "maild.toml", DESK + text) == [f"{FIRST + line - 1}: {key}: {message}"]


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    text = DESK + (
        OFFICE + 'mon = ["09:00-12:30", "12:00-17:30"]\ntue = ["noon"]\n'
        '[calendar.holidays]\ncountry = "Germany"\ndates = ["Christmas"]\n'
        + POLICY + 'calendar = "offce"\nqueues = ["sales"]\n[policy.resolution]\nhigh = "0h"\n'
        + RISE + 'assign = "eve@example.com"\ntask = { queue = "x", subject = "y" }\n'
    )  # fmt: skip

    assert [problem.split(": ")[1] for problem in faults(tmp_path / "maild.toml", text)] == [
        "calendar.hours.mon",
        "calendar.hours.tue",
        "calendar.holidays.country",
        "calendar.holidays.dates",
        "policy.calendar",
        "policy.queues",
        "policy.resolution.high",
        "escalation.assign",
        "escalation.task.queue",
    ]


# Each of them looks like a fault at first sight.
FINE = {
    "windows that touch, also over midnight and over the end of the week": (
        OFFICE + 'mon = ["06:00-12:00", "12:00-18:00", "22:00-06:00"]\ntue = ["06:00-07:00"]\nsun = ["22:00-06:00"]'
    ),
    "windows in any order": OFFICE + 'mon = ["13:30-17:30", "09:00-12:30"]',
    "a night of twelve hours": OFFICE + 'mon = ["20:00-08:00"]',
    "a long quiet night": '[sla]\nquiet = ["17:00-09:00"]',
    "a later policy with one condition fewer": two(
        'queues = ["support"]\npriorities = ["high"]', 'queues = ["support"]'
    ),
    "policies that only meet": two('priorities = ["high", "low"]', 'priorities = ["high", "medium", "critical"]'),
    "a tag that agents set": ACME + POLICY + 'tags = ["escalated-twice"]\n' + HIGH,
    "a customer in other letters": ACME + POLICY + 'customers = ["ACME"]\ngroups = ["KEY"]\ntags = ["VIP"]\n' + HIGH,
    "a queue's agents are its team": (
        '[[queue]]\nname = "q"\naddresses = ["q@example.com"]\nagents = ["anna@example.com"]\n'
        + RISE + AT + 'notify = ["team"]'
    ),
    "a team that another escalation hands it to": (
        TEAM + 'manager = "boss@example.com"\n' + RISE + AT + 'team = "service"\n'
        '[[escalation]]\nname = "tell"\nreopened = 2\nnotify = ["manager"]'
    ),
    "nobody is warned": "[sla]\nat_risk_to = []\nthresholds = []",
    "no built-in policies": "[sla]\nbuilt_in = false",
    "a built-in policy by its name": RISE + AT + 'policies = ["standard"]\nraise_priority = true',
}  # fmt: skip


@pytest.mark.parametrize("text", FINE.values(), ids=FINE.keys())
def test_what_only_looks_wrong_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "maild.toml").write_text(DESK + text, "utf-8")
    load(tmp_path / "maild.toml", {})


def test_calendars_alone_are_read_from_a_file_that_is_wrong_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "maild.toml"
    file.write_text('[desk]\nsecret_file = "not there"\n[policy]\n' + OFFICE + 'mon = ["09:00-17:00"]')
    assert list(load_calendars(file)) == ["24x7", "office"]

    file.write_text(OFFICE + 'mon = ["09:00-09:00"]\n' + OFFICE)
    with pytest.raises(ConfigError) as caught:
        load_calendars(file)
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        "calendar.hours.mon",
        "calendar.name",
        "calendar.hours",
    ]
