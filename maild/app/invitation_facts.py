"""What a letter to agents says of an invitation: who, when, what."""

from __future__ import annotations

from datetime import tzinfo

from maild.mail.invitation_forms import when_text
from maild.mail.model import Address, Invitation

_NAMED = 20  # people invited
_ANSWERS = frozenset({"accepted", "declined", "tentative"})


def invitation_facts(invitation: Invitation | None, zone: tzinfo) -> dict[str, object] | None:
    """The fact `invitation` of a notification, None when the mail brings none; `zone` is the reader's."""
    if invitation is None:
        return None
    invited = [_name(each) for each in invitation.attendees[:_NAMED]]
    more = len(invitation.attendees) - _NAMED
    answer = invitation.answer if invitation.answer in _ANSWERS else "invited"
    return {
        "state": "cancelled" if invitation.cancelled else answer,
        "summary": invitation.summary,
        "when": when_text(invitation, zone),
        "repeats": invitation.frequency,
        "location": invitation.location,
        "organizer": _name(invitation.organizer) if invitation.organizer else "",
        "invited": ", ".join([*invited, f"+{more}"] if more > 0 else invited),
    }


def _name(person: Address) -> str:
    return f"{person.name} <{person.address}>" if person.name and person.address else person.name or person.address
