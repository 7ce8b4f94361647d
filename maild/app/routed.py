"""Carries out what routing decided of a mail that opens a ticket."""

from __future__ import annotations

from maild.app.acknowledging import tell_of_rejection
from maild.app.desk import Desk
from maild.app.languages import for_customer, of_customer
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.outcome import Outcome, Role, Taken
from maild.app.prepare import Prepared
from maild.app.recipients import manager_of
from maild.app.service_levels import MANAGER
from maild.app.webhooks import call_webhook
from maild.routing.catalogue import BRANCH_MANAGER
from maild.routing.decision import Decision
from maild.routing.facts import MailFacts
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import Status, check_move
from maild.tickets.model import Ticket


def decide(facts: MailFacts, desk: Desk) -> Decision:
    """What routing says of a mail; the customer is asked for things in the language that letters to him are in."""
    known = of_customer(facts.customer, facts.language, desk).language
    return desk.router.decide(facts, for_customer(known, facts.queue, desk).language)


def turned_away(
    prepared: Prepared, decision: Decision, ledger: Ledger, letters: Letters, *, language: str
) -> Taken | None:
    """What becomes of a mail that a rule rejects, or calls spam or nothing to be looked at; None for any other.

    It is kept, and `maild quarantine replay` takes it in after all: then none of this holds.
    """
    if prepared.row.handling != "normal" or not (decision.reject or decision.spam or decision.ignore):
        return None
    word = "reject" if decision.reject else "spam" if decision.spam else "ignore"
    hits = [tried.rule for tried in decision.hits if any(gave.startswith(word) for gave in tried.gave)]
    by = f"by rule {hits[0]}" if hits else "by a rule"
    said = {"reject": f"rejected {by}", "spam": f"spam {by}", "ignore": f"ignored {by}"}[word]
    why = [*decision.why, said]
    if word == "reject":
        why.append(tell_of_rejection(prepared, decision, ledger, letters, language=language))
    why.append(f"`maild quarantine replay {prepared.row.id}` takes it in after all")
    return Taken(Outcome.REJECTED, None, tuple(why), Role.CUSTOMER)


def sorted_fields(decision: Decision, facts: MailFacts, desk: Desk) -> tuple[dict[str, str], list[str]]:
    """The fields of a ticket that follow from a decision, only those with a value; and what could not be done."""
    why: list[str] = []
    team = decision.team
    if team and all(each.name != team for each in desk.teams):
        why.append(f"there is no team {team}, so the queue's has it")
        team = ""
    fields = {
        "queue": decision.queue,
        "team": team,
        "priority": decision.priority,
        "type": decision.type,
        "case_type": decision.case_type,
        "reason_code": decision.reason,
        "tags": " ".join(dict.fromkeys(decision.tags)),
        "sla_policy": decision.policy,
        "branch": facts.branch,
        "language": of_customer(facts.customer, facts.language, desk).language,
    }
    return {name: value for name, value in fields.items() if value}, why


def fixed_assignee(decision: Decision, facts: MailFacts, ticket: Ticket, desk: Desk) -> tuple[str, list[str]]:
    """The assignee that a rule or a reason names, "" for none, and why; `ticket` as it is with its other fields.

    Whom a strategy would choose is asked elsewhere, and only when this is nobody.
    """
    if not decision.assignee:
        return "", []
    named = {MANAGER: manager_of(ticket, desk), BRANCH_MANAGER: facts.branch_manager}
    address = named.get(decision.assignee, decision.assignee).lower()
    if not address:
        who = "its branch" if decision.assignee == BRANCH_MANAGER else "its team"
        return "", [f"not assigned: {who} has no manager"]
    return address, [f"assigned to {address}" + (f", the {decision.assignee}" if decision.assignee in named else "")]


def act(decision: Decision, number: int, prepared: Prepared, ledger: Ledger, letters: Letters) -> None:
    """Record what a decision adds to a ticket that is there: notes, a hold, calls of webhooks."""
    row = prepared.row
    for note in decision.notes:
        ledger.record(number, EventKind.NOTE, at=row.received_at, actor="system", mail=None, facts={"words": note})
    if decision.hold and check_move(ledger.ticket(number).status, Status.ON_HOLD) is None:
        ledger.move(number, Status.ON_HOLD, at=row.received_at, actor="system", mail=row.id, reason=decision.hold)
    for url in decision.webhooks if not row.silent else ():
        call_webhook(url, number, _rule_of(url, decision, letters.desk), ledger, letters, cause=row.id)


def _rule_of(url: str, decision: Decision, desk: Desk) -> str:
    """The rule that calls a webhook: the first of those that hit."""
    hit = {tried.rule for tried in decision.hits}
    return next((rule.name for rule in desk.router.rules if rule.then.webhook == url and rule.name in hit), "")


def in_short(decision: Decision) -> str:
    """Why a ticket is where it is, in one line for agents; "" when only the address said so."""
    if not (decision.hits or decision.reason or decision.team):
        return ""
    return "; ".join(line for line in decision.why if line)
