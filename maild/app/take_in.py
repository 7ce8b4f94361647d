"""One mail's way through the house: from its facts to events, letters and an outcome."""

from __future__ import annotations

from collections.abc import Iterator

from maild.app.absences import mind_absence
from maild.app.agent_mail import agent_mail
from maild.app.alerts import quarantine_alert, virus_alert
from maild.app.automatic_mail import automatic_mail, bounce
from maild.app.changes import MailRecord, Result
from maild.app.customer_asks import customer_ask
from maild.app.customer_mail import customer_reply, new_ticket
from maild.app.desk import Desk
from maild.app.feedback import customers_word
from maild.app.finding_again import remember
from maild.app.forwarded import Handed, handed_on
from maild.app.known import Known, Seen
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.lists import list_mail
from maild.app.outcome import Outcome, Taken
from maild.app.prepare import Prepared, is_answerable
from maild.app.uniting import unite
from maild.app.unproved_agent import mail_from_elsewhere, unproved_agent_mail
from maild.mail.authenticity import Proof
from maild.mail.file_policy import infected_files
from maild.mail.model import Kind
from maild.threading.evidence import LONGEST_ID, Evidence, Sort
from maild.threading.match import Candidate, Match, Question, Sender, match
from maild.tickets.lifecycle import Status

_RANK = {sort: rank for rank, sort in enumerate(Sort)}
MOST_WORDS = 256 << 10  # characters kept for timelines; the raw mail has the rest


def take_in(prepared: Prepared, ledger: Ledger, letters: Letters) -> None:
    """Decide on one mail and record everything that follows from it in the ledger."""
    row, mail = prepared.row, prepared.mail
    first = ledger.known.seen.get(prepared.content_key)
    if first is not None and first.inbox != row.id:
        again = f"the same mail was taken in before, as inbox row {first.inbox}"
        ledger.finish(Result(inbox=row.id, outcome=Outcome.DUPLICATE, ticket=first.ticket, why=(again,)))
        return
    if mail.over_limit and row.handling == "normal":
        limit = f"{mail.over_limit}; `maild quarantine replay {row.id}` takes it in even so"
        ledger.finish(Result(inbox=row.id, outcome=Outcome.QUARANTINED, ticket=None, why=(limit,), trouble=limit))
        if not row.silent:
            quarantine_alert(ledger, letters, inbox=row.id, at=row.received_at, trouble=limit)
        return
    if is_answerable(prepared.verdict.kind):
        ledger.heard_from(prepared.sender)
    matched = unite(find_ticket(prepared, ledger.known, letters), prepared, ledger)
    handed = handed_of(prepared, matched, letters.desk)
    taken = _by_kind(prepared, matched, handed, ledger, letters)
    absent = mind_absence(prepared, matched, ledger, letters)
    speaker = handed.speaker if handed else prepared
    if (found := infected_files(mail)) and not row.silent:
        virus_alert(ledger, letters, inbox=row.id, arrived=row.received_at, at=row.received_at, found=found)
    # Of what a rule turns away nothing is kept but the mail itself: the next copy of it, which came to another
    # address or after the rule was mended, is judged by itself.
    if taken.outcome is not Outcome.REJECTED:
        ledger.changes.seen[prepared.content_key] = ledger.known.seen[prepared.content_key] = Seen(row.id, taken.ticket)
        _keep(prepared, taken, matched, ledger, letters.desk, speaker=speaker)
    threading = () if taken.outcome is Outcome.BOUNCE else matched.why  # a report is known by its letter
    origin = (f"authenticity {prepared.authenticity.result}: {w}" for w in prepared.authenticity.why)
    viruses = (f"the virus scanner found {says} in the file {name}" for name, says in infected_files(mail))
    kind = (f"kind {prepared.verdict.kind}: {w}" for w in prepared.verdict.why)
    why = (*viruses, *kind, *origin, *threading, *taken.why, *absent)
    ledger.finish(Result(inbox=row.id, outcome=taken.outcome, ticket=taken.ticket, why=why))


