"""A customer and an agent talk through the desk, from their mail clients."""

from datetime import timedelta

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.testing.sink import Posted
from maild.testing.tnef import LONG_NAME, file, tnef

KIM, ANNA, BEN = "kim@customer.example", "anna@staff.example", "ben@staff.example"
PHOTO = ("Schaden am Gerät.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + bytes(range(256)))


def answered(talk: Conversation, words: str = "Please switch it off and on.") -> None:
    """A customer has written, and Anna has answered."""
    talk.receive(new_mail("Das Gerät macht Geräusche.", subject="Gerät kaputt"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], words))


# ---------------------------------------------------------------------------- the customer writes


def test_a_customers_mail_becomes_a_ticket_with_its_words_and_files(talk: Conversation) -> None:
    done = talk.receive(new_mail("Die Tür klemmt. Grüße, Käthe", subject="Tür für Büro", files=[PHOTO]))
    assert (done.outcome, done.ticket) == ("new_ticket", 1)
    ticket = talk.ticket(1)
    assert (ticket.status, ticket.subject, ticket.contact, ticket.queue) == ("new", "Tür für Büro", KIM, "support")
    assert ticket.description == "Die Tür klemmt. Grüße, Käthe"
    [file] = talk.rows(schema.attachment)
    assert (file.name, file.type, file.size) == (PHOTO[0], PHOTO[1], len(PHOTO[2]))


def test_files_in_a_winmail_dat_are_files_of_the_ticket(talk: Conversation) -> None:
    package = tnef(files=[file(b"%PDF", values={LONG_NAME: "Übersicht.pdf"})])
    talk.receive(new_mail("Siehe Anhang.", files=[("winmail.dat", "application/ms-tnef", package)]))
    assert [(row.part, row.name, row.size) for row in talk.rows(schema.attachment)] == [("2/1", "Übersicht.pdf", 4)]
    assert "Übersicht.pdf" in talk.letters(ANNA)[0].text
    assert "winmail.dat" not in talk.letters(ANNA)[0].text


def test_agents_are_told_of_an_invitation_in_the_desks_time(talk: Conversation) -> None:
    event = "SUMMARY:Ortstermin\nDTSTART:20260504T080000Z\nDTEND:20260504T090000Z\nATTENDEE:mailto:support@example.com"
    calendar = f"BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
    talk.receive(new_mail("Passt das?", files=[("invite.ics", "application/ics", calendar.encode())]))
    [letter] = talk.letters(ANNA)
    lines = letter.text.splitlines()
    at = lines.index("Invitation: Ortstermin")
    assert lines[at + 1].startswith("When:          2026-05-04 ")
    assert lines[at + 2] == "Invited:       support@example.com"
    [row] = talk.rows(schema.mail)
    assert row.invitation["start"] == "2026-05-04T08:00:00+00:00"


def test_files_in_an_agents_winmail_dat_reach_the_customer(talk: Conversation) -> None:
    talk.receive(new_mail("Wie geht das?"))
    package = tnef(files=[file(b"%PDF", values={LONG_NAME: "Anleitung.pdf"})])
    answer = reply_to(talk.letters(ANNA)[-1], "So:", files=[("winmail.dat", "application/ms-tnef", package)])
    talk.receive(answer)
    parts = list(talk.letters(KIM)[-1].mail.iter_attachments())
    assert [(part.get_filename(), part.get_content()) for part in parts] == [("Anleitung.pdf", b"%PDF")]


def test_the_acknowledgement_answers_the_mail_and_names_the_ticket(talk: Conversation) -> None:
    talk.receive(new_mail("Hello", message_id="first@customer.example", subject="Tür für Büro"))
    [letter] = talk.letters(KIM)
    mail = letter.mail
    assert mail["Subject"] == "Tür für Büro [#1]"
    assert mail["In-Reply-To"] == "<first@customer.example>"
    assert str(mail["References"]).split()[0] == "<first@customer.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["From"].addresses[0].addr_spec == "support@example.com"
    assert str(mail["Reply-To"]).startswith("support+t1.")
    assert letter.sender.startswith("support+b.")  # bounces of it come back under its own name


