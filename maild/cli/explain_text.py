"""Tells people what was decided about a mail, as a block of lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from maild.cli.explaining import Explained, WithStore
from maild.cli.invitation_lines import invitation_lines
from maild.cli.terminal import clean, folded, say, size
from maild.mail import Hop
from maild.mail.model import Address
from maild.store.decision import Decision

_REPLY_LINES = 8
_NAMES = 5  # addresses of one header
_WIDTH = 200  # characters of a reply's line


def tell_mail(name: str, explained: Explained, way: Sequence[Hop], zone: tzinfo) -> None:
    """One mail: what it is, what follows, what it says, what is wrong with it; times in a zone."""
    mail, verdict = explained.mail, explained.verdict
    say(clean(f"== {name}"), style="bold")
    _line("from", _names([mail.sender] if mail.sender else []))
    _line("to", _names([*mail.to, *mail.cc]))
    _line("subject", mail.subject)
    _line("kind", verdict.kind.value, *verdict.why)
    origin = explained.authenticity
    _line("authentic", origin.result.value if origin.why else "not checked", *origin.why)
    if way:
        _line("way", f"{len(way)} relays, the first one first", *(_hop(hop, zone) for hop in way))
    _line("acknowledge", "yes" if verdict.acknowledge else "no", verdict.acknowledge_why)
    if verdict.bounce:
        _line("failed", ", ".join(verdict.bounce.recipients), verdict.bounce.diagnostic)
        _line("bounce", "for good" if verdict.bounce.permanent else "not yet delivered", verdict.bounce.status)
    if verdict.away_until:
        _line("away", f"until {verdict.away_until:%Y-%m-%d}")
    if mail.over_limit:
        _line("quarantine", "yes", mail.over_limit)
    if explained.with_store:
        _tell_store(explained.with_store)
    lines = explained.reply.text.strip().split("\n")
    more = [f"... {len(lines) - _REPLY_LINES} more lines"] if len(lines) > _REPLY_LINES else []
    for line in [*(line[:_WIDTH] for line in lines[:_REPLY_LINES]), *more]:
        say(clean(f"    | {line}"))
    if explained.reply.cut:
        say(f"    {folded(explained.reply.cut)} (--json has them)")
    if mail.invitation:
        _line("invitation", *invitation_lines(mail.invitation, zone))
    for file in mail.attachments:
        inline = ", inline" if file.inline else ""
        _line("file", f"{file.name} ({file.type}, {size(file.size)}{inline}, part {file.part})")
    for defect in mail.defects:
        _line("defect", defect)
    say()


def _hop(hop: Hop, zone: tzinfo) -> str:
    at = f" at {hop.at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if hop.at else ""
    late = f", {hop.delay:.0f} s after the one before" if hop.delay else ""
    return f"{hop.by_host or 'a relay without a name'}{f' ({hop.protocol})' if hop.protocol else ''}{at}{late}"


def _tell_store(found: WithStore) -> None:
    match = found.match
    ticket = f"{match.ticket}" if match.ticket else "a new one" if found.outcome == "new_ticket" else "none"
    _line("ticket", ticket + (f", linked to {match.linked}" if match.linked else ""), *match.why)
    _line("customer", f"known as contact {found.contact}" if found.contact else "not known yet")
    route = found.route
    _line("queue", route.queue, *route.why)
    sort = " / ".join(each for each in (route.type, route.case_type) if each)
    said = (("team", route.team), ("assignee", route.assignee), ("reason", route.reason), ("type", sort))
    for name, value in (*said, ("priority", route.priority), ("tags", " ".join(route.tags))):
        if value:
            _line(name, value)
    _line("outcome", found.outcome, *found.why)
    for template, recipient in found.letters:
        _line("letter", f"{template} to {recipient}")


def tell_decision(decision: Decision) -> None:
    """What was decided about an inbox row when it was worked on."""
    say(clean(f"Inbox {decision.inbox}: {decision.subject or decision.message_id}"), style="bold")
    _line("came", f"by {decision.door} at {decision.received_at:%Y-%m-%d %H:%M:%S} UTC")
    _line("state", f"{decision.state} after {decision.attempts} {'try' if decision.attempts == 1 else 'tries'}")
    _line("outcome", decision.outcome or "not yet", *decision.why)
    _line("ticket", str(decision.ticket or "none"))
    if decision.trouble:
        _line("trouble", decision.trouble)


def _line(name: str, value: str, *reasons: str) -> None:
    say(clean(f"  {name + ':':13}{value}"))
    for reason in reasons:
        if reason:
            say(clean(f"{'':15}{reason}"))


def _names(addresses: Iterable[Address]) -> str:
    shown = [f"{a.name} <{a.address}>" if a.name else a.address for a in addresses]
    more = f" and {len(shown) - _NAMES} more" if len(shown) > _NAMES else ""
    return ", ".join(shown[:_NAMES]) + more
