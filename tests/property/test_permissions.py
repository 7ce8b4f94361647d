"""Laws of permissions: roles only give, limits only take, and a refusal names only those who may."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from maild.tickets.permissions import Held, Permission, Person, Role, may

NAMES = st.frozensets(st.sampled_from("abc"), max_size=2)
PERMISSIONS = st.frozensets(st.sampled_from(Permission))
ROLES = st.builds(Role, name=st.sampled_from("xyz"), permissions=PERMISSIONS, queues=NAMES, teams=NAMES)
PEOPLE = st.builds(
    Person,
    address=st.sampled_from(["a@x.example", "b@x.example", "c@x.example"]),
    roles=st.lists(ROLES, max_size=3).map(tuple),
    queues=NAMES,
    teams=NAMES,
)
TICKETS = st.builds(
    Held,
    queue=st.sampled_from("abcd"),
    team=st.sampled_from(["", "a", "b"]),
    assignee=st.sampled_from(["", "a@x.example", "b@x.example"]),
)
WANTED = st.sampled_from(Permission)


@given(PEOPLE, ROLES, WANTED, TICKETS)
def test_a_further_role_takes_nothing_away(person: Person, role: Role, wanted: Permission, ticket: Held) -> None:
    if not may(person, wanted, ticket):
        assert not may(replace(person, roles=(*person.roles, role)), wanted, ticket)


@given(PEOPLE, WANTED, TICKETS)
def test_without_limits_nothing_less_is_allowed(person: Person, wanted: Permission, ticket: Held) -> None:
    free = replace(
        person,
        queues=frozenset(),
        teams=frozenset(),
        roles=tuple(replace(role, queues=frozenset(), teams=frozenset()) for role in person.roles),
    )
    if not may(person, wanted, ticket):
        assert not may(free, wanted, ticket)
    assert (may(free, wanted, ticket) == "") is any(wanted in role.permissions for role in person.roles)


@given(PEOPLE, st.lists(PEOPLE, max_size=4, unique_by=lambda one: one.address), WANTED, TICKETS)
def test_a_refusal_names_exactly_those_who_may(
    person: Person, others: list[Person], wanted: Permission, ticket: Held
) -> None:
    if said := may(person, wanted, ticket, others):
        named = said.partition("; who may: ")[2]
        assert named == ", ".join(other.address for other in others if not may(other, wanted, ticket))
