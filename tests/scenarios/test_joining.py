"""Merging, duplicates, links and splits, as agents ask for them by mail; and what must not leak by any of it."""

from datetime import timedelta

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Settled, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.sink import Posted

ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, LEE, ZOE = "kim@customer.example", "lee@customer.example", "zoe@other.example"
ANNA, BEN = "anna@staff.example", "ben@staff.example"
DAY = timedelta(days=1)
ORGANISED = f"""{SETTINGS}
[[organisation]]
name = "Customer Inc."
domains = ["customer.example"]
"""
LIMITED = f"""{SETTINGS}
role = "clerk"

[[role]]
name = "clerk"
permissions = ["service.read", "service.write", "service.escalate", "service.resolve"]
queues = ["billing"]

[[queue]]
name = "support"
addresses = ["support@example.com"]

[[queue]]
name = "billing"
addresses = ["billing@example.com"]
"""


def notice(talk: Conversation, number: int, agent: str = ANNA) -> Posted:
    """The last notification of a ticket that an agent got."""
    return next(p for p in reversed(talk.letters(agent)) if f"[#{number}]" in str(p.mail["Subject"]))


def order(talk: Conversation, number: int, text: str, agent: str = ANNA) -> Settled:
    return talk.receive(reply_to(notice(talk, number, agent), text))


def said(talk: Conversation, agent: str = ANNA) -> str:
    """What the agent was told last, in one line."""
    return " ".join(talk.letters(agent)[-1].text.split())


def two_of_kims(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    talk.wait(timedelta(hours=1))
    talk.receive(new_mail("The pump still leaks.", subject="Pump again"))


def links(talk: Conversation, number: int) -> list[tuple[int, str]]:
    return [(e.data["ticket"], e.data["why"]) for e in talk.events(number) if e.kind == "linked"]


# ------------------------------------------------------------------------ merge


def test_a_merged_ticket_goes_on_in_the_other_with_its_people_and_mails(talk: Conversation) -> None:
    two_of_kims(talk)
    talk.receive(reply_to(notice_of(talk, KIM, 2), "With Lee.", headers={"Cc": LEE}))
    order(talk, 2, "#merge 1")
    assert (talk.ticket(2).status, talk.ticket(2).continued_by) == ("duplicate", 1)
    assert (links(talk, 2), links(talk, 1)) == ([(1, "merged into")], [(2, "merged with")])
    assert {row.ticket for row in talk.rows(schema.mail) if row.role == "customer"} == {1}
    assert {row.address for row in talk.rows(schema.participant) if row.ticket == 1} >= {KIM, LEE}
    assert "[#1]" in said(talk)
    reply = talk.receive(reply_to(notice_of(talk, KIM, 2), "Any news?"))
    assert reply.ticket == 1
    reply = talk.receive(reply_to(notice_of(talk, KIM, 2), "I am Lee.", sender=LEE))
    assert reply.ticket == 1


def notice_of(talk: Conversation, person: str, number: int) -> Posted:
    """The first letter about a ticket that a customer got."""
    return next(p for p in talk.letters(person) if f"[#{number}]" in str(p.mail["Subject"]))


@ON_SQLITE
@pytest.mark.parametrize("word", ["1", "#1", "[#1]"])
def test_the_other_ticket_is_named_as_letters_name_it(talk: Conversation, word: str) -> None:
    two_of_kims(talk)
    order(talk, 2, f"#merge {word}")
    assert talk.ticket(2).continued_by == 1


@ON_SQLITE
def test_who_has_left_the_other_ticket_stays_away_from_it(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump", headers={"Cc": LEE}))
    talk.receive(reply_to(talk.letters(KIM)[0], "leave", sender=LEE))
    talk.receive(new_mail("The pump still leaks.", subject="Pump again", headers={"Cc": LEE}))
    roles = {(row.ticket, row.role) for row in talk.rows(schema.participant) if row.address == LEE}
    order(talk, 2, "#merge 1")
    assert {(row.ticket, row.role) for row in talk.rows(schema.participant) if row.address == LEE} == roles
    assert (1, "left") in roles


@ON_SQLITE
def test_an_answer_may_come_with_the_merge(talk: Conversation) -> None:
    two_of_kims(talk)
    order(talk, 2, "We go on with this in your other ticket.\n\n#merge 1")
    assert "in your other ticket" in talk.letters(KIM)[-1].text
    assert talk.ticket(2).status == "duplicate"
    assert talk.receive(reply_to(talk.letters(KIM)[-1], "Good.")).ticket == 1


@ON_SQLITE
def test_an_agents_answer_to_a_merged_ticket_is_one_to_the_other(talk: Conversation) -> None:
    two_of_kims(talk)
    told = notice(talk, 2)
    order(talk, 2, "#merge 1")
    answer = talk.receive(reply_to(told, "We send a seal."))
    assert (answer.ticket, talk.ticket(1).status) == (1, "responded")
    assert "We send a seal." in talk.letters(KIM)[-1].text


@ON_SQLITE
@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("#merge 2", "this is the ticket itself"),
        ("#merge 77", "there is no such ticket you may see"),
        ("#merge 999999999999999", "there is no such ticket you may see"),
        ("#merge Pump", "say which ticket, such as #merge 41"),
        ("#merge 1 please", "say which ticket"),
        ("#merge 1\n#duplicate 1", "a ticket goes on in one other"),
        ("#merge 1\n#split", "not of a ticket that goes on"),
        ("#unlink 1", "they are not linked"),
        ("#link 77", "there is no such ticket you may see"),
    ],
)
def test_what_cannot_be_joined_is_refused_and_nothing_is_done(talk: Conversation, line: str, why: str) -> None:
    two_of_kims(talk)
    before = talk.ticket(1).version, talk.ticket(2).version
    order(talk, 2, f"#priority high\n{line}")
    assert (talk.ticket(1).version, talk.ticket(2).version) == before
    assert why in said(talk)
    assert line.split("\n", maxsplit=1)[0] in talk.letters(ANNA)[-1].text  # what was typed comes back


