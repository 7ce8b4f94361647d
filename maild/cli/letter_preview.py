"""What `maild templates preview` shows: the facts of a real ticket, and a page in the browser."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maild.config.model import Config
from maild.errors import Permanent
from maild.templates.examples import EXAMPLES
from maild.templates.meanings import ABOUT, CUSTOMER

if TYPE_CHECKING:
    from maild.app.ledger import Ledger
    from maild.app.letters import Letters


def of_ticket(letter: str, number: int, config: Config) -> tuple[dict[str, Any], str]:
    """The facts of a letter about a ticket, and the language it would be in.

    The facts are what is known of the ticket, and the example's for what only happens once.

    Raises Permanent when there is no such ticket.
    """
    # Without a ticket nothing of this is needed, and it takes half a second to import.
    from maild.app.languages import for_customer
    from maild.app.ledger import Ledger
    from maild.bootstrap.parts import Parts
    from maild.cli.database import open_existing
    from maild.cli.no_bell import NoBell
    from maild.clock import utc_now
    from maild.store.dry_unit import DryUnit

    database = open_existing(config)
    try:
        letters = Parts(config, database, NoBell()).letters
        wanted = letters.wanted()
        wanted.tickets.add(number)
        now = utc_now()
        with database.read() as connection:
            unit = DryUnit(connection)
            known = unit.load(wanted, now)
            if number not in known.tickets:
                raise Permanent(f"there is no ticket {number}")
            real = _facts(number, Ledger(unit=unit, known=known, now=now, salt=str), letters)
            ticket = known.tickets[number]
            customers = ABOUT[letter].to == CUSTOMER
            language = for_customer(ticket.language, ticket.queue, letters.desk).language if customers else ""
    finally:
        database.close()
    example = EXAMPLES[letter]
    facts = {**example, **{name: value for name, value in real.items() if name in example}}
    return facts, language or config.desk.language


def _facts(number: int, ledger: Ledger, letters: Letters) -> dict[str, Any]:
    from maild.app.letter_facts import past_mails, ticket_facts

    ticket, desk = ledger.ticket(number), letters.desk
    name = ledger.known.participants.get(number, {}).get(ticket.contact, "")
    past = past_mails(number, ledger, desk)
    facts = ticket_facts(number, ledger, letters)
    return {
        **facts,
        "opened": facts["opened_at"],
        "customer_name": name,
        "greeting_name": name,
        "customer_address": ticket.contact,
        "text": past[0]["text"] if past else ticket.description,
        "summary": ticket.description,
        "history": past[1:],
        "zone": str(desk.zone),
        "response_zone": str(desk.zone),
    }


def open_page(name: str, html: str) -> str:
    """Show a page in a web browser; returns what came of it, with the file, which stays for the browser to read."""
    file = Path(tempfile.mkdtemp(prefix="maild-")) / f"{name}.html"
    file.write_text(html, encoding="utf-8")
    try:
        shown = webbrowser.open(file.as_uri())
    except webbrowser.Error:
        shown = False
    return f"{'opened' if shown else 'there is no browser; open'} {file}"
