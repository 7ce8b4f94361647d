"""Ingest and a door in one process share it: ingest stands back before each group, but never starves."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from maild.testing.conversation import START, Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.mails import new_mail


def patience_with_the_door(talk: Conversation, tick: timedelta) -> list[timedelta]:
    """What ingest leaves to the door before each of its groups, when looking at the clock takes a tick."""
    left: list[timedelta] = []
    looks = 0

    def clock() -> datetime:
        nonlocal looks
        looks += 1
        return START + looks * tick

    def stand_back(most: timedelta) -> bool:
        left.append(most)
        return True

    for number in range(3):
        talk.accept(new_mail(f"Question {number}"))
    assert replace(talk.parts.ingest, group=1, clock=clock, stand_back=stand_back).run() == 3
    return left


@pytest.fixture
def talk(sqlite_copies: SqliteCopies, tmp_path: Path) -> Conversation:
    return Conversation(sqlite_copies.make(tmp_path), tmp_path)


def test_ingest_leaves_the_door_as_much_time_as_the_last_group_took(talk: Conversation) -> None:
    first, *later = patience_with_the_door(talk, timedelta(milliseconds=20))
    assert first == timedelta(milliseconds=20)
    assert [timedelta(milliseconds=40) <= left <= timedelta(milliseconds=200) for left in later] == [True] * 3


def test_slow_groups_do_not_make_ingest_wait_for_long(talk: Conversation) -> None:
    assert max(patience_with_the_door(talk, timedelta(seconds=10))) == timedelta(milliseconds=500)


@pytest.mark.parametrize(("quiet", "groups"), [(True, [30]), (False, [25, 5])])
def test_beside_a_busy_door_groups_are_smaller(talk: Conversation, quiet: bool, groups: list[int]) -> None:
    done = [0]

    def stand_back(_most: timedelta) -> bool:
        done.append(sum(one.state == "done" for one in talk.settled()))
        return quiet

    for number in range(30):
        talk.accept(new_mail(f"Question {number}"))
    assert replace(talk.parts.ingest, stand_back=stand_back).run() == 30
    assert [now - before for before, now in pairwise(done) if now > before] == groups
