"""Facts of mails, for tests of rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from maild.routing.facts import FileFacts, MailFacts, Reference

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_A_MAIL = MailFacts(
    recipients=("support@example.com",),
    own_recipients=("support@example.com",),
    queue="support",
    queue_why="queue support: it was sent to support@example.com",
    sender="kim@customer.example",
    at=MONDAY_MORNING,
)


def facts(**known: Any) -> MailFacts:  # the fields of MailFacts, which says their types
    """A mail of Kim Kunde to the queue support, on a Monday morning, with what is `known` of it besides.

    Its recipients are ours.
    """
    if "recipients" in known:
        known.setdefault("own_recipients", known["recipients"])
    return replace(_A_MAIL, **known)


def file(name: str, type_: str = "application/octet-stream", size: int = 1000) -> FileFacts:
    """An attachment."""
    return FileFacts(name=name, type=type_, size=size)


def reference(sort: str, key: str = "A-1", **known: str) -> Reference:
    """Something that the mail names, with what a directory says of it."""
    return Reference(sort=sort, key=key, facts=known)