@ON_SQLITE
def test_merges_make_no_circle_and_follow_to_the_end(talk: Conversation) -> None:
    two_of_kims(talk)
    talk.receive(new_mail("And the valve.", subject="Valve"))
    third, second, first = notice(talk, 3), notice(talk, 2), notice(talk, 1)
    talk.receive(reply_to(second, "#merge 1"))
    talk.receive(reply_to(third, "#merge 2"))  # which goes on in 1
    assert talk.ticket(3).continued_by == 1
    talk.receive(reply_to(first, "#merge 3"))
    assert (talk.ticket(1).status, talk.ticket(1).continued_by) == ("new", None)
    assert "it goes on in this ticket already" in said(talk)


@ON_SQLITE
def test_a_ticket_that_one_may_not_read_is_as_if_there_were_none(new_talk: Talk) -> None:
    talk = new_talk(settings=LIMITED)  # Ben knows billing alone
    talk.receive(new_mail("My secret.", subject="Salaries"))
    talk.receive(new_mail("An invoice.", subject="Invoice", to="billing@example.com"))
    for line in ("#merge 1", "#merge 1 anyway", "#duplicate 1", "#link 1", "#merge 5"):
        order(talk, 2, line, BEN)
        assert "there is no such ticket you may see" in said(talk, BEN)
    told = "".join(letter.text + str(letter.mail["Subject"]) for letter in talk.letters(BEN))
    assert "secret" not in told
    assert "Salaries" not in told
    assert [e.kind for e in talk.events(1)].count("linked") == 0


@ON_SQLITE
def test_two_customers_are_merged_only_by_who_means_it(talk: Conversation) -> None:
    talk.receive(new_mail("The code is 4711.", subject="Door"))
    talk.receive(new_mail("I am Zoe.", sender=ZOE, subject="Window"))
    for line in ("#merge 1", "#duplicate 1"):
        order(talk, 2, line)
        assert "it is of another customer" in said(talk)
        assert f"{line} anyway" in said(talk)
    assert links(talk, 1) == links(talk, 2) == []
    assert {row.address for row in talk.rows(schema.participant) if row.ticket == 1} == {KIM}
    assert talk.receive(reply_to(notice_of(talk, ZOE, 2), "Hello?", sender=ZOE)).ticket == 2
    answer(talk, 2, "Open it.")
    assert "4711" not in "".join(p.text for p in talk.letters(ZOE))
    order(talk, 2, "#merge 1 anyway")
    assert talk.ticket(2).continued_by == 1
    assert f"careful, of other customers: {ZOE}" in said(talk)


