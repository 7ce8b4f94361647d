"""Who asks by mail gets an answer: agents their lists, customers where they stand, everybody in the own language."""

from __future__ import annotations

import re

import pytest

from maild.testing.clients import Client, apple_mail, gmail_phone, gmail_web, thunderbird
from maild.testing.mails import new_mail
from maild.testing.outlook import outlook_desktop, outlook_phone, outlook_web
from maild.testing.sink import Posted
from maild.testing.story import ANNA, Story

MORE = """
[templates]
detect = true

[[agent]]
name = "Dora Desk"
address = "dora@staff.example"

[[queue]]
name = "lists"
addresses = ["lists@example.com"]
agents = ["dora@staff.example"]
"""
DORA = "dora@staff.example"


# ------------------------------------------------------------------------ agents


def inbox(story: Story) -> list[Posted]:
    """All letters to Dora; lists are about no ticket."""
    return story.desk.sink.to(DORA)


def asks(story: Story, words: str, client: Client = gmail_phone) -> Posted:
    """Dora answers her newest list; what comes back."""
    before = len(inbox(story))
    story.sends(client(inbox(story)[-1], words))
    [letter] = inbox(story)[before:]
    return letter


def begins(story: Story, subject: str = "mine") -> Posted:
    """Dora asks out of the blue; nothing proves that it is she, so she answers the letter that says so."""
    story.sends(new_mail("", sender=f"Dora Desk <{DORA}>", subject=subject))
    assert story.desk.mails()[-1].outcome == "command"
    return asks(story, subject)


def shown(letter: Posted) -> list[int]:
    """The tickets of a list, in its order."""
    return [int(number) for number in dict.fromkeys(re.findall(r"\[#(\d+)\]", letter.text))]


def test_an_agent_asks_for_lists_with_one_word_each(story: Story) -> None:
    story.opens("The flange is bent.", to="lists@example.com", subject="Flange")
    assert shown(begins(story)) == []
    assert story.number in shown(asks(story, "unassigned", outlook_phone))
    assert "Flange" in asks(story, "queue lists", outlook_desktop).text
    assert story.number in shown(asks(story, "at risk", gmail_web))
    assert shown(asks(story, "search flange bent", apple_mail)) == [story.number]
    assert "#assign" in asks(story, "help", thunderbird).text
    story.answers(DORA, "#assign me", letter=story.told(DORA))
    story.sends(gmail_web(inbox(story)[-2], "mine"))
    assert shown(inbox(story)[-1]) == [story.number]


def test_one_ticket_with_its_whole_story_is_asked_for_and_answered(story: Story) -> None:
    story.opens("The gasket is gone.", to="lists@example.com", subject="Gasket")
    story.answers(DORA, f"#note {story.secret}", outlook_web)
    begins(story)
    letter = asks(story, f"#{story.number}", outlook_desktop)
    assert "The gasket is gone." in letter.text
    assert story.secret in letter.text, "notes as well"
    assert "\n  , " not in letter.text, "what the desk did itself is nobody's"
    story.sends(apple_mail(letter, "A new one is on its way, Kim."))
    assert "A new one is on its way, Kim." in story.last().text
    assert story.secret not in story.last().everything


def test_a_long_list_is_turned_by_a_reply_of_more(story: Story) -> None:
    for number in range(26):
        story.desk.send(new_mail(f"Ratchet {number}", sender=f"r{number}@{story.domain}", to="lists@example.com"))
    story.desk.settle()
    begins(story)
    first = asks(story, "search ratchet", gmail_web)
    second = asks(story, "more", outlook_phone)
    assert (len(shown(first)), len(shown(second))) == (25, 1)
    assert set(shown(first)).isdisjoint(shown(second))
    assert shown(asks(story, "back", thunderbird)) == shown(first)


def test_a_slip_of_the_finger_is_told_the_nearest_list(story: Story) -> None:
    begins(story)
    assert "queue billing" in asks(story, "quue billing", gmail_web).text


def test_a_row_of_a_list_has_a_link_that_answers_the_customer(story: Story) -> None:
    story.opens("The spindle is bent.", to="lists@example.com", subject="Spindle & rod")
    begins(story)
    letter = asks(story, "search spindle")
    story.clicks(story.link(letter, f"+a{story.number}."), "We send a new one, Kim.", sender=DORA)
    assert "We send a new one, Kim." in story.last().text
    assert str(story.last().mail["Subject"]) == f"Spindle & rod [#{story.number}]"


@pytest.mark.parametrize("subject", ["mine", "unassigned", "search sesame", "#1"])
def test_nobody_gets_lists_in_an_agents_name(story: Story, subject: str) -> None:
    before = len(story.desk.tickets())
    story.sends(
        new_mail("", sender=f"Dora <{DORA}>", subject=subject, headers={"Reply-To": story.customer}),
        sender=story.customer,
    )
    assert story.letters() == []
    assert len(story.desk.tickets()) == before
    assert "nothing proves" in inbox(story)[-1].text


