"""Replies land where they belong, whatever the mail programs on the way have lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from maild.app.timeline import timeline
from maild.store import schema
from maild.store.story import read_story
from maild.testing.conversation import SETTINGS, Conversation, Settled, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.sink import Posted

KIM, LEE, ANNA, EVE = "kim@customer.example", "lee@customer.example", "anna@staff.example", "eve@evil.example"
ANSWER = (
    "Dear Kim, the hinge of the left door is bent. We will send you a new hinge on Monday; you only need a"
    " screwdriver of size two. Please keep the old hinge until our driver has been there."
)


def tickets(talk: Conversation) -> list[int | None]:
    """The ticket of each mail, in the order in which they came."""
    return [each.ticket for each in talk.settled()]


def html_of(letter: Posted) -> str:
    body = letter.mail.get_body(("html",))
    return str(body.get_content()) if body else ""


def bare(raw: bytes, *names: str) -> bytes:
    """A mail without some of its headers."""
    head, _, body = raw.partition(b"\r\n\r\n")
    for name in names:
        head = re.sub(rb"(?im)^" + name.encode() + rb":.*(\r\n[ \t].*)*\r\n", b"", head)
    return head + b"\r\n\r\n" + body


def mail(message_id: str, answers: str = "", *, sender: str = KIM, subject: str = "Broken") -> bytes:
    headers = {"In-Reply-To": f"<{answers}>"} if answers else {}
    return new_mail(f"Words of {message_id}.", sender=sender, subject=subject, message_id=message_id, headers=headers)


# ---------------------------------------------------------------------------- programs that lose headers


def test_a_reply_without_ids_joins_by_the_mark_in_its_quote(talk: Conversation) -> None:
    talk.receive(new_mail())
    reply = bare(reply_to(talk.letters(KIM)[0], "Please hurry.", to="support@example.com"), "References", "In-Reply-To")
    done = talk.receive(bare(reply, "Subject").replace(b"From:", b"Subject: something else\r\nFrom:", 1))
    assert done.ticket == 1
    assert "mark in the quote [t1." in done.why


def test_the_mark_is_in_the_html_of_letters_too(talk: Conversation) -> None:
    talk.receive(new_mail())
    html = html_of(talk.letters(KIM)[0])
    done = talk.receive(
        new_mail("", subject="something else", html=f"<p>Please hurry.</p><blockquote>{html}</blockquote>")
    )
    assert done.ticket == 1


def test_a_reply_that_only_quotes_our_words_joins(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], ANSWER))
    quoted = "".join(f"> {line}\n" for line in re.findall(r".{1,50}(?: |$)", ANSWER))
    done = talk.receive(new_mail(f"Which Monday?\n\nOn Tuesday, you wrote:\n{quoted}", subject="about the door"))
    assert done.ticket == 1
    assert "quoted words" in done.why


def test_the_same_words_quoted_by_another_are_no_evidence(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], ANSWER))
    done = talk.receive(new_mail(f"Which Monday?\n\n> {ANSWER}", sender=EVE, subject="about the door"))
    assert (done.ticket, [e.kind for e in talk.events(2) if e.kind == "linked"]) == (2, [])


def test_the_same_sender_with_a_re_and_the_same_subject_joins(talk: Conversation) -> None:
    talk.receive(new_mail(subject="It broke"))
    assert talk.receive(new_mail("More words.", subject="RE: It broke")).ticket == 1


def test_the_same_subject_without_a_re_is_another_matter(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Order"))
    assert talk.receive(new_mail("Another order.", subject="Order")).ticket == 2
    assert talk.receive(new_mail("About the second.", subject="Re: Order")).ticket == 2


def test_the_same_subject_of_another_sender_is_another_matter(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Order"))
    assert talk.receive(new_mail("More words.", sender=EVE, subject="Re: Order")).ticket == 2


def test_the_same_subject_counts_for_a_while_only(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Order"))
    talk.wait(timedelta(days=13))
    assert talk.receive(new_mail("Still waiting.", subject="Re: Order")).ticket == 1
    talk.wait(timedelta(days=13))
    assert talk.receive(new_mail("Still waiting!", subject="Re: Order")).ticket == 1
    talk.wait(timedelta(days=15))
    assert talk.receive(new_mail("Something new.", subject="Re: Order")).ticket == 2


def test_outlooks_thread_index_finds_the_ticket(talk: Conversation) -> None:
    root = "AdxkWw3dJvQ2b2lSTcWvHh0zvHNzkQ=="
    talk.receive(new_mail(headers={"Thread-Index": root}))
    done = talk.receive(new_mail("More.", subject="changed", headers={"Thread-Index": root[:-2] + "AAbCdE"}))
    assert (done.ticket, "Outlook thread" in done.why) == (1, True)


def test_the_tag_of_another_system_finds_the_ticket(talk: Conversation) -> None:
    talk.receive(new_mail(sender="Their desk <desk@partner.example>", subject="[ABC-123] Broken"))
    assert talk.receive(new_mail("Any news?", sender="desk@partner.example", subject="Reminder: [ABC-123]")).ticket == 1
    assert talk.receive(new_mail("Other.", sender="desk@partner.example", subject="[ABC-124] Broken")).ticket == 2
    assert talk.receive(new_mail("Hm.", sender=EVE, subject="[ABC-123]")).ticket == 3


# ---------------------------------------------------------------------------- out of order


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_a_thread_is_one_ticket_in_whatever_order_it_arrives(talk: Conversation, order: Sequence[int]) -> None:
    """Each mail knows only the one before it, as many programs write."""
    thread = [mail("m0@x"), *(mail(f"m{i}@x", f"m{i - 1}@x", subject=f"Matter {i}") for i in (1, 2, 3))]
    for i in order:
        talk.receive(thread[i])
    goes_on = {row.number: row.continued_by for row in talk.rows(schema.ticket)}
    assert set(goes_on.values()) <= {None, 1}
    assert goes_on[1] is None
    assert {row.ticket for row in talk.rows(schema.mail)} == {1}
    assert talk.receive(mail("m4@x", "m3@x", subject="Last")).ticket == 1


def test_siblings_join_by_an_id_that_was_never_seen(talk: Conversation) -> None:
    talk.receive(mail("b@x", "never-seen@x", subject="One"))
    assert talk.receive(mail("c@x", "never-seen@x", subject="Two")).ticket == 1


def test_a_thread_that_agents_have_worked_on_is_linked_not_united(talk: Conversation) -> None:
    talk.receive(mail("m0@x", subject="One"))
    talk.receive(mail("m2@x", "m1@x", subject="Two"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "We are on it."))
    done = talk.receive(mail("m1@x", "m0@x", subject="Three"))
    assert (done.ticket, talk.statuses()) == (1, ["new", "responded"])
    assert "linked to ticket 2" in done.why


def test_a_mail_whose_references_name_two_tickets_makes_them_one(talk: Conversation) -> None:
    talk.receive(mail("m0@x", subject="One"))
    talk.receive(mail("m1@x", subject="Two"))  # an answer that lost its headers
    both = new_mail("Words.", sender=KIM, subject="Three", headers={"References": "<m0@x> <m1@x>"})
    assert talk.receive(both).ticket == 1
    assert {row.ticket for row in talk.rows(schema.mail)} == {1}


def late_parent(talk: Conversation, parent: bytes, *, second: bytes = b"") -> Settled:
    """Kim's second mail answers a mail that has not come yet; then this one comes as that."""
    talk.receive(second or mail("m2@x", "m1@x", subject="Two"))
    return talk.receive(parent)