def answer(talk: Conversation, number: int, text: str) -> None:
    order(talk, number, text)


@ON_SQLITE
def test_what_was_said_before_a_merge_of_two_customers_is_quoted_to_whoever_said_it(talk: Conversation) -> None:
    talk.receive(new_mail("The code is 4711.", subject="Door"))
    talk.receive(new_mail("I am Zoe.", sender=ZOE, subject="Window"))
    order(talk, 2, "#merge 1 anyway")
    talk.receive(reply_to(notice_of(talk, ZOE, 2), "Is it open now?", sender=ZOE))
    answer(talk, 1, "It is open.")
    assert "It is open." in talk.letters(ZOE)[-1].text
    assert "4711" not in "".join(p.text for p in talk.letters(ZOE))  # the last mail alone is quoted, which is hers


@ON_SQLITE
def test_colleagues_of_one_organisation_are_one_customer(new_talk: Talk) -> None:
    talk = new_talk(settings=ORGANISED)
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    talk.receive(new_mail("Our pump leaks.", sender=LEE, subject="Water"))
    order(talk, 2, "#merge 1")
    assert talk.ticket(2).continued_by == 1
    assert "careful" not in said(talk)


@ON_SQLITE
@pytest.mark.parametrize(("days", "merged"), [(29, True), (31, False)])
def test_a_ticket_that_was_closed_too_long_ago_takes_no_other(talk: Conversation, days: int, merged: bool) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    order(talk, 1, "#close resolved")
    talk.wait(days * DAY)
    talk.receive(new_mail("It leaks again.", subject="Pump again"))
    order(talk, 2, "#merge 1")
    assert (talk.ticket(2).continued_by == 1) == merged
    assert ("which is closed" if merged else "longer ago than it may be opened again") in said(talk)


# ------------------------------------------------------------------------ duplicate and link


def test_a_duplicate_keeps_its_mails_and_later_replies_follow(talk: Conversation) -> None:
    two_of_kims(talk)
    order(talk, 2, "#duplicate 1")
    ticket = talk.ticket(2)
    assert (ticket.status, ticket.continued_by, ticket.resolution_code) == ("duplicate", 1, "duplicate")
    assert (links(talk, 2), links(talk, 1)) == ([(1, "duplicate of")], [(2, "has duplicate")])
    assert [row.ticket for row in talk.rows(schema.mail) if row.role == "customer"] == [1, 2]
    assert talk.receive(reply_to(notice_of(talk, KIM, 2), "Any news?")).ticket == 1


