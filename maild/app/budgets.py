"""How many letters may go to whom, and why no more: pure, every fact is an argument (MAIL.md §5, RELIABILITY §4).

A budget ends a loop whatever the other side is and whatever headers it strips: once we are silent, a machine
that only answers has nothing left to answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from maild.mail.freemail import FREE_MAIL

FIVE_MINUTES, TEN_MINUTES, HOUR, DAY = (
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(days=1),
)
WINDOWS = (FIVE_MINUTES, TEN_MINUTES, HOUR, DAY)  # the spans that letters are counted in

TOTAL = "total"  # every automatic letter to a customer
NOTIFICATIONS = "notifications"  # what was held back of them, whoever the agent
WARNINGS = "warnings"  # alerts about budgets
OWN_LETTERS = "own letters"  # that came back to us
COMMON = frozenset({TOTAL, NOTIFICATIONS, WARNINGS, OWN_LETTERS})

# Behind one of these domains are millions of people who do not know each other, so what one of them does says
# nothing of the next: only the budgets of the address and of the total hold for them.
LARGE_DOMAINS = FREE_MAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """The limits; each is a number of letters in the span that its name says."""

    address_per_10_minutes: int = 10
    address_per_day: int = 40
    ticket_per_hour: int = 10
    domain_per_hour: int = 30
    total_per_10_minutes: int = 300
    agent_per_10_minutes: int = 20
    agent_per_day: int = 200
    notifications_per_5_minutes: int = 20
    notifications_per_hour: int = 48
    sender_per_day: int = 100
    answers_per_10_minutes: int = 10
    large_domains: frozenset[str] = LARGE_DOMAINS


@dataclass(slots=True)
class Lately:
    """How many letters of one scope were written and held back, in each of WINDOWS up to now."""

    written: dict[timedelta, int] = field(default_factory=lambda: dict.fromkeys(WINDOWS, 0))
    held: dict[timedelta, int] = field(default_factory=lambda: dict.fromkeys(WINDOWS, 0))

    def add(self, *, written: int = 0, held: int = 0) -> None:
        """Count some that happen now."""
        for window in WINDOWS:
            self.written[window] += written
            self.held[window] += held


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many letters of a scope within a span."""

    scope: str
    most: int
    within: timedelta  # one of WINDOWS
    who: str  # "kim@x.example got"
    told_as: str | None = None  # the scope whose alert tells of it, if another; "": nobody is alerted


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a letter may not be written."""

    why: str
    scope: str = ""  # of the alert about it; "": nobody is to be alerted
    within: timedelta = DAY


def limits_of(template: str, recipient: str, ticket: int, budgets: Budgets) -> tuple[Limit, ...]:
    """Every limit that a letter has to keep; a letter that is not named here keeps those of letters to customers.

    `recipient` in lower case; `ticket` 0 for a letter about none.
    """
    b, to = budgets, f"{recipient} got"
    match template:
        case "answer":  # people are slower than this: a machine answers in an agent's name
            who = f"ticket {ticket} got answers of agents,"
            return (Limit(f"answers {ticket}", b.answers_per_10_minutes, TEN_MINUTES, who),)
        case "notification" | "assignment":
            told = f"told {recipient}"
            return (
                Limit(told, b.notifications_per_5_minutes, FIVE_MINUTES, to, NOTIFICATIONS),
                Limit(told, b.notifications_per_hour, HOUR, to, NOTIFICATIONS),
            )
        case "at_risk" | "breach" | "escalation":  # apart from notifications: a flood of mail must not hide a breach
            clocks = f"clocks {recipient}"
            return (
                Limit(clocks, b.notifications_per_5_minutes, FIVE_MINUTES, to, NOTIFICATIONS),
                Limit(clocks, b.notifications_per_hour, HOUR, to, NOTIFICATIONS),
            )
        case "alert":
            alerts = f"alerts {recipient}"  # an alert about alerts would go the same way: nobody is told
            return (
                Limit(alerts, b.address_per_10_minutes, TEN_MINUTES, to, ""),
                Limit(alerts, b.address_per_day, DAY, to, ""),
            )
        case "low_rating":
            return (Limit(f"clocks {recipient}", b.notifications_per_hour, HOUR, to, NOTIFICATIONS),)
        case "digest" | "sla_digest":
            return (Limit(f"agent {recipient}", b.agent_per_day, DAY, to, ""),)
        case "problem" | "confirmation" | "question" | "approval" | "offer" | "list" | "ticket" | "help":
            agent = f"agent {recipient}"
            return (
                Limit(agent, b.agent_per_10_minutes, TEN_MINUTES, to),
                Limit(agent, b.agent_per_day, DAY, to),
            )
    domain = recipient.rpartition("@")[2]
    limits = [
        Limit(f"to {recipient}", b.address_per_10_minutes, TEN_MINUTES, to),
        Limit(f"to {recipient}", b.address_per_day, DAY, to),
    ]
    if ticket:
        limits.append(Limit(f"ticket {ticket}", b.ticket_per_hour, HOUR, f"ticket {ticket} caused"))
    if domain not in b.large_domains:
        limits.append(Limit(f"domain {domain}", b.domain_per_hour, HOUR, f"addresses at {domain} got"))
    return (*limits, Limit(TOTAL, b.total_per_10_minutes, TEN_MINUTES, "all customers together got"))


def limit_of_sender(sender: str, budgets: Budgets) -> Limit:
    """How many mails of one sender agents are told of; a machine that answers notifications ends here."""
    return Limit(f"from {sender}", budgets.sender_per_day, DAY, f"agents were told of mails of {sender},")


def judge(limits: Iterable[Limit], lately: Mapping[str, Lately]) -> Refusal | None:
    """The first limit that one more letter would break; None when it may be written."""
    for limit in limits:
        counted = lately.get(limit.scope)
        if counted is not None and counted.written[limit.within] >= limit.most:
            why = f"budget: {limit.who} {counted.written[limit.within]} letters in {_words(limit.within)}"
            return Refusal(why, limit.scope if limit.told_as is None else limit.told_as, limit.within)
    return None


def scopes_of_customer(address: str) -> set[str]:
    """The scopes in which letters to somebody who writes to us, and because of him, count."""
    return {f"to {address}", f"from {address}", f"domain {address.rpartition('@')[2]}"}


def scopes_of_staff(address: str) -> set[str]:
    """The scopes in which letters to an agent or an admin count."""
    return {f"told {address}", f"clocks {address}", f"alerts {address}", f"agent {address}"}


def scopes_of_ticket(number: int) -> set[str]:
    """The scopes in which letters about a ticket count."""
    return {f"ticket {number}", f"answers {number}"}


def _words(length: timedelta) -> str:
    return {FIVE_MINUTES: "5 minutes", TEN_MINUTES: "10 minutes", HOUR: "an hour", DAY: "a day"}[length]
