"""Agents answer customers from every big mail client: what arrives, and what does not."""

from __future__ import annotations

import smtplib
from urllib.parse import unquote, urlsplit

import pytest

from maild.testing.clients import CLIENTS, Client, apple_mail, gmail_phone, gmail_web, thunderbird
from maild.testing.mails import links, new_mail
from maild.testing.outlook import outlook_desktop, outlook_phone, outlook_web
from maild.testing.story import ANNA, BEN, CORA, Story

SEVEN = {name: client for name, client in CLIENTS.items() if name != "iPhone"}
SIGNATURE = "Anna Agent\nExample Ltd, Pump Street 5"
MIB = 1 << 20


@pytest.mark.parametrize("client", SEVEN.values(), ids=[*SEVEN])
def test_an_answer_arrives_as_it_was_typed(story: Story, client: Client) -> None:
    acknowledgement = story.opens("My pump leaks.\n\nSince yesterday.")
    story.answers(ANNA, f"#tag {story.secret}\n\nHello Kim,\n\na seal is on its way.", client, signature=SIGNATURE)
    answer = story.last()
    assert "Hello Kim,\r\n\r\na seal is on its way.\r\n" in answer.text
    assert ("Pump Street" in answer.text) is (client is not thunderbird)  # which puts it below the quote
    assert answer.text.count("##-") == 1, "our own line, and nothing quoted but the customer's words"
    assert answer.text.count("Since yesterday.") == 1
    assert "#tag" not in answer.everything
    assert str(answer.mail["From"]) == '"Anna Agent (Example Support)" <support@example.com>'
    assert str(answer.mail["Subject"]) == str(acknowledgement.mail["Subject"]) == f"Pump [#{story.number}]"
    assert str(answer.mail["In-Reply-To"]) == str(acknowledgement.mail["In-Reply-To"]), "the customer's own mail"
    assert story.ticket.status == "responded"
    story.replies("Thank you, I wait for it.", client)
    assert "Thank you, I wait for it." in story.told(ANNA).text
    assert story.ticket.status == "open"


def test_an_answer_in_html_alone_arrives_as_both(story: Story) -> None:
    story.opens()
    story.answers(ANNA, "We send a <seal> & a pump.", outlook_desktop)
    answer = story.last()
    html = answer.mail.get_body(("html",))
    assert html is not None
    assert "We send a <seal> & a pump." in answer.text
    assert "We send a &lt;seal&gt; &amp; a pump." in html.get_content()


@pytest.mark.parametrize("client", [gmail_web, outlook_web])
def test_several_commands_stand_at_the_top(story: Story, client: Client) -> None:
    story.opens()
    words = f"#assign me\n#priority high because {story.secret}\n#tag +seal\n\nWe send a seal, Kim."
    told = story.answers(ANNA, words, client)
    assert (story.ticket.assignee, story.ticket.priority, story.ticket.tags) == (ANNA, "high", "seal")
    assert "We send a seal, Kim." in story.last().text
    assert "#tag" not in story.last().everything
    for done in ("high", "seal", "#undo"):
        assert done in told.text, "one line says what was done, and how to take it back"


@pytest.mark.parametrize("client", [apple_mail, outlook_phone])
def test_several_commands_stand_at_the_bottom(story: Story, client: Client) -> None:
    story.opens()
    story.answers(ANNA, f"We look for a seal, Kim.\n\n#tag +seal\n#hold {story.secret}", client)
    assert (story.ticket.status, story.ticket.hold_reason) == ("on_hold", story.secret)
    assert "We look for a seal, Kim." in story.last().text
    story.answers(ANNA, "#undo", client)
    assert (story.ticket.status, story.ticket.hold_reason, story.ticket.tags) == ("new", "", "")


def test_an_agent_takes_a_ticket_by_the_link_of_the_notification(story: Story) -> None:
    story.opens()
    for agent in (ANNA, BEN):
        assert all("+" not in each for each in links(story.told(agent))), "which some programs read as a blank"
        story.clicks(story.link(story.told(agent), "#take"), sender=agent)
    assert story.ticket.assignee == ANNA, "the first one has it"
    assert "Anna Agent" in story.told(BEN).text
    before = len(story.letters(BEN))
    story.replies("Is anybody there?")
    assert "Is anybody there?" in story.told(ANNA).text
    assert len(story.letters(BEN)) == before


