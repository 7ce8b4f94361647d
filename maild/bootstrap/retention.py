"""Joins what lets go of old mails with the store and the policy of [retention]."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from maild.app.ports import Log
from maild.app.retention import Retention, What
from maild.clock import Clock
from maild.config.model import Config
from maild.store.engine import Database
from maild.store.retention import StoredKept


def kept_for(config: Config) -> dict[What, timedelta]:
    """How long what is kept; 0 is for ever."""
    return {what: getattr(config.retention, what.value) for what in What}


def make_retention(
    config: Config,
    database: Database,
    *,
    clock: Clock,
    log: Log,
    busy: Callable[[], bool],
    stopping: Callable[[], bool],
) -> Retention:
    """The use case on the configured store."""
    kept = StoredKept(database)
    return Retention(kept=kept, ages=kept_for(config), clock=clock, log=log, busy=busy, stopping=stopping)
