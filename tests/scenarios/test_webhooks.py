"""Webhooks of rules: written with the ticket, sent like letters, and never a second time by ourselves."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Row

from maild.app.deliver import LEASE
from maild.app.ports import Delivery, Letter
from maild.cli.explaining import Explainer
from maild.outbound.by_sort import BySort
from maild.outbound.webhook import WebhookSender, WebhookSettings
from maild.store import schema
from maild.testing.conversation import SETTINGS, START, Conversation, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.one_lane import OneLane
from maild.testing.receiver import OK, receiver, says

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

ANNA, ROOT = "anna@staff.example", "root@example.com"
URL = "https://hooks.example.com/tickets?token=secret"
FAILS = says("HTTP/1.1 500 Oh\nContent-Length: 0\n\n")


def with_rule(new_talk: Talk, url: str = URL) -> Conversation:
    """A desk with a rule that calls a webhook for every new ticket of Kim's."""
    rule = f"""
[[rule]]
name = "tell the shop"
when = {{ sender = "kim@*" }}
then = {{ priority = "high", tags = "shop", webhook = "{url}" }}
"""
    return new_talk(settings=SETTINGS + rule)


def webhooks(talk: Conversation) -> list[Row[tuple[object, ...]]]:
    return [row for row in talk.rows(schema.outbox) if row.template == "webhook"]


def test_a_rule_tells_of_a_ticket_in_codes_and_nothing_personal(new_talk: Talk) -> None:
    talk = with_rule(new_talk)
    talk.receive(new_mail("My password is geheim.", subject="A secret"))
    [letter] = talk.sender.called
    assert (letter.webhook, letter.envelope_to) == (True, (URL,))
    assert json.loads(letter.raw) == {
        "event": "ticket.routed",
        "id": letter.message_id,
        "at": START.isoformat(),
        "rule": "tell the shop",
        "ticket": {
            "number": 1,
            "status": "new",
            "queue": "support",
            "team": "",
            "type": "",
            "case_type": "",
            "reason_code": "",
            "priority": "high",
            "tags": ["shop"],
            "opened_at": START.isoformat(),
        },
    }
    assert [row.state for row in webhooks(talk)] == ["sent"]


@pytest.mark.parametrize("url", [URL, "https://hooks.example.com?token=secret"])
def test_nobody_reads_the_secret_in_a_webhooks_address(new_talk: Talk, url: str) -> None:
    talk = with_rule(new_talk, url)
    letters = talk.parts.letters
    explained = Explainer(desk=letters.desk, letters=letters, database=talk.database).explain(new_mail(), talk.now)
    settled = talk.receive(new_mail())
    assert "webhook hooks.example.com" in settled.why
    told = "".join(letter.everything for letter in talk.sender.posted)
    assert explained.with_store is not None
    assert ("webhook", "hooks.example.com") in explained.with_store.letters
    assert "token" not in f"{settled.why}{told}{explained.with_store.why}{explained.with_store.letters}"


def test_a_mail_that_no_rule_is_for_calls_nobody_and_neither_does_a_reply_or_history(new_talk: Talk) -> None:
    talk = with_rule(new_talk)
    talk.receive(new_mail(sender="lee@other.example"))
    talk.receive(new_mail("old", subject="Old"), silent=True)
    assert webhooks(talk) == []
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters("kim@customer.example")[-1], "And?"))
    assert len(webhooks(talk)) == 1


def test_a_receiver_that_fails_is_asked_again_with_the_same_words(new_talk: Talk) -> None:
    with receiver(FAILS, FAILS, OK) as there:
        talk = with_rule(new_talk, there.url)
        sending = WebhookSender(WebhookSettings(keys=talk.parts.desk.signer.webhook_keys), lambda: talk.now)
        talk.parts.deliver = replace(talk.parts.deliver, lanes=OneLane(BySort(talk.sender, lambda: sending)))
        talk.receive(new_mail())
        for _ in range(3):
            talk.wait(timedelta(hours=1))
            talk.work()
    assert [row.state for row in webhooks(talk)] == ["sent"]
    assert len({(headers["idempotency-key"], body) for _, headers, body in there.requests}) == 1
    stamps = {headers["maild-signature"].partition(",")[0] for _, headers, _ in there.requests}
    assert len(stamps) == 3  # each try is signed anew, so that a receiver may refuse what is old
    assert talk.letters(ANNA)  # letters did not wait for it


def test_a_worker_that_dies_over_a_webhook_leaves_it_uncertain(new_talk: Talk) -> None:
    def die(letter: Letter) -> Delivery | None:
        if letter.webhook:
            raise KeyboardInterrupt
        return None

    talk = with_rule(new_talk)
    talk.sender.answer = die
    with pytest.raises(KeyboardInterrupt):
        talk.receive(new_mail())
    talk.sender.answer = lambda _letter: None
    talk.wait(LEASE + timedelta(minutes=1))
    talk.parts.sweep.run()
    talk.work()
    assert [(row.state, row.uncertain) for row in webhooks(talk)] == [("uncertain", True)]
    assert talk.sender.called == []
    assert talk.letters(ANNA)


def test_one_without_an_answer_is_not_sent_again_by_itself(new_talk: Talk) -> None:
    no_answer = Delivery(sent=False, temporary=True, uncertain=True, answer="no answer")
    talk = with_rule(new_talk)
    talk.sender.answer = lambda letter: no_answer if letter.webhook else None
    talk.receive(new_mail())
    talk.wait(timedelta(days=1))
    talk.work()
    [row] = webhooks(talk)
    assert (row.state, row.attempts) == ("uncertain", 1)


def test_what_is_refused_is_told_to_the_admin_once_an_hour(new_talk: Talk) -> None:
    gone = Delivery(sent=False, answer="HTTP 410 Gone")
    talk = with_rule(new_talk)
    talk.sender.answer = lambda letter: gone if letter.webhook else None
    for _ in range(3):
        talk.receive(new_mail())
    [alert] = talk.letters(ROOT)
    assert alert.mail["Subject"] == "[maild] Webhooks do not reach hooks.example.com"
    assert "410 Gone" in alert.text
    assert "token" not in alert.everything
    assert [row.state for row in webhooks(talk)] == ["failed"] * 3
    assert [event.data["template"] for event in talk.events(1) if event.kind == "failed"] == ["webhook"]
    assert talk.rows(schema.hard_bounce) == []
    talk.wait(timedelta(hours=1))
    talk.receive(new_mail())
    assert len(talk.letters(ROOT)) == 2


def test_an_address_that_looks_like_a_url_gets_a_letter_and_no_request(new_talk: Talk) -> None:
    """The recipient of an acknowledgement is a stranger's to choose."""
    talk = with_rule(new_talk)
    talk.receive(new_mail(sender='"https://10.0.0.1/"@evil.example'))
    talk.receive(new_mail(sender="https//10.0.0.1/x@evil.example", subject="Again"))
    assert talk.sender.called == []
