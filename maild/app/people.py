"""Who takes part in a ticket by a mail: its writer, those whom it was copied to, where its answers go."""

from __future__ import annotations

from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.prepare import Prepared
from maild.mail.authenticity import Proof


def actor_of(prepared: Prepared, ledger: Ledger) -> str:
    """Who wrote, as the chain names them: by number."""
    if not prepared.sender:
        return "system"
    return f"contact:{ledger.known.contacts[prepared.sender]}"


def join_copied(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> None:
    """People in To and Cc of a mail that belongs to the ticket may answer on it, too."""
    for address in (*prepared.mail.to, *prepared.mail.cc):
        lower = address.address.lower()
        if lower and not letters.desk.is_ours(lower) and lower not in letters.desk.agents:
            ledger.join(number, lower, address.name, "copied")


def answer_to(prepared: Prepared, letters: Letters) -> str:
    """Where the opener of a ticket wants answers: one Reply-To, unless a list put it there (MAIL.md §3).

    It is believed for the mail that opens a ticket only: later ones could lead the answers away.
    """
    wanted = prepared.mail.reply_to
    forged = prepared.authenticity.result is Proof.FAIL
    if len(wanted) != 1 or forged or prepared.list_name or "@" not in wanted[0].address:
        return ""
    address = wanted[0].address.lower()
    nobodys = address == prepared.sender or letters.desk.is_ours(address) or address in letters.desk.agents
    return "" if nobodys else address