def test_every_agent_is_notified_at_an_address_of_their_own(talk: Conversation) -> None:
    talk.receive(new_mail("Die Tür klemmt.", files=[PHOTO]))
    [to_anna], [to_ben] = talk.letters(ANNA), talk.letters(BEN)
    assert "Die Tür klemmt." in to_anna.text
    assert PHOTO[0] in to_anna.text
    assert str(to_anna.mail["Reply-To"]).startswith("support+a1.")
    assert to_anna.mail["Reply-To"] != to_ben.mail["Reply-To"]


def test_two_mails_with_the_same_subject_are_two_tickets(talk: Conversation) -> None:
    talk.receive(new_mail("The left one is broken"))
    assert talk.receive(new_mail("The right one is broken")).ticket == 2


# ---------------------------------------------------------------------------- the agent answers


def test_an_agents_answer_reaches_the_customer_from_the_support_address(talk: Conversation) -> None:
    talk.receive(new_mail("Hello", message_id="first@customer.example"))
    done = talk.receive(reply_to(talk.letters(ANNA)[0], "Bitte einmal ölen.", files=[PHOTO]))
    assert (done.outcome, done.ticket) == ("reply", 1)
    letter = talk.letters(KIM)[-1]
    assert letter.mail["From"].addresses[0].addr_spec == "support@example.com"
    assert "Anna Agent" in str(letter.mail["From"])
    assert letter.mail["In-Reply-To"] == "<first@customer.example>"
    assert letter.mail["Auto-Submitted"] is None
    assert "Bitte einmal ölen." in letter.text
    [file] = letter.mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == (PHOTO[0], PHOTO[2])
    assert talk.statuses() == ["responded"]


def test_the_agents_address_appears_nowhere_in_the_answer(talk: Conversation) -> None:
    answered(talk, "Please oil it.\n\n-- \nAnna Agent\nExample Ltd")
    everything = talk.letters(KIM)[-1].everything
    assert "staff.example" not in everything
    assert "support+a1." not in everything  # nor the address that would make them an agent


def test_the_notification_that_the_agent_quotes_is_not_sent_to_the_customer(talk: Conversation) -> None:
    answered(talk)
    text = talk.letters(KIM)[-1].text
    assert "Please switch it off and on." in text
    assert "commands" not in text
    assert "Queue:" not in text


def test_an_agents_empty_answer_sends_nothing(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], ""))
    assert len(talk.letters(KIM)) == 1  # the acknowledgement
    assert "no words of yours" in talk.settled()[-1].why


# ---------------------------------------------------------------------------- the customer replies


def test_the_customers_reply_joins_the_ticket_and_the_agents_are_told(talk: Conversation) -> None:
    answered(talk)
    done = talk.receive(reply_to(talk.letters(KIM)[-1], "That helped, danke schön!"))
    assert (done.outcome, done.ticket) == ("reply", 1)
    assert talk.statuses() == ["open"]
    told = talk.letters(ANNA)[-1]
    assert "That helped, danke schön!" in told.text
    assert "Das Gerät macht Geräusche." in told.text  # the history below it


def test_a_reply_is_matched_by_its_threading_headers_alone(talk: Conversation) -> None:
    answered(talk)
    letter = talk.letters(KIM)[-1]
    plain = reply_to(letter, "More", to="support@example.com", sender="Kim <kim@customer.example>")
    plain = plain.replace(b"[#1]", b"")
    assert talk.receive(plain).ticket == 1


def test_a_reply_is_matched_by_its_signed_address_alone(talk: Conversation) -> None:
    answered(talk)
    address = str(talk.letters(KIM)[-1].mail["Reply-To"])
    assert talk.receive(new_mail("More", to=address, subject="something else")).ticket == 1


def test_a_reply_is_matched_by_the_tag_in_its_subject_alone(talk: Conversation) -> None:
    answered(talk)
    assert talk.receive(new_mail("More", subject="AW: Gerät kaputt [#1]")).ticket == 1


def test_somebody_in_copy_takes_part_and_is_answered(talk: Conversation) -> None:
    talk.receive(new_mail("Hello", headers={"Cc": "Lou <lou@customer.example>"}))
    reply = reply_to(talk.letters(KIM)[0], "I am Kim's colleague", sender="Lou <lou@customer.example>")
    assert talk.receive(reply).ticket == 1
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Hello both"))
    assert "Hello both" in talk.letters("lou@customer.example")[-1].text


