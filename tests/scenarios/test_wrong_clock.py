"""A clock that was wrong for a while and is set right again: nothing waits for the wrong time to come."""

from datetime import timedelta

from maild.app.ports import Delivery
from maild.testing.conversation import Conversation, Talk
from maild.testing.mails import new_mail

KIM = "kim@customer.example"
WRONG = timedelta(days=3)


def test_mail_that_came_while_the_clock_was_ahead_is_worked_off_when_it_is_right_again(talk: Conversation) -> None:
    talk.wait(WRONG)
    talk.accept(new_mail())
    talk.wait(-WRONG)
    talk.parts.sweep.run()
    talk.work()
    assert [mail.outcome for mail in talk.settled()] == ["new_ticket"]
    assert len(talk.letters(KIM)) == 1


def test_letters_that_were_put_off_while_the_clock_was_ahead_are_sent_when_it_is_right_again(
    talk: Conversation,
) -> None:
    talk.sender.answer = lambda _letter: Delivery(sent=False, temporary=True, answer="451 not now")
    talk.wait(WRONG)
    talk.receive(new_mail())
    talk.sender.answer = lambda _letter: None
    talk.wait(-WRONG)
    talk.parts.sweep.run()
    talk.wait(timedelta(minutes=5))
    talk.work()
    assert len(talk.letters(KIM)) == 1


def test_what_a_dead_worker_elsewhere_held_with_a_clock_ahead_is_freed(new_talk: Talk) -> None:
    dead = new_talk(owner="elsewhere:1:x")
    dead.accept(new_mail())
    dead.wait(WRONG)
    assert dead.parts.ingest.desktop.claim(dead.now, "elsewhere:1:x", timedelta(minutes=2), 10)
    talk = new_talk()
    talk.parts.sweep.run()
    talk.work()
    assert [mail.outcome for mail in talk.settled()] == ["new_ticket"]
