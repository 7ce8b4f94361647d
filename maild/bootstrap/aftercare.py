"""Translates [aftercare] and [feedback] into the policy that the use cases take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from maild.config.aftercare_tables import QueueAftercare
from maild.config.model import Config
from maild.sla.aftercare import Aftercare, Feedback
from maild.tickets.lifecycle import Status


def make_aftercare(config: Config) -> Aftercare:
    """What is done by itself after an answer, for all queues and for those that have a policy of their own."""
    table, feedback = config.aftercare, config.feedback
    policy = Aftercare(
        after_answer=Status(config.tickets.after_answer),
        follow_ups=table.follow_ups,
        follow_up_days=table.follow_up_days,
        follow_up_on_hold=table.follow_up_on_hold,
        close_unanswered=table.close_unanswered,
        close_after=table.close_after,
        confirm=table.confirm,
        tell_resolved=table.tell_resolved,
        tell_closed=table.tell_closed,
        tell_of_hold=table.tell_of_hold,
        feedback=Feedback(
            enabled=feedback.enabled,
            ask=Status(feedback.ask),
            after=feedback.after,
            remind_after=feedback.remind_after,
            pause=feedback.pause,
            low=feedback.low,
            not_for=feedback.not_for,
        ),
    )
    return replace(policy, queues={own.name: _of_queue(own, policy) for own in table.queue})


def _of_queue(own: QueueAftercare, policy: Aftercare) -> Aftercare:
    names = ("follow_ups", "follow_up_days", "close_after", "confirm")
    given: dict[str, Any] = {name: value for name in names if (value := getattr(own, name)) is not None}
    if own.after_answer is not None:
        given["after_answer"] = Status(own.after_answer)
    if own.feedback is not None:
        given["feedback"] = replace(policy.feedback, enabled=own.feedback)
    return replace(policy, **given)
