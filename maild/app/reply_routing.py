"""Carries out what the rules for replies say of a mail that joins a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from maild.app.assign import Asked, assign
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.prepare import Prepared
from maild.app.recipients import is_still_theirs, recipients_of
from maild.app.route_again import route_again
from maild.app.routed import act, decide, fixed_assignee, in_short, sorted_fields
from maild.app.routing_facts import facts_of
from maild.routing.decision import Decision
from maild.tickets.by_hand import is_lower, priority_by_hand
from maild.tickets.events import EventKind
from maild.tickets.model import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedReply:
    """What came of it."""

    why: tuple[str, ...] = ()
    in_short: str = ""
    also: tuple[str, ...] = ()  # whom rules want to be told beside the agents


def route_reply(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> RoutedReply:
    """Sort the ticket by the rules for replies; a desk without any pays nothing for it."""
    desk, row, before = letters.desk, prepared.row, ledger.ticket(number)
    if not desk.routes_replies:
        return RoutedReply()
    facts = facts_of(prepared, desk, ticket=before)
    decision = decide(facts, desk)
    if not decision.hits and decision.reason in ("", before.reason_code):
        return RoutedReply(why=decision.why)
    fields, why = sorted_fields(decision, facts, desk)
    changed = _changed(fields, decision, before)
    # History is given to nobody.
    assignee, why_assigned = ("", []) if row.silent else fixed_assignee(decision, facts, before, desk)
    if assignee and assignee != before.assignee:
        changed["assignee"] = assignee
    elif not assignee and before.assignee and _takes_away(changed, before, desk):
        changed["assignee"] = ""
    if "priority" in changed and is_lower(changed["priority"], before.priority):
        by_hand = priority_by_hand([*ledger.unit.events(number), *ledger.new_events.get(number, ())])
        if is_lower(changed["priority"], by_hand):
            del changed["priority"]
            why.append(f"priority {before.priority} stays: a person set {by_hand}")
    if changed:
        rules = {"rule": ", ".join(tried.rule for tried in decision.hits)} if decision.hits else {}
        ledger.record(
            number, EventKind.SET, at=row.received_at, actor="system", mail=row.id, facts={**changed, **rules}
        )
    if decision.reject or decision.spam or decision.ignore:
        why.append("a rule would turn it away, but it belongs to a ticket")
    act(decision, number, prepared, ledger, letters)
    if "reason_code" in changed:
        why.append(
            route_again(
                number,
                ledger,
                letters,
                mail=row.id,
                at=row.received_at,
                keep=changed.keys() if assignee else changed.keys() - {"assignee"},
                silent=row.silent,
                tell=False,  # the notification of the reply goes to whoever has the ticket then
            )
        )
        # It has chosen already, or let the ticket wait, unless the reply itself brought all that changed.
        is_open = not ledger.ticket(number).assignee and not ledger.changes.awaiting.get(number)
    else:
        is_open = bool({"queue", "team"} & changed.keys() or decision.assign)
    if is_open and not assignee and not row.silent:
        asked = Asked(strategy=decision.assign, skill=decision.skill)
        why += assign(number, asked, ledger, desk, at=row.received_at, mail=row.id)
    return RoutedReply(
        why=(*decision.why, *why, *why_assigned),
        in_short=in_short(decision),
        also=tuple(recipients_of(decision.notify, ledger.ticket(number), desk)),
    )


def _changed(fields: dict[str, str], decision: Decision, before: Ticket) -> dict[str, str]:
    """What of a decision is new to the ticket: tags add up, everything else takes another's place."""
    tags = " ".join(dict.fromkeys((*before.tags.split(), *decision.tags)))
    wanted = {name: value for name, value in fields.items() if name not in ("branch", "language")} | {"tags": tags}
    return {name: value for name, value in wanted.items() if value != getattr(before, name)}


def _takes_away(changed: Mapping[str, str], before: Ticket, desk: Desk) -> bool:
    """Whether the ticket goes to people of whom its assignee is none: they must hear of the reply."""
    if not {"queue", "team"} & changed.keys():
        return False
    moved = replace(before, queue=changed.get("queue", before.queue), team=changed.get("team", before.team))
    return not is_still_theirs(moved, desk)
