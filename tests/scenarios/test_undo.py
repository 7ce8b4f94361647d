"""`#undo` takes an agent's last order back as a whole, says what stays, and can itself be undone."""

from datetime import timedelta
from typing import Any

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Settled, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.sink import Posted

ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, LEE = "kim@customer.example", "lee@customer.example"
ANNA, BEN = "anna@staff.example", "ben@staff.example"
BEN_LEADS = SETTINGS.replace(f'address = "{BEN}"', f'address = "{BEN}"\nrole = "manager"')


def order(talk: Conversation, text: str, agent: str = ANNA, number: int = 1) -> Settled:
    talk.wait(timedelta(minutes=1))
    told = next(p for p in reversed(talk.letters(agent)) if f"[#{number}]" in str(p.mail["Subject"]))
    return talk.receive(reply_to(told, text))


def said(talk: Conversation, agent: str = ANNA) -> str:
    return " ".join(talk.letters(agent)[-1].text.split())


def stands(talk: Conversation, number: int = 1) -> dict[str, Any]:
    """A ticket without what every event changes, and without the moments of its status."""
    left_out = ("version", "head", "held_at", "resolved_at", "closed_at", "responded_at")
    return {name: value for name, value in talk.ticket(number)._mapping.items() if name not in left_out}


@ON_SQLITE
@pytest.mark.parametrize(
    "text",
    [
        "#hold waiting for a photo",
        "#priority critical because it stands still\n#assign me\n#tag +vip",
        "#resolve workaround",
        "#close resolved",
        "#customer lee@customer.example",
        "#order SO-1 10\n#serial S-2\n#claim WC-3\n#product X200",
        "#status in_progress\n#set installation Hall 3",
        "#hold parts\n#priority high\n#customer lee@customer.example",
        "#escalate blocker=a owner=b eta=c",
        "#take",
    ],
)
def test_an_order_is_taken_back_as_a_whole_and_the_undo_as_well(talk: Conversation, text: str) -> None:
    talk.receive(new_mail())
    before = stands(talk)
    order(talk, text)
    after = stands(talk)
    assert after != before
    assert "#undo (" in said(talk)
    order(talk, "#undo")
    assert stands(talk) == before
    assert "taken back" in said(talk)
    undone = [e for e in talk.events(1) if e.mail == talk.settled()[-1].inbox and e.actor != "system"]
    assert {e.data["reason"] for e in undone} == {"undo"}
    order(talk, "#undo")
    assert stands(talk) == after


