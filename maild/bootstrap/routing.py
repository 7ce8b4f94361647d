"""Translates the tables of routing into rules, a catalogue, and branches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from maild.app.desk_structure import Branch
from maild.bootstrap.service_levels import make_calendars
from maild.config import routing_tables as tables
from maild.config.model import Config
from maild.config.routing_values import CHANGES
from maild.config.section import Section
from maild.config.values import unique
from maild.routing.built_in import built_in_catalogue, merged
from maild.routing.catalogue import Asked, Catalogue, Priorities, Reason, Sort
from maild.routing.router import Router
from maild.routing.rules import Rule, Score, Then, When
from maild.sla.calendar import is_one_open


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """A mail and what must come of it, as it stands beside a rule."""

    rule: str  # its name
    where: str  # FILE:LINE of the rule
    mail: bytes
    expect: Mapping[str, object]  # fields of Decision, and `rules` and `no_rules`; tuples are tuples of texts


def make_router(config: Config) -> Router:
    """The rules and the catalogue of a checked configuration."""
    is_open = partial(is_one_open, make_calendars(config))
    rules = tuple(_rule(each) for each in config.rule)
    return Router(rules, make_catalogue(config), is_open, ZoneInfo(config.desk.timezone))


def make_catalogue(config: Config) -> Catalogue:
    """Reason codes, types, case types and priorities: the configured ones, and the built-in ones behind them."""
    routing = config.routing
    own = Catalogue(
        reasons=tuple(_reason(each) for each in config.reason),
        types=tuple(_sort(each) for each in config.type),
        case_types=tuple(_sort(each) for each in config.case_type),
        priorities=Priorities(**dict(config.priority)),
        reason_header=routing.reason_header,
        type_header=routing.type_header,
    )
    built_in = built_in_catalogue()
    if not routing.built_in_reasons:
        built_in = replace(built_in, reasons=())
    if not routing.built_in_types:
        built_in = replace(built_in, types=(), case_types=())
    return merged(own, built_in)


def make_branches(config: Config) -> tuple[Branch, ...]:
    """Our places, and the customers that each looks after."""
    return tuple(
        Branch(name=each.name, manager=(each.manager or "").lower(), customers=each.customers, domains=each.domains)
        for each in config.branch
    )


def rule_tests(config: Config) -> tuple[RuleTest, ...]:
    """The tests that stand beside rules, with their mails read. Raises OSError when one has gone since `load`."""
    return tuple(
        RuleTest(rule=rule.name, where=rule.where, mail=_mail(test.mail), expect=_given(test.expect))
        for rule in config.rule
        for test in rule.test
    )


def _mail(text: str) -> bytes:
    return text.encode() if tables.is_mail(text) else Path(text).read_bytes()


def _given(table: Section) -> dict[str, Any]:
    """What the file says, without what it leaves out."""
    return {name: getattr(table, name) for name in type(table).model_fields if name in table.model_fields_set}


def _rule(table: tables.Rule) -> Rule:
    return Rule(
        name=table.name,
        when=_when(table.when or tables.When()),
        then=_then(table.then or tables.Then()),
        until=table.until,
        stop=table.stop,
        enabled=table.enabled,
        note=table.note,
        where=table.where,
    )


def _when(table: tables.When) -> When:
    given = _given(table)
    for key in ("all", "any", "none"):
        given[key] = tuple(_when(inner) for inner in getattr(table, key))
    if table.score is not None:
        given["score"] = Score(words=table.score.words, at_least=table.score.at_least)
    given["customer"] = tuple(name.lower() for name in table.customer)
    return When(**given)


def _then(table: tables.Then) -> Then:
    given = _given(table)
    raised = CHANGES.get(table.priority, 0)
    if raised:
        given |= {"priority": "", "raised": raised}
    given |= {"assignee": table.assignee.lower(), "notify": unique(table.notify)}
    return Then(**given)


def _reason(table: tables.Reason) -> Reason:
    asks = tuple(_asked(dict(each)) for each in table.asks)
    return Reason(**_given(table) | {"asks": asks})


def _asked(words: dict[str, str]) -> Asked:
    unless = words.pop("unless", "")
    return Asked(text={"en": next(iter(words.values()))} | words, unless=unless)


def _sort(table: tables.Sort) -> Sort:
    return Sort(**_given(table))
