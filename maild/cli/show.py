"""`maild show`: one ticket with its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from maild.app.marks import Mark, mark_of
from maild.app.story import StoredMail, Story
from maild.app.timeline import Entry, timeline
from maild.bootstrap import mark_policy
from maild.bootstrap.desk import file_policy
from maild.cli.config_file import read_config
from maild.cli.database import database_of
from maild.cli.invitation_lines import invitation_lines
from maild.cli.options import Json
from maild.cli.reference_words import reference_json, reference_words
from maild.cli.standing_words import clock_json, clock_words, stands_json
from maild.cli.step_words import step_json, step_words
from maild.cli.terminal import clean, folded, print_json, say, size
from maild.clock import utc_now
from maild.errors import Permanent
from maild.mail import read_mail, reply_text
from maild.mail.file_policy import FilePolicy, may_hand_out
from maild.mail.invitation_forms import invitation_from
from maild.sla.standing import standing
from maild.store.reading import snapshot
from maild.store.references import load_references
from maild.store.standings import kept_clocks
from maild.store.steps import planned_step
from maild.store.story import raw_mails, read_story
from maild.tickets.joining import links_of
from maild.tickets.lifecycle import LABELS
from maild.tickets.model import Ticket

_MOST_BYTES = 2 * 1024 * 1024  # of a mail whose quotes are shown
_LINES = 6  # of a mail's words, unless all are asked for
_FIRST = ("status", "priority", "queue", "assignee", "contact")
_NOT_SHOWN = ("number", "subject", "description", "head", "version", *_FIRST)


def show(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The ticket's number.")],
    *,
    full: Annotated[bool, typer.Option("--full", help="Show every word of the mails.")] = False,
    as_json: Json = False,
) -> None:
    """Show a ticket: its fields, its people and all that happened, in order.

    Example: maild show 42 --full
    """
    config = read_config(ctx)
    zone, policy = ZoneInfo(config.desk.timezone), file_policy(config)
    with database_of(ctx) as database, snapshot(database) as connection:
        story = read_story(connection, number)
        clocks = kept_clocks(connection, [number]).get(number, [])
        references = load_references(connection, [number]).get(number, [])
        step = planned_step(connection, number)
        raws = raw_mails(connection, story.mails, most=_MOST_BYTES) if story else ()
        cuts = {inbox: reply_text(read_mail(raw)).cut for inbox, raw in raws}
    if story is None:
        raise Permanent(f"there is no ticket {number}")
    now = utc_now()
    found = (mark_of(bounces, mark_policy(config), now) for bounces in story.bounces.values())
    marks = {mark.address: mark for mark in found if mark}
    if as_json:
        standing_now = {"sla": stands_json(standing(clocks, now)), "clocks": [clock_json(c, now) for c in clocks]}
        named = {"references": [reference_json(kept) for kept in references]}
        print_json(_document(story, marks, cuts) | standing_now | named | {"next": step_json(step)})
        return
    _head(story, marks, zone)
    for clock in clocks:
        name, words = clock_words(clock, now, zone)
        say(clean(f"  {name + ':':18}{words}"), style="red" if clock.failed(now) else "")
    if step:
        name, words = step_words(step, zone)
        say(clean(f"  {name + ':':18}{words}"))
    for kept in references:
        name, words = reference_words(kept, zone)
        say(clean(f"  {name + ':':18}{words}"), style="red" if kept.is_lost else "")
    for entry in timeline(story):
        say()
        cut = cuts.get(entry.mail.inbox, "") if entry.mail else ""
        _tell(entry, zone, policy, cut, full=full)


def _head(story: Story, marks: Mapping[str, Mark], zone: ZoneInfo) -> None:
    ticket = story.ticket
    say(clean(f"Ticket {ticket.number}: {ticket.subject}"), style="bold")
    for name, value in _fields(ticket, zone):
        say(clean(f"  {name + ':':18}{value}"))
    for other, why in links_of(story.events).items():
        say(clean(f"  {'linked:':18}{other} ({why})"))
    for person in story.people:
        who = f"{person.name} <{person.address}>" if person.name else person.address
        say(clean(f"  {person.role + ':':18}{who}"))
        if mark := marks.get(person.address):
            say(clean(f"  {'careful:':18}{mark.sentence(f'{mark.until.astimezone(zone):%Y-%m-%d}')}"), style="red")


def _fields(ticket: Ticket, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    values = asdict(ticket) | {"status": LABELS[ticket.status]}
    for name in (*_FIRST, *(n for n in values if n not in _NOT_SHOWN)):
        value = values[name]
        if value not in ("", None):
            shown = f"{value.astimezone(zone):%Y-%m-%d %H:%M}" if name.endswith("_at") else str(value)
            yield name.replace("_", " "), shown


def _tell(entry: Entry, zone: ZoneInfo, policy: FilePolicy, cut: str, *, full: bool) -> None:
    say(clean(f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}  {entry.what}"), style="bold")
    for line in entry.details:
        say(clean(f"    {line}"))
    if entry.words:
        say("\n".join(f"    | {line}" for line in _folded(entry.words, full=full)))
    if cut and not full:
        say(f"    {folded(cut)} (--full)")
    elif cut:
        say("\n".join(f"    |  {line}" for line in cut.split("\n")))
    if entry.mail:
        for line in (*_invitation(entry.mail, zone), *_files(entry.mail, policy)):
            say(clean(f"    {line}"))


def _folded(words: str, *, full: bool) -> list[str]:
    lines = words.strip().split("\n")
    if full or len(lines) <= _LINES + 1:
        return lines
    return [*lines[:_LINES], f"... {len(lines) - _LINES} more lines (--full)"]


def _files(mail: StoredMail, policy: FilePolicy) -> Iterable[str]:
    for file in mail.files:
        refused = may_hand_out(file, policy)
        not_handed_out = f"; not handed out: {refused}" if refused else ""
        inline = ", inline" if file.inline else ""
        yield f"file: {file.name} ({file.type}, {size(file.size)}{inline}, part {file.part}){not_handed_out}"


def _invitation(mail: StoredMail, zone: ZoneInfo) -> Iterable[str]:
    if mail.invitation:
        first, *rest = invitation_lines(invitation_from(mail.invitation), zone)
        yield f"invitation: {first}"
        yield from (f"  {line}" for line in rest)


def _document(story: Story, marks: Mapping[str, Mark], cuts: Mapping[int, str]) -> dict[str, object]:
    return {
        "ticket": asdict(story.ticket),
        "links": [{"ticket": other, "why": why} for other, why in links_of(story.events).items()],
        "participants": [asdict(person) for person in story.people],
        "marks": [asdict(mark) for mark in marks.values()],
        "timeline": [
            {
                "at": entry.at,
                "what": entry.what,
                "details": entry.details,
                "event": _event(entry),
                "mail": asdict(entry.mail) | {"cut": cuts.get(entry.mail.inbox, "")} if entry.mail else None,
                "letter": asdict(entry.letter) if entry.letter else None,
            }
            for entry in timeline(story)
        ],
    }


def _event(entry: Entry) -> dict[str, object] | None:
    event = entry.event
    if event is None:
        return None
    names = ("seq", "at", "kind", "actor", "mail", "data", "content", "hash")
    return {name: getattr(event, name) for name in names} | {"who": entry.who}
