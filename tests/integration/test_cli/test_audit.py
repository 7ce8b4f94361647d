"""`maild audit verify` finds whatever was done to events and tickets behind the program's back."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_whole_store_has_no_faults(house: Any) -> None:
    result = house.maild("audit", "verify")

    assert result.exit_code == 0, result.output
    assert result.stdout == "tickets: 2, events: 5, faults: none\n"
    assert house.lines("audit", "verify", 2) == [{"tickets": 1, "events": 2, "faults": 0}]


CASES = {
    "changed": ("UPDATE event SET actor = 'admin' WHERE ticket = 1 AND seq = 2", "was changed"),
    "removed in the middle": ("DELETE FROM event WHERE ticket = 1 AND seq = 2", "missing or moved"),
    "removed at the end": ("DELETE FROM event WHERE ticket = 1 AND seq = 3", "version is 3"),
    "moved": ("UPDATE event SET seq = 5 - seq WHERE ticket = 1 AND seq IN (2, 3)", "does not follow"),
    "of no kind": ("UPDATE event SET kind = 'nonsense' WHERE ticket = 1 AND seq = 2", "nonsense"),
    "content changed": (
        'UPDATE event_content SET content = \'{"contact": "eve@example.com"}\' WHERE ticket = 1',
        "content was changed",
    ),
    "ticket changed": ("UPDATE ticket SET priority = 'low' WHERE number = 1", "priority is 'low'"),
    "ticket without events": ("DELETE FROM event WHERE ticket = 1", "ticket 1: has no events"),
    "events without ticket": ("DELETE FROM ticket WHERE number = 1", "does not exist, but has 3 events"),
    "last ticket gone": ("DELETE FROM ticket WHERE number = 2", "does not exist, but has 2 events"),
}


@pytest.mark.parametrize("case", CASES)
def test_every_fault_is_found(house: Any, case: str) -> None:
    statement, told = CASES[case]
    if case == "moved":  # one statement would break the primary key half-way
        house.tamper("UPDATE event SET seq = 9 WHERE ticket = 1 AND seq = 2")
        house.tamper("UPDATE event SET seq = 2 WHERE ticket = 1 AND seq = 3")
        house.tamper("UPDATE event SET seq = 3 WHERE ticket = 1 AND seq = 9")
    else:
        house.tamper(statement)
    result = house.maild("audit", "verify")

    assert result.exit_code == 1
    assert told in result.stdout
    lines = house.lines("audit", "verify")
    assert lines[-1]["faults"] > 0
    assert {line["ticket"] for line in lines[:-1]} == {2 if case == "last ticket gone" else 1}


def test_erased_content_is_no_fault(house: Any) -> None:
    house.sql("DELETE FROM event_content WHERE ticket = 1")

    assert house.maild("audit", "verify").exit_code == 0


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL stores no such value
def test_a_row_that_cannot_be_read_is_a_fault(house: Any) -> None:
    house.tamper("UPDATE event SET data = '{' WHERE ticket = 2 AND seq = 1")
    result = house.maild("audit", "verify")

    assert result.exit_code == 1
    assert "cannot be read" in result.stdout


def test_a_ticket_that_is_asked_for_must_exist(house: Any) -> None:
    result = house.maild("audit", "verify", 7)

    assert result.exit_code == 1
    assert "no such ticket" in result.stdout


def test_the_triggers_refuse_what_the_audit_would_find(house: Any) -> None:
    from maild.errors import MaildError

    for statement in ("UPDATE event SET actor = 'x'", "DELETE FROM event"):
        with pytest.raises(MaildError):
            house.sql(statement)