@ON_SQLITE
def test_links_stand_on_both_tickets_until_they_are_taken_away(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    talk.receive(new_mail("The floor is wet.", sender=ZOE, subject="Floor"))
    order(talk, 2, "#link 1")  # of two customers: nobody's words move
    assert (links(talk, 1), links(talk, 2)) == ([(2, "linked")], [(1, "linked")])
    order(talk, 2, "#link 1")
    assert "they are linked already" in said(talk)
    order(talk, 1, "#unlink 2")
    assert (links(talk, 1)[-1], links(talk, 2)[-1]) == ((2, "unlinked"), (1, "unlinked"))
    order(talk, 1, "#unlink 2")
    assert "they are not linked" in said(talk)
    assert talk.receive(reply_to(notice_of(talk, ZOE, 2), "Still wet.", sender=ZOE)).ticket == 2


# ------------------------------------------------------------------------ split


def split_off(talk: Conversation, line: str = "#split The valve") -> bytes:
    """Kim writes of a second matter on the first one's ticket, and Anna splits it off; returns Kim's mail."""
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    second = reply_to(notice_of(talk, KIM, 1), "By the way, the valve hums.")
    talk.receive(second)
    talk.receive(reply_to(notice(talk, 1), line))
    return second


def test_a_mail_that_is_split_off_is_a_ticket_of_its_own(talk: Conversation) -> None:
    split_off(talk)
    made = talk.ticket(2)
    assert (made.subject, made.contact, made.queue, made.status) == ("The valve", KIM, "support", "new")
    assert (links(talk, 1), links(talk, 2)) == ([(2, "split into")], [(1, "split from")])
    assert [(r.ticket, r.words) for r in talk.rows(schema.mail) if r.role == "customer"] == [
        (1, "The pump leaks."),
        (2, "By the way, the valve hums."),
    ]
    told = notice(talk, 2)
    assert "the valve hums" in told.text
    assert "The pump leaks." not in told.text
    talk.receive(reply_to(told, "Please film it."))
    assert talk.ticket(2).status == "responded"
    assert talk.receive(reply_to(talk.letters(KIM)[-1], "Here it is.")).ticket == 2
    assert talk.receive(reply_to(notice_of(talk, KIM, 1), "And the pump?")).ticket == 1


@ON_SQLITE
def test_who_goes_on_with_the_mail_that_was_split_off_writes_to_the_new_ticket(talk: Conversation) -> None:
    second = split_off(talk)
    ids = [line for line in second.decode().split("\r\n") if line.lower().startswith("message-id:")]
    own = ids[0].partition(":")[2].strip()
    first = notice_of(talk, KIM, 1)
    further = new_mail(
        "It hums louder now.",
        to=str(first.mail["Reply-To"]),  # the old ticket's address: the program copied the recipients
        subject="Re: Pump [#1]",
        headers={"In-Reply-To": own, "References": f"{first.mail['Message-ID']} {own}"},
    )
    settled = talk.receive(further)
    assert settled.ticket == 2
    assert "parted from 1" in settled.why
    assert talk.ticket(2).status != "duplicate"  # ids of both in one mail unite nothing that a person parted


@ON_SQLITE
def test_words_beside_a_split_are_returned(talk: Conversation) -> None:
    split_off(talk, "Which valve?\n\n#split The valve")
    assert len(talk.rows(schema.ticket)) == 1
    assert "#split: nobody knows which of the two" in said(talk)
    assert "Which valve?" in talk.letters(ANNA)[-1].text
    assert "Which valve?" not in "".join(p.text for p in talk.letters(KIM))


@ON_SQLITE
def test_a_split_that_is_imported_with_history_promises_nothing_and_tells_nobody(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    talk.receive(reply_to(talk.letters(KIM)[0], "And the valve hums."))
    letters = len(talk.rows(schema.outbox))
    talk.receive(reply_to(notice(talk, 1), "#split The valve"), silent=True)
    assert links(talk, 2) == [(1, "split from")]
    assert (talk.clocks(2), len(talk.rows(schema.outbox))) == ({}, letters)


def test_the_only_mail_of_a_ticket_is_not_split_off(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, 1, "#split")
    assert len(talk.rows(schema.ticket)) == 1
    assert "only one mail of a customer" in said(talk)


@ON_SQLITE
def test_the_mail_that_the_agent_answers_is_the_one_that_is_split_off(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    opening = notice(talk, 1)
    talk.receive(reply_to(notice_of(talk, KIM, 1), "The valve hums."))
    about_the_valve = notice(talk, 1)
    talk.receive(reply_to(notice_of(talk, KIM, 1), "The pump leaks more."))
    talk.receive(reply_to(opening, "#split"))
    assert "this mail opened the ticket" in said(talk)
    talk.receive(reply_to(about_the_valve, "#split"))
    assert talk.ticket(2).description == "The valve hums."
    assert talk.ticket(2).subject == "Pump"


@ON_SQLITE
def test_a_mail_of_somebody_else_is_split_off_for_that_person(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump", headers={"Cc": LEE}))
    talk.receive(reply_to(notice_of(talk, KIM, 1), "Lee here: where is my invoice?", sender=LEE))
    order(talk, 1, "#split Invoice")
    assert talk.ticket(2).contact == LEE
    answer(talk, 2, "It is on its way.")
    assert "on its way" in talk.letters(LEE)[-1].text
    assert "on its way" not in "".join(p.text for p in talk.letters(KIM))


# ------------------------------------------------------------------------ a customer


@ON_SQLITE
@pytest.mark.parametrize("line", ["#merge 1", "#split", "#undo", "#link 1", "#take"])
def test_a_customer_commands_nothing(talk: Conversation, line: str) -> None:
    two_of_kims(talk)
    talk.receive(reply_to(notice_of(talk, KIM, 2), line))
    assert links(talk, 2) == []
    assert talk.ticket(2).assignee == ""
    assert len(talk.rows(schema.ticket)) == 2
