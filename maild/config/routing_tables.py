"""The tables of the configuration that say where a ticket goes and what it is (docs/routing.md)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, PrivateAttr

from maild.config.level_values import Day, Folded, Priority, Recipient, Tag, TeamStrategy
from maild.config.routing_values import (
    AddressGlob,
    Asked,
    Change,
    Code,
    FileGlob,
    Header,
    Importance,
    Keyword,
    KindOfMail,
    Language,
    Level,
    Listed,
    Owner,
    Pattern,
    ProofOfOrigin,
    SenderDomain,
    Some,
    Strategy,
    Template,
    TypeGlob,
    Webhook,
    nested_at_most,
    once,
)
from maild.config.section import Section
from maild.config.values import CompanyDomain, MailAddress, Size

Labels = dict[Language, str]
Keywords = dict[Language, Some[Keyword]]


class Score(Section):
    """Keywords that count differently much."""

    words: dict[Keyword, int] = Field(min_length=1, description="What each counts when it occurs; may be negative.")
    at_least: int = Field(description="What they must come to together.")


class When(Section):
    """What must hold of a mail: all that is given; of a list, one of its values."""

    recipient: Some[AddressGlob] = Field(default=(), description="The address it was sent to; * stands for anything.")
    sender: Some[AddressGlob] = Field(default=(), description="The sender's address.")
    domain: Some[SenderDomain] = Field(default=(), description="The sender's domain, or one above it.")
    customer: Some[str] = Field(default=(), description="The customer: names of organisations.")
    group: Some[Folded] = Field(default=(), description="A group of the customer.")
    tag: Some[Tag] = Field(default=(), description="A tag of the customer, of the ticket, or of a rule above.")
    kind: Some[KindOfMail] = Field(
        default=(), description="human, list, notice, auto_reply, bounce, report, calendar or own."
    )
    authenticity: Some[ProofOfOrigin] = Field(default=(), description="pass, fail or none.")
    header: dict[Header, Some[str]] = Field(default={}, description="Header fields: globs over the whole value.")
    subject: Some[Keyword] = Field(default=(), description="Keywords in the subject.")
    text: Some[Keyword] = Field(default=(), description="Keywords in the text.")
    words: Some[Keyword] = Field(default=(), description="Keywords in subject or text; refund* is refunds as well.")
    score: Score | None = Field(default=None, description="Keywords with weights, in subject or text.")
    subject_regex: Some[Pattern] = Field(default=(), description="Regular expressions in the subject.")
    text_regex: Some[Pattern] = Field(default=(), description="Regular expressions in the text.")
    regex: Some[Pattern] = Field(default=(), description="Regular expressions in subject or text.")
    attachment: Some[FileGlob] = Field(default=(), description="Names of attached files: globs.")
    attachment_type: Some[TypeGlob] = Field(default=(), description="Types of attached files, such as image/*.")
    attachment_over: Size | None = Field(default=None, description="A file is larger than this.")
    has_attachment: bool | None = Field(default=None, description="Whether there is a file.")
    language: Some[Language] = Field(default=(), description="The language of the text: en, de and others.")
    reason: Some[Code] = Field(default=(), description="The reason code, as it is known by then.")
    type: Some[Folded] = Field(default=(), description="The type.")
    case_type: Some[Folded] = Field(default=(), description="The case type.")
    priority: Some[Priority] = Field(default=(), description="The priority.")
    queue: Some[str] = Field(default=(), description="The queue of the address it was sent to.")
    importance: Some[Importance] = Field(default=(), description="What the sender's program said: high or low.")
    order: bool | None = Field(default=None, description="Whether an order is named.")
    serial: bool | None = Field(default=None, description="Whether a serial number is named.")
    product: Some[str] = Field(default=(), description="The product that an order or a serial number tells: globs.")
    during: Some[str] = Field(default=(), description="One of these calendars is open.")
    outside: Some[str] = Field(default=(), description="All of these calendars are closed.")
    from_agent: bool | None = Field(default=None, description="Whether an agent wrote it.")
    reply: bool | None = Field(default=None, description="true: only replies; else only what opens a ticket.")
    all: Some[When] = Field(default=(), description="Further conditions that must all hold.")
    any: Some[When] = Field(default=(), description="Further conditions of which one must hold.")
    none: Some[When] = Field(default=(), alias="not", description="Conditions of which none may hold.")


class Then(Section):
    """What is done. Of two rules that hit and set the same key, the upper one counts; tags and the like add up."""

    queue: str = Field(default="", description="The queue.")
    team: str = Field(default="", description="The team.")
    assignee: Owner = Field(default="", description='An agent\'s address, "manager" or "branch_manager".')
    assign: Strategy = Field(default="", description="How an agent is found: none, fixed, round_robin, least_loaded.")
    skill: Folded = Field(default="", description="What the agent must be able to do.")
    priority: Change = Field(default="", description='A priority, or "raise" or "lower" by one step.')
    urgency: Level = Field(default="", description="high, medium or low, for the matrix of [priority].")
    impact: Level = Field(default="", description="The same.")
    type: Folded = Field(default="", description="The type.")
    case_type: Folded = Field(default="", description="The case type.")
    reason: Code = Field(default="", description="The reason code, unless the mail itself names one.")
    tags: Some[Tag] = Field(default=(), description="Tags to add.")
    policy: str = Field(default="", description="The policy of service levels.")
    template: Template = Field(
        default="", description="The letter to the customer: acknowledgement, missing_information or none."
    )
    notify: Some[Recipient] = Field(default=(), description="Who else is told: assignee, team, manager, or addresses.")
    hold: str = Field(default="", description="Why the ticket waits for a person before anything is done.")
    reject: str = Field(default="", description="What the sender is told; no ticket is opened.")
    spam: bool = Field(default=False, description="It is kept as spam, unanswered.")
    ignore: bool = Field(default=False, description="It is noted, and nothing else happens.")
    note: str = Field(default="", description="A note on the ticket, for agents only.")
    webhook: Webhook = Field(default="", description="A web address that is told of the ticket.")


class Expect(Section):
    """What a test of a rule expects: "" and [] are nothing, and what is left out may be anything."""

    queue: str | None = Field(default=None, description="The queue.")
    team: str | None = Field(default=None, description="The team.")
    assignee: str | None = Field(default=None, description="The assignee.")
    priority: Priority | None = Field(default=None, description="The priority.")
    type: Folded | None = Field(default=None, description="The type.")
    case_type: Folded | None = Field(default=None, description="The case type.")
    reason: Folded | None = Field(default=None, description="The reason code.")
    tags: Listed[Tag] | None = Field(default=None, description="All tags.")
    policy: str | None = Field(default=None, description="The policy.")
    template: str | None = Field(default=None, description="The letter.")
    hold: str | None = Field(default=None, description="Why it waits.")
    reject: str | None = Field(default=None, description="What the sender is told.")
    spam: bool | None = Field(default=None, description="Whether it is spam.")
    ignore: bool | None = Field(default=None, description="Whether it is ignored.")
    rules: Listed[str] | None = Field(default=None, description="Rules that must hit.")
    no_rules: Listed[str] | None = Field(default=None, description="Rules that must not.")


def is_mail(text: str) -> bool:
    """Whether the `mail` of a test is the mail itself, not the path of its file."""
    return "\n" in text


class RuleTest(Section):
    """A mail and what must come of it; `maild check` tries it."""

    mail: str = Field(description="A file, relative to this one; or the mail itself, in several lines.")
    expect: Expect = Field(description="What must come of it.")


class Rule(Section):
    """A rule about mail. Any number of them, tried from the top, those of included files last."""

    name: str = Field(description="Its name; tickets show it.")
    when: Annotated[When | None, BeforeValidator(nested_at_most)] = Field(
        default=None, description="What must hold; without it, it is for every mail."
    )
    then: Then | None = Field(default=None, description="What is done.")
    until: Day | None = Field(default=None, description="The last day on which it holds, in desk.timezone.")
    stop: bool = Field(default=False, description="Whether no rule below is tried when this one hits.")
    enabled: bool = Field(default=True, description="false: it is checked, and never hits.")
    note: str = Field(default="", description="For whoever reads this file.")
    test: tuple[RuleTest, ...] = Field(default=(), description="Tests of it.")
    _where: str = PrivateAttr(default="")  # FILE:LINE

    @property
    def where(self) -> str:
        """FILE:LINE of its table."""
        return self._where

    def standing_at(self, where: str) -> Rule:
        """The same rule, which knows where it stands."""
        copy = self.model_copy()
        object.__setattr__(copy, "_where", where)
        return copy


class Reason(Section):
    """Why customers write. Any number of them; one with the code of a built-in one replaces it key by key."""

    code: Code = Field(description="Its code; addresses, headers and lines of text name it.")
    label: Labels = Field(default={}, description="What people read, by language.")
    keywords: Keywords = Field(default={}, description="Keywords by language; all languages are looked for.")
    team: str = Field(default="", description='The team that looks after it, or "branch_manager".')
    queue: str = Field(default="", description="The queue.")
    type: Folded = Field(default="", description="The type of such a ticket, unless something says otherwise.")
    case_type: Folded = Field(default="", description="The case type.")
    asks: tuple[Asked, ...] = Field(
        default=(),
        description="What the customer is asked for, by language, unless the mail has it: order, serial or attachment.",
    )


class Sort(Section):
    """What types and case types have in common."""

    name: Folded = Field(description="Its name.")
    label: Labels = Field(default={}, description="What people read, by language.")
    keywords: Keywords = Field(default={}, description="Keywords by language.")


class Type(Sort):
    """A type of tickets. Any number of them."""


class CaseType(Sort):
    """A case type, finer than a type. Any number of them."""

    type: Folded = Field(default="", description="The type that it belongs to.")


class Routing(Section):
    """What holds for all routing; docs/routing.md says more."""

    built_in_reasons: bool = Field(default=True, description="Whether the built-in reason codes are there.")
    built_in_types: bool = Field(default=True, description="Whether the built-in types and case types are there.")
    reason_header: Header = Field(default="x-reason-code", description="The header that names a reason code.")
    type_header: Header = Field(default="x-ticket-type", description="The header that names a type.")
    assign: TeamStrategy = Field(
        default="none", description="How an agent is found: none, fixed, round_robin or least_loaded."
    )
    sticky: bool = Field(default=True, description="Whether the customer's last agent is preferred.")


class Priorities(Section):
    """Where a priority comes from when no rule sets one: the highest of what these say."""

    default: Priority = Field(default="medium", description="The priority of a ticket of which nothing else is known.")
    keywords: Annotated[dict[Priority, Some[Keyword]], BeforeValidator(once)] = Field(
        default={}, description="Keywords by the priority that they mean."
    )
    importance: dict[Importance, Priority] = Field(
        default={}, description="Priorities by what the sender's program said: high or low."
    )
    urgency: dict[Level, Some[Keyword]] = Field(default={}, description="Keywords by urgency: high, medium, low.")
    impact: dict[Level, Some[Keyword]] = Field(default={}, description="Keywords by impact: high, medium, low.")
    matrix: dict[Level, dict[Level, Priority]] = Field(
        default={}, description="Urgency, then impact, then the priority that follows."
    )


class Branch(Section):
    """A place of ours that looks after some customers. Any number of them."""

    name: str = Field(description="Its name.")
    manager: MailAddress | None = Field(default=None, description="Who manages it: an agent's address.")
    customers: tuple[str, ...] = Field(default=(), description="Its customers: names of organisations.")
    domains: tuple[CompanyDomain, ...] = Field(default=(), description="Domains of customers without a table.")
