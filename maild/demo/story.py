"""The story: mails between customers, an agent and the desk, and what each of them must bring about."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from maild.demo import cast, mails
from maild.demo.stage import Stage
from maild.demo.watch import Taken
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import Status

_CUSTOMER, _AGENT, _SUPPORT = cast.CUSTOMER.address, cast.AGENT.address, cast.SUPPORT.address
_BY_IMAP = 4  # of the mails below


def customer_writes(stage: Stage) -> None:
    """A mail opens a ticket; the customer is told, and so is the agent."""
    files = [(cast.FILE_NAME, cast.FILE)]
    taken = stage.by_imap(mails.write(cast.CUSTOMER, _SUPPORT, cast.SUBJECT, cast.QUESTION, files=files))
    stage.expect("it opened ticket 1", ("new_ticket", 1), _outcome(taken))
    stage.expect("it was acknowledged, and the agent notified", ["acknowledgement", "notification"], _letters(taken))
    first = next(iter(stage.ticket(1).mails.values()))
    stage.expect(
        "subject and name are kept with their umlauts",
        (cast.SUBJECT, cast.CUSTOMER.name),
        (first.subject, first.from_name),
    )
    stored = [(f.name, f.sha256) for f in first.files]
    stage.expect("the attachment is kept, byte for byte", [(cast.FILE_NAME, sha256(cast.FILE).hexdigest())], stored)
    ours = stage.letter("acknowledgement", _CUSTOMER).mail
    stage.expect("the acknowledgement says that a machine wrote it", "auto-replied", str(ours["Auto-Submitted"]))
    notification = stage.letter("notification", _AGENT)
    stage.expect_in("the agent reads the customer's words", 'Wärmepumpe "Brise 5" in Köln-Süd', notification.text)
    stage.expect_in("… and which file came along", cast.FILE_NAME, notification.text)


def agent_answers(stage: Stage) -> None:
    """The agent answers the notification in a mail client; the customer gets it from the desk."""
    taken = stage.by_smtp(mails.reply(cast.AGENT, stage.letter("notification", _AGENT).mail, cast.ANSWER))
    stage.expect("the answer went to the customer", ["answer"], _letters(taken))
    answer = stage.letter("answer", _CUSTOMER)
    stage.expect_in("the customer reads the agent's words", cast.ANSWER.strip().split("\n")[-1], answer.text)
    stage.expect("it comes from the support address", _SUPPORT, answer.mail["From"].addresses[0].addr_spec)
    asked = next(iter(stage.ticket(1).mails.values())).message_id
    stage.expect("it stands below the customer's own mail", f"<{asked}>", str(answer.mail["In-Reply-To"]))
    stage.expect_absent("the agent's own address is nowhere in it", _AGENT, answer.everything)
    stage.expect_absent("nor is the notification that the agent quoted", "Lines such as these", answer.text)
    stage.expect("it is the customer's turn", Status.RESPONDED, stage.ticket(1).ticket.status)


def customer_replies(stage: Stage) -> None:
    """The customer's reply joins the ticket."""
    taken = stage.by_imap(mails.reply(cast.CUSTOMER, stage.letter("answer", _CUSTOMER).mail, cast.SERIAL))
    stage.expect("it joined ticket 1", ("reply", 1), _outcome(taken))
    stage.expect("the agent is told, the customer gets no second receipt", ["notification"], _letters(taken))
    stage.expect_in(
        "the agent sees what was written before", "E7 is the flow sensor", stage.letter("notification", _AGENT).text
    )
    stage.expect("it is our turn again", Status.OPEN, stage.ticket(1).ticket.status)


def on_hold_and_back(stage: Stage) -> None:
    """The agent puts the ticket on hold with a line in the mail; the customer's reply resumes it."""
    taken = stage.by_smtp(mails.reply(cast.AGENT, stage.letter("notification", _AGENT).mail, cast.HOLD))
    held = stage.ticket(1).ticket
    stage.expect(
        "ticket 1 is on hold, and says why", ("on_hold", "waiting for the spare part"), (held.status, held.hold_reason)
    )
    stage.expect("answer sent, command confirmed", ["answer", "confirmation"], _letters(taken))
    stage.expect_absent("the customer does not see the command", "#hold", stage.letter("answer", _CUSTOMER).text)
    taken = stage.by_smtp(mails.reply(cast.CUSTOMER, stage.letter("answer", _CUSTOMER).mail, cast.ARRIVED))
    story = stage.ticket(1)
    stage.expect("the reply resumed it", Status.OPEN, story.ticket.status)
    resumed = [e for e in story.events if e.kind is EventKind.STATUS][-1]
    arrived = taken.decision.received_at
    stage.expect("… at the very moment when it arrived", ("resume", arrived), (resumed.data["reason"], resumed.at))


