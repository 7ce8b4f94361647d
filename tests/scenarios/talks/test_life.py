"""How tickets end, and what comes after: is it solved, how was it, and who may set a rule aside."""

from __future__ import annotations

import pytest

from maild.testing.clients import Client, apple_mail, gmail_phone, gmail_web, thunderbird
from maild.testing.outlook import outlook_desktop, outlook_phone, outlook_web
from maild.testing.sink import Posted
from maild.testing.story import ANNA, BEN, CORA, Story
from maild.testing.waiting import wait_until

BILLING = {"to": "billing@example.com", "subject": "Bill"}


def resolved(story: Story, client: Client = gmail_web) -> Posted:
    """A ticket that Anna has resolved; the letter that asks whether it is so."""
    story.opens()
    story.answers(ANNA, f"#resolve workaround {story.secret}\n\nPlease turn the tap, Kim.", client)
    assert (story.ticket.status, story.ticket.resolution_code) == ("resolved", "workaround")
    assert story.ticket.resolution_notes == story.secret
    return story.last()


def asked(story: Story) -> Posted:
    """A ticket that was answered and closed; the letter that asks how it was."""
    story.opens()
    story.answers(ANNA, f"#close resolved {story.secret}\n\nA new seal is in, Kim.", outlook_web)
    assert story.ticket.status == "closed"
    wait_until(lambda: story.templates()[-1] == "feedback")
    return story.last()


# ------------------------------------------------------------------------ is it solved?


def test_the_customer_confirms_the_solution_by_a_link(story: Story) -> None:
    letter = resolved(story)
    assert "Please turn the tap, Kim." in letter.text
    story.clicks(story.link(letter, "+y"))
    assert (story.ticket.status, story.ticket.resolution_code) == ("closed", "workaround")
    assert story.templates()[-1] == "closing", "with the question how it was, in the same letter"
    assert story.link(story.last(), "+r5")


def test_the_customer_says_by_a_link_that_it_is_not_solved(story: Story) -> None:
    letter = resolved(story, outlook_phone)
    story.clicks(story.link(letter, "+x"), "The tap is broken off.")
    assert story.ticket.status == "open"
    assert "The tap is broken off." in story.told(ANNA).text


@pytest.mark.parametrize("client", [gmail_phone, thunderbird])
def test_the_customer_confirms_the_solution_in_words(story: Story, client: Client) -> None:
    resolved(story)
    story.replies("Yes, thank you!", client)
    assert story.ticket.status == "closed"


def test_the_customer_says_in_words_that_it_is_not_solved(story: Story) -> None:
    resolved(story)
    story.replies("No, it drips as before.", apple_mail)
    assert story.ticket.status == "open"
    assert "No, it drips as before." in story.told(ANNA).text


def test_a_late_reply_to_a_closed_ticket_opens_it_again(story: Story) -> None:
    letter = resolved(story)
    story.clicks(story.link(letter, "+y"))
    story.replies("Since today it drips again, what shall I do?", outlook_desktop, letter=letter)
    assert story.ticket.status == "open"
    assert "it drips again" in story.told(ANNA).text


# ------------------------------------------------------------------------ how was it?


def test_the_customer_rates_by_a_link(story: Story) -> None:
    letter = asked(story)
    story.clicks(story.link(letter, "+r5"))
    assert (story.ticket.csat, story.ticket.status) == ("5", "closed")
    assert "feedback" not in story.templates(CORA)


@pytest.mark.parametrize(
    ("words", "client", "stars"),
    [("5/5 thanks", gmail_web, "5"), ("★★★★", outlook_phone, "4"), ("3", apple_mail, "3")],
)
def test_the_customer_rates_by_a_reply(story: Story, words: str, client: Client, stars: str) -> None:
    asked(story)
    story.replies(words, client)
    assert (story.ticket.csat, story.ticket.status) == (stars, "closed")


def test_a_low_rating_is_told_to_the_manager_with_the_comment(story: Story) -> None:
    letter = asked(story)
    story.clicks(story.link(letter, "+r1"), "Nobody called me back.")
    assert story.templates(CORA) == ["low_rating"]
    assert "Nobody called me back." in story.last(CORA).text
    assert story.ticket.csat == "1"
    before = len(story.letters())
    story.answers(CORA, "Anna, what happened here?", outlook_phone)
    assert "kept" in story.last(CORA).text
    assert len(story.letters()) == before, "what the manager says of it stays inside"


def test_whoever_was_forwarded_the_question_cannot_rate(story: Story) -> None:
    letter = asked(story)
    story.clicks(story.link(letter, "+r1"), sender=f"lee@{story.domain}")
    story.clicks(story.link(letter, "+r5"), sender=ANNA)
    assert not story.ticket.csat


# ------------------------------------------------------------------------ what closing takes


