"""An absent agent's urgent tickets are offered to others; whoever takes one first has it."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM = "kim@customer.example"
ANNA, BEN, CAT, BOSS = "anna@staff.example", "ben@staff.example", "cat@staff.example", "boss@staff.example"
AWAY = {"Auto-Submitted": "auto-replied"}
DAY = timedelta(days=1)
DESK = f"""{SETTINGS}
[[agent]]
name = "Cat Agent"
address = "{CAT}"

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"

[[team]]
name = "first"
agents = ["{ANNA}", "{BEN}", "{CAT}"]
manager = "{BOSS}"
"""


def told(talk: Conversation, agent: str, number: int) -> Posted:
    return next(p for p in reversed(talk.letters(agent)) if f"[#{number}]" in str(p.mail["Subject"]))


def order(talk: Conversation, number: int, text: str, agent: str = ANNA) -> None:
    talk.receive(reply_to(told(talk, agent, number), text))


def out_of_office(talk: Conversation, agent: str = ANNA, text: str = "Away until 8 March 2026.") -> str:
    """The agent's mailbox answers a letter by itself; returns why."""
    to = talk.letters(agent)[-1].sender
    subject = f"Out of office {len(talk.settled())}"
    raw = new_mail(text, sender=agent, to=to, subject=subject, headers=AWAY)
    return talk.receive(raw, to=to, envelope_from="").why


def offers(talk: Conversation, recipient: str) -> list[Posted]:
    nonces = {row.message_id for row in talk.rows(schema.outbox) if row.template == "offer"}
    return [p for p in talk.letters(recipient) if p.message_id in nonces]


def take_links(letter: Posted) -> list[str]:
    """The mailto: links of a letter, as a mail program reads them."""
    part = letter.mail.get_body(("html",))
    assert part is not None
    return [unquote(unescape(found)) for found in re.findall(r'href="(mailto:[^"]+)"', str(part.get_content()))]


def anna_has(talk: Conversation, *priorities: str) -> None:
    """Tickets of Anna's, one of each priority."""
    for number, priority in enumerate(priorities, len(talk.rows(schema.ticket)) + 1):
        talk.receive(new_mail(f"Number {number} is broken.", subject=f"Case {number}", sender=f"c{number}@x.example"))
        order(talk, number, f"#assign me\n#priority {priority}")


def test_urgent_tickets_of_who_is_away_are_offered_in_one_letter_each(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK)
    anna_has(talk, "high", "low", "critical", "medium")
    order(talk, 4, "#hold a part\n#priority critical")  # on hold: it waits for somebody else anyway
    why = out_of_office(talk, text="Away until 2 March 2026.")  # before any clock is due
    for agent in (BEN, CAT):
        [letter] = offers(talk, agent)
        assert "Anna Agent" in letter.text
        assert "away until 2026-03-02\r\n" in letter.text
        assert [number for number in (1, 2, 3, 4) if f"Case {number}" in letter.text] == [1, 3]
        assert f"offered to {agent}" in why
    assert offers(talk, ANNA) == offers(talk, BOSS) == []
    assert [talk.ticket(n).assignee for n in (1, 2, 3, 4)] == [ANNA] * 4  # nothing is taken away


def test_it_is_offered_once_an_absence_and_again_in_the_next(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK)
    anna_has(talk, "high")
    out_of_office(talk)
    talk.wait(DAY)
    out_of_office(talk, text="Away until 10 March 2026.")
    assert len(offers(talk, BEN)) == 1
    order(talk, 1, "I am back.")
    out_of_office(talk)
    assert len(offers(talk, BEN)) == 2


def test_who_is_away_as_well_is_asked_for_nothing_and_the_manager_is_at_last(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK)
    anna_has(talk, "high")
    out_of_office(talk, BEN)
    out_of_office(talk, CAT)
    out_of_office(talk)
    assert offers(talk, BEN) == offers(talk, CAT) == []
    [letter] = offers(talk, BOSS)
    assert "Case 1" in letter.text
    assert take_links(letter) == []  # no agent: nothing is signed for the boss


def test_only_who_may_answer_a_ticket_is_asked(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK.replace(f'address = "{BEN}"', f'address = "{BEN}"\nrole = "executive"'))
    anna_has(talk, "high")
    out_of_office(talk)
    assert (len(offers(talk, BEN)), len(offers(talk, CAT))) == (0, 1)