def test_the_words_of_a_united_ticket_are_told_in_both_stories(talk: Conversation) -> None:
    talk.receive(mail("m0@x", subject="One"))
    late_parent(talk, mail("m1@x", "m0@x", subject="Three"))

    def words(number: int) -> list[str]:
        with talk.database.read() as connection:
            story = read_story(connection, number)
        assert story is not None
        return [entry.words.strip() for entry in timeline(story) if entry.words]

    assert words(1) == ["Words of m0@x.", "Words of m2@x.", "Words of m1@x."]
    assert words(2) == ["Words of m2@x."]


def test_nobody_leads_anothers_ticket_to_his_own_by_ids(talk: Conversation) -> None:
    talk.receive(mail("evil@x", sender=EVE, subject="One"))
    late_parent(talk, mail("m1@x", "evil@x", sender=ANNA, subject="Three"))
    assert talk.statuses() == ["new", "new"]


def test_a_reader_of_both_does_not_show_the_one_to_the_people_of_the_other(talk: Conversation) -> None:
    talk.receive(new_mail(sender=EVE, message_id="m0@x", subject="One", headers={"Cc": LEE}))
    second = new_mail(subject="Two", message_id="m2@x", headers={"Cc": LEE, "In-Reply-To": "<m1@x>"})
    done = late_parent(talk, mail("m1@x", "m0@x", sender=LEE, subject="Three"), second=second)
    assert talk.statuses() == ["new", "new"]
    assert "linked to ticket 2" in done.why


