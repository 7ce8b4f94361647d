"""A changed configuration: open clocks are derived again, and nobody is told twice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from maild.app.rederive import derived_again
from maild.testing.conversation import SETTINGS, START, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

ANNA = "anna@staff.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUICK = """
[[policy]]
name = "quick"
[policy.first_response]
low = "10h"
medium = "10h"
high = "10h"
critical = "10h"
"""
SLOW = QUICK.replace("10h", "100h")
OFFICE = """
[sla]
calendar = "office"

[[calendar]]
name = "office"
timezone = "UTC"
[calendar.hours]
mon = ["09:00-17:00"]
tue = ["09:00-17:00"]
"""


def told(talk: Conversation) -> list[str]:
    """The alerts that were sent to Anna."""
    return [str(p.mail["Subject"]) for p in talk.letters(ANNA)[1:]]


def moved(talk: Conversation) -> list[object]:
    return [line["moved"] for line in talk.log if line["event"] == "clocks derived again"]


def test_changed_targets_move_open_clocks_and_the_log_says_how_many(new_talk: Talk) -> None:
    new_talk().receive(new_mail())
    talk = new_talk(settings=SETTINGS + QUICK)
    talk.watch()
    assert talk.clocks(1)["first_response"].due_at == START + 10 * HOUR
    assert "resolution" not in talk.clocks(1)
    assert moved(talk) == [2]
    reasons = [event.data["reason"] for event in talk.events(1) if event.kind == "target"]
    assert reasons == ["configuration"]


def test_the_same_configuration_derives_nothing_again(new_talk: Talk) -> None:
    talk = new_talk()
    talk.receive(new_mail())
    talk.watch()
    again = new_talk()
    again.watch()
    assert moved(again) == []


def test_a_changed_calendar_moves_clocks_without_new_terms(new_talk: Talk) -> None:
    office = SETTINGS + OFFICE
    new_talk(settings=office).receive(new_mail())
    talk = new_talk(settings=office.replace('tue = ["09:00-17:00"]', 'tue = ["11:00-17:00"]'))
    assert talk.clocks(1)["first_response"].due_at == datetime(2026, 3, 9, 17, 0, tzinfo=UTC)
    talk.watch()
    assert talk.clocks(1)["first_response"].due_at == datetime(2026, 3, 10, 13, 0, tzinfo=UTC)
    assert [event.kind for event in talk.events(1)] == ["opened", "mail"]


def test_old_alerts_are_not_sent_again_and_new_ones_are(new_talk: Talk) -> None:
    first = new_talk(settings=SETTINGS + QUICK)
    first.receive(new_mail())
    first.watch(6 * HOUR)
    assert len(told(first)) == 1  # 50 %

    looser = new_talk(settings=SETTINGS + QUICK.replace("10h", "12h"))
    looser.now = first.now
    looser.watch()  # 6 of 12 hours: 50 % again
    assert told(looser) == []
    looser.watch(3 * HOUR)  # 75 %, not told before
    assert len(looser.letters(ANNA)) == 1

    slow = new_talk(settings=SETTINGS + SLOW)
    slow.now = looser.now
    slow.watch(70 * HOUR)  # 79 %: 50 and 75 were told
    assert slow.letters(ANNA) == []


def test_a_breach_that_the_configuration_brings_is_told_once(new_talk: Talk) -> None:
    new_talk(settings=SETTINGS + SLOW).receive(new_mail())
    talk = new_talk(settings=SETTINGS + QUICK)
    talk.watch(20 * HOUR)
    talk.watch(HOUR)
    assert len(talk.letters(ANNA)) == 1
    assert talk.events(1)[-1].data["level"] == 100


THRESHOLDS = "\n[sla]\nthresholds = [50]\n"
QUIET = '\n[sla]\nquiet = ["20:00-07:00"]\n'
LATER = (
    '\n[[escalation]]\nname = "forgotten"\nclocks = ["first_response"]\nat = "125%"\nnotify = ["boss@staff.example"]\n'
)


def test_thresholds_that_are_new_are_told_at_their_moment(new_talk: Talk) -> None:
    first = new_talk(settings=SETTINGS + THRESHOLDS)
    first.receive(new_mail())
    first.watch()
    talk = new_talk(settings=SETTINGS + THRESHOLDS.replace("50", "10"))
    talk.watch(3 * HOUR)  # of 24
    assert [e.data["level"] for e in talk.events(1) if e.kind == "alert"] == [10]


def test_an_escalation_that_is_new_is_carried_out_for_clocks_of_which_all_was_told(new_talk: Talk) -> None:
    first = new_talk()
    first.receive(new_mail())
    first.watch(25 * HOUR)  # breached, and nothing of it left to tell
    talk = new_talk(settings=SETTINGS + LATER)
    talk.now = first.now
    talk.watch()
    talk.watch(6 * HOUR)
    assert [e.data["rule"] for e in talk.events(1) if e.kind == "escalated"] == ["forgotten"]


def test_alerts_wait_for_no_quiet_hours_that_are_no_more(new_talk: Talk) -> None:
    first = new_talk(settings=SETTINGS + QUIET)
    first.receive(new_mail())
    first.watch()
    talk = new_talk()
    talk.watch(12 * HOUR)  # 21:00
    assert [e.data["level"] for e in talk.events(1) if e.kind == "alert"] == [50]


def test_a_ticket_that_cannot_be_derived_again_keeps_no_alert_waiting(
    new_talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = new_talk()
    for number in range(3):
        first.receive(new_mail(subject=f"Mail {number}", sender=f"Kim <kim{number}@customer.example>"))
    real = derived_again

    def broken(numbers: Sequence[int], *facts: object) -> object:
        if 2 in numbers:
            raise RuntimeError("planted")
        return real(numbers, *facts)  # type: ignore[arg-type]

    monkeypatch.setattr("maild.app.rederive.derived_again", broken)
    talk = new_talk(settings=SETTINGS + QUICK)
    talk.watch(11 * HOUR)
    assert [talk.clocks(number)["first_response"].policy for number in (1, 2, 3)] == ["quick", "standard", "quick"]
    assert [talk.events(number)[-1].data["level"] for number in (1, 3)] == [100, 100]
    assert [line["ticket"] for line in talk.log if line["event"] == "clocks of a ticket not derived again"] == [2]


def test_clocks_that_have_ended_stay_as_they_were_counted(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + SLOW)
    talk.receive(new_mail())
    talk.wait(20 * HOUR)
    talk.receive(reply_to(talk.letters(ANNA)[-1], "An answer."))
    before = talk.clocks(1)["first_response"]
    assert before.failed is False
    changed = new_talk(settings=SETTINGS + QUICK)
    changed.now = talk.now
    changed.watch()
    assert changed.clocks(1)["first_response"] == before


def test_new_thresholds_and_escalations_hold_for_open_clocks_too(new_talk: Talk) -> None:
    new_talk().receive(new_mail())
    early = '[[escalation]]\nname = "early"\nat = "20%"\nclocks = ["resolution"]\ntag = "slow"\n'
    talk = new_talk(settings=f"{SETTINGS}\n[sla]\nthresholds = [10]\n{early}")
    talk.watch(15 * HOUR)
    assert talk.ticket(1).tags == "slow"
    assert sorted(e.data["level"] for e in talk.events(1) if e.kind == "alert") == [10, 10]
