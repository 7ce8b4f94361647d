"""Checks of rules: names that must exist, conditions that never hold, actions that contradict each other, tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from maild.config.faults import nearest
from maild.config.lines import KeyPath
from maild.config.problems import Problems
from maild.config.routing_names import RoutingNames
from maild.config.routing_tables import Expect, Rule, RuleTest, Then, When, is_mail
from maild.config.section import keys_of

_NO_TICKET = ("reject", "spam", "ignore")  # a mail that is none of a ticket is at most one of these


def check_rule(path: KeyPath, rule: Rule, names: RoutingNames, problems: Problems) -> None:
    """Note every fault of one rule; the paths of its tests' mails are absolute."""
    then = rule.then or Then()
    if rule.when is not None:
        _when((*path, "when"), rule.when, names, problems)
    _then((*path, "then"), then, names, problems)
    for i, test in enumerate(rule.test):
        _test((*path, "test", i), test, names, problems)
    if problems.has_in(path):
        return
    if not rule.stop and then == Then():
        text = 'the rule does nothing; add then = { queue = "..." }, say, or stop = true'
        problems.add((*path, "name"), text)
    ends = [key for key in _NO_TICKET if getattr(then, key)]
    if len(ends) > 1:
        problems.add((*path, "then", ends[1]), f"there is already {ends[0]}; keep one of {' and '.join(ends)}")
    if ends and rule.when is not None and rule.when.reply:
        text = f"a reply belongs to a ticket that is there; {ends[0]} is for rules without reply = true"
        problems.add((*path, "then", ends[0]), text)


def _when(path: KeyPath, when: When, names: RoutingNames, problems: Problems) -> None:
    others = names.others
    if not when.model_fields_set and not problems.has_in(path):
        problems.add(path, "there is no condition in it; add one, or leave it out")
    if when.language and importlib.util.find_spec("py3langid") is None:
        problems.add((*path, "language"), "there is no module py3langid; install maild[lang], or leave this out")
    for i, customer in enumerate(when.customer):
        others.customer((*path, "customer", i), customer, problems)
    for key, sort, known in (
        ("group", "group of organisations", others.groups),
        ("queue", "queue", others.queues),
        ("during", "calendar", others.calendars),
        ("outside", "calendar", others.calendars),
    ):
        for i, name in enumerate(getattr(when, key)):
            others.one((*path, key, i), sort, name, known, problems)
    for key, sort, known in (
        ("reason", "reason code", names.reasons),
        ("type", "type", names.types),
        ("case_type", "case type", names.case_types),
    ):
        for i, name in enumerate(getattr(when, key)):
            names.code((*path, key, i), sort, name, known, problems)
    for i, tag in enumerate(when.tag):
        # Agents may give a ticket any tag; only one that looks like another is a slip of the pen.
        near = None if tag in names.tags else nearest(tag, names.tags)
        if near:
            problems.add((*path, "tag", i), f"nothing has or gives the tag {tag!r}; did you mean {near}?")
    _never(path, when, problems)
    for key in ("all", "any", "none"):
        written = "not" if key == "none" else key
        for i, inner in enumerate(getattr(when, key)):
            _when((*path, written, i), inner, names, problems)


def _never(path: KeyPath, when: When, problems: Problems) -> None:
    """Conditions that no mail can fulfil together."""
    files = [key for key in ("attachment", "attachment_type", "attachment_over") if getattr(when, key)]
    if when.has_attachment is False and files:
        text = f"never holds together with {files[0]}; leave out one of the two"
        problems.add((*path, "has_attachment"), text)
    both = [name for name in when.during if name in when.outside]
    if both:
        problems.add((*path, "outside"), f"never holds together with during = {both[0]!r}; leave out one of the two")
    if when.score is not None:
        most = sum(points for points in when.score.words.values() if points > 0)
        if when.score.at_least > most:
            text = f"all words together come to {most} only; write at most that, or give them more"
            problems.add((*path, "score", "at_least"), text)


def _then(path: KeyPath, then: Then, names: RoutingNames, problems: Problems) -> None:
    others = names.others
    for key, known in (("queue", others.queues), ("team", others.teams), ("policy", others.policies)):
        others.one((*path, key), key, getattr(then, key) or None, known, problems)
    names.code((*path, "type"), "type", then.type, names.types, problems)
    names.code((*path, "case_type"), "case type", then.case_type, names.case_types, problems)
    names.code((*path, "reason"), "reason code", then.reason, names.reasons, problems)
    if then.skill and not names.skills:
        problems.add((*path, "skill"), f'no agent has skills; add skills = ["{then.skill}"] to [[agent]]')
    others.one((*path, "skill"), "skill", then.skill or None, names.skills or [then.skill], problems)
    others.recipients((*path, "notify"), then.notify, problems)
    if "@" in then.assignee:
        others.agent((*path, "assignee"), then.assignee, problems)
    if then.assign == "fixed" and not then.assignee:
        problems.add((*path, "assign"), "which agent is fixed? Add assignee, with an agent's address")
    elif then.assign not in ("", "fixed") and then.assignee:
        problems.add((*path, "assign"), "there is already assignee, who gets it; keep one of the two")


def _test(path: KeyPath, test: RuleTest, names: RoutingNames, problems: Problems) -> None:
    others, expect = names.others, test.expect
    if not is_mail(test.mail):
        _mail((*path, "mail"), Path(test.mail), problems)
    at: KeyPath = (*path, "expect")
    if not expect.model_fields_set and not problems.has_in(path):
        text = f'it expects nothing; write expect = {{ queue = "..." }}, or one of {", ".join(keys_of(Expect))}'
        problems.add(at, text)
    for key, known in (("queue", others.queues), ("policy", others.policies)):
        others.one((*at, key), key, getattr(expect, key) or None, known, problems)
    names.code((*at, "reason"), "reason code", expect.reason or "", names.reasons, problems)
    names.code((*at, "type"), "type", expect.type or "", names.types, problems)
    names.code((*at, "case_type"), "case type", expect.case_type or "", names.case_types, problems)
    for key in ("rules", "no_rules"):
        for i, rule in enumerate(getattr(expect, key) or ()):
            others.one((*at, key, i), "rule", rule, names.rules, problems)
    for i, rule in enumerate(expect.no_rules or ()):
        if rule in (expect.rules or ()):
            problems.add((*at, "no_rules", i), f"{rule} is also in rules; keep it in one of them")


def _mail(path: KeyPath, file: Path, problems: Problems) -> None:
    """The file of a test's mail can be read."""
    try:
        with file.open("rb"):
            return
    except FileNotFoundError:
        near = nearest(file.name, _names_in(file.parent))
        hint = f"did you mean {near}?" if near else "a path is relative to this file"
        problems.add(path, f"there is no file {file}; {hint}")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = error.strerror if isinstance(error, OSError) else error
        problems.add(path, f"cannot read {file}: {why}; name a file with one mail")


def _names_in(folder: Path) -> Sequence[str]:
    try:
        return [file.name for file in folder.iterdir()]
    except OSError:
        return []
