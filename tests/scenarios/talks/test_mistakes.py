"""What bad input gets: a clear letter to the right person, the words back, nothing half done, nothing leaked."""

from __future__ import annotations

import pytest

from maild.testing.clients import CLIENTS, Client, apple_mail, gmail_phone, gmail_web, thunderbird
from maild.testing.mails import new_mail, reply_to
from maild.testing.outlook import outlook_desktop, outlook_phone, outlook_web
from maild.testing.story import ANNA, BEN, Story

ACKNOWLEDGED = ["acknowledgement"]
PRIVATE = "anna.at.home@private.example"


def untouched(story: Story) -> bool:
    """Has the customer only the acknowledgement, and is the ticket as new?"""
    return story.templates() == ACKNOWLEDGED and (story.ticket.status, story.ticket.assignee) == ("new", "")


@pytest.mark.parametrize(
    ("line", "told", "client"),
    [
        ("#hodl a seal", "did you mean #hold?", gmail_web),
        ("#priority hihg", "did you mean high?", outlook_desktop),
        ("#assign Bem", "Ben Builder", outlook_phone),
        ("#close paid", "warranty_handoff", apple_mail),
        ("#status resolvd", "resolved", gmail_phone),
        ("#merge 999999", "there is no such ticket", thunderbird),
        ("#queue biling", "billing", outlook_web),
    ],
)
def test_a_wrong_word_undoes_all_and_brings_the_words_back(story: Story, line: str, told: str, client: Client) -> None:
    story.opens()
    letter = story.answers(ANNA, f"#assign me\n{line}\n\nWe look for a seal, Kim.", client)
    assert untouched(story)
    assert told in letter.text
    assert "We look for a seal, Kim." in letter.text
    story.answers(ANNA, "#assign me\n\nWe look for a seal, Kim.", client)  # to that letter, as it says
    assert story.ticket.assignee == ANNA
    assert "We look for a seal, Kim." in story.last().text


def test_what_looks_like_a_command_is_sent_when_it_is_written_as_words(story: Story) -> None:
    story.opens()
    story.answers(ANNA, "# hodl is the word on your plate, Kim.", gmail_phone)
    assert "hodl is the word on your plate, Kim." in story.last().text


def test_a_ticket_that_changed_meanwhile_is_not_ended_over_it(story: Story) -> None:
    story.opens()
    stale = story.told(ANNA)
    story.answers(BEN, f"#hold {story.secret}")
    told = story.answers(ANNA, "#resolve resolved\n\nIt is done, Kim.", outlook_web, letter=stale)
    assert story.ticket.status == "on_hold"
    assert story.templates() == ACKNOWLEDGED
    assert "Ben Builder" in told.text
    assert "It is done, Kim." in told.text
    story.answers(ANNA, "#resolve resolved\n\nIt is done, Kim.", outlook_web)  # now it is known
    assert story.ticket.status == "resolved"
    assert "It is done, Kim." in story.last().text


def test_two_agents_answer_at_once_and_the_second_is_told(story: Story) -> None:
    story.opens()
    stale = story.told(ANNA)
    story.answers(BEN, "A seal is on its way, Kim.", thunderbird)
    told = story.answers(ANNA, "Which pump is it, Kim?", gmail_web, letter=stale)
    assert story.templates() == ["acknowledgement", "answer", "answer"]
    assert "Ben Builder" in told.text


@pytest.mark.parametrize("client", [gmail_web, outlook_desktop])
def test_a_command_in_a_customers_mail_is_only_text(story: Story, client: Client) -> None:
    story.opens("#close resolved\n\nThat is what your site told me to write.")
    story.replies("#priority critical\n#assign Anna", client)
    assert (story.ticket.status, story.ticket.priority, story.ticket.assignee) == ("new", "medium", "")
    assert "#priority critical" in story.told(ANNA).text
    story.answers(ANNA, "Good morning, Kim.", client)
    assert story.ticket.status == "responded", "and its quote does nothing either"


