"""Mails go where rules and reason codes send them, and everything that a rule asks for is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from maild.app.desk_structure import Branch, Queue, Team
from maild.routing.catalogue import BRANCH_MANAGER, Asked, Catalogue, Reason, Sort
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When
from maild.store import schema
from maild.store.quarantine import Handling, leave_quarantine, list_quarantine, list_rejected
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

# What depends on the database says so.
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

KIM, ANNA, BEN, MIA = "kim@customer.example", "anna@staff.example", "ben@staff.example", "mia@staff.example"
STAFF = (
    SETTINGS
    + """
[[agent]]
name = "Mia Manager"
address = "mia@staff.example"

[authenticity]
trusted_ids = ["mx.example.com"]
"""
)
FORGED = {"Authentication-Results": "mx.example.com; dmarc=fail (p=reject) header.from=customer.example"}
CATALOGUE = Catalogue(
    reasons=(
        Reason(
            code="missing_part",
            label={"en": "Missing part"},
            keywords={"en": ("missing part*",)},
            team="purchasing",
            asks=(Asked(text={"en": "your order number", "de": "Ihre Bestellnummer"}, unless="order"),),
        ),
        Reason(code="damage", keywords={"en": ("dented",)}, team="warehouse", queue="repairs"),
        Reason(code="access_issue", keywords={"en": ("locked out",)}, team=BRANCH_MANAGER),
    ),
    types=(Sort(name="incident"), Sort(name="warranty_claim")),
)


def a_rule(when: When | None = None, *, name: str = "broken", stop: bool = False, **then: Any) -> Rule:
    return Rule(name=name, when=when or When(words=("broken",)), then=Then(**then), stop=stop)


def route_by(talk: Conversation, *rules: Rule, catalogue: Catalogue = CATALOGUE, **desk: Any) -> Conversation:
    """Let the desk of a conversation work by these rules."""
    facts: dict[str, Any] = {
        "router": Router(rules, catalogue),
        "queues": (
            Queue(name="support", addresses=("support@example.com",)),
            Queue(name="repairs", addresses=("fix@example.com",)),
        ),
        "teams": (
            Team(name="purchasing", agents=(BEN,), manager=MIA),
            Team(name="warehouse", agents=(MIA,)),
        ),
        "branches": (Branch(name="north", manager=MIA, domains=("customer.example",)),),
    }
    letters = talk.parts.letters
    letters = replace(letters, desk=replace(letters.desk, **{**facts, **desk}))
    talk.parts.ingest = replace(talk.parts.ingest, letters=letters)
    return talk


@pytest.fixture
def talk(new_talk: Talk) -> Conversation:
    return new_talk(settings=STAFF)


def told(talk: Conversation) -> set[str]:
    """Who of the agents got anything."""
    return {agent for agent in (ANNA, BEN, MIA) if talk.letters(agent)}


# ------------------------------------------------------------------------ new tickets


def test_a_rule_sorts_a_new_ticket(talk: Conversation) -> None:
    route_by(
        talk,
        a_rule(
            queue="repairs",
            team="purchasing",
            priority="high",
            type="incident",
            case_type="repair",
            reason="damage",
            tags=("hot", "press"),
            policy="service",
        ),
    )
    done = talk.receive(new_mail("It is broken."))
    ticket = talk.ticket(1)
    assert (ticket.queue, ticket.team, ticket.priority) == ("repairs", "purchasing", "high")
    assert (ticket.type, ticket.case_type, ticket.reason_code) == ("incident", "repair", "damage")
    assert (ticket.tags, ticket.sla_policy, ticket.branch) == ("hot press", "service", "north")
    assert talk.clocks(1)["first_response"].policy == "service"
    assert "rule broken" in done.why
    assert told(talk) == {BEN}  # the ticket's own team
    words = " ".join(talk.letters(BEN)[0].text.split())
    for line in ("Priority: high", "Type: incident / repair", "Reason: damage", "Team: purchasing", "Tags: hot press"):
        assert line in words
    assert "Routed: " in words
    assert "Routed" not in talk.letters(KIM)[0].text


@on_sqlite
def test_without_rules_everything_is_as_it_was(talk: Conversation) -> None:
    route_by(talk, catalogue=Catalogue())
    done = talk.receive(new_mail("It is broken."))
    assert (talk.ticket(1).queue, talk.ticket(1).priority, talk.ticket(1).team) == ("support", "medium", "")
    assert "it was sent to support@example.com" in done.why
    assert "Routed" not in talk.letters(ANNA)[0].text


@on_sqlite
def test_a_team_that_is_not_configured_leaves_the_ticket_with_the_queue(talk: Conversation) -> None:
    route_by(talk, a_rule(team="martians"))
    done = talk.receive(new_mail("It is broken."))
    assert talk.ticket(1).team == ""
    assert "there is no team martians" in done.why
    assert told(talk) == {ANNA, BEN, MIA}


@on_sqlite
@pytest.mark.parametrize(
    ("then", "assignee"),
    [
        ({"assignee": ANNA}, ANNA),
        ({"team": "purchasing", "assignee": "manager"}, MIA),
        ({"team": "warehouse", "assignee": "manager"}, ""),  # it has none
        ({"assignee": BRANCH_MANAGER}, MIA),
    ],
)
def test_a_fixed_assignee_has_the_ticket_and_is_told_alone(
    talk: Conversation, then: dict[str, Any], assignee: str
) -> None:
    route_by(talk, a_rule(**then))
    talk.receive(new_mail("It is broken."))
    assert talk.ticket(1).assignee == assignee
    if assignee:
        assert told(talk) == {assignee}


@on_sqlite
def test_a_reason_of_the_branch_goes_to_its_manager(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("We are locked out."))
    assert (talk.ticket(1).assignee, talk.ticket(1).branch) == (MIA, "north")


@on_sqlite
def test_a_hold_comes_after_the_opening_and_the_acknowledgement_still_goes(talk: Conversation) -> None:
    route_by(talk, a_rule(hold="waiting for the warehouse"))
    talk.receive(new_mail("It is broken."))
    assert (talk.ticket(1).status, talk.ticket(1).hold_reason) == ("on_hold", "waiting for the warehouse")
    [acknowledgement] = talk.letters(KIM)
    assert "waiting for the warehouse" not in acknowledgement.everything
    talk.receive(reply_to(acknowledgement, "Any news?"))
    assert talk.ticket(1).status == "open"


@on_sqlite
def test_a_note_is_for_agents_only(talk: Conversation) -> None:
    route_by(talk, a_rule(note="Ask for the frame number."))
    talk.receive(new_mail("It is broken."))
    [note] = [row for row in talk.rows(schema.event) if row.kind == "note"]
    assert note.actor == "system"
    assert "Ask for the frame number." in str(talk.rows(schema.event_content))
    assert "frame number" not in talk.letters(KIM)[0].everything


@on_sqlite
def test_a_notice_tells_others_as_well_but_takes_no_answer_from_them(talk: Conversation) -> None:
    route_by(talk, a_rule(team="purchasing", notify=("manager", "boss@staff.example", "support@example.com")))
    talk.receive(new_mail("It is broken."))
    assert told(talk) == {BEN, MIA}
    [notice] = talk.letters("boss@staff.example")
    assert "It is broken." in notice.text
    assert notice.mail["Reply-To"] is None
    assert "#hold" not in notice.text
    assert talk.letters("support@example.com") == []


@on_sqlite
def test_the_customer_is_asked_for_what_the_reason_needs(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("There is a missing part.", subject="Parts"))
    assert "To help you quickly, please send: - your order number" in " ".join(talk.letters(KIM)[0].text.split())


@on_sqlite
@pytest.mark.parametrize(
    ("template", "says"),
    [("missing_information", "Before we can begin"), ("acknowledgement", "To help you quickly"), ("none", "")],
)
def test_a_rule_chooses_the_letter(talk: Conversation, template: str, says: str) -> None:
    route_by(talk, a_rule(When(reason=("missing_part",)), template=template))
    talk.receive(new_mail("There is a missing part.", subject="Parts"))
    letters = talk.letters(KIM)
    assert bool(letters) == bool(says)
    assert not letters or says in letters[0].text


@on_sqlite
def test_the_language_decides_what_the_customer_reads_but_not_what_agents_read(talk: Conversation) -> None:
    rule = a_rule(When(language=("de",)), tags=("german",))
    route_by(talk, rule, detect_language=lambda text: "de" if "fehlt" in text else "")
    talk.receive(new_mail("Grund: missing_part\n\nHier fehlt etwas.", subject="Teile"))
    assert (talk.ticket(1).language, talk.ticket(1).tags) == ("de", "german")
    assert "Ihre Bestellnummer" in talk.letters(KIM)[0].text
    assert "Your reply to this mail goes to the customer" in talk.letters(BEN)[0].text


@on_sqlite
def test_nobody_asks_for_a_language_that_no_rule_needs(talk: Conversation) -> None:
    def refuse(_text: str) -> str:
        raise AssertionError

    route_by(talk, a_rule(), detect_language=refuse)
    assert talk.receive(new_mail("It is broken.")).outcome == "new_ticket"


# ------------------------------------------------------------------------ turned away


def test_a_rejected_mail_makes_no_ticket_and_its_sender_is_told(talk: Conversation) -> None:
    route_by(talk, a_rule(name="no machines", reject="Please use the form at https://example.com/form."))
    done = talk.receive(new_mail("It is broken."))
    assert (done.outcome, done.ticket, done.state) == ("rejected", None, "done")
    assert "rejected by rule no machines" in done.why
    [letter] = talk.letters(KIM)
    assert "Please use the form" in letter.text
    assert letter.mail["Auto-Submitted"] == "auto-replied"
    assert talk.statuses() == []
    assert told(talk) == set()


@on_sqlite
@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"headers": {"Precedence": "bulk"}}, "not told"),
        ({"headers": FORGED}, "may be forged"),
        ({"sender": "no-reply@customer.example"}, "not told"),
        ({"sender": "support@example.com"}, "not told"),
    ],
)
def test_a_rejection_goes_to_no_robot_and_no_forged_sender(talk: Conversation, facts: dict[str, Any], why: str) -> None:
    route_by(talk, a_rule(reject="No."))
    done = talk.receive(new_mail("It is broken.", **facts))
    assert done.outcome == "rejected"
    assert why in done.why
    assert talk.sender.posted == []


@on_sqlite
def test_rejections_have_the_budgets_of_acknowledgements(talk: Conversation) -> None:
    route_by(talk, a_rule(reject="No."))
    for number in range(15):
        talk.receive(new_mail(f"It is broken, {number}."))
    assert len(talk.letters(KIM)) == 10  # address_per_10_minutes
    assert "budget" in talk.settled()[-1].why


@on_sqlite
@pytest.mark.parametrize("then", [{"spam": True}, {"ignore": True}])
def test_spam_and_what_is_ignored_is_kept_without_a_word(talk: Conversation, then: dict[str, Any]) -> None:
    route_by(talk, a_rule(**then))
    done = talk.receive(new_mail("It is broken."))
    assert done.outcome == "rejected"
    assert "by rule broken" in done.why
    assert talk.sender.posted == []


def test_a_rejected_mail_is_listed_and_can_be_taken_in_after_all(talk: Conversation) -> None:
    route_by(talk, a_rule(spam=True, tags=("doubtful",)))
    raw = new_mail("It is broken.")
    talk.receive(raw)
    with talk.database.read() as connection:
        assert list_quarantine(connection) == []
        [listed] = list_rejected(connection)
    assert (listed.inbox, listed.trouble) == (1, "spam by rule broken")
    assert leave_quarantine(talk.database, None, Handling.REPLAY, talk.now) == []  # it has to be named
    assert leave_quarantine(talk.database, [1], Handling.REPLAY, talk.now) == [1]
    talk.work()
    assert (talk.settled()[0].outcome, talk.ticket(1).tags) == ("new_ticket", "doubtful")
    assert len(talk.letters(KIM)) == 1
    assert (talk.receive(raw).outcome, talk.settled()[-1].ticket) == ("duplicate", 1)


@on_sqlite
def test_another_copy_of_a_rejected_mail_is_judged_by_itself(talk: Conversation) -> None:
    route_by(talk, a_rule(When(recipient=("fix@example.com",)), reject="Nobody reads this."))
    raw = new_mail("It is broken.")
    assert talk.receive(raw, to="fix@example.com").outcome == "rejected"
    assert talk.receive(raw, to="fix@example.com").outcome == "rejected"
    assert [row.template for row in talk.rows(schema.outbox)] == ["rejection"]  # told once
    done = talk.receive(raw, to="support@example.com")
    assert (done.outcome, done.ticket) == ("new_ticket", 1)
    assert talk.receive(raw, to="support@example.com").outcome == "duplicate"


@on_sqlite
def test_a_rejected_mail_that_is_taken_in_after_all_is_acknowledged(talk: Conversation) -> None:
    route_by(talk, a_rule(reject="We repair nothing."))
    talk.receive(new_mail("It is broken."))
    leave_quarantine(talk.database, [1], Handling.REPLAY, talk.now)
    talk.work()
    told = [row.template for row in talk.rows(schema.outbox) if row.recipient == KIM]
    assert told == ["rejection", "acknowledgement"]


@on_sqlite
def test_what_an_agent_hands_on_is_never_turned_away(talk: Conversation) -> None:
    route_by(talk, a_rule(spam=True))
    passed = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}
    mail = new_mail("It is broken, please order a new one.", sender=f"Anna Agent <{ANNA}>", headers=passed)
    assert talk.receive(mail).outcome == "new_ticket"


# ------------------------------------------------------------------------ replies


def test_a_rule_for_replies_sorts_the_ticket(talk: Conversation) -> None:
    angry = When(reply=True, words=("lawyer",))
    route_by(talk, a_rule(angry, name="angry", raised=1, tags=("angry",), note="Be careful.", notify=("manager",)))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    assert talk.ticket(1).priority == "medium"
    done = talk.receive(reply_to(talk.letters(KIM)[0], "My lawyer will write to you."))
    assert (talk.ticket(1).priority, talk.ticket(1).tags) == ("high", "angry")
    assert "rule angry" in done.why
    assert MIA in told(talk)
    [changed] = [row for row in talk.events(1) if row.kind == "set"]
    assert (changed.actor, changed.data["rule"]) == ("system", "angry")
    assert [row.actor for row in talk.events(1) if row.kind == "note"] == ["system"]


@on_sqlite
def test_a_reply_is_never_turned_away_and_rules_for_new_tickets_leave_it_alone(talk: Conversation) -> None:
    route_by(talk, a_rule(When(reply=True, words=("lawyer",)), name="angry", spam=True), a_rule(tags=("new",)))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    done = talk.receive(reply_to(talk.letters(KIM)[0], "My lawyer says it is broken."))
    assert (done.outcome, done.ticket, talk.ticket(1).tags) == ("reply", 1, "")


@on_sqlite
def test_a_reason_that_a_reply_brings_routes_the_ticket_again(talk: Conversation) -> None:
    route_by(talk, a_rule(When(reply=True, words=("dented",)), name="dent", reason="damage"))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    assert talk.ticket(1).team == "purchasing"
    talk.receive(reply_to(talk.letters(KIM)[0], "And now it is dented."))
    ticket = talk.ticket(1)
    assert (ticket.reason_code, ticket.team, ticket.queue) == ("damage", "warehouse", "repairs")


@on_sqlite
def test_what_a_person_set_is_not_lowered_by_a_rule(talk: Conversation) -> None:
    calm = When(reply=True, words=("no hurry",))
    route_by(talk, a_rule(calm, name="calm", priority="low"))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    talk.receive(reply_to(talk.letters(BEN)[0], "#priority high because the line stands still"))
    done = talk.receive(reply_to(talk.letters(KIM)[0], "There is no hurry."))
    assert talk.ticket(1).priority == "high"
    assert "a person set high" in done.why
    [by_hand] = [row for row in talk.events(1) if row.kind == "set"]
    assert by_hand.actor.startswith("agent:")
    assert "the line stands still" in str(talk.rows(schema.event_content))
    assert "because the line stands still" in talk.letters(BEN)[1].text


# ------------------------------------------------------------------------ a change of the reason


def test_an_agents_reason_routes_again_and_tells_the_new_team(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("A missing part.", subject="Parts"))
    assert told(talk) == {BEN}
    talk.receive(reply_to(talk.letters(BEN)[0], "#reason damge"))
    assert "did you mean damage?" in talk.letters(BEN)[-1].text
    talk.receive(reply_to(talk.letters(BEN)[0], "#reason damage"))
    ticket = talk.ticket(1)
    assert (ticket.reason_code, ticket.team, ticket.queue) == ("damage", "warehouse", "repairs")
    [notice] = talk.letters(MIA)
    assert "1: routed again" in notice.text
    assert "A missing part." in notice.text
    assert "routed again: reason damage" in talk.letters(BEN)[-1].text
    by_agent, by_routing = [row for row in talk.events(1) if row.kind == "set"]
    assert by_agent.actor.startswith("agent:")
    assert (by_routing.actor, by_routing.data["why"]) == (
        "system",
        "routed again: reason damage -> queue repairs, team warehouse",
    )
    talk.receive(reply_to(notice, "A new one is on its way."))  # the new team can answer at once
    assert "on its way" in talk.letters(KIM)[-1].text


@on_sqlite
def test_a_reason_of_the_branch_gives_the_ticket_to_its_manager(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("A missing part.", subject="Parts"))
    talk.receive(reply_to(talk.letters(BEN)[0], "#reason access_issue"))
    assert (talk.ticket(1).assignee, talk.ticket(1).team) == (MIA, "")
    assert len(talk.letters(MIA)) == 1
    [by_routing] = [row for row in talk.events(1) if row.kind == "set" and row.actor == "system"]
    assert MIA not in str(by_routing.data)  # no address in the chain


@on_sqlite
def test_what_is_set_with_the_reason_stays(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("A missing part.", subject="Parts"))
    talk.receive(reply_to(talk.letters(BEN)[0], "#reason damage\n#team purchasing\n#queue support"))
    assert (talk.ticket(1).team, talk.ticket(1).queue) == ("purchasing", "support")


@on_sqlite
def test_a_queue_that_a_person_chose_gives_way_to_a_reason_but_not_to_the_address(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("It is dented.", subject="Dents", to="support@example.com"))
    assert talk.ticket(1).queue == "repairs"
    talk.receive(reply_to(talk.letters(MIA)[0], "#assign me\n#reason missing_part"))
    assert (talk.ticket(1).queue, talk.ticket(1).team) == ("support", "purchasing")  # as if it had come so
    assert talk.ticket(1).assignee == MIA  # said in the same mail
    talk.receive(reply_to(talk.letters(MIA)[0], "#queue repairs"))
    talk.receive(reply_to(talk.letters(MIA)[0], "#reason access_issue"))
    assert talk.ticket(1).queue == "repairs"


@on_sqlite
def test_whoever_had_the_ticket_has_it_no_more_when_another_team_gets_it(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("It is dented.", subject="Dents"))
    talk.receive(reply_to(talk.letters(MIA)[0], "#assign me"))
    talk.receive(reply_to(talk.letters(MIA)[0], "#reason missing_part"))
    assert (talk.ticket(1).team, talk.ticket(1).assignee) == ("purchasing", "")
    assert "routed again" in talk.letters(BEN)[0].text


@on_sqlite
def test_rules_see_the_new_reason_and_a_persons_priority_stays(talk: Conversation) -> None:
    route_by(talk, a_rule(When(reason=("damage",)), name="dents", priority="critical"))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    talk.receive(new_mail("Another missing part.", subject="Further parts"))
    talk.receive(reply_to(talk.letters(BEN)[0], "#reason damage"))
    assert talk.ticket(1).priority == "critical"
    talk.receive(reply_to(talk.letters(BEN)[1], "#priority low"))
    talk.receive(reply_to(talk.letters(BEN)[1], "#reason damage"))
    assert talk.ticket(2).priority == "low"


@on_sqlite
def test_when_the_mail_is_gone_the_reason_alone_decides(talk: Conversation) -> None:
    route_by(talk)
    talk.receive(new_mail("A missing part.", subject="Parts"))
    [first] = [row.raw for row in talk.rows(schema.inbox)]
    with talk.database.write() as connection:
        [gone] = connection.execute(schema.raw.select().where(schema.raw.c.id == first))
        connection.execute(schema.raw.delete().where(schema.raw.c.id == first))
    talk.receive(reply_to(talk.letters(BEN)[0], "#reason damage"))
    assert (talk.ticket(1).team, talk.ticket(1).queue) == ("warehouse", "repairs")
    with talk.database.write() as connection:  # the invariants are checked at the end
        connection.execute(schema.raw.insert().values(gone._asdict()))


@on_sqlite
def test_tags_and_type_by_command(talk: Conversation) -> None:
    route_by(talk, a_rule(tags=("hot",)))
    talk.receive(new_mail("It is broken."))
    talk.receive(reply_to(talk.letters(ANNA)[0], "#tag +vip -hot\n#type Incident"))
    assert (talk.ticket(1).tags, talk.ticket(1).type) == ("vip", "incident")
    confirmation = talk.letters(ANNA)[-1].text
    assert "#undo (tags hot, type empty)" in confirmation


@on_sqlite
@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("case_type", "there is no such case type; none is configured"),
        ("sla_policy", "there is no such sla policy; known are internal, service, standard"),
        ("branch", "there is no such branch; known are north"),
        ("language", "write its code, such as #set language de"),
    ],
)
def test_only_names_of_the_configuration_go_into_the_chain(talk: Conversation, field: str, says: str) -> None:
    route_by(talk)
    talk.receive(new_mail("It is broken."))
    talk.receive(reply_to(talk.letters(ANNA)[0], f"#set {field} Norah Miller"))
    assert says in " ".join(talk.letters(ANNA)[-1].text.split())
    assert "Miller" not in str([row.data for row in talk.events(1)])


@on_sqlite
def test_rules_of_the_configuration_file_decide(new_talk: Talk) -> None:
    rules = """
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "billing"
addresses = ["billing@example.com"]
[[rule]]
name = "refunds"
when = { words = ["refund*"], language = "en" }
then = { queue = "billing", priority = "high", tags = ["refund"] }
"""
    pytest.importorskip("py3langid")
    talk = new_talk(settings=STAFF + rules)
    done = talk.receive(new_mail("Good morning, I would like to have refunds for all of these orders, please."))
    ticket = talk.ticket(1)
    assert (ticket.queue, ticket.priority, ticket.tags, ticket.language) == ("billing", "high", "refund", "en")
    assert "rule refunds" in done.why
