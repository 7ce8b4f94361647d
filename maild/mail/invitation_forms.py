"""An invitation as plain JSON values, to be kept and shown, and its time as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from maild.mail.model import Address, Invitation

_WORDS = ("method", "uid", "summary", "description", "location", "answer", "frequency", "recurrence")


def invitation_json(invitation: Invitation) -> dict[str, object]:
    """The facts of an invitation under fixed keys; times in ISO 8601, days as dates."""

    def moment(value: datetime | None) -> str | None:
        if value is None:
            return None
        return value.date().isoformat() if invitation.all_day else value.isoformat()

    return {
        **{name: getattr(invitation, name) for name in _WORDS},
        "organizer": _plain(invitation.organizer) if invitation.organizer else None,
        "attendees": [_plain(each) for each in invitation.attendees],
        "start": moment(invitation.start),
        "end": moment(invitation.end),
        "all_day": invitation.all_day,
        "cancelled": invitation.cancelled,
    }


def invitation_from(plain: Mapping[str, Any]) -> Invitation:
    """The invitation that `invitation_json` made these values of."""

    def moment(value: str | None) -> datetime | None:
        return datetime.fromisoformat(value) if value else None

    return Invitation(
        **{name: plain[name] for name in _WORDS},
        organizer=Address(**plain["organizer"]) if plain["organizer"] else None,
        attendees=tuple(Address(**each) for each in plain["attendees"]),
        start=moment(plain["start"]),
        end=moment(plain["end"]),
        all_day=plain["all_day"],
        cancelled=plain["cancelled"],
    )


def when_text(invitation: Invitation, zone: tzinfo) -> str:
    """When it takes place, in a zone: "2026-05-04 10:00 - 11:30 CEST"; "" when that is not said."""
    start, end = invitation.start, invitation.end
    if start is None:
        return ""
    if invitation.all_day:
        return f"{start:%Y-%m-%d}" + (f" - {end:%Y-%m-%d}" if end and end.date() != start.date() else "")
    try:
        start, end = _in(start, zone), _in(end, zone) if end else None
    except OverflowError:  # the year 1 or 9999
        return f"{start:%Y-%m-%d %H:%M}"
    until = f" - {end:%H:%M}" if end and end.date() == start.date() else f" - {end:%Y-%m-%d %H:%M}" if end else ""
    return f"{start:%Y-%m-%d %H:%M}{until} {start:%Z}".rstrip()


def _in(moment: datetime, zone: tzinfo) -> datetime:
    """In the zone, unless it stands for no certain moment."""
    return moment.astimezone(zone) if moment.tzinfo else moment


def _plain(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}
