"""What was kept of a mail is enough for routing: rules see the same as when it came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from maild.app.prepare import prepare
from maild.app.replay import Kept, is_trusted, mail_again, ready_again, sent_by_agent
from maild.app.routing_facts import facts_of
from maild.bootstrap.deciding import as_claimed
from maild.confined.opening import open_package
from maild.store.kept_mails import load_kept, routed_mails
from maild.testing.conversation import SETTINGS, START, Conversation, Talk
from maild.testing.mails import new_mail

SAMPLES = sorted((Path(__file__).parents[1] / "golden" / "mails").rglob("*.eml"))
TRUSTING = SETTINGS + '[authenticity]\ntrusted_ids = ["mx.example.com"]\nhops = 5\n'


def kept_in(talk: Conversation) -> list[Kept]:
    with talk.database.read() as connection:
        return [
            kept for ids in routed_mails(connection, START - timedelta(days=1)) for kept in load_kept(connection, ids)
        ]


def test_the_facts_of_what_was_kept_are_those_of_the_mail_itself(new_talk: Talk) -> None:
    talk = new_talk(settings=TRUSTING)
    raws: dict[int, bytes] = {}
    for file in SAMPLES:
        settled = talk.receive(file.read_bytes())
        raws[settled.inbox] = file.read_bytes()
    found = kept_in(talk)
    assert len(found) > 20
    desk = talk.parts.desk
    for kept in found:
        again = ready_again(kept, mail_again(kept), desk)
        row = replace(
            as_claimed(raws[kept.inbox], kept.received_at),
            envelope_from=kept.envelope_from,
            envelope_to=kept.envelope_to,
        )
        assert facts_of(again, desk) == facts_of(prepare(row, desk, open_package), desk), kept.subject


def test_what_cannot_be_asked_again_is_taken_from_its_day(new_talk: Talk) -> None:
    """Where it is from; whose words an agent handed on; the words of a header without a charset."""
    talk = new_talk(settings=TRUSTING)
    passed = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=customer.example"}
    talk.receive(new_mail(headers=passed))
    ours = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}
    forward = (
        "For us.\n\n-------- Forwarded Message --------\nSubject: Leak\nFrom: Lee <lee@other.example>\n\nIt leaks."
    )
    talk.receive(new_mail(forward, sender="Anna Agent <anna@staff.example>", subject="Fwd: Leak", headers=ours))
    talk.receive(new_mail(subject="plain").replace(b"Subject: plain", "Subject: Büro\r\nX-Site: Köln".encode("cp1252")))

    desk = talk.parts.desk
    found = kept_in(talk)
    proved, handed_on, unencoded = (ready_again(kept, mail_again(kept), desk) for kept in found)

    assert (facts_of(proved, desk).authenticity, sent_by_agent(proved, desk)) == ("pass", False)
    facts = facts_of(handed_on, desk)
    assert (facts.sender, facts.subject, facts.text.strip()) == ("lee@other.example", "Leak", "It leaks.")
    assert sent_by_agent(handed_on, desk)
    assert dict(facts_of(unencoded, desk).headers)["x-site"] == "Köln"
    # What an agent certainly handed on is turned away by no rule, in a trial as in life.
    assert [is_trusted(kept, ready_again(kept, mail_again(kept), desk), desk) for kept in found] == [False, True, False]