def test_a_word_twice_is_the_same_request(story: Story) -> None:
    before = len(story.desk.tickets())
    story.sends(new_mail("Mine\n\nDora Desk", sender=f"Dora Desk <{DORA}>", subject="mine"))
    assert len(story.desk.tickets()) == before
    assert "nothing proves" in inbox(story)[-1].text


# ------------------------------------------------------------------------ customers


@pytest.mark.parametrize("client", [gmail_phone, outlook_web])
def test_a_customer_asks_where_the_own_tickets_stand(story: Story, client: Client) -> None:
    story.opens("The hinge is bent.", subject="Hinge")
    story.opens("The bolt is bent.", subject="Bolt")
    story.answers(ANNA, f"#hold {story.secret}", gmail_web)
    letter = story.replies("status", client)
    assert story.templates()[-1] == "customer_status"
    for word in ("Hinge", "Bolt", f"[#{story.number}]"):
        assert word in letter.text
    assert story.secret not in letter.everything
    story.clicks(story.link(letter, f"+t{story.number}."), "It is the left one.")
    assert "It is the left one." in story.told(ANNA).text


def test_a_customer_closes_and_opens_a_ticket_with_one_word(story: Story) -> None:
    story.opens()
    story.replies("Close, please!", apple_mail)
    assert (story.ticket.status, story.templates()[-1]) == ("closed", "receipt")
    story.replies("reopen", outlook_phone, letter=story.letters()[0])
    assert story.ticket.status == "open"
    assert story.templates()[-1] == "receipt"
    assert story.templates(ANNA)[-1] == "notification"


@pytest.fixture
def lee(story: Story) -> str:
    """A friend of the customer's, whom the desk knows nothing of."""
    return f"lee@friends-of-{story.domain}"


def test_a_customer_adds_somebody_who_takes_part_and_leaves(story: Story, lee: str) -> None:
    story.opens()
    story.replies(f"add {lee}", gmail_web)
    assert story.desk.sink.to(lee) == [], "nobody has us write to strangers"
    story.sends(new_mail("I have the same pump.", sender=f"Lee <{lee}>", subject=f"Re: Pump [#{story.number}]"))
    assert "I have the same pump." in story.told(ANNA).text
    story.answers(ANNA, f"We send two seals.\n\n#comment {story.secret}", outlook_desktop)
    [copy] = story.desk.sink.to(lee)
    assert "We send two seals." in copy.text
    story.sends(gmail_phone(copy, "leave", sender=f"Lee <{lee}>"))
    story.answers(ANNA, "They are on their way.", outlook_desktop)
    assert "They are on their way." in story.last().text
    assert not [letter for letter in story.desk.sink.to(lee) if "on their way" in letter.text]


def test_a_customer_removes_somebody(story: Story, lee: str) -> None:
    story.opens(headers={"Cc": f"Lee <{lee}>"})
    story.replies(f"remove {lee}", gmail_web)
    assert story.templates()[-1] == "receipt"
    story.answers(ANNA, "We send a seal, Kim.", gmail_web)
    assert story.desk.sink.to(lee) == []


def test_a_stranger_with_the_number_learns_and_closes_nothing(story: Story) -> None:
    story.opens()
    eve = f"eve@evil-{story.domain}"
    for words in ("close", "status"):
        story.sends(new_mail(words, sender=f"Eve <{eve}>", subject=f"Re: Pump [#{story.number}]"))
    assert story.ticket.status == "new"
    assert not [letter for letter in story.desk.sink.to(eve) if story.customer in letter.everything]


# ------------------------------------------------------------------------ languages

SAID = {
    "de": "Guten Tag, meine Pumpe ist seit gestern undicht und ich brauche dringend Ihre Hilfe.",
    "fr": "Bonjour, ma pompe fuit depuis hier et j'ai besoin de votre aide le plus vite possible.",
    "es": "Buenos días, mi bomba pierde agua desde ayer y necesito su ayuda lo antes posible.",
    "ar": "مرحبا، المضخة تسرب الماء منذ أمس وأحتاج إلى مساعدتكم في أسرع وقت ممكن.",
}
CLOSED = {"de": "Bitte schließen", "fr": "Fermer, merci", "es": "cerrar", "ar": "إغلاق"}


def page(letter: Posted) -> str:
    """A letter's HTML."""
    body = letter.mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("language", SAID)
def test_a_customer_is_written_to_and_understood_in_the_own_language(story: Story, language: str) -> None:
    acknowledgement = story.opens(SAID[language])
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page(acknowledgement)
    story.answers(ANNA, f"#resolve workaround {story.secret}\n\nPlease turn the tap.", outlook_desktop)
    assert f'<html lang="{language}" dir="{direction}">' in page(story.last())
    story.replies(CLOSED[language], gmail_phone)
    assert story.ticket.status == "closed"
    assert f'lang="{language}"' in page(story.last())
    assert 'lang="en"' in page(story.told(ANNA)), "the agent reads English"
