"""The time zone in which a customer reads times: pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from maild.app.desk import Desk
from maild.app.desk_structure import Organisation
from maild.app.prepare import Prepared
from maild.mail.dates import read_offset

_SOON = timedelta(days=1)  # how far a Date may be from the moment at which the mail came


def zone_of_customer(prepared: Prepared, organisation: Organisation | None, desk: Desk) -> tzinfo:
    """The organisation's zone, else the offset of the mail's Date, else the desk's.

    The Date must be of the customer's own mail, not of a web form or of an agent who forwarded it, and of about now:
    a clock that is wrong by days is wrong about its zone as well. Servers write UTC, whoever they write for, so that
    says nothing; where the desk's zone has the same offset it is named in its place, for it knows of summer time.
    """
    if organisation and organisation.zone:
        return organisation.zone
    mail, came = prepared.mail, prepared.row.received_at
    is_own = not prepared.by_form and bool(prepared.sender) and prepared.sender in mail.header("From").lower()
    offset = read_offset(mail.header("Date")) if is_own else None
    if (
        not offset
        or mail.date is None
        or abs(mail.date - came) > _SOON
        or came.astimezone(desk.zone).utcoffset() == offset
    ):
        return desk.zone
    return timezone(offset)


def time_in(moment: datetime, zone: tzinfo) -> str:
    """A moment as people read it, in a zone."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
