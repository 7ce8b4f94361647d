"""Customers by mail alone: status, close, reopen, and people who come and go; what forgers and machines get."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import links, new_mail, reply_to
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, LEE, SAM, ANNA = "kim@customer.example", "lee@customer.example", "sam@other.example", "anna@staff.example"
TRUSTING = SETTINGS + '\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n'
CUSTOMER, OTHER = "customer.example", "other.example"
ACME = '\n[[organisation]]\nname = "Acme"\ndomains = ["customer.example"]\n'
PASS = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=customer.example"}
FAIL = {"Authentication-Results": "mx.example.com; dmarc=fail (p=reject) header.from=customer.example"}


@pytest.fixture
def talk(new_talk: Talk) -> Conversation:
    return new_talk(settings=TRUSTING)


def templates(talk: Conversation, recipient: str) -> list[str]:
    return [row.template for row in talk.rows(schema.outbox) if row.recipient == recipient]


def people(talk: Conversation, number: int = 1) -> dict[str, str]:
    return {row.address: row.role for row in talk.rows(schema.participant) if row.ticket == number}


def done(talk: Conversation, recipient: str) -> str:
    """What was done, and told by a receipt."""
    assert templates(talk, recipient)[-1] == "receipt"
    found = re.search(r"the customer asks to \w+: (\w+)", talk.settled()[-1].why)
    return found[1] if found else ""


def told(talk: Conversation, agent: str) -> bool:
    """Whether an agent was notified of the last mail."""
    last = [row for row in talk.rows(schema.outbox) if row.recipient == agent][-1]
    return (last.template, last.cause) == ("notification", talk.settled()[-1].inbox)


def kinds(talk: Conversation, number: int = 1) -> list[str]:
    return [event.kind for event in talk.events(number)]


def with_sam(talk: Conversation, words: str = "It is broken.") -> Posted:
    """Kim's ticket, with Sam copied; the acknowledgement, whose thread both have."""
    talk.receive(new_mail(words, headers={"Cc": f"Sam <{SAM}>"}))
    return talk.letters(KIM)[-1]


# ---------------------------------------------------------------------------- status


