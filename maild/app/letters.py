"""Writes the letters that a mail causes into the outbox: who gets which words, in which thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.app.budgets import COMMON, Refusal, judge, limits_of, scopes_of_staff
from maild.app.changes import NewLetter
from maild.app.desk import Desk
from maild.app.desk_structure import Queue
from maild.app.known import Wanted
from maild.app.languages import for_agent, for_customer
from maild.app.ledger import Ledger
from maild.app.marks import Mark, mark_of
from maild.app.ports import Composer, File, Head, Templates
from maild.ids import Purpose
from maild.mail.model import Address
from maild.tickets.model import Ticket

REFERENCES_KEPT = 20


def broken_scope(file: str) -> str:
    """In which alerts of a broken letter are counted."""
    return f"broken {file}"


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Makes letters from templates; the Message-ID is fixed here, once (HOUSE invariant 4)."""

    desk: Desk
    templates: Templates
    composer: Composer
    own: frozenset[str] = frozenset()  # files of a site's own letters

    def write(
        self,
        ledger: Ledger,
        template: str,
        *,
        cause: int,
        received_at: datetime,
        to: Address,
        copies: Sequence[Address] = (),
        ticket: Ticket | None,
        queue: Queue,
        sender_name: str = "",
        purpose: Purpose | None = None,
        reply_to: str = "",
        in_reply_to: str = "",
        references: Sequence[str] = (),
        auto_submitted: str = "auto-generated",
        files: Sequence[File] | Callable[[], Sequence[File]] = (),
        facts: Mapping[str, object] | Callable[[], Mapping[str, object]],
        about: str = "",
        language: str = "",
    ) -> str:
        """Write one letter, unless it is automatic and may not be: then nothing is done but to say why.

        `purpose` says whose reply address it carries, None for `reply_to`, or the plain address. `about` names what the
        letter is about in place of its cause, when several causes are to have one letter together. A
        customer is written to in `language`, else in the ticket's; our own people in their own. `facts` and
        `files` that cost something are given as functions, which are called only for a letter that is written.
        """
        desk, signer = self.desk, self.desk.signer
        number = ticket.number if ticket else 0
        recipients = [to.address.lower(), *(copy.address.lower() for copy in copies)]
        address = queue.addresses[0]
        if auto_submitted and (refusal := self.refusal(ledger, template, recipients[0], number)):
            ledger.refuse(refusal, cause)
            return refusal.why
        for scope in dict.fromkeys(limit.scope for limit in limits_of(template, recipients[0], number, desk.budgets)):
            ledger.count(scope, written=1)

        # The cause's time as well: after a restored backup the same row number is another mail.
        what = f"{about or cause}|{received_at.isoformat()}|{template}|{number}"
        nonces = [signer.nonce(f"{what}|{recipient}") for recipient in recipients]
        message_id = signer.message_id(desk.domain, number, nonces[0])
        marked = {**(facts() if callable(facts) else facts), "mark": signer.mark(number) if ticket else ""}
        spoken = self.language(recipients[0], language, ticket, queue)
        rendered = self.templates.render(template, spoken, marked)
        file, trouble = rendered.broken
        if file:
            ledger.broken.setdefault(file, trouble)
        chain = [*references, *([signer.ticket_id(desk.domain, number)] if ticket else [])]
        head = Head(
            sender=Address(f"{sender_name} ({desk.name})" if sender_name else desk.name, address),
            to=(to,),
            cc=tuple(copies),
            reply_to=signer.reply_address(address, number, recipients[0], purpose) if purpose else reply_to,
            message_id=message_id,
            in_reply_to=in_reply_to,
            references=tuple(dict.fromkeys(chain)),
            date=ledger.now,
            auto_submitted=auto_submitted,
        )
        raw = self.composer(head, rendered, files() if callable(files) else files)
        # A row each: one may be refused for now while the other is taken.
        for recipient, nonce in zip(recipients, nonces, strict=True):
            ledger.write_letter(
                NewLetter(
                    nonce=nonce,
                    ticket=ticket.number if ticket else None,
                    cause=cause or None,  # a digest has none
                    template=template,
                    recipient=recipient,
                    automatic=bool(auto_submitted),
                    envelope_from=signer.bounce_address(address, nonce),
                    message_id=message_id,
                    subject=rendered.subject,
                    raw=raw,
                    created_at=ledger.now,
                    expires_at=ledger.now + desk.letter_expire,
                )
            )
        if ticket:
            ledger.know(message_id, number)
        return ""

    def language(self, recipient: str, known: str, ticket: Ticket | None, queue: Queue) -> str:
        """The language of a letter to an address in lower case; `known` is the customer's, else the ticket's is."""
        if recipient in self.desk.staff:
            return for_agent(recipient, self.desk).language
        return for_customer(known or (ticket.language if ticket else ""), queue.name, self.desk).language

    def wanted(self) -> Wanted:
        """What has to be known before any letter: how many our own people got, and whether mail reaches them."""
        staff = set(self.desk.staff)
        own = map(broken_scope, self.own)
        return Wanted(addresses=staff, scopes=set(COMMON).union(own, *map(scopes_of_staff, staff)))

    def refusal(self, ledger: Ledger, template: str, recipient: str, number: int) -> Refusal | None:
        """Why this letter may not be written now; None when it may (MAIL.md §5).

        An agent's answer is tried even where other letters come back.
        """
        mark = None if template == "answer" else self.mark(ledger, recipient)
        if mark is not None:
            return Refusal(mark.sentence(self.desk.time(mark.until)))
        return judge(limits_of(template, recipient, number, self.desk.budgets), ledger.known.lately)

    def mark(self, ledger: Ledger, address: str) -> Mark | None:
        """The mark of an address that mail does not reach."""
        return mark_of(ledger.known.bounces.get(address.lower(), ()), self.desk.marks, ledger.now)

    def subject(self, ticket: Ticket) -> str:
        """The customer's subject with the ticket's tag, once."""
        tag = self.tag(ticket.number)
        plain = ticket.subject.replace(tag, "").strip()
        return f"{plain} {tag}" if plain else tag

    def tag(self, number: int) -> str:
        """What a subject names a ticket by."""
        return f"[{self.desk.tag}{number}]"
