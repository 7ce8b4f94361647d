"""The facts that rules see of a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from maild.app.arrival import Door
from maild.app.desk import Desk
from maild.app.desk_structure import Branch, Organisation, Queue
from maild.app.forwarded import handed_on
from maild.app.prepare import prepare
from maild.app.routing_facts import MOST_TEXT, facts_of
from maild.app.work import Claimed
from maild.ids import Signer
from maild.mail.packages import Package
from maild.routing.facts import MailFacts
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When
from maild.testing.mails import new_mail
from maild.tickets.model import Ticket

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DESK = Desk(
    name="Help",
    address="help@example.com",
    signer=Signer([b"0" * 32]),
    queues=(Queue(name="support", addresses=("help@example.com",)), Queue(name="parts", addresses=("p@example.com",))),
    agents={"anna@staff.example": "Anna"},
    organisations=(
        Organisation(
            name="Customer Inc",
            domains=("customer.example",),
            groups=frozenset({"Gold"}),
            tags=frozenset({"VIP"}),
            priority="high",
        ),
    ),
    branches=(Branch(name="north", manager="mia@staff.example", customers=("customer inc",)),),
)


def no_package(data: bytes) -> Package:
    raise AssertionError


def claimed(raw: bytes, *envelope: str) -> Claimed:
    facts: dict[str, Any] = {"envelope_from": None, "message_id": "", "thread_hint": "", "silent": False}
    return Claimed(
        id=1,
        door=Door.SMTP,
        raw=raw,
        received_at=AT,
        envelope_to=envelope,
        handling="normal",
        attempts=1,
        **facts,
    )


def facts(raw: bytes, *envelope: str, desk: Desk = DESK, **more: Any) -> MailFacts:
    return facts_of(prepare(claimed(raw, *envelope), desk, no_package), desk, **more)


def test_who_wrote_where_to_and_for_whom() -> None:
    found = facts(new_mail("Hi", to="Help@Example.com"), "P+Missing@example.com")
    assert found.recipients == ("p+missing@example.com", "help@example.com")
    assert (found.queue, found.queue_why) == ("parts", "queue parts: it was sent to p@example.com")
    assert (found.sender, found.customer, found.customer_priority) == ("kim@customer.example", "Customer Inc", "high")
    assert (found.groups, found.tags) == (frozenset({"gold"}), frozenset({"vip"}))
    assert (found.branch, found.branch_manager) == ("north", "mia@staff.example")
    assert (found.kind, found.authenticity, found.at) == ("human", "none", AT)
    assert not found.from_agent
    assert not found.is_reply


def test_a_stranger_has_no_customer_and_no_branch() -> None:
    found = facts(new_mail("Hi", sender="eve@elsewhere.example"))
    assert (found.customer, found.branch, found.branch_manager) == ("", "", "")


def test_a_branch_looks_after_domains_as_well() -> None:
    desk = replace(DESK, branches=(Branch(name="south", domains=("elsewhere.example",)),))
    assert facts(new_mail("Hi", sender="eve@elsewhere.example"), desk=desk).branch == "south"


def test_only_the_writers_own_words_count_and_not_without_end() -> None:
    quoting = "It is broken.\n\nOn Monday, Anna wrote:\n> refund refund\n"
    assert "refund" not in facts(new_mail(quoting)).text
    assert len(facts(new_mail("broken \n" * (MOST_TEXT // 4))).text) == MOST_TEXT


def test_headers_and_files() -> None:
    found = facts(new_mail("Hi", headers={"Importance": "High"}, files=[("A.PDF", "application/pdf", b"12345")]))
    assert ("importance", "High") in found.headers
    [file] = found.files
    assert (file.name, file.type, file.size) == ("A.PDF", "application/pdf", 5)


def test_of_a_reply_the_ticket_is_known() -> None:
    ticket = Ticket(
        number=7, queue="parts", priority="high", tags="Hot new", reason_code="damage", type="incident", case_type="x"
    )
    found = facts(new_mail("Hi"), ticket=ticket)
    assert (found.is_reply, found.queue, found.ticket_priority) == (True, "parts", "high")
    assert (found.ticket_reason, found.ticket_type, found.ticket_case_type) == ("damage", "incident", "x")
    assert found.ticket_tags == frozenset({"hot", "new"})
    assert found.queue_why == "queue parts: ticket 7 is in it"


def test_of_what_an_agent_hands_on_the_customer_speaks() -> None:
    text = "Be nice.\n\n---------- Forwarded message ---------\nFrom: Kim <kim@customer.example>\n"
    text += "Date: Mon, 2 Mar 2026 at 08:00\nSubject: Hinge\nTo: Anna <anna@staff.example>\n\nIt is bent.\n"
    raw = new_mail(text, sender="Anna <anna@staff.example>", subject="Fwd: Hinge")
    read = prepare(claimed(raw), DESK, no_package)
    found = facts_of(handed_on(read, DESK, proved=True).speaker, DESK, from_agent=True)
    assert (found.sender, found.customer, found.subject) == ("kim@customer.example", "Customer Inc", "Hinge")
    assert found.text.strip() == "It is bent."
    assert found.from_agent


def test_the_language_is_found_out_only_when_a_rule_asks_for_it() -> None:
    asked: list[str] = []

    def detect(text: str) -> str:
        asked.append(text)
        return "en"

    desk = replace(DESK, detect_language=detect)
    assert facts(new_mail("Hi"), desk=desk).language == ""
    assert asked == []
    rule = Rule(name="german", when=When(language=("de",)), then=Then(queue="parts"))
    assert facts(new_mail("Hi"), desk=replace(desk, router=Router([rule]))).language == "en"
    assert [text.strip() for text in asked] == ["Hi"]
