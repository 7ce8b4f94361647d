"""Escalations: what is done about a ticket by itself, once for each cycle of a clock (issue 4.4)."""

from datetime import timedelta

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, START, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, BEN, BOSS = "kim@customer.example", "anna@staff.example", "ben@staff.example", "boss@staff.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEAMS = """
[[agent]]
name = "The Boss"
address = "boss@staff.example"

[[team]]
name = "first"
agents = ["ben@staff.example"]
manager = "boss@staff.example"

[[team]]
name = "second"
agents = ["anna@staff.example"]

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"

[[queue]]
name = "parts"
addresses = ["parts@example.com"]
agents = ["anna@staff.example"]
internal = true

[[organisation]]
name = "ACME"
domains = ["customer.example"]
tags = ["vip"]
"""


def with_rules(new_talk: Talk, rules: str) -> Conversation:
    return new_talk(settings=f"{SETTINGS}{TEAMS}{rules}")


def escalated(talk: Conversation, ticket: int = 1) -> list[str]:
    return [event.data["rule"] for event in talk.events(ticket) if event.kind == "escalated"]


def letters(talk: Conversation, recipient: str) -> list[str]:
    rows = [row for row in talk.rows(schema.outbox) if row.recipient == recipient]
    return [row.subject for row in rows if row.template == "escalation"]


def test_a_breach_hands_the_ticket_to_the_manager_and_raises_it_once(new_talk: Talk) -> None:
    rule = """
[[escalation]]
name = "breached"
clocks = ["first_response"]
at = "100%"
assign = "manager"
raise_priority = true
tag = "late"
"""
    talk = with_rules(new_talk, rule)
    talk.receive(new_mail())
    talk.watch(25 * HOUR)
    talk.watch(HOUR)
    ticket = talk.ticket(1)
    assert (ticket.assignee, ticket.priority, ticket.tags) == (BOSS, "high", "late")
    assert talk.clocks(1)["resolution"].due_at == START + DAY
    assert escalated(talk) == ["breached"]
    assert len(letters(talk, BOSS)) == 1


def test_the_standard_note_names_blocker_owner_and_eta(new_talk: Talk) -> None:
    rule = '\n[[escalation]]\nname = "late"\nat = "75%"\nnotify = ["team"]\n'
    talk = with_rules(new_talk, rule)
    talk.receive(new_mail())
    talk.watch(18 * HOUR)
    [note] = [row.content["words"] for row in talk.rows(schema.event_content) if "words" in row.content]
    assert note.split("\n")[1:] == ["Blocker: not stated yet", "Owner: first", "ETA: 2026-03-05 09:00"]
    text = next(p for p in talk.letters(BEN) if "Blocker" in p.text).text
    assert "2026-03-05 09:00" in text
    assert talk.letters(KIM)[-1].mail["Subject"]
    assert not any("Blocker" in p.text for p in talk.letters(KIM))


def test_a_vips_ticket_is_escalated_after_an_hour_and_others_are_not(new_talk: Talk) -> None:
    rule = """
[[escalation]]
name = "vip"
tags = ["vip"]
clocks = ["first_response"]
after = "1h"
notify = ["chief@example.org"]
"""
    talk = with_rules(new_talk, rule)
    talk.receive(new_mail())
    talk.receive(new_mail(sender="Lee <lee@elsewhere.example>"))
    talk.watch(HOUR)
    assert (escalated(talk, 1), escalated(talk, 2)) == (["vip"], [])
    assert len(letters(talk, "chief@example.org")) == 1


def test_a_second_reopening_escalates(new_talk: Talk) -> None:
    talk = with_rules(new_talk, '\n[[escalation]]\nname = "again"\nreopened = 2\nteam = "second"\n')
    talk.receive(new_mail())
    for count in (1, 2):
        talk.receive(reply_to(talk.letters(BEN)[0], "#assign ben@staff.example\n#resolve\nDone."))
        talk.receive(reply_to(talk.letters(KIM)[-1], "No, it is broken still."))
        talk.watch(timedelta(minutes=1))
        assert escalated(talk) == ["again"] * (count - 1)
    assert talk.ticket(1).team == "second"


def test_a_task_is_a_linked_ticket_of_its_own_whose_queue_is_told(new_talk: Talk) -> None:
    rule = """
[[escalation]]
name = "order the part"
clocks = ["resolution"]
at = "50%"
status = "in_progress"
task = { queue = "parts", subject = "Order the spare part" }
"""
    talk = with_rules(new_talk, rule)
    talk.receive(new_mail())
    talk.watch(36 * HOUR)
    task = talk.ticket(2)
    assert (task.queue, task.subject, task.source, task.contact) == ("parts", "Order the spare part", "internal", "")
    assert talk.ticket(1).status == "in_progress"
    assert [e.data["ticket"] for e in talk.events(1) if e.kind == "linked"] == [2]
    assert [e.data["ticket"] for e in talk.events(2) if e.kind == "linked"] == [1]
    assert any("Order the spare part" in p.text for p in talk.letters(ANNA))
    assert {kind: row.policy for kind, row in talk.clocks(2).items()} == {"resolution": "internal"}  # nobody to answer
    notice = next(p for p in talk.letters(ANNA) if "Order the spare part" in p.text)
    talk.receive(reply_to(notice, "#priority high"))
    assert set(talk.clocks(2)) == {"resolution"}
    talk.receive(reply_to(notice, "#customer lee@elsewhere.example"))
    assert set(talk.clocks(2)) == {"first_response", "resolution"}


def test_a_task_beyond_the_budget_of_notifications_is_told_in_a_digest(new_talk: Talk) -> None:
    rule = """
[[escalation]]
name = "order the part"
clocks = ["resolution"]
at = "50%"
task = { queue = "parts", subject = "Order the spare part" }