def out_of_office(stage: Stage) -> None:
    """The customer's absence note changes nothing and is not answered."""
    stage.by_smtp(mails.reply(cast.AGENT, stage.letter("notification", _AGENT).mail, cast.FITTING))
    before = stage.ticket(1).ticket
    note = mails.out_of_office(cast.CUSTOMER, stage.letter("answer", _CUSTOMER).mail, cast.AWAY)
    taken = stage.by_imap(note)
    stage.expect("it is noted on ticket 1", ("automatic", 1), _outcome(taken))
    stage.expect("nobody is answered or disturbed", [], _letters(taken))
    stage.expect("the ticket stays as it was", before.status, stage.ticket(1).ticket.status)


def bounce(stage: Stage) -> None:
    """The agent's last answer comes back: the ticket is open again, and the agent knows."""
    answer = stage.letter("answer", _CUSTOMER)
    report = mails.undelivered(answer.mail, answer.line.envelope_from, _CUSTOMER, cast.MAILBOX_FULL)
    taken = stage.by_smtp(report)
    stage.expect("it was recognised as a bounce, of that letter", ("bounce", 1), _outcome(taken))
    stage.expect_in(
        "the letter carries the report", "mailbox is full", str(stage.letter("answer", _CUSTOMER).line.bounced)
    )
    stage.expect("ticket 1 is open again", Status.OPEN, stage.ticket(1).ticket.status)
    stage.expect("only the agent is told", ["problem"], _letters(taken))
    stage.expect_in("… and reads why", "mailbox is full", stage.letter("problem", _AGENT).text)


def duplicate(stage: Stage) -> None:
    """One mail comes through both doors and has one effect."""
    order = mails.write(cast.SHOP, _SUPPORT, cast.ORDER_SUBJECT, cast.ORDER)
    taken = stage.by_smtp(order)
    stage.expect("the first copy opened ticket 2", ("new_ticket", 2), _outcome(taken))
    taken = stage.by_imap(order)
    stage.expect("the second is known as a duplicate", ("duplicate", 2), _outcome(taken))
    stage.expect("it brought no ticket and no letter", (2, []), (len(stage.watch.tickets()), _letters(taken)))


def quarantine(stage: Stage) -> None:
    """A mail over a limit is set aside, an alert tells of it, and an admin takes it in."""
    broken = mails.nested(cast.LAWYER, _SUPPORT, cast.BROKEN_SUBJECT, cast.BROKEN, cast.DEPTH)
    taken = stage.by_smtp(broken)
    inbox = taken.decision.inbox
    stage.expect("it is in quarantine, and no ticket", ("quarantined", None), _outcome(taken))
    stage.expect("the admin is alerted", ["alert"], _letters(taken))
    stage.expect_in(
        "the alert says how to look at it", f"quarantine show {inbox}", stage.letter("alert", cast.ADMIN.address).text
    )
    stage.command("quarantine", "list")
    stage.command("quarantine", "replay", str(inbox))
    taken = stage.again(inbox)
    stage.expect("taken in after all, it is ticket 3", ("new_ticket", 3), _outcome(taken))
    stage.expect("its sender and the agent know", ["acknowledgement", "notification"], _letters(taken))


def resolve(stage: Stage) -> None:
    """The agent resolves the ticket; nothing was lost, doubled or changed afterwards."""
    taken = stage.by_smtp(mails.reply(cast.AGENT, stage.letter("problem", _AGENT).mail, cast.SOLVED))
    solved = stage.ticket(1).ticket
    stage.expect("ticket 1 is resolved", (Status.RESOLVED, "resolved"), (solved.status, solved.resolution_code))
    stage.expect("answer sent, command confirmed", ["answer", "confirmation"], _letters(taken))
    stage.expect("all mails of the mailbox were moved to Processed", _BY_IMAP, stage.processed())
    output = stage.command("audit", "verify")
    stage.expect_in("the history of all tickets is whole", "faults: none", output)
    letters = stage.watch.letters()
    stage.expect("every letter was sent once", len(letters), len(stage.watch.files()))


STEPS: tuple[tuple[str, Callable[[Stage], None]], ...] = (
    ("A customer writes, with umlauts everywhere and a file", customer_writes),
    ("The agent answers from a mail client", agent_answers),
    ("The customer replies", customer_replies),
    ("On hold, and resumed by the customer's reply", on_hold_and_back),
    ("An out-of-office note", out_of_office),
    ("The agent's answer bounces", bounce),
    ("The same mail by SMTP and by IMAP", duplicate),
    (f"A mail that is nested {cast.DEPTH} deep", quarantine),
    ("The agent resolves the ticket", resolve),
)


def _outcome(taken: Taken) -> tuple[str | None, int | None]:
    return taken.decision.outcome, taken.decision.ticket


def _letters(taken: Taken) -> list[str]:
    return [x.template for x in taken.letters]