def test_closing_takes_a_code_and_what_the_desk_asks_for(story: Story) -> None:
    story.opens(**BILLING)
    told = story.answers(ANNA, "#close\n\nIt is paid, Kim.", gmail_phone)
    assert "no_answer" in told.text, "the codes there are"
    told = story.answers(ANNA, "#close resolved\n\nIt is paid, Kim.", gmail_phone)
    assert "#cause" in told.text
    assert "It is paid, Kim." in told.text, "what was typed comes back"
    assert story.templates() == ["acknowledgement"], "nothing was done by half"
    story.answers(ANNA, f"#close resolved\n#cause {story.secret}\n\nIt is paid, Kim.", gmail_phone)
    assert (story.ticket.status, story.ticket.root_cause) == ("closed", story.secret)
    assert "It is paid, Kim." in story.last().text


CLOSE = "#close no answer"


def test_a_rule_is_set_aside_when_the_manager_approves_by_a_link(story: Story) -> None:
    story.opens(**BILLING)
    story.answers(ANNA, f"{CLOSE}\n#override {story.secret}, nobody can be asked", outlook_desktop)
    assert story.ticket.status == "new"
    request = story.last(CORA)
    assert story.secret in request.text
    story.clicks(story.link(request, "#approve"), sender=CORA)
    assert (story.ticket.status, story.ticket.resolution_code) == ("closed", "no_answer")
    assert "Cora Chief" in story.told(ANNA).text
    assert story.templates() == ["acknowledgement"]


def test_a_rule_stays_when_the_manager_denies_by_a_reply(story: Story) -> None:
    story.opens(**BILLING)
    story.answers(ANNA, f"{CLOSE}\n#override {story.secret}", outlook_phone)
    story.answers(CORA, f"#deny {story.secret}: call him first.", gmail_phone)
    assert story.ticket.status == "new"
    assert "call him first." in story.told(ANNA).text
    assert story.templates() == ["acknowledgement"]


def test_who_may_not_resolve_is_told_who_may_and_can_ask(story: Story) -> None:
    story.opens()
    told = story.answers(BEN, "#resolve resolved\n\nIt is mended, Kim.", outlook_web)
    assert story.ticket.status == "new"
    assert ANNA in told.text
    assert "It is mended, Kim." in told.text
    story.answers(BEN, f"#resolve resolved\n#override {story.secret}", outlook_web)
    story.clicks(story.link(story.last(CORA), "#approve"), sender=CORA)
    assert story.ticket.status == "resolved"


# ------------------------------------------------------------------------ two tickets


def another(story: Story) -> int:
    """The customer writes once more about something; the first ticket's number, the story's is the second one."""
    story.opens("My pump leaks.")
    first = story.number
    story.opens("My pump still leaks.", subject="Once more")
    return first


def test_two_tickets_of_one_matter_are_merged_and_old_letters_find_the_way(story: Story) -> None:
    first = another(story)
    letter, notification = story.last(), story.told(ANNA)
    story.answers(ANNA, f"#merge {first}\n#comment {story.secret}", outlook_phone)
    assert (story.ticket.status, story.ticket.continued_by) == ("duplicate", first)
    story.replies("Any news?", letter=letter)
    assert story.desk.mails()[-1].ticket == first
    story.answers(ANNA, "A seal is on its way, Kim.", letter=notification)  # an answer to the merged one
    assert "A seal is on its way, Kim." in story.last().text
    assert f"[#{first}]" in str(story.last().mail["Subject"])
    assert story.row(first).status == "responded"


def test_a_duplicate_keeps_its_mails_and_can_be_taken_back(story: Story) -> None:
    first = another(story)
    story.answers(ANNA, f"#duplicate {first}", thunderbird)
    assert (story.ticket.status, story.ticket.continued_by) == ("duplicate", first)
    story.answers(ANNA, "#undo", gmail_web)
    assert (story.ticket.status, story.ticket.continued_by) == ("new", None)


def test_tickets_that_have_to_do_with_each_other_are_linked(story: Story) -> None:
    first = another(story)
    story.answers(ANNA, f"#link {first}", apple_mail)
    assert "linked" in story.happened()
    assert story.ticket.status == "new"
    assert f"[#{first}]" in story.told(ANNA).text
    told = story.answers(ANNA, f"#unlink {first}", apple_mail)
    assert "not linked" not in told.text
    assert "are not linked" in story.answers(ANNA, f"#unlink {first}", apple_mail).text


def test_a_second_matter_in_one_ticket_is_split_off(story: Story) -> None:
    story.opens()
    story.replies("And my valve is stuck.", outlook_desktop)
    first = story.number
    story.answers(ANNA, "#split The valve", gmail_web)
    story.number = max(row.number for row in story.desk.tickets())
    assert story.number != first
    assert story.ticket.subject == "The valve"
    story.answers(ANNA, "Please oil the valve, Kim.", thunderbird)
    assert "Please oil the valve, Kim." in story.last().text
    assert str(story.last().mail["Subject"]) == f"The valve [#{story.number}]"
