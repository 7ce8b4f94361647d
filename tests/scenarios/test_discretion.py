"""What must reach nobody: notes, agents' addresses, other people's words. Each was once a leak found in review."""

from dataclasses import replace

import pytest

from maild.app.arrival import Door
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import delivery_report, new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, BEN, EVE = "kim@customer.example", "anna@staff.example", "ben@staff.example", "eve@evil.example"
WITHOUT_ANNA = SETTINGS.replace(f'[[agent]]\nname = "Anna Agent"\naddress = "{ANNA}"\n', "")


def answer(talk: Conversation, text: str, *, agent: str = ANNA, **facts: object) -> None:
    """An agent answers the newest notification."""
    letter = [p for p in talk.letters(agent) if "Reply-To" in p.mail][-1]
    talk.receive(reply_to(letter, text, **facts))  # type: ignore[arg-type]


def to_kim(talk: Conversation) -> str:
    return "\n".join(p.everything for p in talk.letters(KIM))


def test_a_note_stays_inside_after_its_writer_left_the_configuration(new_talk: Talk) -> None:
    talk = new_talk()
    talk.receive(new_mail())
    answer(talk, "#note this customer is a liar")
    later = new_talk(settings=WITHOUT_ANNA)
    later.receive(reply_to(talk.letters(BEN)[-1], "We are on it."))
    assert "We are on it." in to_kim(later)
    assert "liar" not in to_kim(later)
    assert ANNA not in to_kim(later)


def test_a_bounce_of_the_same_moment_is_not_quoted_to_the_customer(talk: Conversation) -> None:
    talk.receive(new_mail())
    notification = talk.letters(ANNA)[-1]
    talk.accept(delivery_report(notification), to=notification.sender, envelope_from="")
    talk.accept(reply_to(talk.letters(BEN)[-1], "Here is the answer."))
    talk.work()
    assert "Here is the answer." in to_kim(talk)
    assert "no such user" not in to_kim(talk)
    assert ANNA not in to_kim(talk)


def test_a_command_with_a_signed_mail_sends_the_customer_nothing(talk: Conversation) -> None:
    talk.receive(new_mail())
    before = len(talk.letters(KIM))
    answer(
        talk,
        "#hold waiting",
        files=[("smime.p7s", "application/pkcs7-signature", b"anna"), ("a.vcf", "text/vcard", b"a")],
    )
    assert len(talk.letters(KIM)) == before
    assert talk.ticket(1).responded_at is None


def test_an_agents_certificate_and_visiting_card_do_not_travel_with_the_answer(talk: Conversation) -> None:
    talk.receive(new_mail())
    files = [("smime.p7s", "application/pkcs7-signature", b"x"), ("manual.pdf", "application/pdf", b"y")]
    answer(talk, "See the manual.", files=files)
    assert "manual.pdf" in to_kim(talk)
    assert "p7s" not in to_kim(talk)


def test_an_agents_address_in_a_signature_becomes_the_support_address(talk: Conversation) -> None:
    talk.receive(new_mail())
    answer(talk, f"We are on it.\n\nAnna | {ANNA.title()} | +49 30 1234")
    assert ANNA not in to_kim(talk).lower()
    assert "Anna | support@example.com | +49 30 1234" in talk.letters(KIM)[-1].text


def test_history_sends_nothing_to_anybody(talk: Conversation) -> None:
    talk.receive(new_mail())
    old_answer = reply_to(talk.letters(ANNA)[-1], "An answer of long ago.")
    before = len(talk.sender.posted)
    talk.receive(old_answer, door=Door.IMPORT, silent=True)
    assert len(talk.sender.posted) == before


def test_who_forges_a_customer_with_a_guessed_number_brings_nobody_in(talk: Conversation) -> None:
    talk.receive(new_mail())
    forged = new_mail("Please copy my colleague.", subject="Re: [#1]", headers={"Cc": f"Eve <{EVE}>"})
    talk.receive(forged)
    talk.receive(new_mail("And me?", sender=f"Eve <{EVE}>", subject="Re: [#1]"))
    talk.receive(reply_to(talk.letters(ANNA)[0], "The password is 1234."))
    assert "1234" in to_kim(talk)
    assert [p for p in talk.letters(EVE) if "1234" in p.everything] == []


def test_a_mail_in_an_agents_name_is_in_no_later_letter(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(new_mail("Refund it to account 666.", sender=f"Anna <{ANNA}>", subject="Re: [#1]"))
    talk.receive(reply_to(talk.letters(KIM)[0], "Any news?"))
    assert "666" not in talk.letters(BEN)[-1].everything


def test_the_acknowledgement_does_not_carry_a_name_of_the_senders_choice(talk: Conversation) -> None:
    talk.receive(new_mail(sender=f"BUY PILLS <{KIM}>"))
    assert "PILLS" not in talk.letters(KIM)[0].everything


def test_the_log_and_the_chain_hold_nothing_personal(talk: Conversation) -> None:
    talk.receive(new_mail())
    answer(talk, "#set root_cause Kim Kunde was careless")
    for row in talk.events(1):
        assert "Kim" not in str(row.data)
    assert "Kim" not in str(talk.log)


def test_a_subject_full_of_tags_names_few_tickets(talk: Conversation) -> None:
    talk.receive(new_mail())
    done = talk.receive(new_mail(subject=" ".join(f"[#{n}]" for n in range(2, 500)), sender=f"Eve <{EVE}>"))
    assert done.why.count("subject tag") == 5


def test_one_address_in_two_spellings_is_told_once(new_talk: Talk) -> None:
    twice = SETTINGS.replace(
        "[[agent]]",
        '[[queue]]\nname = "support"\naddresses = ["support@example.com"]\n'
        f'agents = ["{ANNA}", "{ANNA.title()}"]\n\n[[agent]]',
        1,
    )
    talk = new_talk(settings=twice)
    talk.receive(new_mail())
    assert len(talk.letters(ANNA)) == 1


def test_a_broken_alert_does_not_keep_a_bad_mail_in_the_way(talk: Conversation) -> None:
    talk.parts.letters.desk.__dict__["alerts_to"] = ("not an address",)

    class Broken:
        def render(self, *_: object) -> None:
            raise RuntimeError("broken letter")

    talk.parts.ingest = replace(
        talk.parts.ingest,
        letters=replace(talk.parts.letters, templates=Broken()),  # type: ignore[arg-type]
    )
    talk.accept(new_mail("one"))
    for _ in range(20):
        talk.parts.ingest.run()
        talk.now += talk.parts.desk.retry[-1]
    assert [done.state for done in talk.settled()] == ["quarantined"]
