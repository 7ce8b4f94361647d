"""Works out what the daemon would do with a mail: its own decisions, on a store that is only read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from maild.app.arrival import Door
from maild.app.desk import Desk
from maild.app.ingest import look_up
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.opening import opened
from maild.app.prepare import Prepared, prepare
from maild.app.take_in import find_ticket, take_in
from maild.app.work import Claimed
from maild.confined.opening import open_package
from maild.errors import MaildError
from maild.mail import classify, read_mail, reply_text, with_absence
from maild.mail.authenticity import NOT_CHECKED, Authenticity
from maild.mail.model import Identity, Kind, Mail, Reply, Verdict
from maild.routing.by_address import Route
from maild.store.dry_unit import DryUnit
from maild.store.engine import Database
from maild.threading.glance import glance
from maild.threading.match import Match
from maild.tickets.model import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class WithStore:
    """What is only known with a database."""

    match: Match
    contact: int | None  # the sender, if known
    route: Route
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

    def explain(self, raw: bytes, now: datetime) -> Explained:
        """What would be done with this mail now. Raises nothing but MaildError for a database in trouble."""
        try:
            if self.desk is None:
                mail, _ = opened(read_mail(raw), raw, open_package)
                reply = reply_text(mail)
                verdict = with_absence(classify(mail, None, Identity()), mail, reply, now)
                return Explained(mail=mail, verdict=verdict, reply=reply)
            prepared = prepare(_as_claimed(raw, now), self.desk, open_package)
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


def _as_claimed(raw: bytes, now: datetime) -> Claimed:
    """The mail as if it had just arrived, with nobody knowing its envelope."""
    message_id, hint = glance(raw)
    return Claimed(
        id=0,
        door=Door.PIPE,
        raw=raw,
        received_at=now,
        envelope_from=None,
        envelope_to=(),
        message_id=message_id,
        thread_hint=hint,
        silent=False,
        handling="normal",
        attempts=1,
    )


def _decide(prepared: Prepared, database: Database, letters: Letters, now: datetime) -> WithStore:
    """Run the daemon's own decision, and throw the changes away."""
    with database.read() as connection:
        unit = DryUnit(connection)
        known = look_up(unit, [prepared], letters, now)
        contact = known.contacts.get(prepared.sender) or None
        matched = find_ticket(prepared, known, letters)
        route = _route(prepared, letters.desk, known.tickets.get(matched.ticket or 0))
        ledger = Ledger(unit=unit, known=known, now=now, salt=lambda: "")
        take_in(prepared, ledger, letters)
    result = ledger.changes.results[0]
    return WithStore(
        match=matched,
        contact=contact,
        route=route,
        outcome=result.outcome,
        why=result.why,
        letters=tuple((letter.template, letter.recipient) for letter in ledger.changes.letters),
    )


def _route(prepared: Prepared, desk: Desk, ticket: Ticket | None) -> Route:
    """The queue of the mail's ticket, or of the one it would open."""
    if ticket is not None:
        return Route(ticket.queue, f"queue {ticket.queue}: ticket {ticket.number} is in it")
    return desk.route(prepared.addressed)
