"""`maild route explain`: why a ticket went where it is, and what today's rules would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated

import typer

from maild.app.desk import Desk
from maild.app.replay import Kept, mail_again, ready_again, sent_by_agent
from maild.app.routed import decide
from maild.app.routing_facts import facts_of
from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.route_lines import document, tell_decision, tell_rules, tell_why
from maild.cli.terminal import clean, print_json, say
from maild.errors import Permanent
from maild.routing.decision import Decision, Tried
from maild.store.kept_mails import load_kept
from maild.store.opening_mail import Opening, read_opening
from maild.store.reading import snapshot

# The fields that routing sets, as events name them.
_FIELDS = (
    "queue", "team", "assignee", "priority", "type", "case_type", "reason_code", "tags", "sla_policy", "branch"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What the rules of the moment say of the mail that opened the ticket."""

    decision: Decision
    tried: tuple[Tried, ...]


def explain(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="TICKET", help="The ticket's number.")],
    *,
    as_json: Json = False,
) -> None:
    """Explain why a ticket went where it is: what was decided when it came, then what today's rules would say.

    Example: maild route explain 42
    """
    config = read_config(ctx)
    desk = make_desk(config)
    database = open_existing(config)
    try:
        with snapshot(database) as connection:
            opening = read_opening(connection, number)
            if opening is None:
                raise Permanent(f"there is no ticket {number}")
            kept = list(load_kept(connection, [opening.inbox] if opening.inbox else []))
            today = _today(kept[0], desk) if kept else None
    finally:
        database.close()
    if as_json:
        print_json(_document(number, opening, today))
    else:
        _tell(number, opening, today, desk.zone)


def _today(kept: Kept, desk: Desk) -> Today:
    prepared = ready_again(kept, mail_again(kept), desk)
    facts = facts_of(prepared, desk, from_agent=sent_by_agent(prepared, desk))
    return Today(decision=decide(facts, desk), tried=desk.router.try_all(facts))


def _routed(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: facts[name] for name in _FIELDS if facts.get(name)}


def _tell(number: int, opening: Opening, today: Today | None, zone: tzinfo) -> None:
    say(clean(f"Ticket {number}: {opening.facts.get('subject', '')}"), style="bold")
    _line("came", f"{opening.at.astimezone(zone):%Y-%m-%d %H:%M}")
    for name, value in _routed(opening.facts).items():
        _line(name.replace("_", " "), str(value))
    tell_why(opening.why)
    for later in opening.since:
        changes = ", ".join(f"{name} {value or 'none'}" for name, value in later.facts.items() if name != "why")
        _line(f"{later.at.astimezone(zone):%m-%d %H:%M}", f"{later.facts.get('why') or changes}, by itself")
    say()
    if today is None:
        say("Today's rules cannot be asked: no mail that can still be read opened it")
        return
    say("Today's rules would say of the same mail:", style="bold")
    tell_decision(today.decision)
    tell_rules(today.tried)


def _line(name: str, value: str) -> None:
    say(clean(f"  {name + ':':13}{value}"))


def _document(number: int, opening: Opening, today: Today | None) -> dict[str, object]:
    return {
        "ticket": number,
        "inbox": opening.inbox,
        "at": opening.at,
        "opened_with": _routed(opening.facts),
        "why": opening.why,
        "set_later": [{"at": each.at, **each.facts} for each in opening.since],
        "today": document(today.decision, today.tried) if today else None,
    }
