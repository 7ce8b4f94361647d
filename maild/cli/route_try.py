"""`maild route try`: what changed rules would have done with the mail of the last weeks."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from maild.bootstrap import make_desk
from maild.bootstrap.trying import FIELDS, Move, Moved, Tally, try_rules
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.progress import progress
from maild.cli.terminal import print_json, say, table
from maild.clock import utc_now
from maild.config.load import load
from maild.config.model import Config
from maild.config.values import read_duration
from maild.routing.analysis import Overlap, Remark, Usage, remarks_on
from maild.routing.conditions import asks_for_reply
from maild.store.kept_mails import count_routed
from maild.store.reading import snapshot

_PAIRS = 5  # of rules that overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Everything that would move in the same way."""

    move: Move
    moved: tuple[Moved, ...]

    def names(self, limit: int) -> str:
        """The first of them."""
        names = [f"#{each.ticket}" if each.ticket else f"inbox {each.inbox}" for each in self.moved[:limit]]
        return ", ".join(names) + (", ..." if len(self.moved) > limit else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a trial came to."""

    since: datetime
    tally: Tally
    groups: tuple[Group, ...]
    usage: Usage  # of the changed rules
    idle: tuple[str, ...]  # those that never hit
    for_replies: tuple[str, ...]  # that could not be tried
    remarks: tuple[Remark, ...]  # what is wrong with them on any mail


def try_changed(
    ctx: typer.Context,
    *,
    new: Annotated[Path, typer.Option("--config", metavar="NEW", help="The changed configuration.")],
    since: Annotated[str, typer.Option(metavar="30d", help="How far back: 12h, 30d, 52w.")] = "30d",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Name so many tickets of each move.")] = 5,
    as_json: Json = False,
) -> None:
    """Try changed rules on stored mail: which tickets would have gone elsewhere, and which rules never fire.

    The mails that opened tickets, or were turned away by a rule, are decided on by the current rules (those
    of `maild --config`, as ever) and by those of NEW. Replies are not tried. Nothing is changed.

    Example: maild route try --config new.toml --since 30d
    """
    try:
        start = utc_now() - read_duration(since)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    old, changed = read_config(ctx), load(new, os.environ)
    database = open_existing(old)
    try:
        with snapshot(database) as connection:
            mails = count_routed(connection, start)
    finally:
        database.close()
    with progress("mails", mails) as count:
        tally = try_rules(old, changed, start, mails=mails, count=count)
    found = _find(changed, start, tally)
    if as_json:
        print_json(_document(found, limit))
    else:
        _tell(found, limit)


def _find(changed: Config, since: datetime, tally: Tally) -> Found:
    groups: dict[Move, list[Moved]] = {}
    for moved in tally.moved:
        for move in moved.moves:
            groups.setdefault(move, []).append(moved)
    order = sorted(groups, key=lambda move: (FIELDS.index(move.field), -len(groups[move]), move.was, move.now))
    desk = make_desk(changed)
    rules = [rule for rule in desk.router.rules if rule.enabled]
    replies = tuple(rule.name for rule in rules if asks_for_reply(rule.when))
    usage = tally.usage(rules)
    return Found(
        since=since,
        tally=tally,
        groups=tuple(Group(move=move, moved=tuple(groups[move])) for move in order),
        usage=usage,
        idle=tuple(name for name in usage.never_hit if name not in replies),
        for_replies=replies,
        remarks=remarks_on(desk.router.rules, utc_now().astimezone(desk.zone).date()),
    )


def _tell(found: Found, limit: int) -> None:
    tally = found.tally
    say(f"Tried {_count(tally.mails, 'mail')} since {found.since:%Y-%m-%d %H:%M} UTC: {_moving(tally)}", style="bold")
    if tally.unread:
        say(f"{_count(tally.unread, 'mail')} could not be read", style="yellow")
    if found.groups:
        say()
        rows = [
            (
                g.move.field.replace("_", " "),
                g.move.was or "none",
                "->",
                g.move.now or "none",
                len(g.moved),
                g.names(limit),
            )
            for g in found.groups
        ]
        table(("", "from", "", "to", "tickets", ""), rows, right=("tickets",))
    _tell_rules(found)


def _tell_rules(found: Found) -> None:
    lines = []
    if found.idle:
        lines.append(f"never hit: {', '.join(found.idle)}")
    lines += [
        f"{name} hit {_count(found.usage.hits[name], 'mail')} and decided nothing: others above had"
        for name in found.usage.shadowed
    ]
    lines += [
        f"{each.first} and {each.second} both hit {_count(each.mails, 'mail')}; the second in vain on {each.in_vain:,}"
        for each in _overlaps(found)[:_PAIRS]
    ]
    lines += [f"{remark.where}: {remark.rule} can do nothing: {remark.why}" for remark in found.remarks]
    if found.for_replies:
        lines.append(f"not tried, being for replies: {', '.join(found.for_replies)}")
    if lines:
        say()
        say("Rules", style="bold")
    for line in lines:
        say(f"  {line}")


def _overlaps(found: Found) -> list[Overlap]:
    """Pairs in which the later rule was in vain at least once, the worst first."""
    return [each for each in found.usage.overlaps if each.in_vain]


def _moving(tally: Tally) -> str:
    return f"{_count(len(tally.moved), 'ticket')} would differ" if tally.moved else "nothing would differ"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _document(found: Found, limit: int) -> dict[str, object]:
    return {
        "since": found.since,
        "mails": found.tally.mails,
        "unread": found.tally.unread,
        "moved": len(found.tally.moved),
        "moves": [
            {
                "field": group.move.field,
                "from": group.move.was,
                "to": group.move.now,
                "count": len(group.moved),
                "tickets": [each.ticket for each in group.moved[:limit] if each.ticket],
                "inbox": [each.inbox for each in group.moved[:limit]],
            }
            for group in found.groups
        ],
        "never_hit": found.idle,
        "decided_nothing": {name: found.usage.hits[name] for name in found.usage.shadowed},
        "overlaps": [asdict(each) for each in _overlaps(found)],
        "remarks": [asdict(each) for each in found.remarks],
        "for_replies": found.for_replies,
    }
