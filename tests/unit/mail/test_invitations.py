"""Invitations: who, when, what; and what strangers make of the format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail import Address, Invitation, read_mail
from maild.mail.invitation_forms import invitation_from, invitation_json, when_text
from maild.mail.invitations import read_invitation

BERLIN = ZoneInfo("Europe/Berlin")

ZONE = """\
BEGIN:VTIMEZONE
TZID:Our office
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*lines: str, method: str = "REQUEST", before: str = "") -> str:
    event = "".join(f"{line}\n" for line in lines)
    return f"BEGIN:VCALENDAR\nMETHOD:{method}\n{before}BEGIN:VEVENT\n{event}END:VEVENT\nEND:VCALENDAR\n"


def read(*lines: str, method: str = "REQUEST", before: str = "") -> Invitation:
    found = read_invitation(calendar(*lines, method=method, before=before))
    assert found is not None
    return found


def test_who_when_what() -> None:
    found = read(
        "UID:1@x",
        'ORGANIZER;CN="Müller; Jörg":MAILTO:j@X.example',
        "ATTENDEE;ROLE=REQ-PARTICIPANT;CN=Kim;RSVP=TRUE:mailto:",
        " kim@y.example",
        "SUMMARY;LANGUAGE=de:Besprechung\\, zweite",
        "DESCRIPTION:Line one\\nline two",
        "LOCATION:Raum 5",
        "DTSTART:20260504T080000Z",
        "DTEND:20260504T093000Z",
        "BEGIN:VALARM",
        "DESCRIPTION:a reminder is no description",
        "END:VALARM",
    )
    assert found == Invitation(
        method="request",
        uid="1@x",
        summary="Besprechung, zweite",
        description="Line one\nline two",
        location="Raum 5",
        organizer=Address("Müller; Jörg", "j@x.example"),
        attendees=(Address("Kim", "kim@y.example"),),
        start=datetime(2026, 5, 4, 8, 0, tzinfo=UTC),
        end=datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (("DTSTART:20260504T080000Z", "DTEND:20260504T093000Z"), "2026-05-04 10:00 - 11:30 CEST"),
        (("DTSTART:20260504T080000Z", "DURATION:PT1H30M"), "2026-05-04 10:00 - 11:30 CEST"),
        (("DTSTART:20260504T080000Z", "DTEND:20260505T093000Z"), "2026-05-04 10:00 - 2026-05-05 11:30 CEST"),
        (("DTSTART;TZID=America/New_York:20260504T080000",), "2026-05-04 14:00 CEST"),
        (("DTSTART;TZID=Eastern Standard Time:20260504T080000",), "2026-05-04 14:00 CEST"),
        (('DTSTART;TZID="W. Europe Standard Time":20260104T080000',), "2026-01-04 08:00 CET"),
        (("DTSTART;TZID=/example.org/Tzfile/Europe/London:20260104T080000",), "2026-01-04 09:00 CET"),
        (("DTSTART;TZID=Our office:20260704T080000",), "2026-07-04 08:00 CEST"),
        (("DTSTART;TZID=Our office:20260104T080000",), "2026-01-04 08:00 CET"),
        (("DTSTART;TZID=Nowhere:20260104T080000",), "2026-01-04 08:00"),
        (("DTSTART:20260104T080000",), "2026-01-04 08:00"),
        (("DTSTART;VALUE=DATE:20260504", "DTEND;VALUE=DATE:20260505"), "2026-05-04"),
        (("DTSTART;VALUE=DATE:20260504", "DTEND;VALUE=DATE:20260507"), "2026-05-04 - 2026-05-06"),
        (("DTSTART;VALUE=DATE:20260504",), "2026-05-04"),
        (("DTSTART:20269999T080000Z",), ""),
        (("DTSTART;TZID=../../etc/passwd:20260104T080000",), "2026-01-04 08:00"),
        (("DTSTART:99991231T235900Z",), "9999-12-31 23:59"),
    ],
)
def test_when(lines: tuple[str, ...], shown: str) -> None:
    assert when_text(read(*lines, before=ZONE), BERLIN) == shown


@pytest.mark.parametrize(
    ("rule", "frequency", "words"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10", "weekly", "every 2 weeks on Monday, Friday, 10 times"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260601T000000Z", "daily", "every day on workdays, until 2026-06-01"),
        ("FREQ=MONTHLY;BYDAY=1MO", "monthly", "every month"),
        ("FREQ=SECONDLY", "", ""),
        ("nonsense", "", ""),
    ],
)
def test_how_often(rule: str, frequency: str, words: str) -> None:
    found = read(f"RRULE:{rule}")
    assert (found.frequency, found.recurrence) == (frequency, words)


