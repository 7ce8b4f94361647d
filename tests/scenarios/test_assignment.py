"""Tickets find their agents: by turns, by load, by who knows the customer; and wait while nobody can take them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from maild.app.desk import Desk
from maild.app.ports import Rendered
from maild.app.staff import BY_ADMIN, Absence
from maild.store import schema
from maild.store.staff import save_absence
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.sink import Posted
from maild.tickets.model import Ticket
from maild.tickets.permissions import Permission

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, BEN = "kim@customer.example", "anna@staff.example", "ben@staff.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEAM = """
[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"

[[team]]
name = "first"
agents = ["anna@staff.example", "ben@staff.example"]
"""
AWAY = {"Auto-Submitted": "auto-replied"}
FAIL = {"Authentication-Results": "mx.example.com; dmarc=fail (p=reject) header.from=staff.example"}
PASS = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}


def desk(new_talk: Talk, assign: str = "round_robin", *, anna: str = "", ben: str = "", more: str = "") -> Conversation:
    """A desk of two agents, with keys of their own and of their team."""
    agents = SETTINGS.replace(f'address = "{ANNA}"', f'address = "{ANNA}"\n{anna}')
    agents = agents.replace(f'address = "{BEN}"', f'address = "{BEN}"\n{ben}')
    return new_talk(settings=f'{agents}{TEAM}assign = "{assign}"\n{more}')


def write(talk: Conversation, count: int = 1, *, sender: str = "") -> None:
    """Mails of as many customers, or of one."""
    for _ in range(count):
        number = len(talk.rows(schema.inbox))
        talk.receive(new_mail(f"It is broken, {number}.", sender=sender or f"c{number}@customer.example"))


def assignees(talk: Conversation) -> list[str]:
    return [row.assignee.partition("@")[0] for row in talk.rows(schema.ticket)]


def letter(talk: Conversation, agent: str, ticket: int) -> Posted:
    return next(one for one in reversed(talk.letters(agent)) if f"[#{ticket}]" in str(one.mail["Subject"]))


def close(talk: Conversation, agent: str, ticket: int) -> None:
    talk.receive(reply_to(letter(talk, agent, ticket), "#close resolved", sender=agent))


def out_of_office(talk: Conversation, agent: str, ticket: int, text: str = "I am back on 9 March 2026.") -> str:
    """What the agent's mail program answers to the notification of a ticket."""
    told = letter(talk, agent, ticket)
    mail = new_mail(text, sender=agent, to=told.sender, subject="Out of office", headers=AWAY)
    return talk.receive(mail, to=told.sender, envelope_from="").why


def test_turns_go_round_and_only_the_assignee_is_told(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk, 5)
    assert assignees(talk) == ["anna", "ben", "anna", "ben", "anna"]
    assert len(talk.letters(ANNA)) == 3
    assert len(talk.letters(BEN)) == 2
    assert "assigned to anna@staff.example: round robin" in talk.settled()[0].why


def test_turns_go_round_in_one_group_of_mails_as_well(new_talk: Talk) -> None:
    talk = desk(new_talk)
    for number in range(6):
        talk.accept(new_mail(f"It is broken, {number}.", sender=f"c{number}@customer.example"))
    talk.work()
    assert assignees(talk) == ["anna", "ben"] * 3


def test_without_a_strategy_nobody_is_assigned(new_talk: Talk) -> None:
    talk = desk(new_talk, "none")
    write(talk, 2)
    assert assignees(talk) == ["", ""]
    assert talk.rows(schema.turn) == []


def test_an_assignment_is_an_event_of_the_system(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    [event] = [event for event in talk.events(1) if event.kind == "set"]
    assert (event.actor, event.data) == ("system", {"why": "round robin, longest without a turn of 2"})


def test_whoever_has_least_to_do_gets_the_next_one(new_talk: Talk) -> None:
    talk = desk(new_talk, "least_loaded", more="sticky = false")
    write(talk, 2)
    talk.receive(reply_to(letter(talk, ANNA, 1), "#priority critical", sender=ANNA))
    write(talk, 3)
    assert Counter(assignees(talk)) == {"anna": 1, "ben": 4}


def test_what_is_on_hold_or_closed_is_no_load(new_talk: Talk) -> None:
    talk = desk(new_talk, "least_loaded")
    write(talk, 4)
    close(talk, BEN, 2)
    talk.receive(reply_to(letter(talk, BEN, 4), "#hold waiting for a part", sender=BEN))
    write(talk, 2)
    assert assignees(talk)[4:] == ["ben", "ben"]


def test_a_customer_keeps_the_agent_who_knows_him(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk, 3, sender=KIM)
    assert assignees(talk) == ["anna"] * 3
    assert "the customer's last agent" in talk.settled()[1].why
    write(talk, 1)
    assert assignees(talk)[3] == "ben"


def test_a_team_may_prefer_turns_to_acquaintance(new_talk: Talk) -> None:
    talk = desk(new_talk, more="sticky = false")
    write(talk, 3, sender=KIM)
    assert assignees(talk) == ["anna", "ben", "anna"]


def test_who_is_off_shift_gets_nothing(new_talk: Talk) -> None:
    talk = desk(
        new_talk,
        anna='shift = "late"',
        more='[[calendar]]\nname = "late"\ntimezone = "UTC"\nhours = { mon = ["14:00-22:00"] }',
    )
    write(talk, 2)
    assert assignees(talk) == ["ben", "ben"]
    assert "not to anna@staff.example: off shift until 2026-03-02 14:00" in talk.settled()[0].why
    talk.wait(6 * HOUR)
    write(talk)
    assert assignees(talk)[2] == "anna"


def test_an_agents_out_of_office_mail_marks_him_absent_until_the_day_that_it_names(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    assert "anna@staff.example counts as absent until 2026-03-09 00:00" in out_of_office(talk, ANNA, 1)
    write(talk, 2)
    assert assignees(talk) == ["anna", "ben", "ben"]  # what he has stays his
    talk.wait(7 * DAY)
    write(talk)
    assert assignees(talk)[3] == "anna"


def test_without_a_date_an_absence_lasts_three_days(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    out_of_office(talk, ANNA, 1, "I am not in the office.")
    [absence] = talk.rows(schema.absence)
    assert absence.until == talk.now + 3 * DAY


def test_in_one_group_of_mails_an_absence_counts_for_those_behind_it(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    told = letter(talk, ANNA, 1)
    talk.accept(new_mail("First.", sender="a@customer.example"))
    talk.accept(
        new_mail("I am away.", sender=ANNA, to=told.sender, subject="Out of office", headers=AWAY),
        to=told.sender,
        envelope_from="",
    )
    for number in range(3):
        talk.accept(new_mail(f"Then {number}.", sender=f"b{number}@customer.example"))
    talk.work()
    assert assignees(talk) == ["anna", "ben", "ben", "ben", "ben"]


@pytest.mark.parametrize(
    ("to", "headers"),
    [
        pytest.param("support@example.com", {}, id="without any proof"),
        pytest.param("", FAIL, id="although the check failed"),
    ],
)
def test_nobody_can_send_an_agent_off_in_his_name(new_talk: Talk, to: str, headers: dict[str, str]) -> None:
    talk = desk(new_talk, more='[authenticity]\ntrusted_ids = ["mx.example.com"]')
    write(talk)
    told = letter(talk, ANNA, 1)
    forged = new_mail("Away until 9 March 2026.", sender=ANNA, to=to or told.sender, headers=AWAY | headers)
    why = talk.receive(forged, to=to or told.sender, envelope_from="").why
    assert "anna@staff.example does not count as absent" in why
    assert talk.rows(schema.absence) == []


def test_a_bounce_address_proves_nothing_for_anybody_else(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk, 2)
    told = letter(talk, BEN, 2)  # by his own bounce address, Ben cannot send Anna off
    talk.receive(new_mail("Away.", sender=ANNA, to=told.sender, headers=AWAY), to=told.sender, envelope_from="")
    assert talk.rows(schema.absence) == []


@pytest.mark.parametrize("how", ["the signed address", "a pass"])
def test_other_proofs_of_an_absence(new_talk: Talk, how: str) -> None:
    talk = desk(new_talk, more='[authenticity]\ntrusted_ids = ["mx.example.com"]')
    write(talk)
    to = str(letter(talk, ANNA, 1).mail["Reply-To"]) if how == "the signed address" else "support@example.com"
    headers = AWAY | (PASS if how == "a pass" else {})
    talk.receive(new_mail("Away.", sender=ANNA, to=to, subject="Out of office", headers=headers), envelope_from="")
    assert [row.address for row in talk.rows(schema.absence)] == [ANNA]


def test_the_agents_next_own_mail_ends_the_absence(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    out_of_office(talk, ANNA, 1)
    talk.receive(reply_to(letter(talk, ANNA, 1), "Done, try again.", sender=ANNA))
    assert talk.rows(schema.absence) == []


def test_a_mail_in_the_agents_name_does_not_end_it(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    out_of_office(talk, ANNA, 1)
    talk.receive(new_mail("I am back.", sender=ANNA))
    assert [row.address for row in talk.rows(schema.absence)] == [ANNA]


def test_a_ticket_waits_while_everybody_is_at_capacity(new_talk: Talk) -> None:
    talk = desk(new_talk, anna="capacity = 1", ben="capacity = 1")
    write(talk, 3)
    assert assignees(talk) == ["anna", "ben", ""]
    assert "at capacity, 1 of 1" in talk.settled()[2].why
    for agent in (ANNA, BEN):  # as everybody of the queue, because nobody has it
        assert "It is broken, 2." in letter(talk, agent, 3).text
    assert [row.ticket for row in talk.rows(schema.awaiting)] == [3]


def test_whoever_comes_free_gets_what_waits_and_is_told(new_talk: Talk) -> None:
    talk = desk(new_talk, anna="capacity = 1", ben="capacity = 1")
    write(talk, 3)
    talk.rings.clear()
    close(talk, BEN, 2)
    assert ("watch", timedelta()) in talk.rings
    talk.watch()
    assert assignees(talk) == ["anna", "ben", "ben"]
    told = letter(talk, BEN, 3)
    assert "is yours now" in told.text
    assert "It is broken, 2." in told.text
    assert talk.rows(schema.awaiting) == []
    talk.receive(reply_to(told, "Please try again.", sender=BEN))
    assert "Please try again." in talk.letters("c2@customer.example")[-1].text


def test_of_what_waits_the_most_urgent_goes_first_then_the_oldest(new_talk: Talk) -> None:
    talk = desk(new_talk, anna="capacity = 1", ben="capacity = 1")
    write(talk, 5)
    talk.receive(reply_to(letter(talk, ANNA, 5), "#priority high", sender=ANNA))
    close(talk, ANNA, 1)
    talk.watch()
    assert assignees(talk) == ["anna", "ben", "", "", "anna"]
    close(talk, BEN, 2)
    talk.watch()
    assert assignees(talk) == ["anna", "ben", "ben", "", "anna"]


def test_what_waits_over_night_is_shared_out_when_the_shift_begins(new_talk: Talk) -> None:
    office = '[[calendar]]\nname = "office"\ntimezone = "UTC"\nhours = { tue = ["08:00-16:00"] }'
    talk = desk(new_talk, anna='shift = "office"', ben='shift = "office"', more=office)
    write(talk, 4)
    talk.watch(22 * HOUR)
    assert assignees(talk) == [""] * 4
    talk.rings.clear()
    talk.wait(2 * HOUR)
    talk.parts.sweep.run()
    assert ("watch", timedelta()) in talk.rings
    talk.watch()
    assert Counter(assignees(talk)) == {"anna": 2, "ben": 2}


def test_a_ticket_that_somebody_took_or_closed_waits_no_more(new_talk: Talk) -> None:
    talk = desk(new_talk, anna="capacity = 1", ben="capacity = 1")
    write(talk, 4)
    talk.receive(reply_to(letter(talk, ANNA, 3), "#assign me", sender=ANNA))
    close(talk, ANNA, 4)
    talk.watch()
    assert assignees(talk) == ["anna", "ben", "anna", ""]
    assert talk.rows(schema.awaiting) == []


def test_one_tickets_trouble_does_not_keep_the_others_waiting(new_talk: Talk) -> None:
    talk = desk(new_talk, anna="capacity = 2", ben="capacity = 1")
    write(talk, 5)
    real = talk.parts.letters

    class Broken:
        def render(self, name: str, language: str, facts: Mapping[str, object]) -> Rendered:
            if facts["number"] == 4:
                raise ValueError("this letter cannot be written")
            return real.templates.render(name, language, facts)

    close(talk, ANNA, 1)
    close(talk, BEN, 2)
    talk.parts.assign_waiting = replace(talk.parts.assign_waiting, letters=replace(real, templates=Broken()))
    talk.watch()
    assert assignees(talk)[3:] == ["", "ben"]
    assert [line["event"] for line in talk.log if line.get("ticket") == 4 and "error" in line] == ["assignment failed"]


def test_history_is_given_to_nobody(new_talk: Talk) -> None:
    talk = desk(new_talk)
    talk.accept(new_mail("Long ago."), silent=True)
    talk.work()
    assert assignees(talk) == [""]


SECOND = """
[[agent]]
name = "Cara Agent"
address = "cara@staff.example"

[[team]]
name = "second"
agents = ["cara@staff.example"]
assign = "round_robin"
"""


def test_a_rule_chooses_the_strategy_and_the_skill(new_talk: Talk) -> None:
    rule = '[[rule]]\nname = "pumps"\nwhen = { words = ["pump"] }\nthen = { assign = "round_robin", skill = "pumps" }\n'
    talk = desk(new_talk, "none", ben='skills = ["pumps"]', more=rule)
    write(talk)
    for number in range(2):
        talk.receive(new_mail(f"The pump, {number}.", sender=f"p{number}@customer.example"))
    assert assignees(talk) == ["", "ben", "ben"]
    assert "not to anna@staff.example: without the skill pumps" in talk.settled()[-1].why


def test_whom_a_rule_names_gets_the_ticket_unless_he_is_away(new_talk: Talk) -> None:
    rule = f'[[rule]]\nname = "pumps"\nwhen = {{ words = ["pump"] }}\nthen = {{ assignee = "{BEN}" }}\n'
    talk = desk(new_talk, "none", more=rule)
    talk.receive(new_mail("The pump."))
    out_of_office(talk, BEN, 1)
    talk.receive(new_mail("The pump again.", sender="lee@customer.example"))
    assert assignees(talk) == ["ben", ""]
    assert "not to ben@staff.example: absent until 2026-03-09 00:00" in talk.settled()[-1].why
    assert "The pump again." in letter(talk, ANNA, 2).text  # somebody has to see it
    talk.watch(7 * DAY)
    assert assignees(talk) == ["ben", "ben"]


def test_the_whole_desk_may_have_a_strategy(new_talk: Talk) -> None:
    talk = new_talk(settings=f'{SETTINGS}\n[routing]\nassign = "round_robin"\nsticky = false\n')
    write(talk, 3, sender=KIM)
    assert assignees(talk) == ["anna", "ben", "anna"]


@pytest.mark.parametrize("command", ["#assign second", "#team second"])
def test_a_team_that_gets_a_ticket_chooses_who_has_it(new_talk: Talk, command: str) -> None:
    talk = desk(new_talk, more=SECOND)
    write(talk)
    done = talk.receive(reply_to(letter(talk, ANNA, 1), command, sender=ANNA))
    assert "assigned to cara@staff.example: round robin" in done.why
    assert (talk.ticket(1).team, talk.ticket(1).assignee) == ("second", "cara@staff.example")
    assert "is yours now" in letter(talk, "cara@staff.example", 1).text


def test_whoever_gives_a_ticket_back_to_his_team_is_not_preferred(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    talk.receive(reply_to(letter(talk, ANNA, 1), "#assign first", sender=ANNA))
    assert assignees(talk) == ["ben"]


def test_an_agent_can_be_named_in_a_command(new_talk: Talk) -> None:
    talk = desk(new_talk)
    write(talk)
    talk.receive(reply_to(letter(talk, ANNA, 1), "#assign ben agent", sender=ANNA))
    assert assignees(talk) == ["ben"]
    done = talk.receive(reply_to(letter(talk, ANNA, 1), "#assign frist", sender=ANNA))
    assert "did you mean first?" in done.why


def test_a_new_reason_gives_the_ticket_to_somebody_of_the_new_team(new_talk: Talk) -> None:
    reason = '[[reason]]\ncode = "second_sort"\nteam = "second"\n'
    talk = desk(new_talk, more=f"{SECOND}{reason}")
    write(talk)
    talk.receive(reply_to(letter(talk, ANNA, 1), "#reason second_sort", sender=ANNA))
    assert talk.ticket(1).assignee == "cara@staff.example"


def test_a_ticket_that_is_opened_again_and_belongs_to_nobody_finds_its_agent(new_talk: Talk) -> None:
    """It waited, was closed by somebody who did not take it, and waited no more."""
    talk = desk(new_talk, anna="capacity = 1", ben="capacity = 1")
    write(talk, 3)
    close(talk, ANNA, 3)
    talk.watch()
    close(talk, BEN, 2)
    customer = "c2@customer.example"
    talk.receive(reply_to(letter(talk, customer, 3), "It is not solved.", sender=customer))
    assert assignees(talk) == ["anna", "ben", "ben"]


def test_many_that_wait_for_the_same_are_weighed_once(new_talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of this is done while nobody else can assign: ten thousand that wait must not take seconds."""
    talk = desk(new_talk, anna="capacity = 1", ben="capacity = 1")
    write(talk, 12)
    asked: list[str] = []
    may = Desk.may

    def counted(self: Desk, address: str, permission: Permission, ticket: Ticket) -> str:
        asked.append(address)
        return may(self, address, permission, ticket)

    monkeypatch.setattr(Desk, "may", counted)
    talk.watch()
    assert len(talk.rows(schema.awaiting)) == 10
    assert asked == [ANNA, BEN]


@pytest.mark.parametrize(("assign", "who"), [("round_robin", "ben"), ("none", "")])
def test_what_waits_for_an_agent_who_has_left_goes_to_the_team(new_talk: Talk, assign: str, who: str) -> None:
    rule = '[[rule]]\nname = "hers"\nthen = { assignee = "anna@staff.example" }\n'
    talk = desk(new_talk, assign, anna="capacity = 1", more=rule)
    write(talk, 2)
    assert assignees(talk) == ["anna", ""]
    without = SETTINGS.replace(ANNA, "cara@staff.example") + TEAM.replace(ANNA, "cara@staff.example")
    with talk.database.write() as connection:
        save_absence(connection, Absence(address="cara@staff.example", since=talk.now, until=None, source=BY_ADMIN))
    later = new_talk(settings=f'{without}assign = "{assign}"\n', owner="here:2:2")
    later.watch()
    assert assignees(later) == ["anna", who]
    assert later.rows(schema.awaiting) == []
