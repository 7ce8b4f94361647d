"""The table of the configuration that says what operators see, and when they are told (docs/operations.md)."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from maild.config.section import SECOND, Section
from maild.config.values import Duration, Listen, Size


class Monitoring(Section):
    """What operators see of a running maild, and when desk.alerts_to are told; docs/operations.md says more."""

    listen: Listen | None = Field(
        default=None,
        description="Where `maild run` serves /metrics, /health and /ready over HTTP; not at all by default.",
    )
    beyond_loopback: bool = Field(
        default=False, description="Permit another address than this machine's own; whoever reaches it reads it."
    )
    look: Duration = Field(
        default=timedelta(seconds=15), ge=SECOND, description="How often the state of everything is looked at."
    )
    mailbox_silent: Duration = Field(
        default=timedelta(minutes=15), ge=SECOND, description="A mailbox that was not read for so long is in trouble."
    )
    mail_waits: Duration = Field(
        default=timedelta(minutes=15),
        ge=SECOND,
        description="Mail that nobody works on for so long, or a letter that nobody tries to send, is trouble.",
    )
    letter_waits: Duration = Field(
        default=timedelta(hours=4), ge=SECOND, description="A letter that could not be sent for so long is trouble."
    )
    letters_waiting: int = Field(default=1000, ge=1, description="More letters than this waiting are trouble.")
    free_disk: Size = Field(
        default=1 << 30, ge=0, description="Less free space than this is trouble; keep it above limits.free_disk."
    )
    expires: Duration = Field(
        default=timedelta(days=14), description="How long before it expires a certificate or a token is trouble."
    )
    process_silent: Duration = Field(
        default=timedelta(minutes=2),
        ge=timedelta(seconds=30),
        description="A process that was not heard of for so long counts as dead.",
    )
    backup_age: Duration | None = Field(
        default=None, ge=SECOND, description="Be told when the last backup is older than this; not by default."
    )
    remind: Duration = Field(
        default=timedelta(days=1), ge=timedelta(minutes=1), description="How often a trouble that lasts is told again."
    )
    hung: Duration = Field(
        default=timedelta(minutes=20),
        ge=SECOND,
        description="Work that shows no sign of life for so long hangs: systemd's watchdog starts the process again.",
    )
