"""Runs the tests that stand beside the rules: each is a mail, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from maild.app.desk import Desk
from maild.bootstrap.deciding import decide_raw
from maild.bootstrap.desk import make_desk
from maild.bootstrap.routing import RuleTest, rule_tests
from maild.config.model import Config
from maild.mail import read_mail
from maild.routing.conditions import asks_for_reply
from maild.routing.decision import Decision

# A Monday in working hours, in the desk's zone: when a mail without a Date arrives, so that a test says
# the same on every day.
_MONDAY = datetime(2026, 1, 5, 10, 0)  # noqa: DTZ001  # the zone is the desk's


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What came out otherwise than expected."""

    field: str
    expected: str
    got: str

    @property
    def words(self) -> str:
        """The same as a sentence."""
        return f"{self.field} is {self.got or 'not set'}, expected {self.expected or 'none'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One test that was run."""

    rule: str
    number: int  # of the rule's tests, from 1
    where: str  # FILE:LINE of the rule
    subject: str  # of the mail
    faults: tuple[Fault, ...]
    why: tuple[str, ...]  # of the decision


def run_suite(config: Config) -> list[Checked]:
    """Every test in the order of the rules. Raises OSError when the file of a mail has gone."""
    desk = make_desk(config)
    checked: list[Checked] = []
    number, rule = 0, ""
    for test in rule_tests(config):
        number, rule = number + 1 if test.rule == rule else 1, test.rule
        checked.append(_run(test, number, desk))
    return checked


def _run(test: RuleTest, number: int, desk: Desk) -> Checked:
    at = read_mail(test.mail).date or _MONDAY.replace(tzinfo=desk.zone)
    decided = decide_raw(test.mail, desk, at.astimezone(UTC), reply=_is_for_replies(test.rule, desk))
    return Checked(
        rule=test.rule,
        number=number,
        where=test.where,
        subject=decided.facts.subject,
        faults=_faults(test.expect, decided.decision),
        why=decided.decision.why,
    )


def _is_for_replies(name: str, desk: Desk) -> bool:
    """Tests of a rule for replies are replies."""
    return any(asks_for_reply(rule.when) for rule in desk.router.rules if rule.name == name)


def _faults(expect: Mapping[str, object], decision: Decision) -> tuple[Fault, ...]:
    hits = frozenset(hit.rule for hit in decision.hits)
    faults = []
    for field, wanted in expect.items():
        if field == "rules":
            bad = [name for name in _texts(wanted) if name not in hits]
            fault = Fault(field="rules", expected=", ".join(_texts(wanted)), got=", ".join(sorted(hits)))
        elif field == "no_rules":
            bad = [name for name in _texts(wanted) if name in hits]
            fault = Fault(field="rules", expected=f"not {', '.join(bad)}", got=", ".join(sorted(hits)))
        elif field == "tags":
            bad = sorted(set(_texts(wanted)) ^ set(decision.tags))
            fault = Fault(field="tags", expected=" ".join(sorted(_texts(wanted))), got=" ".join(decision.tags))
        else:
            got = getattr(decision, field)
            bad = [field] if _same(got) != _same(wanted) else []
            fault = Fault(field=field.replace("_", " "), expected=_shown(wanted), got=_shown(got))
        if bad:
            faults.append(fault)
    return tuple(faults)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple | list) else (str(value),)


def _same(value: object) -> object:
    """Names and addresses are compared without regard to case."""
    return value.casefold() if isinstance(value, str) else value


def _shown(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
