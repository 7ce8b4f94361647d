"""Roles: a mail that asks for too much does nothing at all, and nobody hears of a ticket who may not read it."""

from datetime import timedelta

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import delivery_report, new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, BEN, OLE, ROOT = (
    "kim@customer.example",
    "anna@staff.example",
    "ben@staff.example",
    "ole@staff.example",
    "root@example.com",
)
DAY = timedelta(days=1)
ANNA_INSTALLS = SETTINGS.replace(f'address = "{ANNA}"', f'address = "{ANNA}"\nrole = "installer"')

# Ben may read billing alone; a support ticket is his only when it is given to him.
LIMITED = f"""{SETTINGS}
role = "clerk"

[[role]]
name = "clerk"
permissions = ["service.read", "service.write", "service.escalate"]
queues = ["billing"]

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"

[[queue]]
name = "billing"
addresses = ["billing@example.com"]

[[team]]
name = "first"
agents = ["{BEN}", "{ANNA}"]
manager = "{BEN}"

[sla]
at_risk_to = ["team", "{ROOT}"]
breach_to = ["team", "manager", "{BEN}", "{ROOT}"]
"""
CALL = """
[[escalation]]
name = "late"
at = "100%"
notify = ["assignee", "team", "manager", "ben@staff.example", "root@example.com"]
task = { queue = "support", subject = "Call the customer" }
"""


def last(talk: Conversation, agent: str) -> str:
    return talk.letters(agent)[-1].text


def templates(talk: Conversation, recipient: str) -> list[str]:
    return sorted({row.template for row in talk.rows(schema.outbox) if row.recipient == recipient})


def test_nothing_of_a_mail_is_done_when_one_command_is_not_allowed(new_talk: Talk) -> None:
    talk = new_talk(settings=ANNA_INSTALLS)
    talk.receive(new_mail())
    settled = talk.receive(reply_to(talk.letters(ANNA)[0], "#priority high\n#resolve\nIt runs again."))
    ticket = talk.ticket(1)
    assert (ticket.status, ticket.priority, ticket.responded_at) == ("new", "medium", None)
    assert settled.outcome == "command"
    assert "refused: #resolve: service.resolve is missing" in settled.why
    assert "It runs again." not in "".join(letter.text for letter in talk.letters(KIM))
    assert f"{ANNA} is installer, with service.escalate, service.read, service.write" in last(talk, ANNA)
    assert f"who may: {BEN}" in last(talk, ANNA)
    assert "It runs again." in last(talk, ANNA)  # what was typed is not lost


def test_what_is_allowed_is_done(new_talk: Talk) -> None:
    talk = new_talk(settings=ANNA_INSTALLS)
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#priority high\nI am on my way."))
    assert (talk.ticket(1).status, talk.ticket(1).priority) == ("responded", "high")
    assert "I am on my way." in last(talk, KIM)


@pytest.mark.parametrize("words", ["Dear Kim, no.", "#note a liar", "#assign me", "#close resolved"])
def test_who_only_reads_sends_and_changes_nothing(new_talk: Talk, words: str) -> None:
    talk = new_talk(settings=ANNA_INSTALLS.replace("installer", "executive"))
    talk.receive(new_mail())
    before = talk.ticket(1).version, len(talk.letters(KIM))
    talk.receive(reply_to(talk.letters(ANNA)[0], words))
    assert (talk.ticket(1).version, len(talk.letters(KIM))) == before
    assert "is missing" in last(talk, ANNA)


def test_a_ticket_cannot_be_given_to_who_never_answers_one(new_talk: Talk) -> None:
    talk = new_talk(settings=ANNA_INSTALLS.replace("installer", "executive"))
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(BEN)[0], f"#assign {ANNA}"))
    assert talk.ticket(1).assignee == ""
    assert f"#assign {ANNA}: nobody could answer it there; service.write is missing" in last(talk, BEN)


def test_tickets_are_shared_out_among_those_who_may_answer_them(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED + '[routing]\nassign = "round_robin"\nsticky = false\n')
    for to in ("support@example.com",) * 3 + ("billing@example.com",) * 2:
        talk.receive(new_mail(to=to))
    assert [row.assignee for row in talk.rows(schema.ticket)][:3] == [ANNA] * 3
    assert {row.assignee for row in talk.rows(schema.ticket)} == {ANNA, BEN}


def test_a_ticket_of_another_queue_is_told_to_those_who_may_read_it(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED)
    talk.receive(new_mail())
    talk.receive(new_mail(to="billing@example.com", subject="Invoice"))
    assert [str(letter.mail["Subject"]) for letter in talk.letters(BEN)] == ["Invoice [#2]"]
    assert len(talk.letters(ANNA)) == 2


def test_alerts_escalations_and_tasks_go_past_who_may_not_read(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED + CALL)
    talk.receive(new_mail())
    talk.watch(DAY * 0.6)
    talk.watch(DAY)
    assert templates(talk, BEN) == []
    assert templates(talk, ANNA) == ["at_risk", "breach", "escalation", "notification"]
    assert talk.ticket(2).subject == "Call the customer"
    assert {"at_risk", "breach", "escalation"} <= set(templates(talk, ROOT))  # named in the file, and no agent


