"""Mail that no person wrote, mail that comes twice, and mail that is our own."""

from datetime import timedelta

import pytest

from maild.store import schema
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA = "kim@customer.example", "anna@staff.example"


def held(talk: Conversation) -> None:
    """A ticket that waits for its customer."""
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#hold a photo\n\nPlease send a photo."))
    assert talk.statuses() == ["on_hold"]


OUT_OF_OFFICE = [
    pytest.param({"Auto-Submitted": "auto-replied"}, "kim@customer.example", id="RFC 3834"),
    pytest.param({"X-Autoreply": "yes"}, "kim@customer.example", id="an old vacation program"),
    pytest.param({"Precedence": "auto_reply"}, "kim@customer.example", id="Precedence"),
    pytest.param({}, "", id="null reverse-path"),
]


@pytest.mark.parametrize(("headers", "reverse_path"), OUT_OF_OFFICE)
def test_an_out_of_office_is_noted_answers_nothing_and_resumes_nothing(
    talk: Conversation, headers: dict[str, str], reverse_path: str
) -> None:
    held(talk)
    before = len(talk.sender.posted)
    away = reply_to(talk.letters(KIM)[-1], "I am on holiday until Monday.", headers=headers)
    done = talk.receive(away, envelope_from=reverse_path)
    assert (done.outcome, done.ticket) == ("automatic", 1)
    assert talk.statuses() == ["on_hold"]
    assert len(talk.sender.posted) == before


def test_an_out_of_office_about_nothing_opens_no_ticket(talk: Conversation) -> None:
    done = talk.receive(new_mail("On holiday", subject="Out of office", headers={"Auto-Submitted": "auto-replied"}))
    assert (done.outcome, done.ticket) == ("automatic", None)
    assert talk.sender.posted == []


def test_two_machines_that_answer_each_other_stop_at_once(talk: Conversation) -> None:
    talk.receive(new_mail())
    for _ in range(3):
        answer = reply_to(talk.letters(KIM)[-1], "Thank you for your mail.", headers={"Auto-Submitted": "auto-replied"})
        talk.receive(answer)
    assert len(talk.letters(KIM)) == 1


def test_a_mail_through_a_list_makes_a_ticket_and_is_not_acknowledged(talk: Conversation) -> None:
    headers = {"List-Id": "<users.customer.example>", "Precedence": "list"}
    done = talk.receive(new_mail("Who knows this?", headers=headers))
    assert done.outcome == "new_ticket"
    assert "not acknowledged: it came through a mailing list" in done.why
    assert talk.letters(KIM) == []
    assert len(talk.letters(ANNA)) == 1  # a person wrote it, so people are told


def test_a_programs_notice_makes_a_quiet_ticket(talk: Conversation) -> None:
    done = talk.receive(new_mail("Disk 90 % full", headers={"Auto-Submitted": "auto-generated"}))
    assert (done.outcome, done.ticket) == ("new_ticket", 1)
    assert talk.sender.posted == []


def test_our_own_letter_coming_back_is_noted_and_goes_no_further(talk: Conversation) -> None:
    talk.receive(new_mail())
    [acknowledgement] = talk.letters(KIM)
    before = len(talk.sender.posted)
    done = talk.receive(acknowledgement.raw, to="support@example.com", envelope_from=acknowledgement.sender)
    assert done.outcome == "automatic"
    assert talk.statuses() == ["new"]
    assert len(talk.sender.posted) == before


def test_the_same_mail_sent_twice_takes_effect_once(talk: Conversation) -> None:
    mail = new_mail()
    talk.receive(mail)
    done = talk.receive(mail)
    assert (done.outcome, done.ticket) == ("duplicate", 1)
    assert talk.statuses() == ["new"]
    assert len(talk.letters(KIM)) == 1


def test_both_copies_in_one_group_take_effect_once(talk: Conversation) -> None:
    mail = new_mail()
    talk.accept(mail)
    talk.receive(b"Received: from elsewhere\r\n" + mail)
    assert [done.outcome for done in talk.settled()] == ["new_ticket", "duplicate"]


def test_a_mail_to_two_support_addresses_takes_effect_once(talk: Conversation) -> None:
    mail = new_mail(to="support@example.com, support+sales@example.com")
    talk.accept(mail, to="support@example.com")
    talk.receive(mail, to="support+sales@example.com")
    assert [done.outcome for done in talk.settled()] == ["new_ticket", "duplicate"]


def test_different_mails_under_one_message_id_are_both_taken_in(talk: Conversation) -> None:
    talk.receive(new_mail("Your parcel 1 left", message_id="always-the-same@parcels.example"))
    done = talk.receive(new_mail("Your parcel 2 left", message_id="always-the-same@parcels.example"))
    assert done.outcome == "new_ticket"


def test_the_eleventh_acknowledgement_in_ten_minutes_is_not_sent(talk: Conversation) -> None:
    for number in range(10):
        talk.receive(new_mail(f"Question {number}"))
    done = talk.receive(new_mail("Question 11"))
    assert len(talk.letters(KIM)) == 10
    assert "not acknowledged: budget: kim@customer.example got 10 letters in 10 minutes" in done.why
    assert len(talk.statuses()) == 11  # every one of them has its ticket
    talk.wait(timedelta(minutes=11))
    talk.receive(new_mail("Later"))
    assert len(talk.letters(KIM)) == 11


def test_the_budget_holds_within_one_group_as_well(talk: Conversation) -> None:
    for number in range(15):
        talk.accept(new_mail(f"Question {number}"))
    talk.work()
    assert len(talk.letters(KIM)) == 10


def test_the_agents_answers_are_not_counted_as_automatic_letters(talk: Conversation) -> None:
    for number in range(11):
        talk.receive(new_mail(f"Question {number}"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Please do not write so often."))
    assert "Please do not write so often." in talk.letters(KIM)[-1].text


def test_history_is_imported_without_a_single_letter(talk: Conversation) -> None:
    talk.receive(new_mail("From last year"), silent=True)
    assert len(talk.rows(schema.ticket)) == 1
    assert talk.sender.posted == []
