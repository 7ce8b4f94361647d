"""Who gets a ticket: tables of small cases, and the laws of sharing out."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.routing.assignment import WEIGHTS, Candidate, Choice, Wish, choose_agent

ROUND_ROBIN, LEAST_LOADED = Wish(strategy="round_robin"), Wish(strategy="least_loaded")


def agent(name: str, **facts: object) -> Candidate:
    return Candidate(address=f"{name}@staff.example", **facts)  # type: ignore[arg-type]


def chosen(wish: Wish, *candidates: Candidate) -> str:
    return choose_agent(wish, candidates).agent.partition("@")[0]


ANNA, BEN, CARA = agent("anna", turn=3), agent("ben", turn=1), agent("cara", turn=2)


@pytest.mark.parametrize(
    ("wish", "candidates", "expected"),
    [
        (Wish(), [ANNA, BEN], ""),
        (Wish(strategy="fixed"), [ANNA, BEN], ""),
        (Wish(strategy="fixed", fixed="Anna@Staff.example"), [ANNA, BEN], "anna"),
        (Wish(strategy="fixed", fixed="anna@staff.example"), [replace(ANNA, types=frozenset({"other"}))], "anna"),
        (Wish(strategy="fixed", fixed="anna@staff.example"), [replace(ANNA, absent="today"), BEN], ""),
        (ROUND_ROBIN, [ANNA, BEN, CARA], "ben"),
        (ROUND_ROBIN, [agent("new"), BEN], "new"),
        (ROUND_ROBIN, [agent("one"), agent("two")], "one"),
        (ROUND_ROBIN, [ANNA, replace(BEN, absent="until Monday"), CARA], "cara"),
        (ROUND_ROBIN, [ANNA, replace(BEN, off_shift="until 9:00"), CARA], "cara"),
        (ROUND_ROBIN, [ANNA, replace(BEN, open=5, capacity=5), CARA], "cara"),
        (ROUND_ROBIN, [ANNA, replace(BEN, open=4, capacity=5), CARA], "ben"),
        (LEAST_LOADED, [replace(ANNA, load=1), replace(BEN, load=8), replace(CARA, load=2)], "anna"),
        (LEAST_LOADED, [ANNA, BEN, CARA], "ben"),
        (replace(ROUND_ROBIN, last_agent="anna@staff.example"), [ANNA, BEN], "anna"),
        (replace(ROUND_ROBIN, last_agent="anna@staff.example"), [replace(ANNA, absent="today"), BEN], "ben"),
        (replace(ROUND_ROBIN, last_agent="gone@staff.example"), [ANNA, BEN], "ben"),
    ],
)
def test_strategies(wish: Wish, candidates: list[Candidate], expected: str) -> None:
    assert chosen(wish, *candidates) == expected


@pytest.mark.parametrize(
    ("wanted", "can", "fits"),
    [
        ({"skill": "Hydraulics"}, {"skills": {"hydraulics"}}, True),
        ({"skill": "hydraulics"}, {}, False),
        ({"language": "de"}, {"languages": {"en"}}, False),
        ({"language": "de"}, {"languages": {"en", "de"}}, True),
        ({"language": "de"}, {}, True),
        ({}, {"languages": {"en"}}, True),
        ({"type": "incident"}, {"types": {"warranty"}}, False),
        ({"type": "incident", "case_type": "warranty"}, {"types": {"warranty"}}, True),
        ({}, {"types": {"warranty"}}, False),
        ({"customer": "ACME"}, {"customers": {"acme"}}, True),
        ({"customer": "ACME", "groups": frozenset({"Gold"})}, {"customers": {"gold"}}, True),
        ({"customer": "Other"}, {"customers": {"acme"}}, False),
        ({}, {"customers": {"acme"}}, False),
        ({"priority": "high"}, {"priorities": {"high", "critical"}}, True),
        ({"priority": "low"}, {"priorities": {"high"}}, False),
    ],
)
def test_who_can_do_what(wanted: dict[str, str], can: dict[str, set[str]], fits: bool) -> None:
    wish = replace(ROUND_ROBIN, **wanted)  # type: ignore[arg-type]
    one = agent("one", **{name: frozenset(words) for name, words in can.items()})
    assert (chosen(wish, one) == "one") is fits


def test_everybody_who_is_left_out_is_named_with_the_reason() -> None:
    wish = replace(ROUND_ROBIN, language="fr")
    english = frozenset({"en"})
    candidates = (
        agent("anna", languages=english),
        agent("ben", languages=english),
        agent("cara", open=5, capacity=5),
        agent("dora", absent="until 2026-03-05"),
    )
    assert choose_agent(wish, candidates) == Choice(
        "",
        (
            "not to anna@staff.example, ben@staff.example: the language fr is not theirs",
            "not to cara@staff.example: at capacity, 5 of 5",
            "not to dora@staff.example: absent until 2026-03-05",
            "assigned to nobody yet: no agent can take it now",
        ),
        waits=True,
    )


def test_a_ticket_waits_only_when_a_strategy_wants_somebody() -> None:
    assert choose_agent(ROUND_ROBIN, ()).waits
    assert not choose_agent(Wish(), (BEN,)).waits


WORKING = st.builds(
    agent,
    st.sampled_from("abcdefgh"),
    absent=st.sampled_from(["", "", "", "until Monday"]),
    off_shift=st.sampled_from(["", "", "", "until Monday"]),
    capacity=st.sampled_from([None, None, 3]),
    open=st.integers(0, 4),
    turn=st.integers(0, 9),
    load=st.integers(0, 20),
    skills=st.sampled_from([frozenset[str](), frozenset({"x"})]),
    languages=st.sampled_from([frozenset[str](), frozenset({"en"}), frozenset({"de"})]),
)
POOLS = st.lists(WORKING, max_size=8, unique_by=lambda each: each.address)
WISHES = st.builds(
    Wish,
    strategy=st.sampled_from(["round_robin", "least_loaded"]),
    skill=st.sampled_from(["", "x"]),
    language=st.sampled_from(["", "en"]),
    last_agent=st.sampled_from(["", "a@staff.example"]),
)


@given(st.integers(1, 8), st.integers(0, 60))
def test_round_robin_gives_everybody_as_many_as_the_others_or_one_more(agents: int, tickets: int) -> None:
    pool = {f"a{n}": agent(f"a{n}") for n in range(agents)}
    given_to: Counter[str] = Counter()
    for turn in range(1, tickets + 1):
        name = chosen(ROUND_ROBIN, *pool.values())
        given_to[name] += 1
        pool[name] = replace(pool[name], turn=turn)
    assert {given_to[name] for name in pool} <= {tickets // agents, -(-tickets // agents)}


@given(st.integers(1, 6), st.lists(st.sampled_from(list(WEIGHTS.values())), max_size=60))
def test_the_least_loaded_never_differ_by_more_than_the_heaviest_ticket(agents: int, weights: list[int]) -> None:
    pool = {f"a{n}": agent(f"a{n}") for n in range(agents)}
    for turn, weight in enumerate(weights, 1):
        name = chosen(LEAST_LOADED, *pool.values())
        pool[name] = replace(pool[name], turn=turn, load=pool[name].load + weight)
    loads = [each.load for each in pool.values()]
    assert max(loads) - min(loads) <= max(weights, default=0)


@given(WISHES, POOLS)
def test_whoever_is_left_out_is_never_chosen(wish: Wish, pool: list[Candidate]) -> None:
    choice = choose_agent(wish, pool)
    left_out = {each for line in choice.why[:-1] for each in line.removeprefix("not to ").split(": ")[0].split(", ")}
    assert choice.agent not in left_out
    assert left_out | {choice.agent} - {""} <= {each.address for each in pool}
    assert bool(choice.agent) is (len(left_out) < len(pool))
    assert choice.waits is not bool(choice.agent)
    for each in pool:
        if each.absent or each.off_shift or (each.capacity is not None and each.open >= each.capacity):
            assert each.address in left_out


@given(WISHES, POOLS, st.randoms())
def test_the_order_of_agents_decides_only_ties(wish: Wish, pool: list[Candidate], chance: object) -> None:
    different = [replace(each, turn=turn) for turn, each in enumerate(pool)]
    other = list(different)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert choose_agent(wish, different).agent == choose_agent(wish, other).agent