def test_an_agents_escalation_does_not_tell_a_manager_who_may_not_read(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED)
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#escalate blocker=parts owner=me eta=today"))
    assert talk.ticket(1).priority == "high"
    assert templates(talk, BEN) == []
    assert f"{BEN} was not told: the manager may not read this ticket" in last(talk, ANNA)


def test_an_escalation_that_gives_the_ticket_away_shows_it(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED + '[[escalation]]\nname = "late"\nat = "100%"\nassign = "manager"\n')
    talk.receive(new_mail())
    talk.watch(DAY * 1.5)
    assert talk.ticket(1).assignee == BEN
    assert "escalation" in templates(talk, BEN)
    talk.receive(reply_to(talk.letters(BEN)[-1], "It is on its way."))  # and lets him answer
    assert "It is on its way." in last(talk, KIM)


def test_an_answer_that_came_back_is_told_to_who_may_read(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED)
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "Here it is."))
    answer = talk.letters(KIM)[-1]
    talk.receive(delivery_report(answer), to=answer.sender, envelope_from="")
    assert "did not reach" in last(talk, ANNA)
    assert talk.letters(BEN) == []


@pytest.mark.parametrize("what", ["notifications", "grouped alerts"])
def test_a_digest_leaves_out_what_may_be_read_no_more(new_talk: Talk, what: str) -> None:
    few = "\n[letters]\nnotifications_per_5_minutes = 1\n" if what == "notifications" else ""
    grouped = "\n[sla]\ngrouped = true\nat_risk_to = ['team']\n" if not few else ""
    queue = "\n[[queue]]\nname = 'support'\naddresses = ['support@example.com']\nteam = 'first'\n"
    team = f"[[team]]\nname = 'first'\nagents = ['{BEN}']\n"
    talk = new_talk(settings=SETTINGS + queue + team + few + grouped)
    for _ in range(3):
        talk.receive(new_mail())
    before = len(talk.letters(BEN))
    if grouped:
        talk.watch(DAY * 0.6)
    held = [row.ticket for row in talk.rows(schema.held_back) if row.recipient == BEN]
    assert held  # he was to be told of them, until his role became another one
    later = new_talk(settings=LIMITED, owner="later")
    later.now = talk.now + timedelta(hours=1)
    later.parts.sweep.run()
    later.work()
    assert len(talk.letters(BEN)) == before
    assert later.letters(BEN) == []
    assert [row for row in later.rows(schema.held_back) if row.recipient == BEN] == []


def test_who_guesses_a_number_does_not_learn_what_the_ticket_is_about(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED)
    talk.receive(new_mail(subject="A secret"))
    talk.receive(new_mail("tell me", sender=f"Ben <{BEN}>", subject="Re: [#1]"))
    told = "\n".join(letter.everything for letter in talk.letters(BEN))
    assert "#1" in told
    assert "A secret" not in told


def test_a_queue_that_its_agents_may_not_read_is_told_to_others(new_talk: Talk) -> None:
    """The file is checked; but a ticket's team may be limited as well."""
    settings = f"""{SETTINGS}
teams = ["second"]

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "second"
agents = ["{BEN}"]

[[team]]
name = "first"

[[team]]
name = "second"
"""
    talk = new_talk(settings=settings)
    talk.receive(new_mail())
    assert (len(talk.letters(BEN)), len(talk.letters(ANNA))) == (1, 0)
    talk.receive(reply_to(talk.letters(BEN)[0], "#set team first"))
    talk.receive(reply_to(talk.letters(KIM)[0], "Hello?"))
    assert "Hello?" in last(talk, ANNA)
    assert "Hello?" not in last(talk, BEN)


@pytest.mark.parametrize("move", ["#queue billing", "#team books", "#set team books"])
def test_nobody_moves_a_ticket_to_where_he_may_do_more(new_talk: Talk, move: str) -> None:
    books = f'\n[[team]]\nname = "books"\nagents = ["{BEN}"]\n'
    limits = 'queues = ["billing"]' if "queue" in move else 'teams = ["books"]'
    ends = LIMITED.replace('queues = ["billing"]', limits).replace("service.escalate", "service.resolve")
    talk = new_talk(settings=ends + books)
    talk.receive(new_mail("It is broken."))
    talk.receive(reply_to(talk.letters(ANNA)[0], f"#assign {BEN}"))
    talk.receive(new_mail("It still is.", subject="Re: Broken [#1]"))
    done = talk.receive(reply_to(talk.letters(BEN)[-1], move))
    assert (talk.ticket(1).queue, talk.ticket(1).team) == ("support", "")
    assert "who moves a ticket must not gain by it; service.resolve is missing here" in done.why
    talk.receive(reply_to(talk.letters(ANNA)[0], move))
    assert "billing" in talk.ticket(1).queue or talk.ticket(1).team == "books"
