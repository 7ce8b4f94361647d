"""Which facts each letter needs, and what may be a fact at all.

Every fact is a value: text, number, yes/no, None, or lists and mappings of these. Text is put into
letters as it is and never read as a template; the only HTML among the facts, `html` of an answer,
goes through `safe_html` inside the template, whatever the caller believes of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from maild.errors import Permanent

TEXT = 200_000  # characters of one text; what is longer is cut with "[…]"
ITEMS = 200  # entries of one list

# NUL and other controls but tab and line feed; lone surrogates, which no output can hold.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Needs:
    """The facts of one letter."""

    required: frozenset[str]
    optional: Mapping[str, object]  # with the value that is taken when the caller says nothing


def _needs(required: str, **optional: object) -> Needs:
    """Common to all are `marker` and `mark`.

    The marker is the line above which answers are written: None is the language's own, "" for a letter
    that nobody is to answer. The mark stands for the ticket in it, and comes back in quotes.
    """
    return Needs(frozenset(required.split()), MappingProxyType({"marker": None, "mark": "", **optional}))


# The letters about a clock of a ticket. `clock_label` and `standing` are keys of `words.j2`, where they
# are worded in each language. From 100 used_percent on, `left` is how long it is over; round them down.
# A clock among others is {clock_label, standing, due, left, hold_reason}, the last two only if there are any.
_CLOCK = (
    "subject_with_tag desk_name number tag subject customer_name customer_address status_label queue "
    "priority assignee clock_label used_percent left used due zone started policy calendar"
)
_CLOCK_OPTIONAL: Mapping[str, object] = {
    "hold_reason": "",
    "history": (),  # {who, when, text}
    "others": (),  # further clocks of the ticket
    "reply": True,  # whether an answer to this letter goes to the customer; if not, it has no marker
}


_OF_CUSTOMER = "subject_with_tag desk_name number tag"
_CUSTOMER_OPTIONAL: Mapping[str, object] = {"greeting_name": "", "subject": "", "zone": ""}
_TICKET = (
    "subject_with_tag desk_name number tag what subject customer_name customer_address "
    "status_label queue opened_at text"
)
_TICKET_OPTIONAL: Mapping[str, object] = {
    "history": (),  # {who, when, text}
    "attachments": (),  # {name, size_text, type, refused}; refused: why it is not handed out, or ""
    "invitation": None,  # {state, summary, when, repeats, location, organizer, invited}
    "warnings": (),  # text
    "note": "",  # what an agent wrote above the mail that was forwarded
    "reason_codes": (),  # {code, label}
    "cut_lines": 0,  # of the mail, quoted or a signature, which `text` leaves out
    "sla": (),  # clocks
    "references": (),  # orders and the like: {sort, key, fit, directory, details, why}; never for customers
    "priority": "",
    "type": "",
    "reason": "",
    "team": "",
    "tags": "",
    "assignee": "",
    "routed": "",  # why it went where it went
    "reply": True,  # whether an answer to this letter goes to the customer; if not, it has no marker
    "task_for": None,  # {tag, subject}: this ticket is a task of our own for that one
    "zone": "",  # of all times in the letter
    "other_tickets": (),  # of the customer: {tag, subject, status_label, opened}, the newest first
    "more_tickets": 0,  # that are not listed
    "similar": (),  # resolved ones: {tag, subject, resolution, opened}
    "links": (),  # mailto with a command: {does, href}; does: take, hold, resolve, close, note
    "list_links": (),  # mailto that asks for a list: {does, href}; does: mine, unassigned, at risk, help
}


LETTERS: Mapping[str, Needs] = MappingProxyType(
    {
        # To a customer: your mail has arrived. Name, subject and summary are shown when `authentic`
        # only: otherwise anybody could have us send his words to strangers (RELIABILITY.md §4.10).
        # For the same reason give a `subject_with_tag` without his words when it is not.
        "acknowledgement": _needs(
            "subject_with_tag desk_name number tag opened",
            greeting_name="",
            subject="",
            authentic=False,
            summary="",
            follow_up_of="",
            response_due="",  # when we aim to have answered
            response_zone="",
            asks=(),  # text: what would help
            attachments=(),  # {name, size_text, refused}; refused is true or false: strangers get no reasons
            order="",  # that the mail names; never what a directory says of it
        ),
        # To a customer, in its place: your mail has arrived, and without these we cannot begin.
        "missing_information": _needs(
            "subject_with_tag desk_name number tag opened asks",
            greeting_name="",
            subject="",
            authentic=False,
            follow_up_of="",
            response_due="",
            response_zone="",
            attachments=(),
            order="",
        ),
        # To whoever wrote a mail that a rule rejects; `subject` only when it is certain that he did.
        "rejection": _needs("subject_with_tag desk_name text", subject="", marker=""),
        # To a customer: an agent holds the ticket until the customer has answered; the automatic reminder of
        # that (count: the how many-th, closes_at: when we give up); solved; closed; how was it?
        "waiting": _needs(f"{_OF_CUSTOMER} text", **_CUSTOMER_OPTIONAL),
        "follow_up": _needs(
            f"{_OF_CUSTOMER} count",
            asked_at="",  # when we answered last
            text="",  # what we answered last
            closes_at="",
            **_CUSTOMER_OPTIONAL,
        ),
        "resolution": _needs(
            _OF_CUSTOMER,
            code="",  # the resolution code
            text="",  # what was done, as the agent says it to the customer
            yes_link="",  # mailto: it is solved
            no_link="",  # mailto: it is not
            closes_at="",
            **_CUSTOMER_OPTIONAL,
        ),
        "closing": _needs(
            _OF_CUSTOMER,
            why="",  # no_answer, confirmed, time, asked (by the customer), or "" (by an agent)
            code="",
            text="",
            reopen_until="",
            rating_links=(),  # {stars, href}, 5 first
            **_CUSTOMER_OPTIONAL,
        ),
        "feedback": _needs(f"{_OF_CUSTOMER} rating_links", count=1, **_CUSTOMER_OPTIONAL),
        # To a customer who asked for it: the open tickets; what was done.
        "customer_status": _needs(
            "subject_with_tag desk_name tickets",  # {tag, subject, status_label, opened, due, href}
            greeting_name="",
            more=0,
            zone="",
            marker="",
        ),
        "receipt": _needs(
            # done: closed, reopened, joined, left, rated, confirmed, rejected; refused: a problem, in `text`
            f"{_OF_CUSTOMER} done",
            text="",
            stars=0,
            **_CUSTOMER_OPTIONAL,
        ),
        # To agents: something happened to a ticket; it is yours now.
        "notification": _needs(_TICKET, **_TICKET_OPTIONAL),
        "assignment": _needs(_TICKET, **_TICKET_OPTIONAL),
        # To an agent who asked for it: one ticket; a page of a list; the commands.
        "ticket": _needs(
            _TICKET,
            timeline=(),  # {when, who, what, text}, the oldest first
            **_TICKET_OPTIONAL,
        ),
        "list": _needs(
            "subject_with_tag desk_name title rows total",
            # of rows: {tag, subject, contact, status_label, priority, assignee, opened, standing, due, href}
            page=1,
            pages=1,
            zone="",
            marker="",
        ),
        "help": _needs("subject_with_tag desk_name commands", your_text="", number="", marker=""),  # {form, does}
        # To who may approve: an agent wants to set a rule aside.
        "approval": _needs(
            "subject_with_tag desk_name number tag subject customer_name customer_address status_label queue "
            "priority assignee asker because wants refused",  # wants, refused: lines
            approve_link="",
            deny_link="",
            history=(),
            marker="",
        ),
        # To the manager: a customer is not content. To agents: a colleague's urgent tickets, who is away.
        "low_rating": _needs(
            "subject_with_tag desk_name number tag subject customer_name customer_address assignee stars",
            comment="",
            history=(),
            marker="",
        ),
        "offer": _needs(
            "subject_with_tag desk_name who until tickets",  # {tag, subject, contact, priority, due, href}
            more=0,
            zone="",
            marker="",
        ),
        # To a customer: an agent's words.
        "answer": _needs(
            "subject_with_tag desk_name number agent_name text",
            html="",
            quoted=None,  # {who, when, text}
            yes_link="",  # mailto, where the customer is asked below the words whether it is solved
            no_link="",
        ),
        # To an agent: it was done.
        "confirmation": _needs("subject_with_tag desk_name number done", undo="", marker=""),
        # To an agent: it was not done.
        "problem": _needs("subject_with_tag desk_name number problem", nearest="", your_text="", marker=""),
        # To an agent: a customer's mail was forwarded, and nobody knows for certain whose it is.
        "question": _needs("subject_with_tag desk_name number why", suggestion=""),  # why: unseen, uncertain, unproved
        # To an agent: there were too many notifications, these are the tickets.
        "digest": _needs(
            "subject_with_tag desk_name count",
            tickets=(),  # {tag, subject, contact, mails, address}
            more=0,  # tickets that are not listed
            marker="",
        ),
        # To agents: a clock has used much of its target; the target ran out; something was done about it.
        "at_risk": _needs(_CLOCK, **_CLOCK_OPTIONAL),
        "breach": _needs(_CLOCK, **_CLOCK_OPTIONAL),
        "escalation": _needs(
            f"{_CLOCK} rule why actions blocker owner eta",  # actions: {what, value}
            by="",  # the agent who did it by hand
            **_CLOCK_OPTIONAL,
        ),
        # To an agent: these tickets are at risk, told in one letter.
        "sla_digest": _needs(
            # of a ticket: {tag, subject, contact, clock_label, used_percent, due, breached, address ("": none)}
            "subject_with_tag desk_name count tickets more",
            zone="",
            marker="",
        ),
        # To admins: something needs a person.
        "alert": _needs(
            "subject_with_tag headline",
            lines=(),  # (name, value)
            advice="",
            command="",
            marker="",
        ),
    }
)


def checked(letter: str, facts: Mapping[str, object]) -> dict[str, object]:
    """The facts as plain values, with the optional ones filled in.

    Raises Permanent for an unknown letter, a missing or unknown fact, or a fact that is no value.
    """
    needs = LETTERS.get(letter)
    if needs is None:
        raise Permanent(f"there is no letter {letter!r}; there are {', '.join(LETTERS)}")
    missing = needs.required - facts.keys()
    unknown = facts.keys() - needs.required - needs.optional.keys()
    if missing or unknown:
        raise Permanent(f"letter {letter!r}: missing facts {sorted(missing)}, unknown facts {sorted(unknown)}")
    return {name: _plain(value) for name, value in {**needs.optional, **facts}.items()}


def one_line(text: str) -> str:
    """The text with every run of blanks and line ends made one space."""
    return " ".join(text.split())


def _plain(value: object) -> object:
    if isinstance(value, str):
        return _plain_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(entry) for entry in value[:ITEMS]]
    raise Permanent(f"a {type(value).__name__} is no value for a letter")


def _plain_text(value: str) -> str:
    # str.__str__ makes exactly a str of it: a Markup, or another class with __html__, would be put
    # into HTML unescaped.
    text = str.__str__(value)
    if len(text) > TEXT:
        text = text[:TEXT] + " […]"
    if not text.isprintable():
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    return text
