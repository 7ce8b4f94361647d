"""Makes a decision with its reasons of what the rules and the catalogue have said of a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maild.routing.catalogue import BRANCH_MANAGER, Asked
from maild.routing.decision import Decision, Tried
from maild.routing.named import Named
from maild.routing.priority import shifted
from maild.routing.trial import Trial

_NOBODY = Named()


def outcome(trial: Trial, hits: Sequence[Tried], missed: int, language: str) -> Decision:
    """Where the ticket goes; `missed` counts the rules that were tried in vain."""
    team, assignee, remark = _people(trial)
    asks = () if trial.facts.is_reply else tuple(_asks(trial, language))
    priority = trial.priority
    kept = {field: named.value for field, named in trial.set.items()}
    return Decision(
        queue=trial.queue.value,
        queue_source=trial.queue.source,
        team=team.value,
        team_source=team.source,
        assignee=assignee.value,
        assign=kept.get("assign", ""),
        skill=kept.get("skill", ""),
        priority=shifted(priority.value, trial.steps),
        priority_source=priority.source,
        type=trial.type.value,
        type_source=trial.type.source,
        case_type=trial.case_type.value,
        case_type_source=trial.case_type.source,
        reason=trial.reason.value,
        reason_source=trial.reason.source,
        asks=asks,
        tags=tuple(trial.tags),
        policy=kept.get("policy", ""),
        template=kept.get("template", ""),
        notify=tuple(trial.notify),
        hold=kept.get("hold", ""),
        reject=kept.get("reject", ""),
        spam="spam" in kept,
        ignore="ignore" in kept,
        notes=tuple(trial.notes),
        webhooks=tuple(trial.webhooks),
        hits=tuple(hits),
        why=(*_where(trial, team, assignee), *filter(None, (remark,)), *_what(trial), *_rules(hits, missed)),
    )


def _people(trial: Trial) -> tuple[Named, Named, str]:
    """Team and assignee; the manager of a branch is a person, also where a team is asked for.

    Third, in words, why the manager cannot be told.
    """
    team, assignee = trial.team, trial.set.get("assignee", _NOBODY)
    if team.value == BRANCH_MANAGER:
        team, assignee = _NOBODY, assignee if assignee.value else team
    if assignee.value == BRANCH_MANAGER and not trial.facts.branch_manager:
        of_branch = f"branch {trial.facts.branch}" if trial.facts.branch else "the customer's branch is not known"
        told = f"nobody is named for {of_branch}" if trial.facts.branch else of_branch
        return team, _NOBODY, f"no branch manager: {told} ({assignee.why})"
    return team, assignee, ""


def _asks(trial: Trial, language: str) -> Iterator[str]:
    reason = trial.codes.reasons.get(trial.reason.value)
    for asked in reason.asks if reason else ():
        if not _has(trial, asked):
            yield asked.text.get(language) or asked.text.get(language.partition("-")[0]) or asked.text.get("en", "")


def _has(trial: Trial, asked: Asked) -> bool:
    """Whether the mail brings already what would be asked for."""
    if asked.unless == "attachment":
        return bool(trial.facts.files)
    return bool(asked.unless) and any(reference.sort == asked.unless for reference in trial.facts.references)


def _where(trial: Trial, team: Named, assignee: Named) -> Iterator[str]:
    """Where it goes, a line for each step."""
    queue = trial.queue
    if queue.source not in {"address", "ticket"}:
        yield f"queue {queue.value}: {queue.why}"
    elif queue.why:
        yield queue.why
    if team.value:
        yield f"team {team.value}: {team.why}"
    if assignee.value:
        yield f"assignee {assignee.value.replace('_', ' ')}: {assignee.why}"


def _what(trial: Trial) -> Iterator[str]:
    """What it is."""
    for name, named in (("reason", trial.reason), ("type", trial.type), ("case type", trial.case_type)):
        if named.value and named.source != "ticket":
            yield f"{name} {named.value}: {named.why}"
    yield from trial.remarks
    priority = trial.priority
    if priority.source not in {"default", "ticket"}:
        yield f"priority {priority.value}: {priority.why}"
    if (now := shifted(priority.value, trial.steps)) != priority.value:
        yield f"priority {now}: {'raised' if trial.steps > 0 else 'lowered'} from {priority.value} by rules"


def _rules(hits: Sequence[Tried], missed: int) -> Iterator[str]:
    """Which rules hit and why, and how many did not."""
    for hit in hits:
        yield f"rule {hit.rule}: {hit.why}; gave {', '.join(hit.gave) or 'nothing that was not decided before'}"
    if missed:
        yield f"{missed} other rule{'s' if missed > 1 else ''} did not hit"