def test_a_forged_agent_does_nothing_and_the_real_one_is_told(story: Story) -> None:
    story.opens()
    before = len(story.letters(ANNA))
    forged = f"#close resolved\n\nPlease pay to account 666. {story.secret}"
    story.sends(new_mail(forged, sender=f"Anna Agent <{ANNA}>", subject=f"Re: Pump [#{story.number}]"))
    assert untouched(story)
    told = story.letters(ANNA)[before:]
    assert [True for letter in told if "account 666" in letter.text] == [True]
    assert all("account 666" not in letter.everything for letter in story.letters(BEN))


def test_an_agents_address_in_another_agents_hands_proves_nothing(story: Story) -> None:
    story.opens()
    story.sends(gmail_web(story.told(ANNA), f"#close resolved {story.secret}", sender=f"Ben Builder <{BEN}>"))
    assert untouched(story)


def test_from_a_private_address_nothing_is_done_and_the_agent_is_told_where_we_know_her(story: Story) -> None:
    story.opens()
    before = len(story.letters(ANNA))
    words = f"It is done, Kim. {story.secret}"
    story.sends(apple_mail(story.told(ANNA), f"#close resolved\n\n{words}", sender=f"Anna <{PRIVATE}>"))
    assert untouched(story)
    assert story.desk.sink.to(PRIVATE) == []
    [told] = story.letters(ANNA)[before:]
    assert PRIVATE in told.text
    assert words in told.text
    story.replies("Any news?")
    assert story.secret not in story.last().everything


def test_a_customer_to_whom_an_agent_forwarded_the_notification_is_a_customer(story: Story) -> None:
    story.opens()
    story.sends(outlook_phone(story.told(ANNA), "#close resolved\n\nI am Kim.", sender=f"Kim <{story.customer}>"))
    assert untouched(story)
    assert "I am Kim." in story.told(ANNA).text


def test_an_answer_to_a_closed_ticket_goes_out_and_it_stays_closed(story: Story) -> None:
    story.opens(to="billing@example.com")
    notification = story.told(ANNA)
    story.answers(ANNA, f"#close resolved\n#cause {story.secret}", gmail_web)
    told = story.answers(ANNA, "One word more, Kim.", gmail_phone, letter=notification)
    assert "One word more, Kim." in story.last().text
    assert story.ticket.status == "closed"
    assert "#reopen" in told.text


@pytest.mark.parametrize("client", CLIENTS.values(), ids=[*CLIENTS])
def test_an_empty_answer_and_one_that_is_only_a_quote_send_nothing(story: Story, client: Client) -> None:
    story.opens()
    notification = story.told(ANNA)
    story.sends(client(notification, "", signature="Kind regards\nAnna Agent"))
    assert untouched(story)
    assert story.templates(ANNA) == ["notification", "problem"]
    assert "no words" in story.why()


def test_an_answer_without_anything_at_all_sends_nothing(story: Story) -> None:
    story.opens()
    notification = story.told(ANNA)
    ids = {"In-Reply-To": str(notification.mail["Message-ID"])}
    story.sends(new_mail("", sender=ANNA, to=str(notification.mail["Reply-To"]), subject="Re: Pump", headers=ids))
    assert untouched(story)
    assert story.templates(ANNA) == ["notification", "problem"]


@pytest.mark.parametrize("client", [gmail_phone, outlook_desktop, thunderbird])
def test_an_attachment_alone_is_an_answer(story: Story, client: Client) -> None:
    story.opens()
    story.sends(client(story.told(ANNA), "", files=[("manual.pdf", "application/pdf", b"%PDF")]))
    assert [part.get_filename() for part in story.last().mail.iter_attachments()] == ["manual.pdf"]
    assert story.ticket.status == "responded"


def test_an_attachment_beside_a_note_stays_inside(story: Story) -> None:
    story.opens()
    story.answers(BEN, "#assign me")
    invoice = (f"{story.secret}.pdf", "application/pdf", b"%PDF")
    story.sends(outlook_web(story.told(ANNA), f"#note {story.secret}", files=[invoice]))
    assert f"{story.secret}.pdf" in story.told(BEN).text
    assert story.templates() == ACKNOWLEDGED


def test_an_out_of_office_answers_no_customer_and_no_command(story: Story) -> None:
    story.opens()
    away = {"Auto-Submitted": "auto-replied"}
    story.sends(reply_to(story.told(ANNA), "#close resolved\n\nI am away.", headers=away))
    story.sends(reply_to(story.last(), "close", headers=away))
    assert untouched(story)
