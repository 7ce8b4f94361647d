"""Works out what the daemon would do with a mail: its own decisions, on a store that is only read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.looking_up import look_up
from maild.app.lookups import Lookups
from maild.app.opening import opened
from maild.app.prepare import Prepared, prepare
from maild.app.references import refer
from maild.app.routed import decide
from maild.app.routing_facts import facts_of
from maild.app.take_in import find_ticket, handed_of, take_in
from maild.app.webhooks import WEBHOOK, shown
from maild.bootstrap.deciding import as_claimed
from maild.confined.opening import open_package
from maild.errors import MaildError
from maild.mail import classify, read_mail, reply_text, with_absence
from maild.mail.authenticity import NOT_CHECKED, Authenticity
from maild.mail.model import Identity, Kind, Mail, Reply, Verdict
from maild.routing.decision import Decision
from maild.store.dry_unit import DryUnit
from maild.store.engine import Database
from maild.threading.match import Match
from maild.tickets.model import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class WithStore:
    """What is only known with a database."""

    match: Match
    contact: int | None  # the sender, if known
    route: Decision
    outcome: str
    why: tuple[str, ...]
    letters: tuple[tuple[str, str], ...]  # template, recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What was understood of one mail."""

    mail: Mail
    verdict: Verdict
    reply: Reply
    authenticity: Authenticity = NOT_CHECKED
    with_store: WithStore | None = None


@dataclass(frozen=True, kw_only=True)
class Explainer:
    """Without a desk only the mail itself is explained; without letters and a database nothing is matched."""

    desk: Desk | None = None
    letters: Letters | None = None
    database: Database | None = None
    lookups: Lookups | None = None

    def explain(self, raw: bytes, now: datetime) -> Explained:
        """What would be done with this mail now. Raises nothing but MaildError for a database in trouble."""
        try:
            if self.desk is None:
                mail, _ = opened(read_mail(raw), raw, open_package)
                reply = reply_text(mail)
                verdict = with_absence(classify(mail, None, Identity()), mail, reply, now)
                return Explained(mail=mail, verdict=verdict, reply=reply)
            [prepared] = refer([prepare(as_claimed(raw, now), self.desk, open_package)], self.desk, self.lookups)
            explained = Explained(
                mail=prepared.mail,
                verdict=prepared.verdict,
                reply=prepared.reply,
                authenticity=prepared.authenticity,
            )
            if self.database is None or self.letters is None:
                return explained
            return replace(explained, with_store=_decide(prepared, self.database, self.letters, now))
        except MaildError:
            raise
        except Exception as error:  # noqa: BLE001  # one mail must never end the explanation of a folder
            return unreadable(f"{type(error).__name__}: {error}")


def unreadable(why: str) -> Explained:
    """The answer for a mail that could not be read: the daemon would put it into quarantine."""
    sentence = f"it could not be read: {why}"
    verdict = Verdict(kind=Kind.HUMAN, why=(sentence,), acknowledge=False, acknowledge_why=sentence)
    return Explained(mail=Mail(defects=(sentence,)), verdict=verdict, reply=Reply(text=""))


def _decide(prepared: Prepared, database: Database, letters: Letters, now: datetime) -> WithStore:
    """Run the daemon's own decision, and throw the changes away."""
    with database.read() as connection:
        unit = DryUnit(connection)
        known = look_up(unit, [prepared], letters, now)
        contact = known.contacts.get(prepared.sender) or None
        matched = find_ticket(prepared, known, letters)
        route = _route(prepared, matched, known.tickets.get(matched.ticket or 0), letters.desk)
        ledger = Ledger(unit=unit, known=known, now=now, salt=lambda: "")
        take_in(prepared, ledger, letters)
    result = ledger.changes.results[0]
    return WithStore(
        match=matched,
        contact=contact,
        route=route,
        outcome=result.outcome,
        why=result.why,
        letters=tuple(
            (letter.template, shown(letter.recipient) if letter.template == WEBHOOK else letter.recipient)
            for letter in ledger.changes.letters
        ),
    )


def _route(prepared: Prepared, matched: Match, ticket: Ticket | None, desk: Desk) -> Decision:
    """What routing says of the mail's ticket, or of the one that it would open."""
    # Rules for replies are tried on what a customer says.
    is_agents = prepared.sender in desk.agents and ticket is not None and ticket.contact != prepared.sender
    if ticket is not None and (is_agents or not desk.routes_replies):
        why = f"queue {ticket.queue}: ticket {ticket.number} is in it"
        return Decision(queue=ticket.queue, team=ticket.team, priority=ticket.priority, why=(why,))
    handed = handed_of(prepared, matched, desk)
    speaker = handed.speaker if handed else prepared
    return decide(facts_of(speaker, desk, ticket=ticket, from_agent=prepared.sender in desk.agents), desk)