@ON_SQLITE
def test_the_line_of_the_confirmation_can_be_sent_as_it_is(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#hold waiting for a photo")
    [line] = [line for line in talk.letters(ANNA)[-1].text.splitlines() if "#undo" in line]
    order(talk, "#undo" + line.partition("#undo")[2])
    assert talk.ticket(1).status == "new"


@ON_SQLITE
def test_who_was_made_the_customer_by_mistake_takes_part_no_more(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, f"#customer {LEE}")
    order(talk, "#undo")
    assert {row.address for row in talk.rows(schema.participant)} == {KIM}


@ON_SQLITE
def test_an_answer_stays_sent_and_its_status_is_taken_back(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "We send one.\n\n#priority high")
    assert talk.ticket(1).status == "responded"
    order(talk, "#undo")
    assert (talk.ticket(1).status, talk.ticket(1).priority) == ("new", "medium")
    assert "the answer was sent and cannot be taken back" in said(talk)


@ON_SQLITE
def test_what_the_customer_was_told_is_said_and_not_told_again(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#resolve")
    told = len(talk.letters(KIM))
    order(talk, "#undo")
    assert "the customer was told that it is resolved" in said(talk)
    order(talk, "#undo")
    assert talk.ticket(1).status == "resolved"
    assert len(talk.letters(KIM)) == told


@ON_SQLITE
def test_a_note_cannot_be_taken_back(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#note a liar")
    before = talk.ticket(1).version
    order(talk, "#undo")
    assert talk.ticket(1).version == before
    assert "cannot be taken back: the note stays" in said(talk)


@ON_SQLITE
def test_what_somebody_else_has_changed_since_stays(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#priority high\n#tag +pump")
    talk.receive(reply_to(talk.letters(KIM)[0], "It still leaks."))  # by which Ben sees what Anna did
    order(talk, "#priority low", BEN)
    order(talk, "#undo")
    assert (talk.ticket(1).priority, talk.ticket(1).tags) == ("low", "pump")  # all or nothing
    assert f"#undo: priority was changed since, by {BEN} on 2026-03-02 09:02" in said(talk)


@ON_SQLITE
def test_a_hold_that_the_customer_has_ended_is_not_taken_back(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#hold waiting for a photo")
    talk.wait(timedelta(minutes=1))
    talk.receive(reply_to(talk.letters(KIM)[0], "Here it is."))
    order(talk, "#undo")
    assert talk.ticket(1).status == "open"
    assert f"#undo: status was changed since, by {KIM}" in said(talk)


@ON_SQLITE
def test_what_others_changed_of_something_else_is_no_hindrance(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#priority high")
    order(talk, "#assign me", BEN)
    order(talk, "#undo")
    assert (talk.ticket(1).priority, talk.ticket(1).assignee) == ("medium", BEN)


@ON_SQLITE
def test_after_a_day_it_is_too_late(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#priority high")
    talk.wait(timedelta(days=1))
    order(talk, "#undo")
    assert talk.ticket(1).priority == "high"
    assert "longer than a day ago" in said(talk)


@ON_SQLITE
def test_who_has_ordered_nothing_is_told_who_has(talk: Conversation) -> None:
    talk.receive(new_mail())
    order(talk, "#undo")
    assert f"#undo: {ANNA} has ordered nothing on this ticket" in said(talk)
    order(talk, "#priority high", BEN)
    order(talk, "#undo")
    assert f"the last order is of {BEN}: #undo {BEN}" in said(talk)
    order(talk, f"#undo {BEN}")
    assert "service.override is missing" in said(talk)
    assert talk.ticket(1).priority == "high"


@ON_SQLITE
@pytest.mark.parametrize("whose", [ANNA, "Anna Agent"])
def test_a_manager_takes_anothers_order_back(new_talk: Talk, whose: str) -> None:
    talk = new_talk(settings=BEN_LEADS)
    talk.receive(new_mail())
    order(talk, "#priority high")
    order(talk, f"#undo {whose}", BEN)
    assert talk.ticket(1).priority == "medium"
    order(talk, "#undo", BEN)  # an undo is the manager's own order
    assert talk.ticket(1).priority == "high"


@ON_SQLITE
@pytest.mark.parametrize("text", ["#undo\n#priority low", "#undo\n\nSorry for that.", "#undo nobody"])
def test_an_undo_stands_alone(talk: Conversation, text: str) -> None:
    talk.receive(new_mail())
    order(talk, "#priority high")
    letters = len(talk.letters(KIM))
    order(talk, text)
    assert (talk.ticket(1).priority, len(talk.letters(KIM))) == ("high", letters)
    assert "#undo" in said(talk)


# ------------------------------------------------------------------------ what was joined or parted


def two_tickets(talk: Conversation) -> tuple[Posted, Posted]:
    talk.receive(new_mail("The pump leaks.", subject="Pump", headers={"Cc": LEE}))
    talk.receive(new_mail("The pump still leaks.", subject="Pump again"))
    first, second = (next(p for p in talk.letters(KIM) if f"[#{n}]" in str(p.mail["Subject"])) for n in (1, 2))
    return first, second


def mails(talk: Conversation) -> dict[int, int]:
    """The ticket of every customer's mail."""
    return {row.inbox: row.ticket for row in talk.rows(schema.mail) if row.role == "customer"}


def people(talk: Conversation) -> set[tuple[int, str]]:
    return {(row.ticket, row.address) for row in talk.rows(schema.participant)}


@pytest.mark.parametrize(("text", "after"), [("#merge 2", 2), ("#duplicate 2", 1)])
@pytest.mark.parametrize("of", [1, 2])  # on which ticket it is taken back; letters of the first lead to the second
def test_a_merge_is_taken_back_on_both_tickets(talk: Conversation, text: str, after: int, of: int) -> None:
    first, second = two_tickets(talk)
    before = mails(talk), people(talk), stands(talk, 1), stands(talk, 2)
    order(talk, text, number=1)
    merged = mails(talk), people(talk), stands(talk, 1)
    assert (talk.ticket(1).continued_by, mails(talk)[1]) == (2, after)
    assert (2, LEE) in people(talk)
    order(talk, "#undo", number=of)
    assert (mails(talk), people(talk), stands(talk, 1), stands(talk, 2)) == before
    order(talk, "#undo", number=of)
    assert (mails(talk), people(talk), stands(talk, 1)) == merged
    order(talk, "#undo", number=of)
    assert talk.receive(reply_to(first, "Still wet.")).ticket == 1
    assert talk.receive(reply_to(second, "Wet here.")).ticket == 2


def test_a_split_is_taken_back_and_done_again(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks.", subject="Pump"))
    talk.receive(reply_to(talk.letters(KIM)[0], "The valve hums."))
    order(talk, "#split The valve")
    assert mails(talk) == {1: 1, 2: 2}
    order(talk, "#undo", number=1)
    assert (talk.ticket(2).status, talk.ticket(2).continued_by, mails(talk)) == ("duplicate", 1, {1: 1, 2: 1})
    order(talk, "#undo", number=1)
    assert (talk.ticket(2).status, talk.ticket(2).continued_by, mails(talk)) == ("new", None, {1: 1, 2: 2})


@ON_SQLITE
@pytest.mark.parametrize("number", [1, 2])
def test_a_link_is_taken_back_once_on_both(talk: Conversation, number: int) -> None:
    two_tickets(talk)
    order(talk, "#link 2", number=1)
    order(talk, "#undo", number=number)
    for ticket, other in ((1, 2), (2, 1)):
        linked = [(e.data["ticket"], e.data["why"]) for e in talk.events(ticket) if e.kind == "linked"]
        assert linked == [(other, "linked"), (other, "unlinked")]


@ON_SQLITE
@pytest.mark.parametrize("text", ["#merge 2 anyway", "#duplicate 2 anyway"])
def test_a_merge_is_not_taken_back_over_a_mail_of_somebody_it_brought(talk: Conversation, text: str) -> None:
    talk.receive(new_mail("Mine.", subject="Pump"))
    talk.receive(new_mail("Theirs.", sender="max@other.example", subject="Valve"))
    order(talk, text, number=1)
    talk.wait(timedelta(minutes=1))
    talk.receive(reply_to(talk.letters(KIM)[0], "It leaks."))
    before = people(talk)
    order(talk, "#undo", number=2)
    assert f"{KIM} came by this to ticket 2 and has written there since" in said(talk)
    assert people(talk) == before


@ON_SQLITE
def test_a_merge_is_not_taken_back_from_a_ticket_that_was_opened_again(talk: Conversation) -> None:
    two_tickets(talk)
    order(talk, "#merge 2", number=1)
    order(talk, "#merge 1", BEN, number=2)
    assert "it goes on in this ticket already" in said(talk, BEN)
    assert talk.ticket(1).continued_by == 2