def test_people_who_all_know_each_other_have_one_ticket(talk: Conversation) -> None:
    talk.receive(new_mail(sender=LEE, message_id="m0@x", subject="One", headers={"Cc": KIM}))
    second = new_mail(subject="Two", message_id="m2@x", headers={"Cc": LEE, "In-Reply-To": "<m1@x>"})
    late_parent(talk, mail("m1@x", "m0@x", sender=LEE, subject="Three"), second=second)
    assert talk.statuses() == ["new", "duplicate"]


@pytest.mark.parametrize("text", ["Thank you!", "It is broken again."])
def test_an_open_ticket_does_not_end_in_one_that_is_over(talk: Conversation, text: str) -> None:
    talk.receive(mail("m0@x", subject="One"))
    talk.receive(reply_to(talk.letters(ANNA)[0], "#close resolved"))
    late_parent(talk, new_mail(text, message_id="m1@x", subject="Three", headers={"In-Reply-To": "<m0@x>"}))
    assert talk.statuses()[1] == "new"


def test_a_machine_unites_nothing(talk: Conversation) -> None:
    talk.receive(mail("m0@x", subject="One"))
    machine = {"In-Reply-To": "<m0@x>", "Auto-Submitted": "auto-replied"}
    late_parent(talk, new_mail("I am away.", message_id="m1@x", subject="Three", headers=machine))
    assert talk.statuses() == ["new", "new"]


def test_answers_to_one_bulk_mail_are_a_ticket_for_each_sender(talk: Conversation) -> None:
    people = [f"p{i}@company{i}.example" for i in range(3)]
    for person in people:
        talk.receive(mail(f"1.{person}", "newsletter@bulk", sender=person, subject="Re: News"))
    for person in people:
        talk.receive(mail(f"2.{person}", "newsletter@bulk", sender=person, subject="something else"))
    assert tickets(talk) == [1, 2, 3, 1, 2, 3]


# ---------------------------------------------------------------------------- who belongs


def test_a_colleague_in_copy_takes_part(talk: Conversation) -> None:
    talk.receive(new_mail(subject="It broke", headers={"Cc": f"Lee <{LEE}>"}))
    assert talk.receive(new_mail("Me too.", sender=LEE, subject="Re: It broke")).ticket == 1


def test_a_colleague_of_a_known_organisation_joins_with_our_letter_in_hands(new_talk: Talk) -> None:
    organisation = '\n[[organisation]]\nname = "Customer Ltd"\ndomains = ["customer.example"]\n'
    talk = new_talk(settings=SETTINGS + organisation)
    talk.receive(new_mail())
    assert talk.ticket(1).customer == "Customer Ltd"
    done = talk.receive(reply_to(talk.letters(KIM)[0], "I take over.", sender=LEE))
    assert done.ticket == 1
    assert talk.receive(new_mail("Hm.", sender="max@customer.example", subject="[#1]")).ticket == 2  # only guessed