def test_status_tells_of_the_open_tickets_in_every_language(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Hinge"))
    talk.receive(new_mail(subject="Bolt"))
    talk.receive(new_mail(subject="Of somebody else", sender=LEE))
    for asked in ("Status", "STAND?", "état", "estado", "حالة", "Meine Tickets"):
        settled = talk.receive(new_mail("", subject=asked, headers=PASS))
        assert (settled.outcome, settled.ticket, len(talk.statuses())) == ("command", None, 3)
        letter = talk.letters(KIM)[-1]
        assert templates(talk, KIM)[-1] == "customer_status"
        for fact in ("[#1]", "Hinge", "[#2]", "Bolt", "Kim Kunde"):
            assert fact in letter.text
        assert "Of somebody else" not in letter.everything
    assert 'lang="de"' in talk.letters(KIM)[-1].everything  # "Meine Tickets"


def test_status_may_be_the_only_words_and_what_has_ended_is_left_out(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Hinge"))
    talk.receive(new_mail(subject="Bolt"))
    talk.receive(reply_to(talk.letters(ANNA)[0], "#close resolved"))
    talk.receive(new_mail("status please\n\nThank you,\nKim", subject="A question", headers=PASS))
    assert "Hinge" not in talk.letters(KIM)[-1].text
    assert "Bolt" in talk.letters(KIM)[-1].text


def test_a_link_of_the_status_letter_adds_to_its_ticket(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Hinge"))
    talk.receive(new_mail("", subject="status", headers=PASS))
    parts = urlsplit(links(talk.letters(KIM)[-1])[0])
    subject = parse_qs(parts.query)["subject"][0]
    assert talk.receive(new_mail("It is the left one.", to=unquote(parts.path), subject=subject)).ticket == 1


def test_who_has_no_open_ticket_is_told_so(talk: Conversation) -> None:
    assert talk.receive(new_mail("", subject="status", headers=PASS)).outcome == "command"
    assert templates(talk, KIM) == ["customer_status"]


def test_without_a_vouching_mail_system_a_reply_to_a_letter_of_ours_is_proof(new_talk: Talk) -> None:
    talk = new_talk()
    talk.receive(new_mail(subject="Hinge"))
    assert talk.receive(reply_to(talk.letters(KIM)[0], "status")).outcome == "command"
    assert "Hinge" in talk.letters(KIM)[-1].text
    assert kinds(talk) == ["opened", "mail"]


def test_a_forger_gets_a_ticket_like_anybody_and_learns_nothing(talk: Conversation) -> None:
    talk.receive(new_mail(subject="A secret"))
    others = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=x.example"}
    for headers in ({}, FAIL, others):
        more = {**headers, "Reply-To": "eve@evil.example"}
        settled = talk.receive(new_mail("", subject="status", headers=more), envelope_from="eve@evil.example")
        assert settled.outcome == "new_ticket"
    assert "customer_status" not in [*templates(talk, KIM), *templates(talk, "eve@evil.example")]
    assert not any("A secret" in letter.everything for letter in talk.letters("eve@evil.example"))


def test_somebody_elses_reply_address_proves_nothing(new_talk: Talk) -> None:
    talk = new_talk()
    talk.receive(new_mail(subject="A secret"))
    to = str(talk.letters(KIM)[0].mail["Reply-To"])
    talk.receive(new_mail("status", sender="eve@evil.example", to=to, subject="x"))
    assert "customer_status" not in templates(talk, "eve@evil.example")


def test_status_goes_to_the_senders_own_address_only(talk: Conversation) -> None:
    talk.receive(new_mail(subject="Hinge"))
    headers = {**PASS, "Reply-To": "boss@customer.example", "Cc": SAM}
    talk.receive(new_mail("", subject="status", headers=headers))
    assert templates(talk, "boss@customer.example") == templates(talk, SAM) == []
    assert templates(talk, KIM)[-1] == "customer_status"


def test_what_only_contains_the_word_is_a_mail_like_any_other(talk: Conversation) -> None:
    for subject, text in (
        ("Status", "What is the status of order 4711? It was due on Monday."),
        ("Status of my order", ""),
        ("Broken", "My status lamp is red."),
    ):
        assert talk.receive(new_mail(text, subject=subject, headers=PASS)).outcome == "new_ticket"


@pytest.mark.parametrize(("see", "contacts", "seen"), [("own", "all", OTHER), ("organisation", "own", CUSTOMER)])
def test_colleagues_tickets_are_told_as_policy_says(new_talk: Talk, see: str, contacts: str, seen: str) -> None:
    """One organisation has a word of its own, the other leaves it to the desk."""
    own = f'\n[[organisation]]\nname = "Other"\ndomains = ["{OTHER}"]\ncontacts = "{contacts}"\n'
    talk = new_talk(settings=f'{TRUSTING}\n[customers]\nsee = "{see}"\n{ACME}{own}')
    for domain in (CUSTOMER, OTHER):
        talk.receive(new_mail(subject=f"Hinge of {domain}", sender=f"kim@{domain}"))
        talk.receive(new_mail(subject=f"Bolt of {domain}", sender=f"Lee <lee@{domain}>"))
    for domain in (CUSTOMER, OTHER):
        vouched = {"Authentication-Results": f"mx.example.com; dmarc=pass header.from={domain}"}
        talk.receive(new_mail("", subject="status", sender=f"kim@{domain}", headers=vouched))
        text = talk.letters(f"kim@{domain}")[-1].text
        assert f"Hinge of {domain}" in text
        assert (f"Bolt of {domain}" in text) is (domain == seen)
        assert text.count("[#") == 1 + (domain == seen)  # nothing of the other organisation


# ---------------------------------------------------------------------------- close and reopen


def test_close_ends_the_ticket_in_every_language(talk: Conversation) -> None:
    asked = ("close", "Bitte schließen!", "fermer", "Cerrar, gracias", "إغلاق", "Close this ticket.")
    for number, words in enumerate(asked, 1):
        talk.wait(timedelta(hours=1))
        talk.receive(new_mail(f"Trouble {number}"))
        settled = talk.receive(reply_to(talk.letters(KIM)[-1], words))
        ticket = talk.ticket(number)
        assert (settled.outcome, ticket.status, ticket.resolution_code) == ("command", "closed", "resolved")
        assert done(talk, KIM) == "closed"
        assert told(talk, ANNA)
        assert talk.events(number)[-1].actor.startswith("contact:")


def test_close_by_a_link_needs_only_its_subject(talk: Conversation) -> None:
    talk.receive(new_mail())
    to = str(talk.letters(KIM)[0].mail["Reply-To"])
    talk.receive(new_mail("", to=to, subject="close"))
    assert talk.ticket(1).status == "closed"


def test_close_keeps_the_code_that_an_agent_gave(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#resolve workaround\nUse the other door."))
    talk.receive(reply_to(talk.letters(KIM)[-1], "close"))
    assert (talk.ticket(1).status, talk.ticket(1).resolution_code) == ("closed", "workaround")
    talk.receive(reply_to(talk.letters(KIM)[-1], "close"))  # twice does no harm
    assert (talk.ticket(1).status, done(talk, KIM)) == ("closed", "closed")


def test_what_policy_wants_of_agents_is_no_reason_to_refuse_a_customer(new_talk: Talk) -> None:
    talk = new_talk(settings=f'{TRUSTING}\n[lifecycle]\nrequires = {{ closed = ["root_cause"] }}\n')
    talk.receive(new_mail())
    for _ in range(2):
        talk.receive(reply_to(talk.letters(KIM)[0], "close"))
        assert (talk.ticket(1).status, done(talk, KIM)) == ("resolved", "resolved")
    assert "The customer asked to close it, but" in talk.letters(ANNA)[-1].text
    assert "root cause" in talk.letters(ANNA)[-1].text


def test_closing_ends_a_hold_and_every_clock(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#hold parts"))
    talk.wait(timedelta(hours=1))
    talk.receive(reply_to(talk.letters(KIM)[0], "close"))
    assert talk.ticket(1).status == "closed"
    assert all(clock.ended_at for clock in talk.clocks(1).values())


def test_a_longer_mail_with_the_word_is_an_ordinary_reply(talk: Conversation) -> None:
    talk.receive(new_mail())
    for words in ("Please do not close this yet.", "close\n\nThe door does not close, though.", "close?\nWhen do you?"):
        settled = talk.receive(reply_to(talk.letters(KIM)[0], words))
        assert (settled.outcome, talk.ticket(1).status) == ("reply", "new")


def test_a_file_beside_the_word_makes_it_an_ordinary_reply(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(KIM)[0], "close", files=[("x.pdf", "application/pdf", b"%PDF")]))
    assert talk.ticket(1).status == "new"


def test_without_what_only_our_letters_hold_nothing_is_closed(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(new_mail("close", subject="Re: Broken [#1]"))  # anybody can guess a number
    talk.receive(new_mail("close", subject="Re: Broken [#1]", headers=PASS))
    talk.receive(new_mail("", subject="close", headers=PASS))
    assert talk.ticket(1).status == "new"


def test_a_forged_sender_a_stranger_and_a_colleague_close_nothing(new_talk: Talk) -> None:
    talk = new_talk(settings=TRUSTING + ACME)
    talk.receive(new_mail())
    for sender, headers in ((KIM, FAIL), ("eve@evil.example", {}), (LEE, {})):
        talk.receive(reply_to(talk.letters(KIM)[0], "close", sender=sender, headers=headers))
        assert talk.ticket(1).status == "new"
        assert "receipt" not in [*templates(talk, KIM), *templates(talk, sender)]


def test_reopen_opens_the_ticket_again_in_every_language(talk: Conversation) -> None:
    talk.receive(new_mail())
    for words in ("reopen", "Wieder öffnen", "rouvrir", "reabrir", "إعادة فتح"):
        talk.receive(reply_to(talk.letters(KIM)[0], "close"))
        talk.wait(timedelta(days=3))
        talk.receive(reply_to(talk.letters(KIM)[0], words))
        assert (talk.ticket(1).status, done(talk, KIM)) == ("open", "reopened")
        assert told(talk, ANNA)


def test_after_the_window_a_reopen_is_a_new_linked_ticket(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#close resolved"))
    talk.wait(timedelta(days=60))
    settled = talk.receive(reply_to(talk.letters(KIM)[0], "reopen"))
    assert (settled.outcome, settled.ticket, talk.statuses()) == ("new_ticket", 2, ["closed", "new"])
    assert "linked" in kinds(talk, 2)


# ---------------------------------------------------------------------------- people who come and go


def test_whoever_was_copied_may_leave_in_every_language(talk: Conversation) -> None:
    asked = ("leave", "unsubscribe", "Abmelden", "se désabonner", "baja", "مغادرة")
    for number, words in enumerate(asked, 1):
        talk.wait(timedelta(hours=1))
        talk.receive(reply_to(with_sam(talk, f"Trouble {number}"), words, sender=f"Sam <{SAM}>"))
        assert people(talk, number) == {KIM: "contact", SAM: "left"}
        assert (done(talk, SAM), kinds(talk, number)[-1]) == ("left", "left")
        assert told(talk, ANNA)
        assert SAM not in str([event.data for event in talk.events(number)])  # an address is personal


def test_who_left_gets_no_copies_and_a_copy_does_not_bring_them_back(talk: Conversation) -> None:
    letter = with_sam(talk)
    talk.receive(reply_to(letter, "I have seen it, too.", sender=SAM))
    talk.receive(reply_to(letter, "leave", sender=SAM))
    talk.receive(reply_to(letter, "Any news?", headers={"Cc": SAM}))
    before = len(talk.letters(SAM))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "It is on its way."))
    assert "It is on its way." in talk.letters(KIM)[-1].text
    assert len(talk.letters(SAM)) == before
    assert people(talk)[SAM] == "left"


def test_who_left_comes_back_by_answering_a_letter_but_not_by_a_number(talk: Conversation) -> None:
    letter = with_sam(talk)
    talk.receive(reply_to(letter, "leave", sender=SAM))
    guessed = talk.receive(new_mail("What now?", sender=SAM, subject="Re: Broken [#1]"))
    assert (guessed.outcome, people(talk)[SAM]) == ("new_ticket", "left")
    assert talk.receive(reply_to(letter, "leave", sender=SAM)).outcome == "command"  # again: still away
    assert people(talk)[SAM] == "left"
    back = talk.receive(reply_to(letter, "I forgot something.", sender=SAM))
    assert (back.ticket, people(talk)[SAM]) == (1, "copied")


def test_whom_the_ticket_is_for_cannot_leave_it(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(KIM)[0], "unsubscribe"))
    assert (done(talk, KIM), people(talk)) == ("cannot_leave", {KIM: "contact"})
    assert kinds(talk) == ["opened", "mail"]


def test_a_participant_brings_somebody_in_and_lets_them_go(talk: Conversation) -> None:
    talk.receive(new_mail())
    letter = talk.letters(KIM)[0]
    talk.receive(reply_to(letter, f"add {SAM}"))
    assert (done(talk, KIM), people(talk)[SAM]) == ("added", "copied")
    assert SAM in talk.letters(KIM)[-1].text
    assert talk.letters(SAM) == []  # nobody has us write to strangers
    assert talk.receive(new_mail("I am Sam.", sender=SAM, subject="Re: Broken [#1]")).ticket == 1
    talk.receive(reply_to(letter, f"{SAM} entfernen"))
    assert (done(talk, KIM), people(talk)[SAM]) == ("removed", "left")
    talk.receive(reply_to(letter, f"añadir {SAM}"))
    assert people(talk)[SAM] == "copied"
    assert [kind for kind in kinds(talk) if kind in ("joined", "left")] == ["joined", "left", "joined"]


def test_neither_we_nor_machines_are_brought_in(talk: Conversation) -> None:
    talk.receive(new_mail())
    for who in (ANNA, "support@example.com", "Support+x@example.com", "root@example.com", "noreply@x.example"):
        talk.receive(reply_to(talk.letters(KIM)[0], f"add {who}"))
        assert (done(talk, KIM), list(people(talk))) == ("cannot_add", [KIM])


def test_no_more_than_ten_people_are_brought_in(talk: Conversation) -> None:
    talk.receive(new_mail(headers={"Cc": ", ".join(f"p{i}@x.example" for i in range(9))}))
    talk.receive(reply_to(talk.letters(KIM)[0], f"add {SAM}"))
    assert (done(talk, KIM), len(people(talk))) == ("cannot_add", 10)


def test_who_cannot_be_removed_stays(talk: Conversation) -> None:
    letter = with_sam(talk)
    for who in (KIM, "nobody@x.example"):
        talk.receive(reply_to(letter, f"remove {who}", sender=SAM))
        assert (done(talk, SAM), people(talk)[KIM]) == ("cannot_remove", "contact")


def test_a_guessed_number_brings_nobody_in(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(new_mail("add eve@evil.example", subject="Re: Broken [#1]", headers=PASS))
    assert list(people(talk)) == [KIM]


# ---------------------------------------------------------------------------- machines, agents, history


def test_machines_lists_and_history_ask_for_nothing(talk: Conversation) -> None:
    talk.receive(new_mail())
    letter = talk.letters(KIM)[0]
    for headers in (
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "list", "List-Id": "<all.customer.example>"},
        {"X-Auto-Response-Suppress": "All"},
    ):
        talk.receive(reply_to(letter, "close", headers=headers))
    talk.accept(reply_to(letter, "Close!", headers=PASS), silent=True)
    talk.work()
    assert "closed" not in talk.statuses()
    assert "receipt" not in templates(talk, KIM)


def test_a_machine_that_asks_for_ever_is_answered_a_limited_number_of_times(talk: Conversation) -> None:
    for _ in range(15):
        talk.receive(new_mail("", subject="status", headers=PASS))
    assert len(talk.letters(KIM)) == 10
    assert "not answered: budget" in talk.settled()[-1].why


def test_an_agents_words_are_never_a_customers_request(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "close"))
    assert talk.ticket(1).status != "closed"
    assert "close" in talk.letters(KIM)[-1].text  # it is an answer, as it was written


def test_a_receipt_quotes_and_tells_nothing_internal(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#note This one is a nuisance."))
    talk.receive(reply_to(talk.letters(KIM)[0], "close"))
    talk.receive(new_mail("", subject="status", headers=PASS))
    for letter in talk.letters(KIM):
        assert "nuisance" not in letter.everything
        assert ANNA not in letter.everything
