"""What routing decided of a mail, with all its reasons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One rule, as it was tried on a mail."""

    rule: str
    hit: bool
    why: str  # what held, or the first thing that did not
    gave: tuple[str, ...] = ()  # what it decided, such as "queue billing"; () when others had decided all of it
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where a ticket goes and what it is. `why` has a line for every step; rules that missed are only counted."""

    queue: str
    team: str = ""
    assignee: str = ""  # an address, "manager", "branch_manager", or "" for whoever the strategy says
    assign: str = ""
    skill: str = ""
    priority: str = "medium"
    type: str = ""
    case_type: str = ""
    reason: str = ""
    asks: tuple[str, ...] = ()  # what the customer is asked for, by `Asked.text` in the language of the mail
    tags: tuple[str, ...] = ()
    policy: str = ""
    template: str = ""
    notify: tuple[str, ...] = ()
    hold: str = ""
    reject: str = ""
    spam: bool = False
    ignore: bool = False
    notes: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    hits: tuple[Tried, ...] = ()
    why: tuple[str, ...] = ()
    # Where a value came from: "agent", "line", "address", "header", "rule NAME", "reason CODE", "case type NAME",
    # "keywords", "matrix", "importance", "customer", "ticket" (a reply's, unchanged), "default"; "" when there is none.
    queue_source: str = ""
    team_source: str = ""
    reason_source: str = ""
    type_source: str = ""
    case_type_source: str = ""
    priority_source: str = ""
