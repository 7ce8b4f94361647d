"""A reply that moves its ticket: who has it then, and who hears of the reply."""

import pytest

from maild.cli.explaining import Explainer
from maild.store import schema
from maild.testing.conversation import SETTINGS, Talk
from maild.testing.mails import new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, CARA = "kim@customer.example", "anna@staff.example", "cara@staff.example"
TWO_QUEUES = f"""{SETTINGS}
[[agent]]
name = "Cara Agent"
address = "{CARA}"

[[queue]]
name = "support"
addresses = ["support@example.com"]
agents = ["{ANNA}"]

[[queue]]
name = "billing"
addresses = ["billing@example.com"]
agents = ["{CARA}"]

[[team]]
name = "second"
agents = ["{CARA}"]
"""
SHARED_OUT = f'{TWO_QUEUES}assign = "round_robin"\n[[reason]]\ncode = "second_sort"\nteam = "second"\n'


def for_replies(word: str, then: str) -> str:
    return f'[[rule]]\nname = "{word}"\nwhen = {{ reply = true, words = ["{word}"] }}\nthen = {{ {then} }}\n'


def test_a_new_reason_gives_the_ticket_to_somebody_of_the_new_team(new_talk: Talk) -> None:
    talk = new_talk(settings=SHARED_OUT + for_replies("dented", 'reason = "second_sort"'))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    done = talk.receive(reply_to(talk.letters(KIM)[0], "And now it is dented."))
    assert (talk.ticket(1).team, talk.ticket(1).assignee) == ("second", CARA)
    assert "assigned to cara@staff.example: round robin" in done.why
    assert len(talk.letters(CARA)) == 1


def test_whoever_had_the_ticket_has_it_no_more_when_another_queue_gets_it(new_talk: Talk) -> None:
    talk = new_talk(settings=TWO_QUEUES + for_replies("invoice", 'queue = "billing"'))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    talk.receive(reply_to(talk.letters(ANNA)[0], "#assign me"))
    talk.receive(reply_to(talk.letters(KIM)[0], "The invoice is wrong as well."))
    assert (talk.ticket(1).queue, talk.ticket(1).assignee) == ("billing", "")
    assert "The invoice is wrong as well." in talk.letters(CARA)[-1].text


def test_a_reason_said_again_takes_nothing_back(new_talk: Talk) -> None:
    talk = new_talk(settings=SHARED_OUT + for_replies("hot", 'tags = ["hot"]'))
    talk.receive(new_mail("Reason: second_sort\n\nA missing part.", subject="Parts"))
    talk.receive(reply_to(talk.letters(CARA)[0], f"#set team\n#assign {ANNA}"))
    talk.receive(reply_to(talk.letters(KIM)[0], "Reason: second_sort\n\nIt is hot."))
    ticket = talk.ticket(1)
    assert (ticket.tags, ticket.team, ticket.assignee) == ("hot", "", ANNA)


def test_history_is_given_to_nobody(new_talk: Talk) -> None:
    fixed = f'[[rule]]\nname = "fixed"\nwhen = {{ words = ["part"] }}\nthen = {{ assignee = "{CARA}" }}\n'
    talk = new_talk(settings=TWO_QUEUES + fixed + for_replies("dented", f'assignee = "{CARA}"'))
    talk.accept(new_mail("A part.", subject="Parts", message_id="1@customer.example"), silent=True)
    talk.work()
    again = {"References": "<1@customer.example>"}
    talk.accept(new_mail("Dented.", subject="Re: Parts", message_id="2@customer.example", headers=again), silent=True)
    talk.work()
    assert [(one.outcome, one.ticket) for one in talk.settled()] == [("new_ticket", 1), ("reply", 1)]
    assert talk.ticket(1).assignee == ""
    assert talk.rows(schema.outbox) == []


def test_no_rule_is_shown_for_an_agents_mail(new_talk: Talk) -> None:
    talk = new_talk(settings=TWO_QUEUES + for_replies("invoice", 'queue = "billing"'))
    talk.receive(new_mail("A missing part.", subject="Parts"))
    letters = talk.parts.letters
    explainer = Explainer(desk=letters.desk, letters=letters, database=talk.database)
    words = "The invoice is wrong."
    queues = {
        writer: found.route.queue
        for writer in (ANNA, KIM)
        if (found := explainer.explain(reply_to(talk.letters(writer)[0], words), talk.now).with_store)
    }
    assert queues == {ANNA: "support", KIM: "billing"}
    assert len(talk.rows(schema.inbox)) == 1
