"""Agents' own automatic replies say when they are away; their next own mail says that they are back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from maild.app.assign import staff_of
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.offers import offer_tickets
from maild.app.prepare import Prepared, is_answerable
from maild.app.staff import Absence, absent_words, applied
from maild.ids import Purpose, read_reply_address
from maild.mail.authenticity import Proof
from maild.mail.model import Kind
from maild.threading.match import Match

WITHOUT_DATE = timedelta(days=3)  # over a weekend; whoever is away for longer answers again


def mind_absence(prepared: Prepared, matched: Match, ledger: Ledger, letters: Letters) -> list[str]:
    """Note that an agent is away, or back, if a mail proves it; returns what was noted, or why nothing was.

    What is urgent of an absent agent's tickets is offered to others, once for each absence.
    """
    sender, desk = prepared.sender, letters.desk
    if sender not in desk.agents or prepared.row.silent:
        return []
    if prepared.verdict.kind is Kind.AUTO_REPLY:
        if not _is_agents_own(prepared, ledger, desk):
            return [f"{sender} does not count as absent: nothing proves whose automatic reply this is"]
        absence = absence_of(prepared, desk)
        is_known = _is_away(sender, ledger, desk)
        _note(sender, absence, ledger)
        said = [f"{sender} counts as absent {absent_words(absence, desk)}: the agent's own automatic reply"]
        return said if is_known else said + offer_tickets(absence, ledger, letters)
    if is_answerable(prepared.verdict.kind) and (matched.agent or prepared.proves_agent):
        _note(sender, None, ledger)
    return []


def _is_away(address: str, ledger: Ledger, desk: Desk) -> bool:
    """Whether it is known that somebody is away; who answers every mail automatically tells it again and again."""
    absence = staff_of(ledger, desk).roster.absences.get(address)
    return absence is not None and absence.holds(ledger.now)


def absence_of(prepared: Prepared, desk: Desk) -> Absence:
    """The absence that an automatic reply tells of: to the end of the day that it names, else for some days."""
    since, last_day = prepared.row.received_at, prepared.verdict.away_until
    if last_day is None:
        until = since + WITHOUT_DATE
    else:
        until = datetime.combine(last_day + timedelta(days=1), time(), desk.zone).astimezone(UTC)
    return Absence(address=prepared.sender, since=since, until=until, mail=prepared.row.id)


def _is_agents_own(prepared: Prepared, ledger: Ledger, desk: Desk) -> bool:
    """Whether only the agent's mailbox can have sent it: it answers a letter to the agent, or is vouched for.

    Else anybody could send an agent off by a mail in the agent's name.
    """
    if prepared.authenticity.result is Proof.FAIL:
        return False
    letter = ledger.known.letters.get(prepared.bounced_nonce)
    if prepared.vouched or (letter is not None and letter.recipient == prepared.sender):
        return True
    tokens = (read_reply_address(address) for address in prepared.addressed if desk.is_ours(address))
    return any(t and t.purpose is Purpose.AGENT and desk.signer.verifies(t, prepared.sender) for t in tokens)


def _note(address: str, begins: Absence | None, ledger: Ledger) -> None:
    ledger.changes.absences[address] = begins
    if ledger.staff is not None:
        ledger.staff.note(address, applied(ledger.staff.roster.absences.get(address), begins, ledger.now))
