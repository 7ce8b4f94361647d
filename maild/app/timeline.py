"""Puts a ticket's events, mails and letters into one order, with words for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from maild.app.letter_facts import span_words
from maild.app.outcome import Role
from maild.app.story import LetterLine, StoredMail, Story
from maild.app.uniting import UNITED
from maild.app.webhooks import WEBHOOK, shown
from maild.sla.terms import LABELS as LABELS_OF_CLOCKS
from maild.sla.terms import read_terms
from maild.tickets.events import Event, EventKind
from maild.tickets.joining import Why
from maild.tickets.lifecycle import LABELS, Status
from maild.tickets.model import SETTABLE

_BRINGING = (UNITED, Why.MERGED_WITH, Why.SPLIT_FROM, Why.REJOINED_BY)  # links with which mails came
_WHAT = {
    EventKind.OPENED: "opened",
    EventKind.MAIL: "wrote",
    EventKind.AUTOMATIC: "automatic mail",
    EventKind.UNVERIFIED: "wrote without proof of being the agent",
    EventKind.ANSWER: "answered",
    EventKind.NOTE: "noted",
    EventKind.STATUS: "set the status",
    EventKind.SET: "set fields",
    EventKind.CUSTOMER: "set the customer",
    EventKind.LINKED: "linked",
    EventKind.FAILED: "a letter did not arrive",
    EventKind.RETRIED: "sent an answer again",
    EventKind.TARGET: "promised",
    EventKind.ALERT: "told where a clock stands",
    EventKind.ESCALATED: "escalated",
    EventKind.REQUESTED: "asked for an approval",
    EventKind.APPROVED: "approved",
    EventKind.DENIED: "denied",
    EventKind.FOLLOWED_UP: "wrote to the silent customer",
    EventKind.ASKED: "asked for a rating",
    EventKind.RATED: "rated it",
    EventKind.JOINED: "brought somebody in",
    EventKind.LEFT: "let somebody go",
    EventKind.ERASED: "erased",
}
_REMARKS = {"call": "noted a phone call", "comment": "commented"}  # the sort of a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened: an event, with the mail it is about, or a letter."""

    at: datetime
    what: str  # in one line, with who did it
    who: str = ""
    details: tuple[str, ...] = ()
    words: str = ""
    event: Event | None = None
    mail: StoredMail | None = None
    letter: LetterLine | None = None


def timeline(story: Story) -> Iterator[Entry]:
    """Everything in order: events as in their chain, each letter behind what caused it."""
    last = {event.mail: event.seq for event in story.events if event.mail}
    last |= {-_number(e, "letter"): e.seq for e in story.events if e.kind is EventKind.FAILED and e.mail is None}
    behind: dict[int, list[LetterLine]] = {}
    for letter in story.letters:
        behind.setdefault(last.get(letter.cause or 0, 0), []).append(letter)
    here = {event.mail for event in story.events}
    brought = [m for m in story.mails.values() if m.inbox not in here and m.role == Role.CUSTOMER]
    for event in story.events:
        yield _of_event(event, story)
        if event.kind is EventKind.LINKED and event.data.get("why") in _BRINGING:
            yield from map(_of_brought, brought)
            brought = []
        yield from map(_of_letter, behind.pop(event.seq, ()))
    for letters in behind.values():
        yield from map(_of_letter, letters)


def _of_event(event: Event, story: Story) -> Entry:
    who = story.names.get(event.actor, event.actor)
    content = event.content or {}
    # The opening mail comes right behind, as an event of its own: its words stand there.
    mail = story.mails.get(event.mail) if event.mail and event.kind in _OF_MAIL else None
    details = _details(event)
    if event.mail is not None and event.kind in (*_OF_MAIL, EventKind.OPENED):
        details = (*details, f"inbox {event.mail}" + (f", {mail.kind}: {mail.subject}" if mail else ""))
    return Entry(
        at=event.at,
        what=f"{who}: {_REMARKS.get(str(event.data.get('sort')), _WHAT[event.kind])}",
        who=who,
        details=details,
        # What an agent noted beside an answer is not what the mail says.
        words=str(content.get("words") or (mail.words if mail else "")),
        event=event,
        mail=mail,
    )


def _of_brought(mail: StoredMail) -> Entry:
    """A mail that came on a ticket that was united with this one."""
    details = (f"inbox {mail.inbox}, {mail.kind}: {mail.subject}",)
    who = mail.from_address
    return Entry(at=mail.at, what=f"{who}: wrote", who=who, details=details, words=mail.words, mail=mail)


_OF_MAIL = (EventKind.MAIL, EventKind.AUTOMATIC, EventKind.UNVERIFIED, EventKind.ANSWER, EventKind.NOTE)


