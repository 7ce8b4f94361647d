"""The outbox keeps its promises: one worker a letter, one commit a step, and a crash leaves a trace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from maild.app.deliver import Due, LetterState, Sent
from maild.store import schema
from maild.store.outbox import StoredForgotten, StoredOutbox
from maild.testing.conversation import START, Conversation
from maild.testing.mails import new_mail, reply_to

LEASE = timedelta(minutes=15)
ONE, TWO = "one:1:a", "two:2:b"


@pytest.fixture
def outbox(talk: Conversation) -> StoredOutbox:
    """Three automatic letters that wait: an acknowledgement and two notifications."""
    talk.accept(new_mail())
    talk.parts.ingest.run()
    return StoredOutbox(talk.database)


def states(talk: Conversation) -> list[tuple[str, bool]]:
    return [(row.state, row.uncertain) for row in talk.rows(schema.outbox)]


def sent(due: Due) -> Sent:
    return Sent(due=due, state=LetterState.SENT, answer="250 ok", at=START)


def answer(talk: Conversation) -> None:
    """An agent's answer waits, and nothing else does."""
    talk.receive(new_mail())
    talk.accept(reply_to(talk.letters("anna@staff.example")[0], "Please oil it."))
    talk.parts.ingest.run()


def test_letters_are_claimed_oldest_first_by_one_worker(outbox: StoredOutbox) -> None:
    first = outbox.claim(START, ONE, LEASE, 2)
    second = outbox.claim(START, TWO, LEASE, 2)
    assert ([due.id for due in first], [due.id for due in second]) == ([1, 2], [3])
    assert first[0].automatic
    assert first[0].letter.envelope_to == ("kim@customer.example",)
    assert first[0].letter.message_id.encode() in first[0].letter.raw


def test_many_workers_never_claim_the_same_letter(outbox: StoredOutbox, talk: Conversation) -> None:
    for number in range(9):
        talk.accept(new_mail(f"Mail {number}"))
    talk.parts.ingest.run()

    def work(worker: int) -> list[int]:
        found: list[int] = []
        while batch := outbox.claim(START, f"host:{worker}:x", LEASE, 3):
            found += [due.id for due in batch]
        return found

    with ThreadPoolExecutor(6) as pool:
        claimed = [number for numbers in pool.map(work, range(6)) for number in numbers]
    claimed += work(7)
    assert sorted(claimed) == sorted(row.id for row in talk.rows(schema.outbox))


def test_a_step_records_one_letter_and_begins_the_next(outbox: StoredOutbox, talk: Conversation) -> None:
    one, two, _ = outbox.claim(START, ONE, LEASE, 3)
    assert outbox.step([], [one], ONE, START + LEASE) == {one.id}
    assert [state for state, _ in states(talk)] == ["sending", "waiting", "waiting"]
    assert outbox.step([sent(one)], [two], ONE, START + LEASE) == {two.id}
    assert [state for state, _ in states(talk)] == ["sent", "sending", "waiting"]
    assert outbox.step([sent(two)], [], ONE, START + LEASE) == frozenset()
    assert [state for state, _ in states(talk)] == ["sent", "sent", "waiting"]


def test_a_step_takes_several_letters(outbox: StoredOutbox, talk: Conversation) -> None:
    one, two, three = outbox.claim(START, ONE, LEASE, 3)
    assert outbox.step([], [one, two], ONE, START + LEASE) == {one.id, two.id}
    assert outbox.step([sent(one), sent(two)], [three], ONE, START + LEASE) == {three.id}
    assert [state for state, _ in states(talk)] == ["sent", "sent", "sending"]
    outbox.step([sent(one), sent(two)], [], ONE, START + LEASE)  # recorded again, as after a lost answer
    assert [state for state, _ in states(talk)] == ["sent", "sent", "sending"]


def test_a_letter_that_is_no_longer_ours_is_not_begun(outbox: StoredOutbox, talk: Conversation) -> None:
    one, *_ = outbox.claim(START, ONE, LEASE, 3)
    StoredForgotten(talk.database).sweep(START + LEASE + timedelta(seconds=1), lambda _owner: False)
    outbox.claim(START, TWO, LEASE, 3)
    assert not outbox.step([], [one], ONE, START + LEASE)
    assert [state for state, _ in states(talk)] == ["waiting"] * 3


def test_a_letter_waits_until_its_next_try(outbox: StoredOutbox) -> None:
    one, *_ = outbox.claim(START, ONE, LEASE, 1)
    outbox.step([], [one], ONE, START + LEASE)
    later = START + timedelta(minutes=1)
    waiting = Sent(due=one, state=LetterState.WAITING, answer="451 later", at=START, retry_at=later)
    outbox.step([waiting], [], ONE, START + LEASE)
    assert 1 not in [due.id for due in outbox.claim(START, ONE, LEASE, 10)]
    [again] = outbox.claim(later, ONE, LEASE, 10)
    assert (again.id, again.attempts) == (1, 1)


