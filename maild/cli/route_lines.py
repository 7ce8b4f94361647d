"""Shows a decision of routing to people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from maild.bootstrap.trying import becomes
from maild.cli.terminal import clean, say, table
from maild.routing.decision import Decision, Tried

_VALUES = {  # what a decision has, and how it is called here
    "queue": "queue",
    "team": "team",
    "assignee": "assignee",
    "assign": "assigned by",
    "skill": "skill",
    "priority": "priority",
    "type": "type",
    "case_type": "case type",
    "reason": "reason",
    "tags": "tags",
    "policy": "policy",
    "template": "letter",
    "asks": "asks for",
    "notify": "also tells",
    "hold": "on hold",
    "notes": "note",
    "webhooks": "webhook",
}


def tell_decision(decision: Decision) -> None:
    """The values that were decided, one a line, then the reasons."""
    word = becomes(decision)
    if word != "ticket":
        _line("becomes", f"{word}, no ticket" + (f': "{decision.reject}"' if decision.reject else ""))
    for key, name in _VALUES.items():
        value = getattr(decision, key) if key != "webhooks" else _hosts(decision)
        if value:
            _line(name, value if isinstance(value, str) else ", ".join(value))
    tell_why(decision.why)


def tell_why(why: Iterable[str]) -> None:
    """Reasons, one a line."""
    for number, line in enumerate(filter(None, why)):
        say(clean(f"  {'' if number else 'why:':13}{line}"))


def tell_rules(tried: Sequence[Tried]) -> None:
    """Every rule in order: whether it hit, why, what it gave."""
    if not tried:
        say("  there are no rules")
        return
    rows = [("hit" if t.hit else "missed", t.rule, t.why, ", ".join(t.gave), t.where) for t in tried]
    table(("", "rule", "why", "gave", "where"), rows, styles=["green" if t.hit else "dim" for t in tried])


def document(decision: Decision, tried: Sequence[Tried]) -> dict[str, object]:
    """The same under fixed keys."""
    facts = asdict(decision)
    del facts["hits"]
    facts["webhooks"] = _hosts(decision)
    return {"becomes": becomes(decision), **facts, "rules": [asdict(each) for each in tried]}


def _hosts(decision: Decision) -> tuple[str, ...]:
    """Where webhooks go; the rest of their addresses may be a secret."""
    return tuple(url.partition("//")[2].partition("/")[0] for url in decision.webhooks)


def _line(name: str, value: str) -> None:
    say(clean(f"  {name + ':':13}{value}"))
