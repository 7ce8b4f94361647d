"""The tables of the configuration that say what happens after an answer (docs/aftercare.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from maild.config.section import Section
from maild.config.values import Duration

Answered = Literal["responded", "on_hold"]


class QueueAftercare(Section):
    """Another policy for one queue; what is not named is as above. Any number of them."""

    name: str = Field(description="The queue.")
    after_answer: Answered | None = Field(default=None, description="The status of its answered tickets.")
    follow_ups: int | None = Field(default=None, ge=0, le=10, description="As above, for this queue.")
    follow_up_days: int | None = Field(default=None, ge=1, le=60, description="As above, for this queue.")
    close_after: Duration | None = Field(default=None, description="As above, for this queue.")
    confirm: bool | None = Field(default=None, description="As above, for this queue.")
    feedback: bool | None = Field(default=None, description="Whether its customers are asked for a rating.")


class AftercareTable(Section):
    """What is done by itself after an answer, and after the end; docs/aftercare.md says more."""

    follow_ups: int = Field(
        default=0,
        ge=0,
        le=10,
        description="How often a customer is written to again who does not reply to an agent's answer; 0: never.",
    )
    follow_up_days: int = Field(
        default=3, ge=1, le=60, description="Working days before each of them, by the ticket's calendar."
    )
    follow_up_on_hold: bool = Field(
        default=False, description="Also while the ticket is on hold with a reason that names the customer."
    )
    close_unanswered: bool = Field(
        default=True,
        description="After the last one, and as many days again, the ticket is closed with code no_answer.",
    )
    close_after: Duration = Field(
        default=timedelta(days=7), description="A resolved ticket is closed after this long; 0s: never."
    )
    after_start: Duration = Field(
        default=timedelta(minutes=10),
        description="What fell due while maild did not run waits this long for the mails that came meanwhile.",
    )
    confirm: bool = Field(
        default=False,
        description="Ask the customer of every resolved ticket whether it is solved, below an agent's words as well.",
    )
    tell_resolved: bool = Field(
        default=True, description="Tell the customer that it is resolved when the agent's mail had no words for him."
    )
    tell_closed: bool = Field(default=False, description="Tell the customer that it is closed, in the same case.")
    tell_of_hold: bool = Field(
        default=False,
        description="Tell the customer what is waited for when an agent writes `#hold customer: WHAT` and no words.",
    )
    queue: tuple[QueueAftercare, ...] = Field(default=(), description="Queues with a policy of their own.")


class FeedbackTable(Section):
    """Asks customers how their ticket was dealt with: one to five stars, by a mail."""

    enabled: bool = Field(default=False, description="Whether they are asked.")
    ask: Literal["closed", "resolved"] = Field(default="closed", description="What has to come first.")
    after: Duration = Field(
        default=timedelta(hours=1), description="How long after that; at the automatic closing, in the same letter."
    )
    remind_after: Duration = Field(
        default=timedelta(days=5), description="Whoever has not rated is reminded once, after this long; 0s: never."
    )
    pause: Duration = Field(
        default=timedelta(days=14), description="A customer is not asked more often than this, whatever the tickets."
    )
    low: int = Field(default=2, ge=0, le=4, description="Ratings up to this are told to the team's manager at once.")
    not_for: tuple[str, ...] = Field(
        default=("no_answer", "duplicate", "spam"), description="Resolution codes after which nobody is asked."
    )