def test_what_is_let_go_is_free_for_others(outbox: StoredOutbox) -> None:
    batch = outbox.claim(START, ONE, LEASE, 3)
    outbox.let_go(batch[1:], ONE)
    assert [due.id for due in outbox.claim(START, TWO, LEASE, 3)] == [2, 3]


def test_after_a_crash_the_letter_in_hand_is_uncertain_and_the_others_are_free(
    outbox: StoredOutbox, talk: Conversation
) -> None:
    one, *_ = outbox.claim(START, ONE, LEASE, 3)
    outbox.step([], [one], ONE, START + LEASE)
    swept = StoredForgotten(talk.database).sweep(START, lambda owner: owner == ONE)
    assert (swept.letters_uncertain, swept.letters_freed) == (1, 2)
    assert states(talk) == [("uncertain", True), ("waiting", False), ("waiting", False)]
    assert [due.id for due in outbox.claim(START, TWO, LEASE, 3)] == [2, 3]


def test_after_a_crash_an_agents_answer_is_sent_again_as_the_same_letter(talk: Conversation) -> None:
    answer(talk)
    outbox = StoredOutbox(talk.database)
    [before] = outbox.claim(START, ONE, LEASE, 3)
    outbox.step([], [before], ONE, START + LEASE)
    StoredForgotten(talk.database).sweep(START, lambda owner: owner == ONE)
    [again] = outbox.claim(START, TWO, LEASE, 3)
    assert again.letter == before.letter
    assert states(talk)[-1] == ("waiting", True)


def test_the_sweep_leaves_living_workers_alone(outbox: StoredOutbox, talk: Conversation) -> None:
    one, *_ = outbox.claim(START, ONE, LEASE, 3)
    outbox.step([], [one], ONE, START + LEASE)
    swept = StoredForgotten(talk.database).sweep(START + LEASE - timedelta(seconds=1), lambda _owner: False)
    assert (swept.mails_freed, swept.letters_freed, swept.letters_uncertain) == (0, 0, 0)
    outbox.step([sent(one)], [], ONE, START + LEASE)
    assert states(talk)[0] == ("sent", False)


def test_the_lease_begins_anew_with_each_letter(outbox: StoredOutbox, talk: Conversation) -> None:
    one, two, _ = outbox.claim(START, ONE, LEASE, 3)
    outbox.step([], [one], ONE, START + LEASE)
    outbox.step([sent(one)], [two], ONE, START + 2 * LEASE)  # the relay took a whole lease over the first
    StoredForgotten(talk.database).sweep(START + LEASE + timedelta(seconds=1), lambda _owner: False)
    assert states(talk)[1] == ("sending", False)
    outbox.step([sent(two)], [], ONE, START + 3 * LEASE)
    assert states(talk)[1] == ("sent", False)


def test_the_sweep_says_what_is_due(talk: Conversation) -> None:
    forgotten = StoredForgotten(talk.database)
    assert forgotten.due(START) == frozenset()
    talk.accept(new_mail())
    assert forgotten.due(START) == {"ingest"}
    assert forgotten.due(START - timedelta(seconds=1)) == frozenset()
    talk.parts.ingest.run()
    assert forgotten.due(START) == {"deliver"}
    talk.parts.send_all()
    assert forgotten.due(START) == frozenset()


def test_the_sweep_frees_mails_whose_lease_has_ended(talk: Conversation) -> None:
    talk.accept(new_mail())
    talk.parts.ingest.desktop.claim(START, ONE, timedelta(minutes=2), 1)
    forgotten = StoredForgotten(talk.database)
    assert forgotten.sweep(START + timedelta(minutes=2), lambda _owner: False).mails_freed == 0
    assert forgotten.sweep(START + timedelta(minutes=3), lambda _owner: False).mails_freed == 1


def test_a_letter_is_found_by_its_key_and_not_among_all_that_wait(outbox: StoredOutbox, talk: Conversation) -> None:
    [pattern, *_] = [row._asdict() for row in talk.rows(schema.outbox)]
    done = [pattern | {"id": 1000 + n, "nonce": f"done {n}", "state": "sent"} for n in range(1000)]
    with talk.database.write() as connection:
        connection.execute(insert(schema.outbox), done)
        connection.execute(text("ANALYZE outbox"))  # while hardly anything waits
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("UPDATE outbox"):
            first = parameters[0] if isinstance(parameters, list) else parameters
            how = "EXPLAIN QUERY PLAN" if talk.database.sqlite else "EXPLAIN"
            asked = cursor.connection.cursor()
            asked.execute(f"{how} {statement}", first)
            plans.append(str(asked.fetchall()))

    [one, two, _] = outbox.claim(START, ONE, LEASE, 3)
    event.listen(talk.database.engine, "before_cursor_execute", explain)
    assert outbox.step([], [one], ONE, START + LEASE) == {one.id}
    assert outbox.step([sent(one)], [two], ONE, START + LEASE) == {two.id}
    assert len(plans) == 3
    assert [plan for plan in plans if "outbox_pkey" not in plan and "INTEGER PRIMARY KEY" not in plan] == []
