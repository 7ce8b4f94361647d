"""Tickets are found by their words, in any script, on both databases; nobody's syntax matters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from maild.app.outcome import Role
from maild.store import schema
from maild.store.search_index import BATCH, BEFORE_SEARCH, read_words
from maild.store.searching import holders_of, search_tickets
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail, reply_to

KIM, ANNA = "kim@customer.example", "anna@staff.example"


def found(talk: Conversation, words: str, **limits: Any) -> list[int]:
    """The numbers of the tickets that are found after what has changed was read."""
    with talk.database.write() as connection:
        read_words(connection, BEFORE_SEARCH)
        return search_tickets(connection, words, **limits)


def test_tickets_with_all_the_words_are_found_the_newest_first(talk: Conversation) -> None:
    talk.receive(new_mail("The pump is leaking", subject="Pump", sender=KIM))
    talk.receive(new_mail("The valve is stuck", subject="Valve", sender=KIM))
    talk.receive(new_mail("The valve of the pump is loud", subject="Noise", sender="lee@other.example"))
    assert found(talk, "pump") == [3, 1]
    assert found(talk, "pump valve") == [3]
    assert found(talk, "VALVE STUCK") == [2]
    assert found(talk, "valves") == []
    assert found(talk, "lee@other.example") == [3]
    assert found(talk, "is", limit=2) == [3, 2]
    assert found(talk, "is", limit=2, before=2) == [1]


def test_a_phrase_stands_together_and_a_star_ends_the_beginning_of_a_word(talk: Conversation) -> None:
    talk.receive(new_mail("It does not start today, order A-4711/2", subject="Motor"))
    talk.receive(new_mail("Start it, and it does run. Not 4711 but 2.", subject="Motor"))
    assert found(talk, '"does not start"') == [1]
    assert found(talk, "does not start") == [2, 1]
    assert found(talk, "A-4711/2") == [1]
    assert found(talk, "tod*") == [1]
    assert found(talk, "tod") == []
    assert found(talk, '"not sta*"') == [1]
    assert found(talk, '"does not') == [1]  # the end of the quotes was forgotten


SAID_AND_ASKED = {
    "我的订单还没有到货,请帮忙": ["订单", "货", '"到货" 订单'],
    "ご注文の商品が届きません": ["商品", "注文の商品"],
    "カメラが壊れました": ["カメラ"],  # half width
    "สินค้ายังไม่มาส่ง": ["ไม่มา"],
    "배송이 늦어요": ["배송"],
    "Заказ не пришёл": ["ПРИШЕЛ"],
    "لم تصل الشُّحْنَة": ["الشحنة"],
    "Die Lieferung für Köln fehlt": ["koln"],
    "Où est ma réservation ?": ["reservation"],
    "मेरा ऑर्डर नहीं आया": ["ऑर्डर"],
    "Model ABC製作 is broken": ["製作", "abc製作"],
}


def test_any_script_is_found_however_it_is_written(talk: Conversation) -> None:
    for said in SAID_AND_ASKED:
        talk.accept(new_mail(said, subject="X"))
    talk.work()
    with talk.database.write() as connection:
        read_words(connection, 100)
        for number, asked in enumerate(SAID_AND_ASKED.values(), start=1):
            assert [search_tickets(connection, one) for one in asked] == [[number]] * len(asked)


ODD = [
    *('"', '""', "*", "a OR", "NEAR(a b", "words:a", "^a", "-a", "a AND NOT", "'; DROP TABLE ticket; --", "\0", "\\"),
    *("a:*&|!<->", "\ud800", "(((", "😀", "x" * 10_000, "a " * 5_000, "%", "_", "\u200b", "' | 'nothing", "1:2A"),
]


def test_whatever_is_asked_is_only_looked_for(talk: Conversation) -> None:
    talk.receive(new_mail("Nothing of that"))
    assert [asked for asked in ODD if found(talk, asked) not in ([], [1])] == []
    assert talk.statuses() == ["new"]


@settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(st.text(max_size=40))
def test_no_text_at_all_is_an_error(talk: Conversation, asked: str) -> None:
    with talk.database.read() as connection:
        assert search_tickets(connection, asked) == []


def test_an_answer_is_found_and_a_note_is_not(talk: Conversation) -> None:
    talk.receive(new_mail("It is broken", sender=KIM))
    notified = talk.letters(ANNA)[-1]
    talk.receive(reply_to(notified, "Please press the zebra button", sender=ANNA))
    talk.receive(reply_to(notified, "#note\nThis customer is a giraffe", sender=ANNA))
    assert {row.role for row in talk.rows(schema.mail)} == {Role.CUSTOMER, Role.ANSWER, Role.INTERNAL}
    assert found(talk, "zebra") == [1]
    assert found(talk, "giraffe") == []


def test_fields_that_an_agent_sets_are_found(talk: Conversation) -> None:
    talk.receive(new_mail("It is broken", sender=KIM))
    assert found(talk, "SN-4711") == []
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#set serial_number SN-4711\n#tag +vip", sender=ANNA))
    assert found(talk, "sn-4711 vip") == [1]


def test_a_number_finds_its_ticket(talk: Conversation) -> None:
    for _ in range(3):
        talk.receive(new_mail("Hello"))
    assert found(talk, "#2") == [2]


def test_the_words_of_a_ticket_that_goes_on_in_another_move_with_its_mails(talk: Conversation) -> None:
    talk.receive(new_mail("The first one: elephant", message_id="a@customer.example"))
    talk.receive(new_mail("The second one: ostrich", message_id="b@customer.example"))
    assert found(talk, "ostrich") == [2]
    both = {"In-Reply-To": "<a@customer.example>", "References": "<b@customer.example> <a@customer.example>"}
    talk.receive(new_mail("Both are one", headers=both))
    assert found(talk, "ostrich elephant") == [1]


def test_the_words_of_a_mail_that_becomes_a_ticket_of_its_own_go_with_it(talk: Conversation) -> None:
    talk.receive(new_mail("The first one: elephant", sender=KIM))
    talk.receive(reply_to(talk.letters(KIM)[0], "By the way: ostrich", sender=KIM))
    assert found(talk, "ostrich") == [1]
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#split Birds", sender=ANNA))
    assert found(talk, "ostrich") == [2]
    assert found(talk, "elephant") == [1]


def test_words_are_read_in_quiet_moments_and_only_once(talk: Conversation) -> None:
    for number in range(BATCH + 2):
        talk.accept(new_mail(f"Hello {number}"))
    talk.work()
    with talk.database.read() as connection:
        assert search_tickets(connection, "hello") == []
    assert talk.parts.indexing.run() == BATCH + 2
    with talk.database.read() as connection:
        assert len(search_tickets(connection, "hello")) == BATCH + 2
    assert talk.parts.indexing.run() == 0
    assert talk.rows(schema.search_due) == []


def test_of_a_long_backlog_the_latest_changes_are_read_first(talk: Conversation) -> None:
    for _ in range(3):
        talk.receive(new_mail("Hello"))
    talk.receive(reply_to(talk.letters(KIM)[0], "Again: zebra", sender=KIM))
    with talk.database.write() as connection:
        assert read_words(connection, 1) == 1
        assert search_tickets(connection, "zebra") == [1]
        assert search_tickets(connection, "hello") == [1]


def test_endless_words_are_read_as_far_as_it_makes_sense(talk: Conversation) -> None:
    words = " ".join(f"w{number:x}" for number in range(30_000))
    long = " ".join("漢字仮名" * 16 + str(number) for number in range(2_000))
    talk.receive(new_mail(words, subject="Many"))
    talk.receive(new_mail(long, subject="Long"))
    assert found(talk, "many w5") == [1]
    assert found(talk, "long 漢字仮名") == [2]


def test_a_database_of_before_is_read_into_it(talk: Conversation) -> None:
    talk.receive(new_mail("Hello"))
    talk.parts.indexing.run()
    with talk.database.write() as connection:  # as the migration does
        connection.execute(text("INSERT INTO search_due (ticket) SELECT number FROM ticket"))
    assert talk.parts.indexing.run() == 1
    assert found(talk, "hello") == [1]


def test_a_mail_that_was_split_off_is_found_on_its_own_ticket_alone(talk: Conversation) -> None:
    talk.receive(new_mail("The pump leaks."))
    talk.receive(reply_to(talk.letters("kim@customer.example")[0], "The valve hums."))
    assert found(talk, "hums") == [1]
    told = talk.letters("anna@staff.example")[-1]
    talk.receive(reply_to(told, "#split"))
    assert (found(talk, "hums"), found(talk, "leaks")) == ([2], [1])
    talk.wait(timedelta(minutes=1))
    talk.receive(reply_to(told, "#undo"))
    assert 1 in found(talk, "hums")


def test_of_words_that_few_tickets_have_the_tickets_are_known(talk: Conversation) -> None:
    for number in range(3):
        talk.accept(new_mail(f"The pump, E{number}, 订单", subject="X"))
    talk.work()
    with talk.database.write() as connection:
        read_words(connection, BEFORE_SEARCH)
        assert holders_of(connection, ["e1", "nowhere", "pump"], most=2) == {"e1": [2]}
        held = holders_of(connection, ["订单", "x"], most=3)
        assert {term: sorted(numbers) for term, numbers in held.items()} == {"订单": [1, 2, 3], "x": [1, 2, 3]}
        assert holders_of(connection, [], most=3) == {}


def test_the_newest_tickets_of_a_person_and_of_an_organisation_are_known(talk: Conversation) -> None:
    for sender in (KIM, "lee@other.example", KIM, "max@third.example"):
        talk.receive(new_mail("Hello", sender=sender))
    with talk.parts.ingest.desktop.unit() as unit:
        assert [each.number for each in unit.others(KIM, "", most=5)] == [3, 1]
        assert [each.number for each in unit.others(KIM, "", most=1)] == [3]
        assert list(unit.others("", "", most=5)) == []
        assert unit.tickets([2, 9])[2].contact == "lee@other.example"
