"""The table of the configuration that says how long what is kept (docs/keeping.md)."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from maild.config.section import Section
from maild.config.values import Duration


class RetentionTable(Section):
    """How long what is kept; 0s is for ever. The history of tickets always stays and verifies (docs/keeping.md)."""

    mails: Duration = Field(
        default=timedelta(),
        description="Mails as they came, with their files, and letters as they went, after their ticket was closed.",
    )
    closed_tickets: Duration = Field(
        default=timedelta(),
        description="What a closed ticket says: words, names, subject, files; that there was one stays and is counted.",
    )
    letters: Duration = Field(
        default=timedelta(), description="Our copies of letters, after they were written; agents' mails stay."
    )
    quarantine: Duration = Field(default=timedelta(), description="Mails in quarantine; they wait for a person.")
    rejected: Duration = Field(default=timedelta(days=90), description="Mails that a rule turned away.")
    webhooks: Duration = Field(default=timedelta(days=30), description="What was posted to other programs.")
