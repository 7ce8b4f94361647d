"""Memory of a process that runs for months."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from maild.bootstrap.memory import give_back_large_blocks, spare_the_collector


@pytest.fixture
def collector() -> Iterator[None]:
    """Put back after the test."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("collector")
def test_what_is_there_at_the_start_is_looked_at_no_more_and_later_cycles_are_still_found() -> None:
    gc.disable()
    spare_the_collector()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1


def test_a_system_whose_c_library_has_no_such_knob_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    give_back_large_blocks()