def test_who_is_copied_on_a_strangers_mail_goes_on_with_his_own_matter(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Order"))
    talk.receive(new_mail(sender=EVE, subject="Order", headers={"Cc": KIM}))
    assert talk.receive(new_mail("My number is 4711.", subject="Re: Order")).ticket == 1


def test_people_on_a_mailing_list_talk_on_one_ticket(talk: Conversation) -> None:
    of_list = {"List-Id": "Users <users.lists.example>", "List-Post": "<mailto:users@lists.example>"}
    question = new_mail("How?", subject="Hinges", message_id="q@x", to="users@lists.example", headers=of_list)
    talk.receive(question, to="support@example.com")
    answer = new_mail("Like this.", sender=EVE, headers={"In-Reply-To": "<q@x>", **of_list}, to="users@lists.example")
    assert talk.receive(answer, to="support@example.com").ticket == 1
    private = new_mail("Psst.", sender="mallory@evil.example", headers={"In-Reply-To": "<q@x>"})
    assert talk.receive(private).ticket == 2


def test_history_is_filed_by_its_threads(talk: Conversation) -> None:
    talk.receive(mail("q@x", sender=KIM), silent=True)
    assert talk.receive(mail("a@x", "q@x", sender=EVE, subject="Re: else"), silent=True).ticket == 1
    assert talk.receive(mail("b@x", "q@x", sender="mallory@evil.example", subject="Re: else")).ticket == 2


def test_history_without_ids_is_filed_by_what_it_quotes(talk: Conversation) -> None:
    talk.receive(new_mail(ANSWER, sender=KIM, subject="Doors"), silent=True)
    other = talk.receive(new_mail(f"Yes.\n\n> {ANSWER}", sender=EVE, subject="Re: Windows"), silent=True)
    same = talk.receive(new_mail(f"No.\n\n> {ANSWER}", sender=EVE, subject="Re: Doors"), silent=True)
    assert (same.ticket, other.ticket) == (1, 2)


def test_history_imported_late_does_not_hide_what_came_since(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Order"))
    talk.receive(new_mail("Long ago.", subject="Order"), silent=True, at=talk.now - timedelta(days=100))
    talk.receive(new_mail("Longer ago.", subject="Re: Order"), silent=True, at=talk.now - timedelta(days=101))
    assert talk.receive(new_mail("Still waiting.", subject="Re: Order")).ticket == 1


# ---------------------------------------------------------------------------- closed and over


def test_after_a_closed_ticket_the_new_one_goes_on(talk: Conversation) -> None:
    talk.receive(new_mail())
    letter = talk.letters(KIM)[0]
    talk.receive(reply_to(talk.letters(ANNA)[0], "#close resolved"))
    talk.wait(timedelta(days=31))
    assert talk.receive(reply_to(letter, "It broke again.")).ticket == 2
    assert talk.receive(reply_to(letter, "Hello?")).ticket == 2
    assert talk.receive(new_mail("Hello??", subject="[#1]")).ticket == 2


# ---------------------------------------------------------------------------- Reply-To


def test_an_answer_goes_to_reply_to_and_the_customer_stays_who_wrote(talk: Conversation) -> None:
    talk.receive(new_mail(headers={"Reply-To": "Kim at home <kim@home.example>"}))
    assert "Answers go to kim@home.example" in talk.letters(ANNA)[0].text
    talk.receive(reply_to(talk.letters(ANNA)[0], ANSWER))
    assert talk.ticket(1).contact == KIM
    [answer] = talk.letters("kim@home.example")
    assert talk.receive(reply_to(answer, "Thanks, but when?", sender="kim@home.example")).ticket == 1


@pytest.mark.parametrize("ours", [ANNA, "support@example.com"])
def test_a_reply_to_that_leads_to_ourselves_is_not_followed(talk: Conversation, ours: str) -> None:
    talk.receive(new_mail(headers={"Reply-To": ours}))
    talk.receive(reply_to(talk.letters(ANNA)[0], ANSWER))
    assert len(talk.letters(KIM)) == 2


def test_a_later_reply_to_does_not_lead_the_answers_away(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(KIM)[0], "Answer me here.", headers={"Reply-To": EVE}))
    talk.receive(reply_to(talk.letters(ANNA)[-1], ANSWER))
    assert talk.letters(EVE) == []
    assert len(talk.letters(KIM)) == 2


def test_a_trusted_form_writes_for_the_person_in_reply_to(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + '\n[mail]\ntrusted_forms = ["www@shop.example"]\n')
    form = {"sender": "Shop form <www@shop.example>", "headers": {"Reply-To": f"Kim Kunde <{KIM}>"}}
    talk.receive(new_mail("Broken!", **form))  # type: ignore[arg-type]
    assert talk.ticket(1).contact == KIM
    assert len(talk.letters(KIM)) == 1
    talk.receive(new_mail("Broken!", sender="www@other.example", headers={"Reply-To": EVE}))
    assert talk.ticket(2).contact == "www@other.example"