def _keep(prepared: Prepared, taken: Taken, matched: Match, ledger: Ledger, desk: Desk, *, speaker: Prepared) -> None:
    """Keep what a mail says, and what it is found again by."""
    row, mail = prepared.row, prepared.mail
    record = MailRecord(
        inbox=row.id,
        ticket=taken.ticket,
        kind=prepared.verdict.kind,
        role=taken.role,
        message_id=speaker.mail.message_id[:LONGEST_ID],
        from_name=speaker.mail.sender.name if speaker.mail.sender else "",
        from_address=speaker.sender,
        subject=speaker.mail.subject,
        words=(speaker.reply.text if taken.words is None else taken.words)[:MOST_WORDS],
        at=row.received_at,
        attachments=mail.attachments,
        invitation=mail.invitation,
    )
    ledger.note_mail(record)
    if taken.ticket is not None:
        (ledger.silent.add if row.silent else ledger.silent.discard)(taken.ticket)
        ledger.know(mail.message_id, taken.ticket)
        for message_id in sorted(prepared.answered):
            ledger.know(message_id, taken.ticket, own=False)
        if prepared.is_somebody:
            remember(speaker, taken.ticket, matched, ledger, desk)


def find_ticket(prepared: Prepared, known: Known, letters: Letters) -> Match:
    """Match a mail against the tickets that its evidence names."""
    desk = letters.desk

    def candidate(number: int) -> Candidate | None:
        ticket = known.tickets.get(number)
        if ticket is None:
            return None
        return Candidate(
            number=number,
            participants=frozenset(known.participants.get(number, {})),
            left=frozenset(known.left.get(number, ())),
            contact=ticket.contact,
            closed_at=ticket.closed_at if ticket.status is Status.CLOSED else None,
            continued_by=ticket.continued_by,
        )

    return match(
        sorted((*prepared.evidence, *_looked_up(prepared, known)), key=lambda piece: _RANK[piece.sort]),
        Question(
            candidate=candidate,
            known_ids=known.threads,
            clues=known.clues,
            sender=sender_of(prepared, desk),
            signer=desk.signer,
            now=prepared.row.received_at,
            reopen_within=desk.reopen_within,
            same_subject_within=desk.same_subject_within,
        ),
    )


def sender_of(prepared: Prepared, desk: Desk) -> Sender:
    """Who presents the evidence of a mail, and what is proved of them."""
    organisation = desk.organisation_of(prepared.sender)
    is_agent = prepared.sender in desk.agents
    return Sender(
        address=prepared.sender,
        is_agent=is_agent,
        proved=prepared.vouched,
        proved_agent=is_agent and prepared.proves_agent,
        forged=prepared.authenticity.result is Proof.FAIL,
        domains=frozenset(organisation.domains if organisation else ()),
        list_name=prepared.list_name,
        history=prepared.row.silent,
    )


def _looked_up(prepared: Prepared, known: Known) -> Iterator[Evidence]:
    """Evidence that only the store could tell."""
    letter = known.letters.get(prepared.bounced_nonce)
    if letter is not None and letter.ticket is not None:  # some programs answer the reverse-path
        yield Evidence(sort=Sort.OUR_MESSAGE_ID, shown=f"bounce address of letter {letter.id}", ticket=letter.ticket)
    own = prepared.mail.message_id[:LONGEST_ID]
    if own in known.only_referred:  # a late parent: its answer came first
        shown = f"<{own}>, its own, which was answered"
        yield Evidence(sort=Sort.KNOWN_MESSAGE_ID, shown=shown, message_id=own, own=True)


def handed_of(prepared: Prepared, matched: Match, desk: Desk) -> Handed | None:
    """What an agent's mail is that joins no ticket; None for any other mail."""
    if matched.ticket is not None or prepared.sender not in desk.agents:
        return None
    return handed_on(prepared, desk, proved=sender_of(prepared, desk).proved_agent)


def _by_kind(prepared: Prepared, matched: Match, handed: Handed | None, ledger: Ledger, letters: Letters) -> Taken:
    """What each kind of mail does (MAIL.md §1)."""
    kind, ticket = prepared.verdict.kind, matched.ticket
    if kind is Kind.BOUNCE:
        return bounce(prepared, ledger, letters)
    if not is_answerable(kind) and not (kind is Kind.NOTICE and ticket is None):
        return automatic_mail(prepared, matched, ledger)
    if ticket is None and (kept := mail_from_elsewhere(prepared, ledger, letters)):
        return kept
    if listed := list_mail(prepared, matched, ledger, letters):
        return listed
    if said := customers_word(prepared, matched, ledger, letters):
        return said
    if asked := customer_ask(prepared, matched, ledger, letters):
        return asked
    if ticket is None:
        return new_ticket(prepared, matched, ledger, letters, handed)
    if matched.agent:
        return agent_mail(prepared, ticket, ledger, letters, agent=matched.agent)
    if prepared.sender in letters.desk.agents and ledger.ticket(ticket).contact != prepared.sender:
        return unproved_agent_mail(prepared, ticket, ledger, letters)
    return customer_reply(prepared, matched, ticket, ledger, letters)
