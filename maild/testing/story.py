r"""Conversations with a running desk, told as stories: a customer, a ticket, and the agents who work on it by mail.

    story.opens("The pump leaks.")
    story.answers(ANNA, "#hold a seal\n\nWe order one, Kim.", outlook_phone)
    story.replies("Thank you!")
    assert story.ticket.status == "open"

Every step ends when the desk is at rest, so what it caused can be looked at, and that nothing came of it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formataddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import Row

from maild.store import schema
from maild.testing.clients import Client, gmail_phone, gmail_web
from maild.testing.desk import Desk
from maild.testing.mails import File, links, new_mail
from maild.testing.sink import Posted

ANNA, BEN, CORA = "anna@staff.example", "ben@staff.example", "cora@staff.example"
# Anna answers and resolves; Ben may not resolve; Cora is their manager. Customers are asked whether it is solved, and
# how it was; billing asks nothing. What proves an agent are signed addresses alone: no mail system vouches for anybody.
DESK = f"""
[desk]
name = "Example Support"
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
alerts_to = ["root@example.com"]

[[agent]]
name = "Anna Agent"
address = "{ANNA}"

[[agent]]
name = "Ben Builder"
address = "{BEN}"
role = "installer"

[[agent]]
name = "Cora Chief"
address = "{CORA}"
role = "manager"

[[team]]
name = "service"
agents = ["{ANNA}", "{BEN}"]
manager = "{CORA}"

[[team]]
name = "accounts"
agents = ["{ANNA}"]
manager = "{CORA}"

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "service"
agents = ["{ANNA}", "{BEN}"]

[[queue]]
name = "billing"
addresses = ["billing@example.com"]
team = "accounts"
agents = ["{ANNA}"]

[[requirement]]
to = "closed"
queues = ["billing"]
fields = ["root_cause"]

[aftercare]
tell_of_hold = true

[[aftercare.queue]]
name = "support"
confirm = true

[[aftercare.queue]]
name = "billing"
feedback = false

[feedback]
enabled = true
after = "0s"
"""


class Story:
    """One customer's conversation; `secret` is a word for what is said inside, which no customer may ever read."""

    def __init__(self, desk: Desk, number: int) -> None:
        """The customer has an address and a domain that no other story has."""
        self.desk = desk
        self.domain = f"house{number}.example"
        self.customer = f"kim@{self.domain}"
        self.secret = f"sesame{number}"
        self.number = 0  # of the ticket

    # ------------------------------------------------------------------------ what people do

    def sends(self, raw: bytes, *, sender: str | None = None, to: str = "") -> None:
        """Anybody sends a mail; the envelope is what its headers say unless given."""
        self.desk.send(raw, sender=sender, to=to)
        self.desk.settle()

    def opens(self, text: str = "My pump leaks.", **mail: Any) -> Posted:
        """The customer writes a new mail; the acknowledgement. The story's ticket is now the one that it opened."""
        self.sends(new_mail(text, **{"sender": f"Kim Kunde <{self.customer}>", "subject": "Pump", **mail}))
        self.number = max(row.number for row in self.desk.tickets())
        return self.last()

    def answers(
        self,
        agent: str,
        words: str,
        client: Client = gmail_web,
        *,
        letter: Posted | None = None,
        sender: str = "",
        signature: str = "",
        files: Sequence[File] = (),
    ) -> Posted:
        """An agent answers the newest letter about the ticket, or that one; the newest one then."""
        answered = letter or self.told(agent)
        self.sends(client(answered, words, sender=sender, signature=signature, files=files))
        return self.told(agent)

    def replies(
        self, words: str, client: Client = gmail_phone, *, letter: Posted | None = None, sender: str = ""
    ) -> Posted:
        """The customer replies to the last letter, or to that one; the newest one then."""
        self.sends(client(letter or self.last(), words, sender=sender))
        return self.last()

    def clicks(self, link: str, words: str = "", *, sender: str = "") -> None:
        """Somebody sends the mail that a link writes, with more words or without; the customer unless it is said."""
        parts = urlsplit(link)
        fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = fields.get("body", "").replace("\r\n", "\n") + words
        who = sender or formataddr(("Kim Kunde", self.customer))
        self.sends(new_mail(body, sender=who, to=unquote(parts.path), subject=fields.get("subject", "")))

    # ------------------------------------------------------------------------ what can be seen

    def letters(self, person: str = "", *, ticket: int = 0) -> list[Posted]:
        """The letters to the customer; to anybody else those about the ticket."""
        if person in ("", self.customer):
            return self.desk.sink.to(self.customer)
        tag = f"[#{ticket or self.number}]"
        return [letter for letter in self.desk.sink.to(person) if tag in str(letter.mail["Subject"])]

    def last(self, person: str = "") -> Posted:
        """The newest of them."""
        return self.letters(person)[-1]

    def told(self, agent: str) -> Posted:
        """The newest letter about the ticket that this agent can answer."""
        return [letter for letter in self.letters(agent) if letter.mail["Reply-To"]][-1]

    def link(self, letter: Posted, mark: str) -> str:
        """The only link of a letter whose address or words hold a mark, such as "#take" or "+y"."""
        [found] = [each for each in links(letter) if mark in unquote(each)]
        return found

    @property
    def ticket(self) -> Row[Any]:
        """The ticket as it stands."""
        return self.row(self.number)

    def row(self, number: int) -> Row[Any]:
        """Another ticket."""
        return next(row for row in self.desk.tickets() if row.number == number)

    def happened(self) -> list[str]:
        """The kinds of the ticket's events, oldest first."""
        return [row.kind for row in self.desk.rows(schema.event) if row.ticket == self.number]

    def templates(self, person: str = "") -> list[str]:
        """Which letters went to the customer, or about the ticket to somebody else, in order."""
        ids = {row.message_id: row.template for row in self.desk.rows(schema.outbox)}
        return [ids[letter.message_id] for letter in self.letters(person)]

    def why(self) -> str:
        """What was decided about the newest mail."""
        return "\n".join(self.desk.mails()[-1].why or ())


def leaks(desk: Desk) -> list[str]:
    """Every letter to anybody but our own people that holds a story's secret or an agent's address."""
    inside = ("@staff.example", "root@example.com")
    outside = [each for each in desk.sink.posted if not all(to.endswith(inside) for to in each.recipients)]
    return [
        f"{word} in {letter.mail['Subject']!r} to {letter.recipients}"
        for letter in outside
        for word in ("sesame", "staff.example")
        if word in letter.everything.lower()
    ]
