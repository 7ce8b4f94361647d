"""A notification holds all that an agent needs to answer: other tickets, similar ones, links, files, own times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest

from maild.app.letters import Letters
from maild.app.timeline_facts import timeline_facts
from maild.mail.model import Address
from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # what is told, not how it is stored

KIM, LEE = "kim@customer.example", "lee@customer.example"
ANNA, BEN = "anna@staff.example", "ben@staff.example"
ORGANISATION = """
[[organisation]]
name = "Customer Works"
domains = ["customer.example"]
"""
# Ben is kept to sales; all tickets are support's, unless somebody gives him one.
LIMITED = (
    SETTINGS.replace('address = "ben@staff.example"', 'address = "ben@staff.example"\nqueues = ["sales"]')
    + """
[[queue]]
name = "support"
addresses = ["support@example.com"]

[[queue]]
name = "sales"
addresses = ["sales@example.com"]
"""
)


Facts = dict[str, Any]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Facts]]:
    """What the letters to somebody say, in order, however they are worded."""
    written: list[tuple[str, Facts]] = []
    real = Letters.write

    def write(self: Letters, *ledger_and_template: Any, to: Address, facts: Any, **others: Any) -> str:
        given: Facts = {}

        def read() -> Facts:
            given.update(facts() if callable(facts) else facts)
            return given

        refused = real(self, *ledger_and_template, to=to, facts=read, **others)
        if not refused:
            written.append((to.address, given))
        return refused

    monkeypatch.setattr(Letters, "write", write)
    return lambda recipient: [facts for address, facts in written if address == recipient]


Told = Callable[[str], list[Facts]]


def link(facts: Facts, does: str) -> str:
    return next(str(each["href"]) for each in facts["links"] if each["does"] == does)


def subjects(lines: Iterable[Facts]) -> list[str]:
    return [line["subject"] for line in lines]


def press(talk: Conversation, agent: str, href: str, words: str = "") -> str:
    """Send the mail that a link opens, with some words added to it."""
    parts = urlsplit(href)
    subject = parse_qs(parts.query)["subject"][0]
    body = parse_qs(parts.query).get("body", [""])[0]
    mail = new_mail(f"{body}{words}", sender=agent, to=unquote(parts.path), subject=subject)
    return talk.receive(mail).outcome


def resolve(talk: Conversation, number: int, notes: str = "") -> None:
    letter = next(one for one in talk.letters(ANNA) if f"[#{number}]" in str(one.mail["Subject"]))
    set_notes = f"#set resolution_notes {notes}\n" if notes else ""
    talk.receive(reply_to(letter, f"{set_notes}#resolve workaround", sender=ANNA))
    assert talk.ticket(number).status == "resolved"


# ---------------------------------------------------------------------------------------- other tickets


def test_the_customers_other_tickets_are_named_and_a_colleagues(new_talk: Talk, told: Told) -> None:
    talk = new_talk(settings=SETTINGS + ORGANISATION)
    talk.receive(new_mail("Hello", sender="stranger@other.example", subject="Not theirs"))
    talk.receive(new_mail("Hello", sender=LEE, subject="Valve"))
    talk.receive(new_mail("Hello", sender=KIM, subject="Older matter"))
    talk.receive(new_mail("Hello", sender=KIM, subject="New matter"))
    others = told(ANNA)[-1]["other_tickets"]
    assert [(each["tag"], each["subject"]) for each in others] == [("[#3]", "Older matter"), ("[#2]", "Valve")]
    assert {each["status_label"] for each in others} == {"new"}
    assert told(ANNA)[0]["other_tickets"] == []


def test_of_many_other_tickets_five_are_named_and_the_rest_is_counted(new_talk: Talk, told: Told) -> None:
    talk = new_talk()
    for number in range(1, 9):  # of one transaction, so that none is stored yet
        talk.accept(new_mail("Hello", sender=KIM, subject=f"Matter {number}"))
    talk.work()
    assert subjects(told(ANNA)[-1]["other_tickets"]) == [f"Matter {number}" for number in (7, 6, 5, 4, 3)]
    assert told(ANNA)[-1]["more_tickets"] == 2


def test_other_tickets_that_the_agent_may_not_read_are_not_named(new_talk: Talk, told: Told) -> None:
    talk = new_talk(settings=LIMITED)
    talk.receive(new_mail("Secret words", sender=KIM, subject="Hushed pump"))
    resolve(talk, 1)
    talk.parts.indexing.run()
    talk.receive(new_mail("Secret words", sender=KIM, to="sales@example.com", subject="Hushed pump"))
    assert subjects(told(ANNA)[-1]["other_tickets"]) == subjects(told(ANNA)[-1]["similar"]) == ["Hushed pump"]
    [facts] = told(BEN)
    assert facts["number"] == 2
    assert (facts["other_tickets"], facts["similar"], facts["more_tickets"]) == ([], [], 0)


# ---------------------------------------------------------------------------------------- similar tickets


def test_resolved_tickets_that_are_like_a_new_one_are_named_with_how_they_ended(talk: Conversation, told: Told) -> None:
    talk.receive(new_mail("The display shows error E17 since Monday", sender="a@one.example", subject="Frozen display"))
    talk.receive(new_mail("My invoice is missing", sender="b@two.example", subject="Invoice"))
    talk.receive(new_mail("Display flickers, error E17", sender="c@three.example", subject="Flickering"))
    resolve(talk, 1, "Reset the controller with the small button")
    resolve(talk, 2)
    talk.parts.indexing.run()
    talk.receive(new_mail("Our display is frozen with error E17!", sender="d@four.example", subject="Error E17"))
    [similar] = told(ANNA)[-1]["similar"]  # of the third one nobody knows yet how it ends
    assert similar["subject"] == "Frozen display"
    assert similar["resolution"] == "workaround: Reset the controller with the small button"
    talk.receive(reply_to(talk.letters("d@four.example")[0], "Still error E17", sender="d@four.example"))
    assert told(ANNA)[-1]["similar"] == []  # a reply is no new matter


# ---------------------------------------------------------------------------------------- links


def test_a_links_mail_does_what_the_link_says(talk: Conversation, told: Told) -> None:
    talk.receive(new_mail("It is broken", sender=KIM))
    facts = told(ANNA)[0]
    assert press(talk, ANNA, link(facts, "hold")) == "command"
    assert talk.ticket(1).status == "on_hold"
    assert press(talk, ANNA, link(facts, "resolve"), "Press the button.") == "reply"
    assert talk.ticket(1).status == "resolved"
    assert "Press the button." in talk.letters(KIM)[-1].text
    assert press(talk, ANNA, link(facts, "take")) == "command"
    assert talk.ticket(1).assignee == ANNA


def test_words_by_the_notes_link_stay_inside(talk: Conversation, told: Told) -> None:
    talk.receive(new_mail("It is broken", sender=KIM))
    before = len(talk.letters(KIM))
    press(talk, ANNA, link(told(ANNA)[0], "note"), "He is always late with his bills.")
    assert len(talk.letters(KIM)) == before
    assert [e.kind for e in talk.events(1)].count("note") == 1


def test_a_link_is_for_the_agent_whom_it_was_made_for(talk: Conversation, told: Told) -> None:
    talk.receive(new_mail("It is broken", sender=KIM))
    press(talk, BEN, link(told(ANNA)[0], "hold"))
    press(talk, KIM, link(told(ANNA)[0], "close"))
    assert talk.ticket(1).status == "new"


def test_links_say_what_can_be_done_now(talk: Conversation, told: Told) -> None:
    talk.receive(new_mail("It is broken", sender=KIM))
    assert [each["does"] for each in told(ANNA)[0]["links"]] == ["take", "hold", "resolve", "close", "note"]
    press(talk, ANNA, link(told(ANNA)[0], "take"))
    talk.receive(reply_to(talk.letters(KIM)[0], "Still broken", sender=KIM))
    assert [each["does"] for each in told(ANNA)[-1]["links"]] == ["hold", "resolve", "close", "note"]


def test_links_of_any_subject_are_short_enough_for_every_program(talk: Conversation, told: Told) -> None:
    talk.receive(new_mail("It is broken", sender=KIM, subject="我的订单还没有到货,请帮忙 & 100% #?" * 30))
    found = [each["href"] for each in told(ANNA)[0]["links"]]
    assert len(found) == 5
    assert max(map(len, found)) < 2000
    assert all(re.fullmatch(r"mailto:[A-Za-z0-9%@+.\-_~?=&]+", each) for each in found)
    assert "我的订单" in parse_qs(urlsplit(found[0]).query)["subject"][0]
    assert parse_qs(urlsplit(found[0]).query)["subject"][0].endswith("[#1]")


def test_an_address_that_is_no_agents_gets_no_links_and_no_other_tickets(new_talk: Talk, told: Told) -> None:
    rule = '[[rule]]\nname = "watch"\n[rule.then]\nnotify = ["boss@example.org"]\n'
    talk = new_talk(settings=f"{SETTINGS}\n{rule}")
    talk.receive(new_mail("Hello", sender=KIM, subject="Older matter"))
    talk.receive(new_mail("Hello", sender=KIM, subject="New matter"))
    facts = told("boss@example.org")[-1]
    assert "links" not in facts
    assert "other_tickets" not in facts


# ---------------------------------------------------------------------------------------- times


def test_times_are_in_the_agents_own_zone(new_talk: Talk, told: Told) -> None:
    tokyo = SETTINGS.replace(f'address = "{BEN}"', f'address = "{BEN}"\ntimezone = "Asia/Tokyo"')
    talk = new_talk(settings=tokyo)
    talk.receive(new_mail("It is broken", sender=KIM))
    talk.receive(reply_to(talk.letters(KIM)[0], "Still broken", sender=KIM))
    anna, ben = told(ANNA)[-1], told(BEN)[-1]
    assert (anna["opened_at"], anna["history"][0]["when"], anna["zone"]) == (*["2026-03-02 09:00"] * 2, "UTC")
    assert (ben["opened_at"], ben["history"][0]["when"], ben["zone"]) == (*["2026-03-02 18:00"] * 2, "Asia/Tokyo")


# ---------------------------------------------------------------------------------------- files

PHOTO = ("photo.jpg", "image/jpeg", b"\xff\xd8\xff" + bytes(range(256)) * 40)


def files_of(letter: Posted) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in letter.mail.iter_attachments()}


def test_a_customers_files_go_along_but_not_programs(talk: Conversation) -> None:
    talk.receive(new_mail("See the photo", sender=KIM, files=[PHOTO, ("run.exe", "application/octet-stream", b"MZ")]))
    for agent in (ANNA, BEN):
        [letter] = talk.letters(agent)
        assert files_of(letter) == {"photo.jpg": PHOTO[2]}
        assert "run.exe" in letter.text
    assert files_of(talk.letters(KIM)[0]) == {}


def test_what_is_too_large_is_named_with_how_to_get_it(new_talk: Talk, told: Told) -> None:
    talk = new_talk(settings=f'{SETTINGS}\n[letters]\nattach_up_to = "11 KiB"\n')
    talk.receive(new_mail("Two", sender=KIM, files=[PHOTO, ("second.jpg", *PHOTO[1:]), ("a.txt", "text/plain", b"x")]))
    assert list(files_of(talk.letters(ANNA)[0])) == ["photo.jpg", "a.txt"]
    second = next(row.part for row in talk.rows(schema.attachment) if row.name == "second.jpg")
    fetch = [each["fetch"] for each in told(ANNA)[0]["attachments"] if not each["attached"]]
    assert fetch == [f"maild attachment 1 {second}"]


def test_with_many_readers_only_the_assignee_gets_the_files(new_talk: Talk, told: Told) -> None:
    more = "".join(f'[[agent]]\nname = "A{n}"\naddress = "a{n}@staff.example"\n' for n in range(2))
    talk = new_talk(settings=f"{SETTINGS}\n{more}")
    talk.receive(new_mail("See the photo", sender=KIM, files=[PHOTO]))
    assert files_of(talk.letters(ANNA)[0]) == {}
    assert told(ANNA)[0]["attachments"][0]["name"] == "photo.jpg"
    press(talk, ANNA, link(told(ANNA)[0], "take"))
    talk.receive(reply_to(talk.letters(KIM)[0], "Another one", sender=KIM, files=[PHOTO]))
    assert files_of(talk.letters(ANNA)[-1]) == {"photo.jpg": PHOTO[2]}


# ---------------------------------------------------------------------------------------- assignment


def test_whoever_gets_a_ticket_from_a_colleague_gets_all_that_is_needed(new_talk: Talk) -> None:
    more = "".join(f'[[agent]]\nname = "A{n}"\naddress = "a{n}@staff.example"\n' for n in range(2))
    talk = new_talk(settings=f"{SETTINGS}\n{more}")
    talk.receive(new_mail("See the photo", sender=KIM, subject="Cracked", files=[PHOTO]))
    talk.receive(reply_to(talk.letters(ANNA)[0], f"#assign {BEN}", sender=ANNA))
    assert [row.template for row in talk.rows(schema.outbox) if row.recipient == BEN] == ["notification", "assignment"]
    given = talk.letters(BEN)[-1]
    assert "See the photo" in given.text
    assert files_of(given) == {"photo.jpg": PHOTO[2]}
    talk.receive(reply_to(given, "It is on its way.", sender=BEN))
    assert "It is on its way." in talk.letters(KIM)[-1].text
    talk.receive(reply_to(given, "#assign me", sender=BEN))
    assert len(talk.letters(BEN)) == 3  # two and the confirmation: nobody is told what he did himself


def test_a_new_ticket_that_is_given_to_somebody_comes_as_an_assignment(new_talk: Talk) -> None:
    talk = new_talk(settings=f'{SETTINGS}\n[routing]\nassign = "round_robin"\n')
    talk.receive(new_mail("It is broken", sender=KIM))
    talk.receive(reply_to(talk.letters(KIM)[0], "Still", sender=KIM))
    to_anna = [row.template for row in talk.rows(schema.outbox) if row.recipient == ANNA]
    assert to_anna == ["assignment", "notification"]


# ---------------------------------------------------------------------------------------- calls


def test_a_call_is_kept_inside_while_the_rest_is_answered(talk: Conversation) -> None:
    talk.receive(new_mail("It is broken", sender=KIM))
    words = "#call Kim was furious\n#comment the third one\n\nA new one is on its way."
    talk.receive(reply_to(talk.letters(ANNA)[0], words, sender=ANNA))
    answer = talk.letters(KIM)[-1]
    assert "A new one is on its way." in answer.text
    assert "furious" not in answer.everything
    assert "third" not in answer.everything
    notes = [event for event in talk.events(1) if event.kind == "note"]
    assert [event.data["sort"] for event in notes] == ["call", "comment"]
    talk.receive(reply_to(talk.letters(ANNA)[0], "#call", sender=ANNA))
    assert "#call Kim will send" in talk.letters(ANNA)[-1].text


def test_a_tickets_story_has_everything_in_order_and_in_the_readers_zone(talk: Conversation) -> None:
    talk.receive(new_mail("See the photo", sender=KIM, files=[PHOTO]))
    words = "#call Kim was furious\n#hold\nWhich colour?"
    talk.receive(reply_to(talk.letters(ANNA)[0], words, sender=ANNA))
    talk.receive(reply_to(talk.letters(KIM)[-1], "Blue", sender=KIM))
    with talk.parts.ingest.desktop.unit() as unit:
        story = unit.story(1)
        assert unit.story(2) is None
    assert story
    told = timeline_facts(story, talk.parts.desk.agents, ZoneInfo("Asia/Tokyo"))
    assert {each["when"] for each in told} == {"2026-03-02 18:00"}
    texts = [each["text"] for each in told if each["text"]]
    assert [text.partition("\n")[0] for text in texts] == ["See the photo", "Which colour?", "Kim was furious", "Blue"]
    assert next(each["who"] for each in told if each["text"] == "Kim was furious") == "Anna Agent"
    assert any("photo.jpg" in each["what"] for each in told)
    assert any("on hold" in each["what"] for each in told)
    assert not any("notification" in each["what"] for each in told)  # agents need not be told that they were told
