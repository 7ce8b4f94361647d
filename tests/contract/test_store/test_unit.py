"""One transaction of ingest: all of it or nothing, and whoever was slower starts over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from maild.app.ingest import LEASE
from maild.app.known import Seen, Wanted
from maild.app.ledger import Ledger
from maild.errors import Conflict
from maild.store import schema
from maild.testing.conversation import START, Conversation
from maild.testing.invariants import check
from maild.testing.mails import new_mail, reply_to
from maild.tickets.events import EventKind


def load(talk: Conversation, wanted: Wanted) -> Ledger:
    """The facts as they are now; the changes are made on them later."""
    with talk.parts.ingest.desktop.unit() as unit:
        return Ledger(unit=unit, known=unit.load(wanted, START), now=START, salt=lambda: "5a17")


def save(talk: Conversation, ledger: Ledger) -> None:
    with talk.parts.ingest.desktop.unit() as unit:
        unit.save(ledger.changes, ledger.known, START)


def note(ledger: Ledger) -> None:
    ledger.record(1, EventKind.NOTE, at=START, actor="system", mail=None)


def test_a_ticket_that_another_worker_changed_meanwhile_is_a_conflict(talk: Conversation) -> None:
    talk.receive(new_mail())
    fast, slow = (load(talk, Wanted(tickets={1})) for _ in range(2))
    note(fast)
    note(slow)
    save(talk, fast)
    with pytest.raises(Conflict):
        save(talk, slow)
    assert [e.kind for e in talk.events(1)].count("note") == 1


def test_run_again_on_fresh_facts_it_goes_through(talk: Conversation) -> None:
    talk.receive(new_mail())
    for _ in range(2):
        ledger = load(talk, Wanted(tickets={1}))
        note(ledger)
        save(talk, ledger)
    assert [e.seq for e in talk.events(1)] == list(range(1, len(talk.events(1)) + 1))


def test_two_workers_that_learn_the_same_thread_key_are_a_conflict(talk: Conversation) -> None:
    talk.receive(new_mail("one"))
    talk.receive(new_mail("two"))
    fast, slow = (load(talk, Wanted(message_ids={"parent@x"})) for _ in range(2))
    fast.know("parent@x", 1)
    slow.know("parent@x", 2)
    save(talk, fast)
    with pytest.raises(Conflict):
        save(talk, slow)
    assert load(talk, Wanted(message_ids={"parent@x"})).known.threads == {"parent@x": 1}


def test_two_workers_with_copies_of_one_mail_are_a_conflict(talk: Conversation) -> None:
    key = "0" * 32
    fast, slow = (load(talk, Wanted(content_keys={key})) for _ in range(2))
    fast.changes.seen[key] = Seen(inbox=1, ticket=None)
    slow.changes.seen[key] = Seen(inbox=2, ticket=None)
    save(talk, fast)
    with pytest.raises(Conflict):
        save(talk, slow)


def test_what_conflicts_leaves_nothing_of_itself(talk: Conversation) -> None:
    talk.receive(new_mail())
    slow = load(talk, Wanted(tickets={1}))
    note(slow)
    slow.know("only-in-the-slow-one@x", 1)
    fast = load(talk, Wanted(tickets={1}))
    note(fast)
    save(talk, fast)
    with pytest.raises(Conflict):
        save(talk, slow)
    assert load(talk, Wanted(message_ids={"only-in-the-slow-one@x"})).known.threads == {}


def test_an_exception_inside_the_transaction_undoes_all_of_it(talk: Conversation) -> None:
    talk.receive(new_mail())
    ledger = load(talk, Wanted(tickets={1}))
    note(ledger)

    def save_and_fail() -> None:
        with talk.parts.ingest.desktop.unit() as unit:
            unit.save(ledger.changes, ledger.known, START)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_and_fail()
    assert "note" not in [e.kind for e in talk.events(1)]


def test_ticket_numbers_are_given_once_however_many_workers_ask(talk: Conversation) -> None:
    for number in range(24):
        talk.accept(new_mail(f"Mail {number}"))
    claims = [talk.parts.ingest.desktop.claim(START, talk.parts.ingest.owner, START - START, 3) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(talk.parts.ingest._work_off, claims)) == 24
    assert len({row.number for row in talk.rows(schema.ticket)}) == 24


def test_the_same_new_person_in_two_transactions_is_one_contact(talk: Conversation) -> None:
    for number in range(8):
        talk.accept(new_mail(f"Mail {number}"))
    claims = [talk.parts.ingest.desktop.claim(START, talk.parts.ingest.owner, START - START, 1) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(talk.parts.ingest._work_off, claims)) == 8
    assert [row.address for row in talk.rows(schema.contact) if "kim" in row.address] == ["kim@customer.example"]


def test_an_event_can_be_neither_changed_nor_removed(talk: Conversation) -> None:
    talk.receive(new_mail())
    for statement in ("UPDATE event SET actor = 'admin'", "DELETE FROM event"):
        with pytest.raises(Exception, match="event"), talk.database.write() as connection:
            connection.exec_driver_sql(statement)
    assert {e.actor for e in talk.events(1)} != {"admin"}


def test_a_look_up_takes_more_keys_than_one_statement(talk: Conversation) -> None:
    many = {f"{number}@x.example" for number in range(70_000)}
    known = load(talk, Wanted(message_ids=many, clues=many, scopes=many, addresses=many)).known
    assert (known.threads, known.lately, known.bounces) == ({}, {}, {})


def test_mails_ids_and_people_move_from_ticket_to_ticket(talk: Conversation) -> None:
    talk.receive(new_mail("one", message_id="one@x.example"))
    talk.receive(new_mail("two"))
    ledger = load(talk, Wanted(tickets={1}))
    assert ledger.known.tickets.keys() == {1}
    with talk.parts.ingest.desktop.unit() as unit:
        ledger.unit = unit
        ledger.meet([1, 2, 99])
    assert ledger.known.tickets.keys() == {1, 2}
    ledger.place([1], 2)
    ledger.lead("one@x.example", 2)
    ledger.unjoin(1, "kim@customer.example")
    ledger.join(1, "lee@customer.example", "Lee", "contact")
    ledger.unjoin(1, "lee@customer.example")  # before it was ever saved
    save(talk, ledger)
    found = load(talk, Wanted(tickets={1, 2}, message_ids={"one@x.example"})).known
    assert (found.threads, found.participants.get(1, {})) == ({"one@x.example": 2}, {})
    assert [past.words for past in found.past[2]] == ["one", "two"]


def test_who_left_may_come_again_in_the_same_transaction(talk: Conversation) -> None:
    talk.receive(new_mail())
    ledger = load(talk, Wanted(tickets={1}))
    ledger.unjoin(1, "kim@customer.example")
    ledger.join(1, "kim@customer.example", "Kim", "contact")
    save(talk, ledger)
    assert load(talk, Wanted(tickets={1})).known.participants[1] == {"kim@customer.example": "Kim"}


def test_people_are_found_by_their_numbers(talk: Conversation) -> None:
    talk.receive(new_mail())
    [kim] = talk.rows(schema.contact)
    with talk.parts.ingest.desktop.unit() as unit:
        assert unit.addresses({kim.id, kim.id + 1}) == {kim.id: "kim@customer.example"}


def test_two_opposite_merges_at_once_make_no_circle_and_no_deadlock(talk: Conversation) -> None:
    for number in range(1, 3):
        talk.receive(new_mail(f"It leaks, {number}.", subject=f"Pump {number}"))
    rounds = 4
    for _ in range(rounds):
        for number, other in ((1, 2), (2, 1)):
            told = next(p for p in talk.letters("anna@staff.example") if f"[#{number}]" in str(p.mail["Subject"]))
            talk.accept(reply_to(told, f"#merge {other}"))
        claims = [talk.parts.ingest.desktop.claim(talk.now, talk.parts.ingest.owner, LEASE, 1) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(talk.parts.ingest._work_off, claims))
        talk.work()
        assert sorted(talk.statuses()) == ["duplicate", "new"]
        [merged] = [row.number for row in talk.rows(schema.ticket) if row.continued_by]
        [other] = {1, 2} - {merged}
        told = next(p for p in talk.letters("anna@staff.example") if f"[#{other}]" in str(p.mail["Subject"]))
        talk.wait(timedelta(minutes=10))
        talk.receive(reply_to(told, "#undo"))
        assert talk.statuses() == ["new", "new"]
    assert {row.state for row in talk.rows(schema.inbox)} == {"done"}
    assert check(talk.database) == []
