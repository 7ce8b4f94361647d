"""Tells people of an invitation in a few lines."""

from __future__ import annotations

from datetime import tzinfo

from maild.mail.invitation_forms import when_text
from maild.mail.model import Address, Invitation

_NAMED = 5  # people invited


def invitation_lines(invitation: Invitation, zone: tzinfo) -> list[str]:
    """What it is about, when, where and who; only what the mail says."""
    state = "cancelled" if invitation.cancelled else invitation.answer or invitation.method
    invited = [_name(each) for each in invitation.attendees]
    more = f" and {len(invited) - _NAMED} more" if len(invited) > _NAMED else ""
    facts = [
        ("", f"{invitation.summary or 'without a title'} ({state})"),
        ("when: ", ", ".join(each for each in (when_text(invitation, zone), invitation.recurrence) if each)),
        ("where: ", invitation.location),
        ("by: ", _name(invitation.organizer) if invitation.organizer else ""),
        ("invited: ", ", ".join(invited[:_NAMED]) + more),
    ]
    return [label + value for label, value in facts if value]


def _name(person: Address) -> str:
    return f"{person.name} <{person.address}>" if person.name and person.address else person.name or person.address
