"""Asks routing about a mail that did not come through a door: for trials and tests of rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from maild.app.arrival import Door
from maild.app.desk import Desk
from maild.app.prepare import Prepared, prepare
from maild.app.routed import decide
from maild.app.routing_facts import facts_of
from maild.app.work import Claimed
from maild.confined.opening import open_package
from maild.routing.decision import Decision
from maild.routing.facts import MailFacts
from maild.threading.glance import glance


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A mail, what rules may ask of it, and what came of it."""

    prepared: Prepared
    facts: MailFacts
    decision: Decision


def as_claimed(raw: bytes, at: datetime) -> Claimed:
    """The mail as if it had arrived then, with nobody knowing its envelope."""
    message_id, hint = glance(raw)
    return Claimed(
        id=0,
        door=Door.PIPE,
        raw=raw,
        received_at=at,
        envelope_from=None,
        envelope_to=(),
        message_id=message_id,
        thread_hint=hint,
        silent=False,
        handling="normal",
        attempts=1,
    )


def decide_raw(raw: bytes, desk: Desk, at: datetime, *, reply: bool = False) -> Decided:
    """What routing would say of a mail that arrives then; `reply`: on a ticket of which nothing is known."""
    prepared = prepare(as_claimed(raw, at), desk, open_package)
    facts = replace(facts_of(prepared, desk), is_reply=reply)
    return Decided(prepared=prepared, facts=facts, decision=decide(facts, desk))
