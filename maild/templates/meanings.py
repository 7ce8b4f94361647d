"""What each letter is for and what each of its variables means: for `maild templates`, the manual, and writers.

A test fails when a variable of `facts.py` has no meaning here, so the words cannot fall behind. What kind of value it
is and what it looks like is seen in `examples.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from maild.templates.facts import LETTERS

CUSTOMER, AGENT, ADMIN = "customer", "agent", "admin"


@dataclass(frozen=True, slots=True)
class About:
    """Who gets a letter, and when."""

    to: str  # CUSTOMER, AGENT or ADMIN
    when: str


ABOUT: Mapping[str, About] = MappingProxyType(
    {
        "acknowledgement": About(CUSTOMER, "a mail has opened a ticket"),
        "missing_information": About(CUSTOMER, "a mail has opened a ticket, and we need more before we can begin"),
        "rejection": About(CUSTOMER, "a rule rejects a mail"),
        "waiting": About(CUSTOMER, "an agent waits for the customer's answer"),
        "follow_up": About(CUSTOMER, "the customer has been silent for long"),
        "resolution": About(CUSTOMER, "the ticket is solved"),
        "closing": About(CUSTOMER, "the ticket is closed"),
        "feedback": About(CUSTOMER, "we ask how it was"),
        "customer_status": About(CUSTOMER, "the customer asked for the open tickets"),
        "receipt": About(CUSTOMER, "what the customer asked for by mail was done, or not"),
        "answer": About(CUSTOMER, "an agent answers"),
        "notification": About(AGENT, "something happened to a ticket"),
        "assignment": About(AGENT, "a ticket is yours now"),
        "ticket": About(AGENT, "the agent asked for one ticket"),
        "list": About(AGENT, "the agent asked for a list of tickets"),
        "help": About(AGENT, "the agent asked for the commands"),
        "approval": About(AGENT, "a colleague wants to set a rule aside"),
        "low_rating": About(AGENT, "a customer is not content"),
        "offer": About(AGENT, "a colleague with urgent tickets is away"),
        "confirmation": About(AGENT, "what the agent asked for was done"),
        "problem": About(AGENT, "what the agent asked for was not done"),
        "question": About(AGENT, "it is not certain whose mail the agent forwarded"),
        "digest": About(AGENT, "there were too many notifications"),
        "at_risk": About(AGENT, "a clock has used much of its target"),
        "breach": About(AGENT, "a clock's target ran out"),
        "escalation": About(AGENT, "a ticket was escalated"),
        "sla_digest": About(AGENT, "several clocks are at risk"),
        "alert": About(ADMIN, "something needs a person"),
    }
)

# By the variable's name, and by LETTER.NAME where a letter means something else by it.
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        # In every letter.
        "desk_name": "the name of the desk",
        "direction": "ltr or rtl: the way in which the language is written",
        "language": "the language of the letter, such as en",
        "mark": "the signed name of the ticket that stands in the marker",
        "marker": "the line above which answers are written; empty where nobody is to answer",
        "subject_line": "the subject of this letter as it was filled in",
        "subject_with_tag": "the ticket's subject with its tag, for the subject line",
        # Of a ticket.
        "assignee": "the agent who has the ticket; empty: nobody",
        "attachments": "files that came: {name, size_text, type, refused}; refused: why it is not handed out",
        "acknowledgement.attachments": "files that came: {name, size_text, refused}; refused: it is not handed out",
        "missing_information.attachments": "files that came: {name, size_text, refused}; refused: it is not handed out",
        "customer_address": "the customer's address",
        "customer_name": "the customer's name",
        "greeting_name": "the customer's name as it stands in the mail; may be empty",
        "history": "the last mails, newest first: {who, when, text}",
        "number": "the ticket's number",
        "opened": "when the ticket was opened, in response_zone",
        "opened_at": "when the ticket was opened",
        "priority": "low, medium, high or critical",
        "queue": "the queue of the ticket",
        "reason": "the reason code, with its label",
        "status_label": "where the ticket stands",
        "subject": "the ticket's subject",
        "tag": "the ticket's tag, such as [#17]",
        "tags": "the tags of the ticket, with spaces between",
        "team": "the team of the ticket",
        "type": "the type, and after a slash the case type",
        "zone": "the time zone of all times in the letter",
        # To customers.
        "asked_at": "when we answered last",
        "asks": "what would help: a list of texts",
        "authentic": "whether it is certain that the mail is from its sender; else show none of its words",
        "closes_at": "when the ticket will be closed by itself",
        "code": "the resolution code",
        "done": "what was done",
        "receipt.done": "closed, reopened, joined, left, rated, confirmed or rejected",
        "follow_up_of": "the closed ticket that this one goes on with; empty: none",
        "count": "how many",
        "feedback.count": "1: the first time that we ask; 2: the second",
        "follow_up.count": "1: the first reminder; 2: the second",
        "no_link": "a mailto link: it is not solved",
        "order": "the order that the mail names; empty: none",
        "rating_links": "mailto links that rate: {stars, href}, five stars first",
        "reopen_until": "until when an answer opens the ticket again",
        "response_due": "until when we aim to answer; empty: nothing is promised",
        "response_zone": "the time zone of response_due and opened: the customer's as far as it is known",
        "stars": "the rating, 1 to 5; 0: none",
        "summary": "the words of the mail",
        "yes_link": "a mailto link: it is solved",
        "more": "how many tickets are not listed",
        # To agents.
        "agent_name": "the agent who answers",
        "cut_lines": "lines of the mail that are not shown: quotes and signatures",
        "html": "the answer as the agent wrote it; put it through `safe_html`",
        "invitation": "an invitation: {state, summary, when, repeats, location, organizer, invited}; or none",
        "links": "mailto links that carry a command: {does, href}; does: take, hold, resolve, close or note",
        "list_links": "mailto links that ask for a list: {does, href}; does: mine, unassigned, at risk or help",
        "more_tickets": "how many of the customer's other tickets are not listed",
        "nearest": "what was probably meant",
        "note": "what a colleague wrote above the forwarded mail",
        "other_tickets": "the customer's other tickets, newest first: {tag, subject, status_label, opened}",
        "problem": "why it was not done",
        "quoted": "the mail that is answered: {who, when, text}; or none",
        "reason_codes": "the codes that may be chosen: {code, label}",
        "references": "orders and the like that the mails name: {sort, key, fit, directory, details, why}",
        "reply": "whether an answer to this letter goes to the customer",
        "routed": "why the ticket went where it went",
        "similar": "solved tickets that are like this one: {tag, subject, resolution, opened}",
        "sla": "the ticket's clocks: {clock_label, standing, due, left, hold_reason}",
        "suggestion": "who the customer may be",
        "task_for": "the ticket that this task of our own is for: {tag, subject}; or none",
        "text": "the words of the mail",
        "answer.text": "the agent's answer",
        "closing.text": "what the agent says to it",
        "follow_up.text": "what we answered last",
        "receipt.text": "why it was not done; empty: it was",
        "rejection.text": "what the rule says",
        "resolution.text": "what was done",
        "waiting.text": "what we wait for, in the agent's words",
        "timeline": "what happened to the ticket, oldest first: {when, who, what, text}",
        "undo": "how to take it back",
        "warnings": "what to beware of: a list of sentences",
        "what": "what happened: new ticket, reply, resumed, reopened and others",
        "your_text": "what the agent had written",
        # Lists.
        "commands": "the commands: {form, does}",
        "page": "the page of the list",
        "pages": "how many pages there are",
        "rows": "{tag, subject, contact, status_label, priority, assignee, opened, standing, due, href}",
        "tickets": "{tag, subject, contact, mails, address}; an answer to the address goes to the customer",
        "customer_status.tickets": "{tag, subject, status_label, opened, due, href}",
        "offer.tickets": "{tag, subject, contact, priority, due, href}",
        "sla_digest.tickets": "{tag, subject, contact, clock_label, used_percent, due, breached, address}",
        "title": "what is listed",
        "total": "how many there are on all pages",
        "until": "the last day of the absence",
        "who": "the colleague who is away",
        # Approvals and ratings.
        "approve_link": "a mailto link that approves",
        "asker": "the agent who asks",
        "because": "the reason that the agent gives",
        "comment": "what the customer wrote to it",
        "deny_link": "a mailto link that denies",
        "refused": "the rules that are against it: a list of sentences",
        "wants": "what the agent wants to do: a list of sentences",
        # Clocks.
        "actions": "what was done: {what, value}; what: assigned, team, priority, status, tag, task or told",
        "blocker": "what is in the way",
        "by": "the agent who escalated by hand; empty: a rule did",
        "calendar": "the calendar in which the clock counts",
        "clock_label": "first_response, next_response or resolution",
        "due": "when the target runs out, or ran out; empty on hold",
        "eta": "when it is expected to be done",
        "hold_reason": "why the ticket is on hold",
        "left": "what is left of the target; from 100 used_percent on, how long it is over",
        "others": "the ticket's other clocks: {clock_label, standing, due, left, hold_reason}",
        "owner": "who takes care of it",
        "policy": "the policy that promises this",
        "rule": "the rule that escalates; #escalate: an agent did",
        "started": "when the clock began",
        "used": "how much counted time was used",
        "used_percent": "how much of the target was used",
        "why": "the reason",
        "closing.why": "no_answer, confirmed, time or asked; empty: an agent closed it",
        "question.why": "unseen, uncertain or unproved",
        "escalation.why": "the reason in words, where there is one beyond the clock",
        # To admins.
        "advice": "what to do",
        "command": "the command to do it with",
        "headline": "what is the matter, in a line",
        "lines": "further facts: pairs of name and value",
    }
)

OF_ALL = ("language", "direction", "subject_line")  # beside the facts: the machinery gives them to every letter


def meaning(letter: str, name: str) -> str:
    """What a variable of a letter means. Raises KeyError for one without a meaning."""
    return MEANINGS.get(f"{letter}.{name}") or MEANINGS[name]


def variables(letter: str) -> tuple[str, ...]:
    """The variables of a letter: the required ones first, then the optional ones, each by the alphabet.

    Raises KeyError for an unknown letter.
    """
    needs = LETTERS[letter]
    return (*sorted(needs.required), *sorted({*needs.optional, *OF_ALL}))
