"""`maild sla policies`: which policy tickets get, and what it promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import typer

from maild.app.desk import Desk
from maild.app.desk_structure import Organisation
from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.options import Json
from maild.cli.terminal import print_json, say, table
from maild.config.faults import nearest
from maild.config.level_values import read_priority
from maild.config.values import write_duration
from maild.sla.policies import Choice, Subject, choose
from maild.sla.terms import LABELS, ClockKind, Terms
from maild.tickets.priorities import PRIORITIES


def policies(
    ctx: typer.Context,
    *,
    queue: Annotated[str, typer.Option(metavar="NAME", help="Only this queue.")] = "",
    customer: Annotated[str, typer.Option(metavar="NAME", help="An organisation, or an address of one.")] = "",
    kind: Annotated[str, typer.Option("--type", metavar="TYPE", help="A ticket's type or case type.")] = "",
    priority: Annotated[str, typer.Option(metavar="PRIORITY", help="Only this priority.")] = "",
    as_json: Json = False,
) -> None:
    """Show which policy the tickets of each queue and priority get, its calendar and its targets.

    With a queue and a priority also why; with --json one object a line.

    Example: maild sla policies --queue support --customer Acme --priority high
    """
    desk = make_desk(read_config(ctx))
    if queue and queue not in {each.name for each in desk.queues}:
        raise typer.BadParameter(_no("queue", queue, [each.name for each in desk.queues]), param_hint="--queue")
    try:
        priorities = (read_priority(priority),) if priority else PRIORITIES[::-1]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--priority") from None
    found = list(_choices(desk, queue, _organisation(desk, customer), kind, priorities))
    if as_json:
        for subject, choice in found:
            print_json(_as_json(subject, choice))
        return
    table(
        ["queue", "priority", "policy", "calendar", *LABELS.values()],
        [[subject.queue, subject.priority, *_cells(_terms(subject, choice))] for subject, choice in found],
    )
    if queue and priority:
        say()
        for reason in found[0][1].why:
            say(reason)


def _organisation(desk: Desk, customer: str) -> Organisation | None:
    if not customer:
        return None
    found = desk.organisation_of(customer) if "@" in customer else None
    found = found or next((each for each in desk.organisations if each.name.lower() == customer.lower()), None)
    if found is None and "@" not in customer:  # an address may belong to nobody
        names = [each.name for each in desk.organisations]
        raise typer.BadParameter(_no("organisation", customer, names), param_hint="--customer")
    return found


def _choices(
    desk: Desk, queue: str, organisation: Organisation | None, kind: str, priorities: tuple[str, ...]
) -> Iterator[tuple[Subject, Choice]]:
    for each in desk.queues:
        if queue in ("", each.name):
            for priority in priorities:
                subject = Subject(
                    queue=each.name,
                    internal=each.internal,
                    priority=priority,
                    type=kind.lower(),
                    customer=organisation.name if organisation else "",
                    groups=organisation.groups if organisation else frozenset(),
                    tags=organisation.tags if organisation else frozenset(),
                )
                yield subject, choose(subject, desk.levels.policies)


def _terms(subject: Subject, choice: Choice) -> Terms | None:
    return choice.policy.terms(subject.priority) if choice.policy else None


def _cells(terms: Terms | None) -> list[str]:
    if terms is None:
        return ["-"] * (2 + len(ClockKind))
    shown = [write_duration(terms.targets[kind]) if kind in terms.targets else "-" for kind in ClockKind]
    return [terms.policy, terms.calendar, *shown]


def _as_json(subject: Subject, choice: Choice) -> dict[str, object]:
    terms = _terms(subject, choice)
    minutes = {f"{kind}_minutes": _minutes(terms.targets.get(kind) if terms else None) for kind in ClockKind}
    return {
        "queue": subject.queue,
        "priority": subject.priority,
        "policy": terms.policy if terms else None,
        "calendar": terms.calendar if terms else None,
        **minutes,
        "why": list(choice.why),
    }


def _minutes(target: timedelta | None) -> float | None:
    if target is None:
        return None
    minutes = target / timedelta(minutes=1)
    return int(minutes) if minutes.is_integer() else minutes


def _no(sort: str, name: str, names: list[str]) -> str:
    near = nearest(name, names)
    return f"there is no {sort} {name!r}; {f'did you mean {near}?' if near else 'there are ' + ', '.join(names)}"