[letters]
notifications_per_5_minutes = 1
"""
    talk = with_rules(new_talk, rule)
    for number in range(2):
        talk.receive(new_mail(f"Mail {number}", subject=f"Mail {number}", sender=f"Lee <lee@c{number}.example>"))
        talk.wait(timedelta(minutes=6))
    talk.watch(36 * HOUR)
    talk.wait(timedelta(minutes=6))
    talk.parts.sweep.run()
    talk.work()
    assert [p.mail["Subject"].count("#4") for p in talk.letters(ANNA)][-1] == 1


def test_one_rule_that_two_clocks_call_for_at_once_is_carried_out_once(new_talk: Talk) -> None:
    talk = with_rules(new_talk, '\n[[escalation]]\nname = "late"\nat = "100%"\nraise_priority = true\n')
    talk.receive(new_mail())
    talk.watch(4 * DAY)
    talk.watch(DAY)
    assert talk.ticket(1).priority == "high"
    assert sorted(escalated(talk)) == ["late", "late"]  # noted for both clocks


def test_an_agent_escalates_by_mail_and_the_manager_is_told(new_talk: Talk) -> None:
    talk = with_rules(new_talk, "")
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(BEN)[0], "#escalate blocker=no spare part owner=Ben eta=Friday noon"))
    assert talk.ticket(1).priority == "high"
    assert talk.clocks(1)["resolution"].due_at == START + DAY
    assert len(letters(talk, BOSS)) == 1
    told = talk.letters(BOSS)[-1].text
    assert ("no spare part" in told, "Friday noon" in told) == (True, True)
    assert "it is escalated: Blocker: no spare part, Owner: Ben, ETA: Friday noon" in talk.letters(BEN)[-1].text
    assert "#undo (priority medium)" in talk.letters(BEN)[-1].text
    assert not any("spare part" in p.text for p in talk.letters(KIM))


def test_an_escalation_without_owner_or_eta_does_nothing_and_says_what_is_missing(new_talk: Talk) -> None:
    talk = with_rules(new_talk, "")
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(BEN)[0], "#escalate blocker=no spare part"))
    assert talk.ticket(1).priority == "medium"
    assert '#escalate blocker="no spare part" owner=… eta=…' in talk.letters(BEN)[-1].text


def test_what_an_agent_writes_on_a_task_is_kept_as_a_note(new_talk: Talk) -> None:
    rule = '[[escalation]]\nname = "order"\nat = "50%"\nclocks = ["resolution"]\n'
    talk = with_rules(new_talk, f'\n{rule}task = {{ queue = "parts", subject = "Order the part" }}\n')
    talk.receive(new_mail())
    talk.watch(36 * HOUR)
    told = next(p for p in talk.letters(ANNA) if "Order the part" in p.text)
    talk.receive(reply_to(told, "#resolve\nIt is ordered."))
    assert talk.ticket(2).status == "resolved"
    assert [event.kind for event in talk.events(2)].count("note") == 1
    assert [event.kind for event in talk.events(2)].count("answer") == 0


def test_what_an_escalation_gives_to_a_team_that_shares_out_waits_for_its_agent(new_talk: Talk) -> None:
    rule = '\n[[escalation]]\nname = "late"\nclocks = ["first_response"]\nat = "100%"\nteam = "second"\n'
    shared = TEAMS.replace('name = "second"', 'name = "second"\nassign = "round_robin"')
    talk = new_talk(settings=f"{SETTINGS}{shared}{rule}")
    talk.receive(new_mail())
    assert talk.ticket(1).assignee == ""
    talk.watch(DAY)
    assert (talk.ticket(1).team, talk.ticket(1).assignee) == ("second", "")
    talk.watch()
    assert talk.ticket(1).assignee == ANNA


@pytest.mark.parametrize(("asks", "status"), [("", "resolved"), ('requires = { resolved = "root_cause" }', "new")])
def test_a_status_that_needs_more_than_the_ticket_has_is_not_set(new_talk: Talk, asks: str, status: str) -> None:
    rule = f'[[escalation]]\nname = "late"\nat = "100%"\nstatus = "resolved"\ntag = "late"\n[lifecycle]\n{asks}\n'
    talk = with_rules(new_talk, rule)
    talk.receive(new_mail())
    talk.watch(25 * HOUR)
    assert (talk.ticket(1).status, talk.ticket(1).tags) == (status, "late")


def test_an_agents_escalation_reaches_the_manager_though_no_clock_runs(new_talk: Talk) -> None:
    talk = with_rules(new_talk, "")
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(BEN)[0], "#resolve"))
    assert [kind for kind, row in talk.clocks(1).items() if row.ended_at is None] == []
    talk.receive(reply_to(talk.letters(BEN)[0], '#escalate eta: "Friday noon", owner: Ben, blocker: no spare part'))
    assert len(letters(talk, BOSS)) == 1
    assert "no spare part" in talk.letters(BOSS)[-1].text
    assert "Friday noon" in talk.letters(BOSS)[-1].text
    assert "told boss@staff.example" in talk.letters(BEN)[-1].text
    assert not any("spare part" in p.text for p in talk.letters(KIM))


def test_the_line_that_an_agent_is_asked_for_can_be_sent_filled_up(new_talk: Talk) -> None:
    talk = with_rules(new_talk, "")
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(BEN)[0], "#escalate owner=Ben"))
    [line] = [line for line in talk.letters(BEN)[-1].text.splitlines() if line.startswith("#escalate blocker")]
    assert 'owner="Ben"' in line
    talk.receive(reply_to(talk.letters(BEN)[0], line.replace("…", "a broken seal")))
    assert escalated(talk) == ["#escalate"]
    assert "a broken seal" in talk.letters(BOSS)[-1].text
