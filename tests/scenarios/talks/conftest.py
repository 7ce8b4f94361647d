"""One running desk for all conversations of a module; at its end nothing is broken and nothing has leaked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from maild.testing.desk import Desk, SetUp, running_desk
from maild.testing.nursery import Nursery
from maild.testing.story import DESK, Story, leaks

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def desk(request: pytest.FixtureRequest, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A daemon with its doors and its relay; `MORE` of a module are further lines of its configuration."""
    settings = DESK + getattr(request.module, "MORE", "")
    with running_desk(tmp_path_factory.mktemp("desk"), SetUp(store="sqlite"), nursery, settings=settings) as running:
        yield running
        # A rating is asked for by the clock: what is under way at one look is done at the next.
        assert set(running.faults()).intersection(running.faults()) == set()
        assert leaks(running) == []


@pytest.fixture
def story(desk: Desk) -> Story:
    """A customer whom nobody knows yet."""
    return Story(desk, next(_NUMBERS))