def test_the_links_of_the_notification_hold_resolve_and_note(story: Story) -> None:
    story.opens()
    story.answers(BEN, "#assign me")
    notification = story.told(ANNA)
    story.clicks(story.link(notification, "#hold"), sender=ANNA)
    assert story.ticket.status == "on_hold"
    story.clicks(story.link(notification, "+n"), f"{story.secret} for us alone", sender=ANNA)
    assert story.secret in story.told(BEN).text
    story.clicks(story.link(notification, "#resolve"), "There it is, Kim.", sender=ANNA)
    assert story.ticket.status == "resolved"
    assert "There it is, Kim." in story.last().text


def test_a_held_ticket_goes_on_when_the_customer_replies(story: Story) -> None:
    story.opens()
    story.answers(ANNA, f"#hold {story.secret}\n\nWhich pump is it, Kim?", outlook_phone)
    assert story.ticket.status == "on_hold"
    story.replies("The red one.", apple_mail)
    assert story.ticket.status == "open"
    assert "The red one." in story.told(ANNA).text


def test_a_file_of_a_mebibyte_travels_and_one_of_thirty_is_refused_at_the_door(story: Story) -> None:
    story.opens(files=[("photo.jpg", "image/jpeg", b"\xff\xd8" + bytes(MIB))])
    notification = story.told(ANNA)
    assert [part.get_filename() for part in notification.mail.iter_attachments()] == ["photo.jpg"]
    manual = ("manual.pdf", "application/pdf", b"%PDF" + bytes(MIB))
    story.answers(ANNA, "See page 5, Kim.", gmail_web, files=[manual])
    [part] = story.last().mail.iter_attachments()
    assert (part.get_filename(), len(part.get_payload(decode=True))) == ("manual.pdf", MIB + 4)
    film = ("film.mp4", "video/mp4", bytes(30 * MIB))
    with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as refused:
        story.answers(ANNA, "See the film, Kim.", gmail_web, letter=notification, files=[film])
    assert refused.value.smtp_code == 552
    assert "See the film" not in "".join(letter.text for letter in story.letters())


def test_notes_stay_inside_by_command_by_address_and_by_reply(story: Story) -> None:
    story.opens()
    note = unquote(urlsplit(story.link(story.told(BEN), "+n")).path)
    story.answers(ANNA, "#assign me")
    story.sends(new_mail(f"{story.secret}: he has never paid.", sender=BEN, to=note, subject="A note"))
    assert f"{story.secret}: he has never paid." in story.told(ANNA).text
    assert f"Kim Kunde <{story.customer}>" in story.told(ANNA).text, "whose ticket it is, whoever wrote"
    story.answers(ANNA, f"{story.secret}: he has, in May.", outlook_desktop)  # an answer to a note is one
    assert "he has, in May." in story.told(BEN).text
    story.answers(BEN, f"#note\n{story.secret}: and in June.", thunderbird)
    assert story.templates() == ["acknowledgement"], "the customer has read nothing of it"
    story.replies("Any news?")
    story.answers(ANNA, "It is on its way.", gmail_phone)
    assert "It is on its way." in story.last().text
    assert story.secret not in story.last().everything


def test_an_escalation_is_asked_for_what_is_missing_and_reaches_the_manager(story: Story) -> None:
    story.opens()
    told = story.answers(ANNA, f"#escalate blocker={story.secret}", outlook_phone)
    assert story.ticket.priority != "high"
    assert "owner=…" in told.text
    story.answers(ANNA, f"#escalate blocker={story.secret} owner=Ben eta=Friday noon", outlook_phone)
    assert story.ticket.priority == "high"
    assert all(word in story.last(CORA).text for word in (story.secret, "Ben", "Friday noon"))


def test_who_is_away_has_urgent_tickets_offered_and_a_colleague_takes_one(story: Story) -> None:
    story.opens()
    notification = story.told(ANNA)
    story.answers(ANNA, "#assign me\n#priority critical")
    away = {"Auto-Submitted": "auto-replied"}
    raw = new_mail(
        "I am away until 24 December 2099.", sender=ANNA, to=notification.sender, subject="Away", headers=away
    )
    story.sends(raw, sender="", to=notification.sender)
    story.clicks(story.link(story.desk.sink.to(BEN)[-1], f"+a{story.number}."), sender=BEN)
    assert story.ticket.assignee == BEN
    assert story.templates() == ["acknowledgement"]