@pytest.mark.parametrize(
    ("method", "line", "cancelled", "answer"),
    [
        ("CANCEL", "SUMMARY:x", True, ""),
        ("REQUEST", "STATUS:CANCELLED", True, ""),
        ("REPLY", "ATTENDEE;PARTSTAT=DECLINED:mailto:kim@y.example", False, "declined"),
        ("REQUEST", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:kim@y.example", False, ""),
    ],
)
def test_cancelled_and_answered(method: str, line: str, cancelled: bool, answer: str) -> None:
    found = read(line, method=method)
    assert (found.cancelled, found.answer, found.method) == (cancelled, answer, method.lower())


def test_the_event_itself_goes_before_the_change_of_one_occurrence() -> None:
    change = "BEGIN:VEVENT\nRECURRENCE-ID:20260504T080000Z\nSUMMARY:changed\nEND:VEVENT\n"
    assert read("SUMMARY:whole", before=change).summary == "whole"


@pytest.mark.parametrize(
    "text", ["", "BEGIN:VCALENDAR\nEND:VCALENDAR", "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT", "END:VEVENT\n:;=\n;x"]
)
def test_no_invitation(text: str) -> None:
    assert read_invitation(text) is None


PART = "Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\n"
FILE = 'Content-Type: application/octet-stream; name="invite.ics"\nContent-Disposition: attachment\n\n'


def mixed(*parts: str) -> bytes:
    body = "".join(f"--x\n{part}\n" for part in parts)
    return f"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n{body}--x--\n".encode()


def test_the_invitation_of_a_mail_goes_before_an_attached_file() -> None:
    mail = read_mail(mixed(FILE + calendar("SUMMARY:attached"), PART + calendar("SUMMARY:Größe")))
    assert mail.invitation is not None
    assert mail.invitation.summary == "Größe"
    assert mail.calendar_method == "request"


def test_an_attached_file_is_read_when_there_is_nothing_else() -> None:
    mail = read_mail(mixed("\nwords", FILE + calendar("SUMMARY:attached", method="PUBLISH")))
    assert mail.invitation is not None
    assert (mail.invitation.summary, mail.calendar_method, mail.text) == ("attached", "", "words")


def test_a_mail_that_is_only_an_invitation_says_what_the_invitation_says() -> None:
    mail = read_mail(("From: a@b.example\n" + PART + calendar("DESCRIPTION:Please come\\, all")).encode())
    assert mail.text == "Please come, all"


def test_it_can_be_kept_as_json() -> None:
    for found in (
        read("DTSTART:20260504T080000Z", "ORGANIZER:mailto:a@b.example", "ATTENDEE;CN=x:invalid:nomail"),
        read("DTSTART;VALUE=DATE:20260504", "DTEND;VALUE=DATE:20260509"),
        read("DTSTART:20260504T080000", "RRULE:FREQ=DAILY"),
    ):
        assert invitation_from(json.loads(json.dumps(invitation_json(found)))) == found


words = st.sampled_from(
    ["BEGIN:", "END:", "VEVENT", "VTIMEZONE", "STANDARD", "\n", "\n ", ";TZID=", "Our office", ":", '"', "DTSTART",
     "RRULE:FREQ=YEARLY;BYMONTH=", "00010101T000000", "99991231", "DURATION:P9999W", "-", "9" * 30, "\\", "\0", "ü"]
)  # fmt: skip


@given(st.lists(words | st.text(max_size=5), max_size=30), st.integers(0, 700))
def test_any_text_gives_an_answer(pieces: list[str], at: int) -> None:
    good = calendar("DTSTART;TZID=Our office:20260504T080000", "DTEND:20260504T080000Z", before=ZONE)
    found = read_invitation(good[:at] + "".join(pieces) + good[at:])
    if found is not None:
        when_text(found, BERLIN)
        assert invitation_from(json.loads(json.dumps(invitation_json(found)))) == found


@pytest.mark.processor(5)
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["\n ", "BEGIN:VEVENT\n", "END:X\n", "A;B=C", 'A;B="', "ATTENDEE:mailto:a@b.c\n", ";=", ":", "\\n"]
)
def test_hostile_calendars_cost_little(unit: str) -> None:
    read_invitation(calendar("SUMMARY:" + unit * (1_000_000 // len(unit))))
    read_invitation("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + unit * (1_000_000 // len(unit)))


def test_days_end_with_a_day_whatever_their_length_is_said_to_be() -> None:
    found = read("DTSTART;VALUE=DATE:20260504", "DURATION:P1DT2H")
    assert found.all_day
    assert found.end == datetime(2026, 5, 5)  # noqa: DTZ001 - a day, wherever you are
