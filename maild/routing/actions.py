"""Carries out what a rule does when it hits, and says what of it was new."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from maild.routing.named import Named
from maild.routing.rules import Rule, Then
from maild.routing.trial import Trial

# Fields of `Then` with one value: the first rule that gives one is the one that counts.
SINGLE = (
    "queue",
    "team",
    "assignee",
    "assign",
    "skill",
    "priority",
    "urgency",
    "impact",
    "type",
    "case_type",
    "reason",
    "policy",
    "template",
    "hold",
    "reject",
)


def singles(then: Then) -> tuple[tuple[str, str], ...]:
    """The fields with one value that are given, worked out once for thousands of mails."""
    return tuple((field, value) for field in SINGLE if (value := getattr(then, field)))


def carry_out(rule: Rule, given: tuple[tuple[str, str], ...], held: str, trial: Trial) -> tuple[str, ...]:
    """Sets on the trial what no rule above has set; returns it in words, such as "queue billing".

    `given` are the `singles` of the rule.
    """
    gave = tuple(_carry_out(rule, given, held, trial))
    if gave:
        trial.changed()
    return gave


def _carry_out(rule: Rule, given: tuple[tuple[str, str], ...], held: str, trial: Trial) -> Iterator[str]:
    then, source = rule.then, f"rule {rule.name}"
    for field, value in given:
        if field not in trial.set and not trial.said(field):
            # The line of the queue says what held; the others need not repeat what stands in the line of the rule.
            trial.set[field] = Named(value, source, f"{source} ({held})" if field == "queue" else source)
            yield f"{field.replace('_', ' ')} {value}"
    for field, is_set in (("spam", then.spam), ("ignore", then.ignore)):
        if is_set and field not in trial.set:
            trial.set[field] = Named("yes", source, source)
            yield field
    if then.raised:
        trial.steps += then.raised
        yield f"priority {'raised' if then.raised > 0 else 'lowered'} by {abs(then.raised)}"
    for tag in then.tags:
        if tag not in trial.tags and tag not in trial.facts.ticket_tags:
            trial.tags[tag] = None
            yield f"tag {tag}"
    for person in then.notify:
        if person not in trial.notify:
            trial.notify[person] = None
            yield f"notify {person}"
    if then.note:
        trial.notes.append(then.note)
        yield "a note"
    if then.webhook and then.webhook not in trial.webhooks:
        trial.webhooks[then.webhook] = None
        # Letters and traces show it, and what stands behind the host may be a secret.
        yield f"webhook {urlsplit(then.webhook).netloc}"
