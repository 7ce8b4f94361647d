"""Rules as data: when they fit and what they do then. `maild.routing.router` carries them out.

A rule without `reply` in its conditions is for mails that open a ticket; one that asks for `reply = true`
is for replies alone. Rules are tried in order. What has one value (queue, team, priority ...) is kept as
the first rule that hits says it, so that special rules stand above general ones; tags, notes, notices
and webhooks add up. A hit with `stop` ends the trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Keywords with weights: their sum must reach `at_least`."""

    words: Mapping[str, int]  # keyword -> weight, which may be negative
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What has to hold: every field that is given, and of a field with several values one of them.

    Globs know * and ? and nothing else; case does not count. Keywords: see `maild.routing.keywords`.
    Regular expressions: see `maild.routing.patterns`.
    """

    recipient: tuple[str, ...] = ()  # globs over addresses, without extensions and with
    sender: tuple[str, ...] = ()  # globs over the address
    domain: tuple[str, ...] = ()  # of the sender; "example.com" is for its subdomains as well
    customer: tuple[str, ...] = ()  # organisations, in lower case
    group: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()  # of the customer, the ticket, or set by a rule above
    kind: tuple[str, ...] = ()
    authenticity: tuple[str, ...] = ()
    header: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name in lower case -> globs over a value
    subject: tuple[str, ...] = ()  # keywords
    text: tuple[str, ...] = ()  # keywords
    words: tuple[str, ...] = ()  # keywords, in subject or text
    score: Score | None = None  # over subject and text
    subject_regex: tuple[str, ...] = ()
    text_regex: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()  # in subject or text
    attachment: tuple[str, ...] = ()  # globs over names
    attachment_type: tuple[str, ...] = ()  # globs over types
    attachment_over: int | None = None  # bytes: one file is larger
    has_attachment: bool | None = None
    language: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()  # the reason code as it is by now
    type: tuple[str, ...] = ()
    case_type: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    importance: tuple[str, ...] = ()  # high, low
    order: bool | None = None  # whether an order is named
    serial: bool | None = None  # whether a serial number is
    product: tuple[str, ...] = ()  # globs over the product that a reference tells
    during: tuple[str, ...] = ()  # calendars, one of which is open
    outside: tuple[str, ...] = ()  # calendars, all of which are closed
    from_agent: bool | None = None
    reply: bool | None = None
    all: tuple[When, ...] = ()
    any: tuple[When, ...] = ()
    none: tuple[When, ...] = ()  # `not` in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What a rule does; "" and () leave things as they are."""

    queue: str = ""
    team: str = ""
    assignee: str = ""  # an agent's address, or "manager" or "branch_manager"
    assign: str = ""  # a strategy (maild.routing.assignment)
    skill: str = ""  # that the assignee must have
    priority: str = ""
    raised: int = 0  # steps up (1) or down (-1), after all else
    urgency: str = ""  # for the matrix
    impact: str = ""
    type: str = ""
    case_type: str = ""
    reason: str = ""
    tags: tuple[str, ...] = ()
    policy: str = ""
    template: str = ""  # acknowledgement, missing_information, none
    notify: tuple[str, ...] = ()  # assignee, team, manager, or addresses
    hold: str = ""  # why it waits
    reject: str = ""  # what the sender is told
    spam: bool = False
    ignore: bool = False
    note: str = ""  # for agents only
    webhook: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule."""

    name: str
    when: When
    then: Then
    until: date | None = None  # the last day on which it holds, in the desk's zone
    stop: bool = False
    enabled: bool = True
    note: str = ""  # for whoever reads the file
    where: str = ""  # FILE:LINE
