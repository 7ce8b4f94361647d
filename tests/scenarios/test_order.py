"""Mails that come in another order than they were written, and workers that meet on one thread."""

from datetime import timedelta

from maild.app.ingest import LEASE
from maild.errors import Conflict
from maild.testing.conversation import Conversation, Talk
from maild.testing.mails import new_mail, reply_to

SOON = timedelta(milliseconds=250)
KIM, ANNA = "kim@customer.example", "anna@staff.example"
PARENT = "parent@customer.example"


def follow_up(text: str = "And another thing", parent: str = PARENT) -> bytes:
    """A mail that goes on with one that the customer sent before."""
    return new_mail(text, subject="Re: Broken", headers={"In-Reply-To": f"<{parent}>", "References": f"<{parent}>"})


def test_a_reply_waits_for_its_parent_that_another_worker_has(new_talk: Talk) -> None:
    one, two = new_talk(owner="one:1:a"), new_talk(owner="two:2:b")
    one.accept(new_mail(message_id=PARENT))
    held = one.parts.ingest.desktop.claim(one.now, "one:1:a", LEASE, 100)  # the first worker begins
    two.accept(follow_up())
    two.work()
    assert [done.state for done in two.settled()] == ["working", "waiting"]
    assert ("ingest", SOON) in two.rings
    one.parts.ingest._work_off(held)  # the first worker ends
    two.wait(SOON)
    two.work()
    one.work()
    assert [(done.outcome, done.ticket) for done in two.settled()] == [("new_ticket", 1), ("reply", 1)]


def test_waiting_for_a_parent_counts_as_no_attempt(new_talk: Talk) -> None:
    one, two = new_talk(owner="one:1:a"), new_talk(owner="two:2:b")
    one.accept(new_mail(message_id=PARENT))
    held = one.parts.ingest.desktop.claim(one.now, "one:1:a", LEASE, 100)
    two.accept(follow_up())
    for _ in range(10):
        two.work()
        two.wait(timedelta(seconds=1))
    one.parts.ingest._work_off(held)
    two.work()
    one.work()
    assert [done.ticket for done in two.settled()] == [1, 1]


def test_a_reply_in_the_same_group_as_its_parent_joins_it(talk: Conversation) -> None:
    talk.accept(new_mail(message_id=PARENT))
    talk.accept(follow_up())
    talk.work()
    assert [(done.outcome, done.ticket) for done in talk.settled()] == [("new_ticket", 1), ("reply", 1)]


def test_siblings_of_an_unknown_parent_share_a_ticket(talk: Conversation) -> None:
    talk.receive(follow_up("The first of two"))
    done = talk.receive(follow_up("The second of two"))
    assert (done.outcome, done.ticket) == ("reply", 1)


def test_siblings_from_two_people_do_not_mix(talk: Conversation) -> None:
    talk.receive(follow_up())
    stranger = follow_up("Me, too").replace(b"kim@customer.example", b"eve@evil.example")
    assert talk.receive(stranger).ticket == 2


def test_a_parent_that_comes_after_its_reply_joins_it(talk: Conversation) -> None:
    talk.receive(follow_up("The second"))
    done = talk.receive(new_mail("The first", message_id=PARENT))
    assert (done.outcome, done.ticket) == ("reply", 1)


def test_a_sender_who_uses_one_message_id_for_many_mails_opens_many_tickets(talk: Conversation) -> None:
    talk.receive(follow_up("The second"))
    talk.receive(new_mail("The first", message_id=PARENT))
    done = talk.receive(new_mail("Another matter", message_id=PARENT))
    assert (done.outcome, done.ticket) == ("new_ticket", 2)


def test_two_workers_on_one_ticket_both_get_their_way(new_talk: Talk) -> None:
    one, two = new_talk(owner="one:1:a"), new_talk(owner="two:2:b")
    one.receive(new_mail())
    letter = one.letters(KIM)[0]
    mails = [reply_to(letter, "This"), reply_to(letter, "That")]
    for talk, mail in zip((one, two), mails, strict=True):
        talk.accept(mail.replace(b"References:", b"X-Old:").replace(b"In-Reply-To:", b"X-Older:"))
    claims = [talk.parts.ingest.desktop.claim(talk.now, talk.parts.ingest.owner, LEASE, 1) for talk in (one, two)]
    for talk, claim in zip((one, two), claims, strict=True):
        talk.parts.ingest._work_off(claim)
        talk.work()
    assert [done.ticket for done in one.settled()] == [1, 1, 1]


def test_a_mail_that_always_loses_the_race_is_tried_again_later(talk: Conversation) -> None:
    talk.accept(new_mail())
    unit = type(talk.parts.ingest.desktop)
    original = unit.unit
    try:
        unit.unit = lambda self: (_ for _ in ()).throw(Conflict("always"))  # type: ignore[method-assign]
        talk.work()
    finally:
        unit.unit = original  # type: ignore[method-assign]
    assert [done.state for done in talk.settled()] == ["waiting"]
    talk.wait(timedelta(seconds=5))
    talk.work()
    assert [done.outcome for done in talk.settled()] == ["new_ticket"]
