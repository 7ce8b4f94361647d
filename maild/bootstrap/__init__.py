"""Joins the parts; the only place that knows them all."""

from maild.bootstrap.desk import make_desk, mark_policy
from maild.bootstrap.needed import check_broker, check_store
from maild.bootstrap.parts import Parts, database_url, open_database
from maild.bootstrap.service_levels import make_calendars, make_levels
from maild.bootstrap.settings import mailbox_settings, receiver_settings, relay_settings

__all__ = [
    "Parts",
    "check_broker",
    "check_store",
    "database_url",
    "mailbox_settings",
    "make_calendars",
    "make_desk",
    "make_levels",
    "mark_policy",
    "open_database",
    "receiver_settings",
    "relay_settings",
]
