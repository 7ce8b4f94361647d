"""Roles and permissions: who may what, where, and what a refusal says."""

from __future__ import annotations

import pytest

from maild.tickets.command_readers import HELP, NEEDS
from maild.tickets.commands import read_order
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket
from maild.tickets.permissions import BUILT_IN, Held, Permission, Person, Role, may

READ, WRITE, RESOLVE = Permission.READ, Permission.WRITE, Permission.RESOLVE
ANNA, BEN = "anna@example.com", "ben@example.com"
IN_BILLING = Held(queue="billing", team="books")
CLERK = Role(name="clerk", permissions=frozenset({READ, WRITE}), queues=frozenset({"billing"}))
BOOKS = Role(name="books", permissions=frozenset({READ, WRITE, RESOLVE}), teams=frozenset({"books"}))


def person(*roles: Role, address: str = ANNA, **limits: frozenset[str]) -> Person:
    return Person(address=address, roles=roles, **limits)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("support", "read write escalate resolve"),
        ("service", "read write escalate resolve"),
        ("installer", "read write escalate"),
        ("buyer", "read write escalate"),
        ("manager", "read write escalate resolve override approve"),
        ("owner", "read write escalate resolve override approve"),
        ("admin", "read write escalate resolve override approve"),
        ("executive", "read escalate approve"),
    ],
)
def test_the_built_in_roles(role: str, allowed: str) -> None:
    holder = person(BUILT_IN[role])
    assert [p.name.lower() for p in Permission if not may(holder, p, IN_BILLING)] == allowed.split()


@pytest.mark.parametrize(
    ("who", "permission", "ticket", "allowed", "why"),
    [
        (person(CLERK), WRITE, IN_BILLING, True, "the role's queue"),
        (person(CLERK), WRITE, Held(queue="support"), False, "another queue"),
        (person(CLERK), RESOLVE, IN_BILLING, False, "the role does not have it"),
        (person(BOOKS), RESOLVE, IN_BILLING, True, "the role's team"),
        (person(BOOKS), RESOLVE, Held(queue="billing"), False, "no team at all"),
        (person(CLERK, BOOKS), RESOLVE, Held(queue="support", team="books"), True, "one of several roles is enough"),
        (person(CLERK, BOOKS), RESOLVE, Held(queue="billing"), False, "the role that has it does not hold here"),
        (person(BOOKS, queues=frozenset({"support"})), READ, IN_BILLING, False, "the agent's own limit"),
        (person(BOOKS, teams=frozenset({"books"})), READ, IN_BILLING, True, "within the agent's own limit"),
        (person(CLERK), READ, Held(queue="support", assignee=ANNA), True, "the assignee reads the own ticket"),
        (person(CLERK), WRITE, Held(queue="support", assignee=ANNA), True, "and writes it"),
        (person(BOOKS), RESOLVE, Held(queue="support", assignee=ANNA), False, "and no more than that"),
        (person(CLERK), READ, Held(queue="support", assignee=BEN), False, "somebody else's"),
        (person(BUILT_IN["executive"]), WRITE, Held(queue="a", assignee=ANNA), False, "no role has it at all"),
        (person(CLERK, queues=frozenset({"b"})), READ, Held(queue="a", assignee=ANNA), True, "own limits aside"),
        (person(), READ, IN_BILLING, False, "no role"),
    ],
)
def test_where_a_permission_holds(who: Person, permission: Permission, ticket: Held, allowed: bool, why: str) -> None:
    assert (may(who, permission, ticket) == "") is allowed, why


@pytest.mark.parametrize(
    ("who", "permission", "others", "said"),
    [
        (
            person(CLERK), RESOLVE, (person(BOOKS, address=BEN),),
            ("service.resolve is missing: anna@example.com is clerk, with service.read, service.write;"
            " who may: ben@example.com"),
        ),
        (
            person(BOOKS, queues=frozenset({"support", "parts"})), READ, (),
            ("service.read is missing here: anna@example.com has it only in queue parts or support;"
            " nobody here may: the configuration has to give somebody a role with it"),
        ),
        (
            person(Role(name="r", permissions=frozenset({READ}), queues=frozenset({"a"}), teams=frozenset({"b"}))),
            READ,
            tuple(person(BOOKS, address=f"{n}@example.com") for n in range(7)),
            ("service.read is missing here: anna@example.com has it only in queue a and team b (role r);"
            " who may: 0@example.com, 1@example.com, 2@example.com, 3@example.com, 4@example.com and 2 more"),
        ),
        (person(), WRITE, (person(),), ("service.write is missing: anna@example.com is no agent;"
         " nobody here may: the configuration has to give somebody a role with it")),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_missing_and_who_may(
    who: Person, permission: Permission, others: tuple[Person, ...], said: str
) -> None:
    assert may(who, permission, IN_BILLING, others) == said


def test_every_command_takes_a_permission_but_help() -> None:
    assert HELP.keys() - NEEDS.keys() == {"help"}


@pytest.mark.parametrize(
    ("text", "status", "needs"),
    [
        ("#hold parts", Status.OPEN, {WRITE}),
        ("#resolve", Status.OPEN, {RESOLVE}),
        ("#status closed", Status.RESOLVED, {WRITE, RESOLVE}),  # by another name
        ("#resume", Status.RESOLVED, {WRITE, RESOLVE}),  # opens it again
        ("#resume", Status.ON_HOLD, {WRITE}),
        ("#escalate blocker=x owner=y eta=z", Status.OPEN, {Permission.ESCALATE}),
        (
            "#assign me\n#escalate blocker=x owner=y eta=z\n#close resolved",
            Status.OPEN,
            {WRITE, Permission.ESCALATE, RESOLVE},
        ),
        ("#help", Status.OPEN, set()),
        ("words", Status.OPEN, set()),
    ],
)
def test_what_an_order_takes(text: str, status: Status, needs: set[Permission]) -> None:
    ticket = Ticket(number=1, status=status, resolution_code="resolved")
    order = read_order(text, ticket, agent=ANNA, agents=frozenset({ANNA}))
    assert (order.problems, set(order.needs)) == ((), needs)
