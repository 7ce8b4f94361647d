"""The letters that a customer's new mail may be answered with by itself: each only where a person waits for one."""

from __future__ import annotations

from maild.app.budgets import DAY
from maild.app.customer_zone import time_in, zone_of_customer
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts, response_facts, size_text
from maild.app.letters import REFERENCES_KEPT, Letters
from maild.app.prepare import Prepared
from maild.ids import Purpose
from maild.mail.file_policy import may_hand_out
from maild.mail.model import Address
from maild.routing.decision import Decision
from maild.threading.evidence import ids_answered
from maild.threading.match import Match

ACKNOWLEDGEMENT, MISSING_INFORMATION, REJECTION = "acknowledgement", "missing_information", "rejection"
NO_LETTER = "none"  # in place of a template


def acknowledge(
    prepared: Prepared, matched: Match, number: int, ledger: Ledger, letters: Letters, *, decision: Decision
) -> str:
    """Write the acknowledgement, or what a rule wants in its place, if one may be; returns the reason either way."""
    if decision.template == NO_LETTER:
        return "not acknowledged: a rule says so"
    if refused := _refusal(prepared, ledger, letters):
        return f"not acknowledged: {refused}"
    mail, ticket = prepared.mail, ledger.ticket(number)
    zone = zone_of_customer(prepared, letters.desk.organisation_named(ticket.customer), letters.desk)
    asks_first = decision.template == MISSING_INFORMATION and decision.asks  # it has nothing to ask for else
    refused = letters.write(
        ledger,
        MISSING_INFORMATION if asks_first else ACKNOWLEDGEMENT,
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address("", prepared.sender),  # a name of his choice would let a forger write to strangers
        ticket=ticket,
        queue=letters.desk.queue_named(ticket.queue),
        purpose=Purpose.CUSTOMER,
        in_reply_to=mail.message_id,
        references=_references(prepared),
        auto_submitted="auto-replied",
        facts={
            **common_facts(number, ledger, letters),
            "tag": letters.tag(number),
            "opened": time_in(prepared.row.received_at, zone),
            "response_zone": str(zone),
            **response_facts(number, ledger, letters.desk, zone),
            **_own_words(prepared, ticket.subject, letters.desk),
            "asks": decision.asks,
            # Who continues a closed ticket took part in it; a stranger must not learn that it exists.
            "follow_up_of": matched.linked if matched.linked_why == "closed" else "",
        },
    )
    return f"not acknowledged: {refused}" if refused else f"acknowledged: {prepared.verdict.acknowledge_why}"


def tell_of_rejection(
    prepared: Prepared, decision: Decision, ledger: Ledger, letters: Letters, *, language: str
) -> str:
    """Tell the sender of a mail that no ticket is made of it, wherever it would be acknowledged; returns the reason."""
    if refused := _refusal(prepared, ledger, letters):
        return f"the sender is not told: {refused}"
    desk, mail = letters.desk, prepared.mail
    refused = letters.write(
        ledger,
        REJECTION,
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address("", prepared.sender),
        ticket=None,
        language=language,
        queue=desk.queue_named(decision.queue),
        in_reply_to=mail.message_id,
        references=_references(prepared),
        auto_submitted="auto-replied",
        facts={
            # As in an acknowledgement, nobody's own words go to an address that he only claims is his.
            "subject_with_tag": f"Re: {mail.subject}" if prepared.vouched and mail.subject else desk.name,
            "desk_name": desk.name,
            "text": decision.reject,
            "subject": mail.subject if prepared.vouched else "",
        },
    )
    return f"the sender is not told: {refused}" if refused else "the sender is told"


def _own_words(prepared: Prepared, subject: str, desk: Desk) -> dict[str, object]:
    """What a mail said, for its sender only: else a forger has his words sent to strangers (RELIABILITY §4.10).

    An override that forgets to ask for `authentic` has nothing to give away.
    """
    if not prepared.vouched:
        return {"authentic": False}
    return {
        "authentic": True,
        "greeting_name": prepared.mail.sender.name if prepared.mail.sender else "",
        "subject": subject,
        "attachments": _received(prepared, desk),
        "order": next((each.key for each in prepared.references or () if each.sort == "order"), ""),
    }


def _received(prepared: Prepared, desk: Desk) -> list[dict[str, object]]:
    """The files of a mail as its sender is told of them: what came, and what is handed out to nobody, without why."""
    return [
        {"name": file.name, "size_text": size_text(file.size), "refused": bool(may_hand_out(file, desk.files))}
        for file in prepared.mail.attachments
        if not file.inline
    ]


def _references(prepared: Prepared) -> list[str]:
    references = (*reversed(ids_answered(prepared.mail)), prepared.mail.message_id)
    return [each for each in references if each][-REFERENCES_KEPT:]


def _refusal(prepared: Prepared, ledger: Ledger, letters: Letters) -> str:
    """Why a mail is answered by no machine; "" when it may be. The budgets are asked when the letter is written."""
    if prepared.row.silent:
        return "imported silently"
    if not prepared.verdict.acknowledge:
        return prepared.verdict.acknowledge_why
    if prepared.authenticity.forbids_answer:  # it would reach somebody who wrote nothing (RELIABILITY §4, 10)
        return f"the sender's address may be forged ({prepared.authenticity.why[0]})"
    if letters.desk.is_ours(prepared.sender):
        return "it would go to ourselves"
    if prepared.bounced_nonce:
        return "it came to the bounce address of a letter, which no person answers"
    same = prepared.same_words
    ledger.count(same, written=1)
    # What is taken in after all was counted before, when a rule turned it away.
    if ledger.lately(same).written[DAY] > (1 if prepared.row.handling == "normal" else 2):
        return "the sender wrote the same words within a day"
    return ""