@pytest.mark.parametrize(
    ("waited", "until", "offered"),
    [  # a first response is promised within a day: by 5 o'clock on the 4th
        (timedelta(hours=17), "3 March 2026", False),
        (timedelta(hours=18, minutes=30), "3 March 2026", True),  # three quarters of it are used
        (timedelta(), "4 March 2026", True),  # due before the agent is back
    ],
)
def test_a_clock_makes_a_ticket_urgent(new_talk: Talk, waited: timedelta, until: str, offered: bool) -> None:
    talk = new_talk(settings=DESK)
    talk.wait(timedelta(hours=20))
    anna_has(talk, "medium")
    talk.wait(waited)
    out_of_office(talk, text=f"Away until {until}.")
    assert bool(offers(talk, BEN)) == offered


def test_who_takes_an_offered_ticket_first_has_it(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK)
    anna_has(talk, "high")
    out_of_office(talk)
    for agent, outcome in ((BEN, "assignee is now"), (CAT, "Ben Agent has taken it")):
        [link] = take_links(offers(talk, agent)[0])
        address, _, rest = link.removeprefix("mailto:").partition("?")
        assert rest.endswith("&body=#take")
        talk.receive(new_mail("#take", sender=agent, to=address, subject="Case 1 [#1]"))
        assert outcome in " ".join(talk.letters(agent)[-1].text.split())
        assert talk.ticket(1).assignee == BEN
    order(talk, 1, "#assign me", CAT)
    assert talk.ticket(1).assignee == CAT  # who means it may


def test_a_link_works_for_nobody_else(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK)
    anna_has(talk, "high")
    out_of_office(talk)
    [link] = take_links(offers(talk, BEN)[0])
    address = link.removeprefix("mailto:").partition("?")[0]
    talk.receive(new_mail("#take", sender=CAT, to=address, subject="Case 1 [#1]"))
    assert talk.ticket(1).assignee == ANNA


@pytest.mark.parametrize(("agent", "refused"), [(ANNA, "it is yours already"), (BEN, "Anna Agent has taken it")])
def test_what_somebody_present_has_is_not_taken(new_talk: Talk, agent: str, refused: str) -> None:
    talk = new_talk(settings=DESK)
    talk.receive(new_mail())
    order(talk, 1, "#take")
    assert talk.ticket(1).assignee == ANNA
    order(talk, 1, "#take", agent) if agent == ANNA else talk.receive(reply_to(talk.letters(agent)[0], "#take"))
    assert refused in " ".join(talk.letters(agent)[-1].text.split())
    assert talk.ticket(1).assignee == ANNA


def test_what_a_customer_writes_to_who_is_away_is_told_to_the_team(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK)
    talk.receive(new_mail())
    order(talk, 1, "#assign me")
    mine = talk.letters(KIM)[0]
    talk.receive(reply_to(mine, "Are you there?"))
    assert "Are you there?" not in told(talk, BEN, 1).text
    out_of_office(talk)
    talk.receive(reply_to(mine, "Is anybody there?"))
    for agent in (ANNA, BEN, CAT):
        assert "Is anybody there?" in told(talk, agent, 1).text
    talk.wait(8 * DAY)
    talk.receive(reply_to(mine, "Once more."))
    assert "Once more." not in told(talk, BEN, 1).text


@pytest.mark.parametrize("to", ["", "support@example.com"])
def test_words_that_answer_an_offer_stay_inside(new_talk: Talk, to: str) -> None:
    """Its subject names tickets, and the agent's own domain vouches for the mail: even so no customer gets it."""
    talk = new_talk(settings=f'{DESK}\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n')
    anna_has(talk, "high", "high")
    out_of_office(talk)
    [offer] = offers(talk, BEN)
    passed = b"Authentication-Results: mx.example.com; dmarc=pass header.from=staff.example\r\n"
    settled = talk.receive(passed + reply_to(offer, "Not me, this customer is a pain.", sender=BEN), to=to)
    assert "kept as an internal note" in settled.why
    assert "a pain" in talk.letters(ANNA)[-1].text
    assert not any("a pain" in posted.everything for posted in talk.letters("c1@x.example"))
    talk.receive(reply_to(offer, "#take", sender=BEN))
    assert talk.ticket(1).assignee == BEN
