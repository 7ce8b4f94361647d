"""Alerts about clocks: who is told, when, and that nobody is told twice (SLA.md, Thresholds and breach)."""

import threading
from datetime import datetime, timedelta

import pytest

from maild.app.clocks import clocks_of
from maild.app.digest_words import LISTED
from maild.app.ports import Delivery
from maild.store import schema
from maild.testing.conversation import SETTINGS, START, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

KIM, ANNA, BEN, ROOT, BOSS = (
    "kim@customer.example",
    "anna@staff.example",
    "ben@staff.example",
    "root@example.com",
    "boss@staff.example",
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEAM = """
[[team]]
name = "first"
agents = ["ben@staff.example"]
manager = "boss@staff.example"

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"
"""


def alerts(talk: Conversation, recipient: str) -> list[str]:
    """The letters about clocks to somebody, by their subjects."""
    letters = [row for row in talk.rows(schema.outbox) if row.recipient == recipient]
    return [f"{row.template}: {row.subject}" for row in letters if row.template in ("at_risk", "breach", "sla_digest")]


def levels(talk: Conversation, ticket: int = 1) -> list[tuple[str, int]]:
    """What was told of a ticket's clocks."""
    return [(e.data["clock"], e.data["level"]) for e in talk.events(ticket) if e.kind == "alert"]


def test_half_three_quarters_and_nine_tenths_of_the_target_are_told_and_the_breach(talk: Conversation) -> None:
    talk.receive(new_mail())
    for hours in (11, 12, 17, 18, 21, 22, 23, 24, 25):
        talk.now = START + hours * HOUR
        talk.watch()
    assert levels(talk) == [("first_response", level) for level in (50, 75, 90, 100)]
    assert [line.partition(":")[0] for line in alerts(talk, ANNA)] == ["at_risk"] * 3 + ["breach"]


def test_an_alert_is_told_at_its_moment_and_the_store_knows_the_next(talk: Conversation) -> None:
    talk.receive(new_mail())
    assert talk.clocks(1)["first_response"].next_at == START + 12 * HOUR
    talk.watch(12 * HOUR - timedelta(seconds=1))
    assert levels(talk) == []
    talk.watch(timedelta(seconds=1))
    assert levels(talk) == [("first_response", 50)]
    assert talk.clocks(1)["first_response"].next_at == START + 18 * HOUR


def test_several_thresholds_that_were_crossed_meanwhile_make_one_alert_for_the_highest(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.watch(23 * HOUR)
    assert levels(talk) == [("first_response", 90)]
    assert len(alerts(talk, ANNA)) == 1


def test_two_clocks_that_are_due_at_once_make_one_letter(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.watch(4 * DAY)
    assert sorted(levels(talk)) == [("first_response", 100), ("resolution", 100)]
    assert len(alerts(talk, ANNA)) == 1


def test_a_clock_that_jumps_tells_nothing_twice(talk: Conversation) -> None:
    talk.receive(new_mail())
    for jump in (3 * DAY, -3 * DAY, 2 * DAY, -1 * DAY):
        talk.watch(jump)
        talk.watch()
    assert levels(talk).count(("first_response", 100)) == 1
    assert len(levels(talk)) <= 3


def test_a_raised_priority_tells_of_the_breach_it_brings_once(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.watch(12 * HOUR)
    talk.receive(reply_to(talk.letters(ANNA)[0], "#priority high"))
    talk.watch()
    talk.watch(timedelta(minutes=1))
    assert sorted(levels(talk)) == [("first_response", 50), ("first_response", 100), ("resolution", 50)]
    talk.receive(reply_to(talk.letters(ANNA)[0], "#priority critical"))
    talk.watch()
    assert levels(talk).count(("first_response", 100)) == 1


def test_nobody_is_told_of_a_clock_on_hold_or_at_its_end(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#hold"))
    talk.watch(9 * DAY)
    talk.receive(reply_to(talk.letters(ANNA)[0], "#resume"))
    talk.receive(reply_to(talk.letters(ANNA)[0], "#resolve\nDone."))
    talk.watch(9 * DAY)
    assert levels(talk) == []


def test_the_assignee_is_told_else_the_team_and_of_a_breach_the_manager_too(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + TEAM)
    talk.receive(new_mail())
    talk.watch(12 * HOUR)
    assert (len(alerts(talk, ANNA)), len(alerts(talk, BEN)), len(alerts(talk, BOSS))) == (0, 1, 0)
    talk.receive(reply_to(talk.letters(ANNA)[0], "#assign anna@staff.example"))
    talk.watch(6 * HOUR)
    assert (len(alerts(talk, ANNA)), len(alerts(talk, BEN)), len(alerts(talk, BOSS))) == (1, 1, 0)
    talk.watch(6 * HOUR)
    assert (len(alerts(talk, ANNA)), len(alerts(talk, BEN)), len(alerts(talk, BOSS))) == (2, 1, 1)


def test_a_reply_to_an_alert_answers_the_customer(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.watch(25 * HOUR)
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Sorry for the delay: switch it on."))
    assert "switch it on" in talk.letters(KIM)[-1].text
    assert talk.clocks(1)["first_response"].failed is True


def test_quiet_hours_hold_back_all_but_the_breach(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + '\n[sla]\nquiet = ["20:00-07:00"]\n')
    talk.receive(new_mail())  # at 09:00: half of it is used up at 21:00, three quarters at 03:00
    talk.watch(18 * HOUR)
    assert levels(talk) == []
    talk.watch(4 * HOUR)
    assert levels(talk) == [("first_response", 90)]  # all that it missed, at once, in the morning
    talk.now = datetime(2026, 3, 3, 22, 0, tzinfo=START.tzinfo)
    talk.receive(new_mail("Another one.", subject="Another"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#priority critical"))
    talk.watch(HOUR)
    assert ("first_response", 100) in levels(talk, 2)


def test_alerts_may_be_grouped_into_a_digest_but_a_breach_comes_at_once(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + "\n[sla]\ngrouped = true\n")
    talk.receive(new_mail())
    talk.receive(new_mail("Another one.", subject="Another"))
    talk.watch(13 * HOUR)
    assert alerts(talk, ANNA) == []
    talk.wait(timedelta(minutes=6))
    talk.parts.sweep.run()
    [digest] = alerts(talk, ANNA)
    assert digest.startswith("sla_digest: ")
    assert "#1, #2" in digest
    talk.watch(12 * HOUR)
    assert [line.partition(":")[0] for line in alerts(talk, ANNA)] == ["sla_digest", "breach", "breach"]


def test_more_alerts_than_the_budget_come_in_a_digest(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + "\n[letters]\nnotifications_per_5_minutes = 2\n")
    for number in range(4):
        talk.receive(new_mail(f"Mail {number}", subject=f"Mail {number}", sender=f"Kim <kim{number}@customer.example>"))
        talk.wait(timedelta(minutes=6))
    talk.watch(DAY)
    assert [line.partition(":")[0] for line in alerts(talk, ANNA)] == ["breach", "breach"]
    talk.wait(timedelta(minutes=6))
    talk.parts.sweep.run()
    assert alerts(talk, ANNA)[-1].startswith("sla_digest: ")
    talk.work()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_watchers_tell_of_each_clock_once(new_talk: Talk) -> None:
    first, second = new_talk(owner="one"), new_talk(owner="two")
    for number in range(60):
        first.receive(new_mail(subject=f"Mail {number}", sender=f"Kim <kim{number}@c{number}.example>"))
    first.wait(DAY)
    second.now = first.now
    watchers = [threading.Thread(target=each.parts.watch_clocks) for each in (first, second)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()
    first.parts.watch_clocks()
    first.parts.send_all()
    assert [levels(first, number) for number in range(1, 61)] == [[("first_response", 100)]] * 60


def test_a_ticket_that_cannot_be_looked_at_keeps_no_other_one_waiting(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        talk.receive(new_mail(subject=f"Mail {number}", sender=f"Kim <kim{number}@customer.example>"))
    real = clocks_of

    def broken(number: int, *facts: object) -> object:
        if number == 2:
            raise RuntimeError("planted")
        return real(number, *facts)  # type: ignore[arg-type]

    monkeypatch.setattr("maild.app.watch.clocks_of", broken)
    talk.watch(DAY)
    assert [len(levels(talk, number)) for number in (1, 2, 3)] == [1, 0, 1]
    monkeypatch.undo()
    talk.watch(timedelta(minutes=6))
    assert len(levels(talk, 2)) == 1


def test_a_digest_tells_of_clocks_behind_however_many_notifications(new_talk: Talk) -> None:
    budget = "\n[letters]\nnotifications_per_5_minutes = 1\n"
    talk = new_talk(settings=SETTINGS + "\n[sla]\ngrouped = true\n" + budget)
    talk.receive(new_mail("The first one.", subject="First"))
    talk.watch(13 * HOUR)  # at risk: held for the digest
    talk.wait(timedelta(seconds=1))
    for number in range(LISTED + 2):
        talk.accept(new_mail(f"Mail {number}", subject=f"Mail {number}", sender=f"Kim <kim@c{number}.example>"))
    talk.work()
    talk.wait(timedelta(minutes=6))
    talk.parts.sweep.run()
    [digest] = alerts(talk, ANNA)
    assert digest.startswith("sla_digest: ")
    assert digest.endswith("#1")
    talk.work()


def test_a_manager_whom_mail_does_not_reach_is_told_of_to_the_others(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + TEAM)
    gone = Delivery(sent=False, answer="550 5.1.1 no such user")
    talk.sender.answer = lambda letter: gone if BOSS in letter.envelope_to else None
    for number in range(3):
        talk.receive(new_mail(f"Mail {number}", subject=f"Mail {number}", sender=f"Kim <kim{number}@customer.example>"))
    talk.watch(DAY)
    talk.work()
    assert f"[maild] Mail does not reach {BOSS}" in [str(p.mail["Subject"]) for p in talk.letters(ROOT)]


def test_a_flood_of_alerts_is_told_of_without_a_mail_to_blame(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + "\n[letters]\nnotifications_per_5_minutes = 2\n")
    for number in range(4):
        talk.receive(new_mail(f"Mail {number}", subject=f"Mail {number}", sender=f"Kim <kim{number}@customer.example>"))
        talk.wait(timedelta(minutes=6))
    talk.watch(DAY)
    [warning] = talk.letters(ROOT)
    assert "held back" in str(warning.mail["Subject"])
    assert "maild outbox list" in warning.text
    assert "Letter: 0" not in warning.text
    assert "show 0" not in warning.text