# ---------------------------------------------------------------------------- hold and resume


def test_hold_waits_until_the_customers_reply_and_ends_when_that_arrived(talk: Conversation) -> None:
    answered(talk, "#hold waiting for a photo\n\nPlease send a photo.")
    assert talk.statuses() == ["on_hold"]
    assert talk.ticket(1).hold_reason == "waiting for a photo"
    talk.accept(reply_to(talk.letters(KIM)[-1], "Here it is"), at=talk.now + timedelta(hours=1))
    talk.wait(timedelta(hours=3))  # the daemon was busy, or away
    talk.work()
    assert talk.statuses() == ["open"]
    resumed = next(e for e in talk.events(1) if e.kind == "status" and e.data["to"] == "open")
    assert resumed.at == talk.now - timedelta(hours=2)
    assert resumed.data["reason"] == "resume"


def test_the_command_lines_are_not_sent_to_the_customer(talk: Conversation) -> None:
    answered(talk, "#hold waiting for a photo\n#priority high\n\nPlease send a photo.")
    assert "#hold" not in talk.letters(KIM)[-1].everything
    assert "waiting for a photo" not in talk.letters(KIM)[-1].everything
    assert talk.ticket(1).priority == "high"


def test_an_agent_is_told_in_one_line_what_was_done_and_how_to_undo_it(talk: Conversation) -> None:
    answered(talk, "#hold waiting for a photo")
    letter = talk.letters(ANNA)[-1]
    assert "on hold" in letter.text
    assert "#undo (status new)" in letter.text


def test_a_wrong_command_does_nothing_and_gives_the_text_back(talk: Conversation) -> None:
    talk.receive(new_mail())
    before = len(talk.events(1))
    done = talk.receive(
        reply_to(talk.letters(ANNA)[0], "#priority high\n#hodl parts\n\nA long answer, typed with care.")
    )
    assert done.outcome == "command"
    assert (talk.ticket(1).priority, talk.statuses()) == ("medium", ["new"])
    assert len(talk.events(1)) == before
    assert len(talk.letters(KIM)) == 1  # the acknowledgement
    back = talk.letters(ANNA)[-1]
    assert "#hold" in back.text  # what was probably meant
    assert "A long answer, typed with care." in back.text