def _details(event: Event) -> tuple[str, ...]:
    facts = {**event.data, **(event.content or {})}
    if event.kind is EventKind.STATUS:
        reason = facts.get("hold_reason") or facts.get("reason") or facts.get("resolution_code")
        return (f"{_label(facts.get('from'))} becomes {_label(facts.get('to'))}" + (f": {reason}" if reason else ""),)
    if event.kind is EventKind.SET:
        return tuple(_of_set(facts))
    if event.kind is EventKind.CUSTOMER:
        return (f"the customer is now {facts.get('contact') or 'nobody'}",)
    if event.kind is EventKind.LINKED:
        return (f"to ticket {facts.get('ticket')} ({facts.get('why')})",)
    if event.kind is EventKind.FAILED:
        return (f"letter {facts.get('letter')} ({facts.get('template')})",)
    if event.kind is EventKind.OPENED:
        return (f"queue {facts.get('queue')}, by {facts.get('source')}", *_sorted(facts), *promised(facts))
    if event.kind is EventKind.RETRIED:
        return (f"letter {facts.get('letter')}: the answer counts from now on",)
    if event.kind is EventKind.TARGET:
        reason = f" ({facts['reason']})" if facts.get("reason") else ""
        return tuple(f"{line}{reason}" for line in promised(facts) or ("nothing",))
    if event.kind is EventKind.ALERT:
        return (f"{_clock(facts)}: {facts.get('level')} % used; told: {facts.get('told') or 'nobody'}",)
    if event.kind is EventKind.ESCALATED:
        return (f"rule {facts.get('rule')}, {_clock(facts)}: {facts.get('done') or 'nothing to do'}",)
    if event.kind in (EventKind.REQUESTED, EventKind.APPROVED, EventKind.DENIED):
        return tuple(_of_override(event, facts))
    told = _TOLD.get(event.kind)
    return told(facts) if told else ()


_TOLD: Mapping[EventKind, Callable[[Mapping[str, object]], tuple[str, ...]]] = {
    EventKind.FOLLOWED_UP: lambda facts: (f"follow-up {facts.get('count')}",),
    EventKind.ERASED: lambda facts: (
        f"erasure {facts.get('request')}, ordered by a person"
        if facts.get("why") == "request"
        else "its time was over ([retention])",
    ),
    EventKind.ASKED: lambda facts: ("again, as a reminder",) if facts.get("count") != 1 else (),
    EventKind.RATED: lambda facts: (f"{facts.get('stars')} of 5: {facts.get('comment') or 'no comment'}",),
}


def _of_override(event: Event, facts: Mapping[str, object]) -> Iterator[str]:
    """What was wanted of whom and why, or what somebody said of it."""
    because = f": {facts['because']}" if facts.get("because") else ""
    if event.kind is EventKind.REQUESTED:
        asked = f"; asked: {facts['asked']}" if facts.get("asked") else ""
        yield f"request {event.seq}{because}{asked}"
        yield from str(facts.get("commands", "")).split("\n")
    else:
        yield f"request {facts.get('request')} of {facts.get('asker') or 'an admin'}{because}"


def _of_set(facts: Mapping[str, object]) -> Iterator[str]:
    """What fields are now, and who or what is behind it."""
    for name, value in facts.items():
        if name in SETTABLE:
            because = f", because {facts['because']}" if name == "priority" and facts.get("because") else ""
            yield f"{name.replace('_', ' ')} is now {value or 'empty'}{because}"
    if facts.get("rule"):
        yield f"by rule {facts['rule']}"
    if facts.get("why"):
        yield str(facts["why"])


_SORTED = ("team", "assignee", "priority", "type", "case_type", "reason_code", "tags", "branch", "language")


def _sorted(facts: Mapping[str, object]) -> tuple[str, ...]:
    """What routing said of a new ticket, in one line; () when it was nothing but the queue."""
    said = [f"{name.replace('_', ' ')} {facts[name]}" for name in _SORTED if facts.get(name)]
    return (", ".join(said),) if said else ()


def promised(facts: Mapping[str, object]) -> tuple[str, ...]:
    """The terms that an event brings, in one line; () when it brings none."""
    terms = read_terms(facts)
    if terms is None or not terms.targets:
        return ()
    targets = [f"{LABELS_OF_CLOCKS[kind]} {span_words(target)}" for kind, target in terms.targets.items()]
    return (f"policy {terms.policy}, calendar {terms.calendar}: {', '.join(targets)}",)


def _clock(facts: Mapping[str, object]) -> str:
    cycle = facts.get("cycle")
    return str(facts.get("clock")).replace("_", " ") + (f" {cycle}" if cycle not in (None, 1) else "")


def _label(status: object) -> str:
    return LABELS[Status(str(status))] if status in set(Status) else str(status)


def _number(event: Event, name: str) -> int:
    value = event.data.get(name)
    return value if isinstance(value, int) else 0


def _of_letter(letter: LetterLine) -> Entry:
    details = [f"outbox {letter.id}, {letter.state}: {letter.subject}"]
    if letter.answer and letter.state != "sent":
        details.append(letter.answer)
    if letter.bounced:
        details.append(f"came back: {letter.bounced}")
    return Entry(
        at=letter.created_at,
        what=f"webhook to {shown(letter.recipient)}"
        if letter.template == WEBHOOK
        else f"letter to {letter.recipient}: {letter.template}",
        details=tuple(details),
        letter=letter,
    )
