"""Agents ask for lists by mail: what they get, what nobody else gets, and how a reader turns the page."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from maild.app.list_links import list_links
from maild.app.lists import PAGE
from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import delivery_report, links, new_mail, reply_to
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the queries have a contract of their own

KIM, ANNA, BEN = "kim@customer.example", "anna@staff.example", "ben@staff.example"
TRUSTING = SETTINGS + '\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n'
PASS = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}
FAIL = {"Authentication-Results": "mx.example.com; dmarc=fail (p=reject) header.from=staff.example"}
QUEUES = """
[[queue]]
name = "support"
addresses = ["support@example.com"]

[[queue]]
name = "billing"
addresses = ["billing@example.com"]
"""
BEN_IS_A_CLERK = f"""{TRUSTING.replace(f'address = "{BEN}"', f'address = "{BEN}"{chr(10)}role = "clerk"')}{QUEUES}
[[role]]
name = "clerk"
permissions = ["service.read", "service.write"]
queues = ["billing"]
"""


@pytest.fixture
def talk(new_talk: Talk) -> Conversation:
    return new_talk(settings=TRUSTING + QUEUES)


def ask(talk: Conversation, subject: str, text: str = "", *, sender: str = ANNA, **more: object) -> Posted | None:
    """Mail a subject as an agent whom the own domain vouches for; the letter that comes back at once, if any."""
    before = len(talk.letters(sender))
    raw = new_mail(text, sender=f"Agent <{sender}>", subject=subject, headers=PASS, **more)  # type: ignore[arg-type]
    talk.receive(raw)
    letters = talk.letters(sender)[before:]
    assert len(letters) <= 1
    return letters[0] if letters else None


def shown(letter: Posted | None) -> list[int]:
    """The tickets of a list, in its order."""
    assert letter is not None
    return [int(number) for number in dict.fromkeys(re.findall(r"\[#(\d+)\]", letter.text))]


def subject(letter: Posted | None) -> str:
    assert letter is not None
    return str(letter.mail["Subject"])


def tickets(talk: Conversation, count: int, to: str = "support@example.com") -> None:
    for number in range(count):
        talk.accept(new_mail(subject=f"Matter {number}", to=to, sender=f"c{number}@customer{number}.example"))
    talk.work()


def take(talk: Conversation, number: int, agent: str = ANNA) -> None:
    notification = next(p for p in talk.letters(agent) if f"[#{number}]" in subject(p))
    talk.receive(reply_to(notification, "#assign me", sender=agent))


# ---------------------------------------------------------------------------- every list


def test_each_list_holds_what_its_name_says_in_a_useful_order(talk: Conversation) -> None:
    tickets(talk, 3)
    tickets(talk, 1, to="billing@example.com")
    take(talk, 2)
    assert shown(ask(talk, "mine")) == [2]
    assert shown(ask(talk, "Unassigned")) == [1, 3, 4]  # the oldest first
    assert shown(ask(talk, "queue Support")) == [3, 2, 1]  # the newest first
    assert shown(ask(talk, "QUEUE BILLING")) == [4]
    assert shown(ask(talk, "mine", sender=BEN)) == []


def test_tickets_at_risk_and_ones_own_begin_with_the_one_that_is_due_first(talk: Conversation) -> None:
    tickets(talk, 1)
    talk.wait(timedelta(minutes=5))
    tickets(talk, 2)
    talk.receive(reply_to(talk.letters(ANNA)[2], "#priority critical"))
    for number in (1, 2, 3):
        take(talk, number)
    assert shown(ask(talk, "at risk")) == [3, 1, 2]
    assert shown(ask(talk, "at-risk")) == [3, 1, 2]
    assert shown(ask(talk, "mine")) == [3, 1, 2]


def test_what_has_ended_is_in_no_list_but_a_search(talk: Conversation) -> None:
    tickets(talk, 2)
    take(talk, 1)
    talk.receive(reply_to(talk.letters(ANNA)[0], "#close resolved"))
    for name in ("mine", "unassigned", "queue support", "at risk"):
        assert 1 not in shown(ask(talk, name))


def test_a_row_says_what_an_agent_wants_to_know_of_a_ticket(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Hinge is bent"))
    take(talk, 1)
    letter = ask(talk, "mine")
    assert letter is not None
    for fact in ("[#1]", "Hinge is bent", "Kim Kunde", "new", "medium", "Anna Agent", "2026-03-02 09:00"):
        assert fact in letter.text
    assert str(letter.mail["Auto-Submitted"]) == "auto-replied"
    assert [row.ticket for row in talk.rows(schema.inbox)][-1] is None


def test_a_rows_link_answers_that_tickets_customer(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Hinge & bolt"))
    letter = ask(talk, "unassigned")
    assert letter is not None
    link = urlsplit(links(letter)[0])
    fresh = new_mail(
        "It is on its way.", sender=ANNA, to=unquote(link.path), subject=parse_qs(link.query)["subject"][0]
    )
    assert talk.receive(fresh).ticket == 1
    assert "It is on its way." in talk.letters(KIM)[-1].text
    assert str(talk.letters(KIM)[-1].mail["Subject"]) == "Hinge & bolt [#1]"


def test_help_names_every_list_and_every_command(talk: Conversation) -> None:
    letter = ask(talk, "help")
    assert letter is not None
    for form in ("mine", "unassigned", "at risk", "queue NAME", "search WORDS", "#42", "#assign", "#note"):
        assert form in letter.text


def test_a_search_finds_what_was_said_and_what_has_ended(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks oil.", subject="Pump"))
    talk.receive(new_mail("The valve is stuck."))
    talk.receive(reply_to(talk.letters(ANNA)[0], "#close resolved"))
    assert shown(ask(talk, "search pump oil")) == [1]
    assert shown(ask(talk, 'Search "valve is stuck"')) == [2]
    assert shown(ask(talk, "search is OR nothing")) == []
    letter = ask(talk, "search the")
    assert shown(letter) == [2, 1]
    assert subject(letter) == "search the (page 1 of 1)"


# ---------------------------------------------------------------------------- pages


def test_a_reply_of_more_turns_the_page_until_the_last(talk: Conversation) -> None:
    tickets(talk, 2 * PAGE + 3)
    first = ask(talk, "unassigned")
    assert shown(first) == list(range(1, PAGE + 1))
    assert subject(first) == "unassigned (page 1 of 3)"
    seen = shown(first)
    for _ in range(2):
        talk.receive(reply_to(talk.letters(ANNA)[-1], "more"))
        seen += shown(talk.letters(ANNA)[-1])
    assert seen == list(range(1, 2 * PAGE + 4))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Next!\n\nBest regards\nAnna"))
    assert subject(talk.letters(ANNA)[-1]) == "unassigned (page 3 of 3)"
    for words, number in (("page 2", 2), ("back", 1), ("page 77", 3), ("queue billing", 1)):
        talk.receive(reply_to(talk.letters(ANNA)[-1], words))
        assert f"(page {number} of" in subject(talk.letters(ANNA)[-1])
    assert subject(talk.letters(ANNA)[-1]) == "queue billing (page 1 of 1)"


def test_a_page_is_turned_although_the_program_lost_the_threads_ids(talk: Conversation) -> None:
    tickets(talk, PAGE + 1)
    first = ask(talk, "unassigned")
    assert first is not None
    raw = new_mail("more", sender=ANNA, to=str(first.mail["Reply-To"]), subject=f"AW: {subject(first)}")
    talk.receive(raw)
    assert shown(talk.letters(ANNA)[-1]) == [PAGE + 1]


def test_a_reply_that_asks_for_nothing_known_is_told_what_there_is(talk: Conversation) -> None:
    talk.receive(new_mail())
    letter = ask(talk, "unassigned")
    assert letter is not None
    done = talk.receive(reply_to(letter, "Could somebody please take these?\nI am off to lunch, see you."))
    assert (done.outcome, done.ticket) == ("command", None)
    assert "Could somebody please take these?" in talk.letters(ANNA)[-1].text  # what was typed is not lost
    assert talk.statuses() == ["new"]


# ---------------------------------------------------------------------------- one ticket


def test_one_ticket_is_shown_and_a_reply_answers_it(talk: Conversation) -> None:
    talk.receive(new_mail("The hinge is bent.", subject="Hinge"))
    before = talk.ticket(1).version
    letter = None
    for words in ("#1", "[#1]", "1", "Ticket 1"):
        letter = ask(talk, words)
        assert letter is not None
        for fact in ("Hinge", "The hinge is bent.", KIM, "Kim Kunde"):
            assert fact in letter.text
    assert talk.ticket(1).version == before
    assert letter is not None
    talk.receive(reply_to(letter, "A new one is on its way."))
    assert "A new one is on its way." in talk.letters(KIM)[-1].text


def test_one_ticket_tells_all_that_happened_notes_as_well(talk: Conversation) -> None:
    talk.receive(new_mail("The hinge is bent.", subject="Hinge"))
    talk.receive(reply_to(talk.letters(ANNA)[0], "#note Kim was here.\n"))
    talk.receive(reply_to(talk.letters(BEN)[0], "Which hinge is it?", sender=BEN))
    letter = ask(talk, "#1")
    assert letter is not None
    for said in ("The hinge is bent.", "Kim was here.", "Which hinge is it?", "Ben Agent"):
        assert said in letter.text
    talk.receive(reply_to(letter, "The left one, I see."))  # what it quotes stays inside
    assert "Kim was here." not in talk.letters(KIM)[-1].everything


def test_times_are_in_the_agents_own_zone(new_talk: Talk) -> None:
    at_home = TRUSTING.replace(f'address = "{ANNA}"', f'address = "{ANNA}"\ntimezone = "Asia/Kolkata"')
    talk = new_talk(settings=at_home)
    talk.receive(new_mail())
    letter = ask(talk, "unassigned")
    assert letter is not None
    assert "2026-03-02 14:30" in letter.text
    assert "Asia/Kolkata" in letter.text


def test_a_number_in_the_body_of_a_mail_without_subject_is_enough(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Hinge"))
    assert "Hinge" in (ask(talk, "", "#1") or talk.letters(KIM)[0]).text


def test_a_ticket_that_may_not_be_read_is_as_one_that_does_not_exist(new_talk: Talk) -> None:
    talk = new_talk(settings=BEN_IS_A_CLERK)
    talk.receive(new_mail("A secret.", subject="Hush"))
    told = [ask(talk, words, sender=BEN) for words in ("#1", "#77")]
    one, other = [letter.text.replace("#77", "#1") if letter else "" for letter in told]
    assert one == other
    assert "#1" in one
    assert "Hush" not in one


# ---------------------------------------------------------------------------- who may read what


def test_nobody_is_shown_what_his_role_keeps_from_him(new_talk: Talk) -> None:
    talk = new_talk(settings=BEN_IS_A_CLERK)
    tickets(talk, 2)
    tickets(talk, 1, to="billing@example.com")
    assert shown(ask(talk, "unassigned", sender=BEN)) == [3]
    assert shown(ask(talk, "at risk", sender=BEN)) == [3]
    assert shown(ask(talk, "search broken", sender=BEN)) == [3]
    assert shown(ask(talk, "queue support", sender=BEN)) == []
    talk.receive(reply_to(talk.letters(ANNA)[0], f"#assign {BEN}"))
    assert shown(ask(talk, "queue support", sender=BEN)) == [1]  # an assignee reads the own ticket wherever it stands
    assert shown(ask(talk, "mine", sender=BEN)) == [1]


def test_pages_are_whole_although_much_may_not_be_read(new_talk: Talk) -> None:
    talk = new_talk(settings=BEN_IS_A_CLERK)
    for number in range(2 * PAGE + 2):
        to = "billing@example.com" if number % 2 else "support@example.com"
        talk.accept(new_mail(subject=f"Matter {number}", to=to, sender=f"c{number}@customer{number}.example"))
    talk.work()
    first = ask(talk, "unassigned", sender=BEN)
    assert (len(shown(first)), subject(first)) == (PAGE, "unassigned (page 1 of 2)")
    assert shown(ask(talk, "unassigned (page 2 of 2)", sender=BEN)) == [2 * PAGE + 2]


# ---------------------------------------------------------------------------- who asks


def test_a_forger_learns_nothing_and_neither_does_the_agents_mailbox(talk: Conversation) -> None:
    talk.receive(new_mail("A secret.", subject="Hush"))
    before = len(talk.letters(ANNA))
    for headers in ({}, FAIL):
        for asked in ("unassigned", "#1", "help"):
            forged = new_mail("", sender=ANNA, subject=asked, headers=headers)
            talk.receive(forged, envelope_from="eve@evil.example")
    assert talk.letters("eve@evil.example") == []
    assert not any("A secret." in letter.text for letter in talk.letters(ANNA)[before:])


def test_an_agent_whom_nothing_proves_is_told_how_to_prove_it(new_talk: Talk) -> None:
    """Most desks have nobody who vouches: the answer to our letter is the proof."""
    talk = new_talk(settings=SETTINGS)
    talk.receive(new_mail(subject="Hinge"))
    done = talk.receive(new_mail("", sender=ANNA, subject="unassigned"))
    assert (done.outcome, done.ticket) == ("command", None)
    assert "nothing proves" in done.why
    told = talk.letters(ANNA)[-1]
    assert "Hinge" not in told.text
    talk.receive(reply_to(told, "unassigned"))
    assert shown(talk.letters(ANNA)[-1]) == [1]
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#1"))
    assert "Hinge" in talk.letters(ANNA)[-1].text


def test_the_links_of_a_letter_ask_for_the_lists(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS)
    talk.receive(new_mail())
    links = list_links(ANNA, talk.parts.desk)
    assert [link["does"] for link in links] == ["mine", "unassigned", "at risk", "help"]
    for link in links[:3]:
        parts = urlsplit(link["href"])
        talk.receive(new_mail("", sender=ANNA, to=unquote(parts.path), subject=parse_qs(parts.query)["subject"][0]))
        assert subject(talk.letters(ANNA)[-1]).startswith(link["does"])


def test_an_agents_address_for_lists_is_no_use_to_anybody_else(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS)
    talk.receive(new_mail(subject="Hush"))
    to = unquote(urlsplit(list_links(ANNA, talk.parts.desk)[0]["href"]).path)
    for sender in ("eve@evil.example", BEN):
        before = len(talk.letters(sender))
        talk.receive(new_mail("", sender=sender, to=to, subject="unassigned"))
        assert not any("Hush" in letter.text for letter in talk.letters(sender)[before:])
    assert parseaddr(to)[1] == to


def test_a_customer_who_writes_such_a_subject_opens_a_ticket(talk: Conversation) -> None:
    for words in ("mine", "unassigned", "queue support", "help", "#1"):
        assert talk.receive(new_mail("", subject=words, headers=PASS)).outcome == "new_ticket"


# ---------------------------------------------------------------------------- what is no request


def test_an_agents_own_request_is_a_ticket(talk: Conversation) -> None:
    for asked, text in (
        ("Re: mine", "They took it."),
        ("help", "My chair is broken."),
        ("search engine broken", "It finds nothing."),
        ("Fwd: mine", ""),
        ("Chair", ""),
        ("mine", "\n".join(f"Line {number} of a long story." for number in range(20))),
    ):
        assert talk.receive(new_mail(text, sender=ANNA, subject=asked, headers=PASS)).outcome == "new_ticket"
    assert not any("page 1" in subject(letter) for letter in talk.letters(ANNA))


def test_a_slip_of_the_finger_is_told_the_nearest_right_form(talk: Conversation) -> None:
    for asked, meant in (
        ("quue billing", "queue billing"),
        ("queue biling", "queue billing"),
        ("mien", "mine"),
        ("serach x1", "search x1"),
    ):
        letter = ask(talk, asked)
        assert letter is not None
        assert meant in letter.text
    assert talk.statuses() == []


def test_a_signature_and_a_phones_last_line_do_no_harm(talk: Conversation) -> None:
    talk.receive(new_mail())
    for text in (
        "Sent from my iPhone",
        "-- \nAnna Agent\nExample Support",
        "Best regards\nAnna\nExample Ltd\n+49 30 1",
    ):
        assert shown(ask(talk, "unassigned", text)) == [1]


# ---------------------------------------------------------------------------- machines


def test_an_automatic_reply_and_a_bounce_end_the_conversation(talk: Conversation) -> None:
    talk.receive(new_mail())
    letter = ask(talk, "unassigned")
    assert letter is not None
    before = len(talk.sender.posted)
    away = reply_to(letter, "more", headers={"Auto-Submitted": "auto-replied", **PASS})
    assert talk.receive(away).outcome == "automatic"
    talk.receive(delivery_report(letter), to=letter.sender, envelope_from="")
    assert len(talk.sender.posted) == before


def test_a_machine_that_says_more_for_ever_is_answered_a_limited_number_of_times(talk: Conversation) -> None:
    talk.receive(new_mail())
    ask(talk, "unassigned")
    for _ in range(40):
        talk.receive(reply_to(talk.letters(ANNA)[-1], "more"))
    lists = [letter for letter in talk.letters(ANNA) if "page" in subject(letter)]
    assert len(lists) <= 20
    assert "is not told of it" in talk.settled()[-1].why


def test_a_list_is_answered_to_the_agents_own_address_only(talk: Conversation) -> None:
    talk.receive(new_mail())
    headers = {**PASS, "Reply-To": "eve@evil.example", "Cc": "eve@evil.example"}
    talk.receive(new_mail("", sender=ANNA, subject="unassigned", headers=headers))
    assert talk.letters("eve@evil.example") == []
    assert shown(talk.letters(ANNA)[-1]) == [1]