def test_a_note_never_reaches_the_customer(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#note\nThis customer never pays."))
    talk.receive(reply_to(talk.letters(ANNA)[0], "Your parcel is on its way."))
    for letter in talk.letters(KIM):
        assert "never pays" not in letter.everything
    assert [e.kind for e in talk.events(1)].count("note") == 1


def test_a_ticket_assigned_to_one_agent_is_told_to_that_one_only(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#assign me"))
    talk.receive(reply_to(talk.letters(KIM)[0], "And another thing"))
    assert "And another thing" in talk.letters(ANNA)[-1].text
    assert len(talk.letters(BEN)) == 1  # the first notification


# ---------------------------------------------------------------------------- the end, and after it


def close(talk: Conversation) -> None:
    answered(talk, "#close resolved\nWe have sent you a new one.")
    assert talk.statuses() == ["closed"]


def test_a_mere_thank_you_is_noted_and_reopens_nothing(talk: Conversation) -> None:
    answered(talk, "#resolve resolved\nWe have sent you a new one.")
    told = len(talk.letters(ANNA))
    done = talk.receive(reply_to(talk.letters(KIM)[-1], "Thank you very much!"))
    assert (done.outcome, done.ticket, talk.statuses()) == ("reply", 1, ["resolved"])
    assert "thanks and nothing else" in done.why
    assert len(talk.letters(ANNA)) == told
    talk.receive(reply_to(talk.letters(KIM)[-1], "Thank you, but it is still broken."))
    assert talk.statuses() == ["open"]


def test_a_thank_you_reopens_where_the_desk_wants_it(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + "\n[tickets]\nthanks_reopen = true\n")
    answered(talk, "#resolve resolved\nWe have sent you a new one.")
    talk.receive(reply_to(talk.letters(KIM)[-1], "Thank you very much!"))
    assert talk.statuses() == ["open"]


def test_a_reply_soon_after_closing_opens_the_ticket_again(talk: Conversation) -> None:
    close(talk)
    talk.wait(timedelta(days=29))
    assert talk.receive(reply_to(talk.letters(KIM)[-1], "It is broken again")).ticket == 1
    assert talk.statuses() == ["open"]


def test_a_reply_long_after_closing_makes_a_new_linked_ticket(talk: Conversation) -> None:
    close(talk)
    talk.wait(timedelta(days=31))
    done = talk.receive(reply_to(talk.letters(KIM)[-1], "Now something else broke"))
    assert (done.outcome, done.ticket) == ("new_ticket", 2)
    assert talk.statuses() == ["closed", "new"]
    [link] = [e for e in talk.events(2) if e.kind == "linked"]
    assert link.data["ticket"] == 1


def test_each_queue_has_its_own_address_and_agents(new_talk: Talk) -> None:
    queues = """
[[queue]]
name = "support"
addresses = ["support@example.com"]
agents = ["anna@staff.example"]

[[queue]]
name = "sales"
addresses = ["sales@example.com"]
agents = ["ben@staff.example"]
"""
    talk = new_talk(settings=SETTINGS + queues)
    talk.receive(new_mail("How much is it?", to="sales@example.com"))
    assert talk.ticket(1).queue == "sales"
    assert talk.letters(KIM)[-1].mail["From"].addresses[0].addr_spec == "sales@example.com"
    assert str(talk.letters(KIM)[-1].mail["Reply-To"]).startswith("sales+t1.")
    assert len(talk.letters(BEN)) == 1
    assert talk.letters(ANNA) == []


# ---------------------------------------------------------------------------- undelivered


def test_a_bounced_answer_opens_the_ticket_again_and_tells_the_agents(talk: Conversation) -> None:
    answered(talk)
    answer = talk.letters(KIM)[-1]
    before = len(talk.letters(ANNA))
    done = talk.receive(delivery_report(answer), to=answer.sender, envelope_from="")
    assert (done.outcome, done.ticket) == ("bounce", 1)
    assert talk.statuses() == ["open"]
    told = talk.letters(ANNA)[before:]
    assert ["did not reach kim@customer.example" in letter.text for letter in told] == [True]
    assert len(talk.letters(KIM)) == 2  # nobody answers a bounce


def test_a_bounce_is_matched_by_the_message_that_it_returns(talk: Conversation) -> None:
    answered(talk)
    report = delivery_report(talk.letters(KIM)[-1]).replace(
        b"To: " + talk.letters(KIM)[-1].sender.encode(), b"To: support@example.com"
    )
    assert talk.receive(report, to="support@example.com", envelope_from="").ticket == 1
    assert talk.statuses() == ["open"]


def test_a_bounced_acknowledgement_is_noted_and_changes_nothing(talk: Conversation) -> None:
    talk.receive(new_mail())
    [acknowledgement] = talk.letters(KIM)
    before = len(talk.sender.posted)
    done = talk.receive(delivery_report(acknowledgement), to=acknowledgement.sender, envelope_from="")
    assert (done.outcome, done.ticket) == ("bounce", 1)
    assert talk.statuses() == ["new"]
    assert len(talk.sender.posted) == before
    assert [row.bounced for row in talk.rows(schema.outbox) if row.template == "acknowledgement"] != [None]


def test_a_delayed_answer_is_no_failure(talk: Conversation) -> None:
    answered(talk)
    answer = talk.letters(KIM)[-1]
    talk.receive(delivery_report(answer, action="delayed", status="4.4.1"), to=answer.sender, envelope_from="")
    assert talk.statuses() == ["responded"]


def test_a_bounce_of_somebody_elses_mail_is_noted_and_opens_no_ticket(talk: Conversation) -> None:
    strange = Posted(
        "x@example.com", ("nobody@customer.example",), new_mail("spam in our name", sender="x@example.com")
    )
    done = talk.receive(delivery_report(strange), to="support@example.com", envelope_from="")
    assert (done.outcome, done.ticket) == ("bounce", None)
    assert talk.statuses() == []
