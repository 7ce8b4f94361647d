"""What is next by itself about a ticket, as the command line says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from maild.sla.aftercare import Step, StepKind

_WORDS: Mapping[StepKind, str] = {
    StepKind.FOLLOW_UP: "the silent customer is written to on",
    StepKind.GIVE_UP: "closes by itself, without an answer, on",
    StepKind.CLOSE: "closes by itself on",
    StepKind.ASK: "the customer is asked for a rating on",
    StepKind.REMIND: "the customer is reminded of the rating on",
    StepKind.LOOK: "looked at again on",
}


def step_words(step: Step, zone: tzinfo) -> tuple[str, str]:
    """A line of `maild show`: its name, and what it says."""
    return "next", f"{_WORDS[step.kind]} {step.due_at.astimezone(zone):%Y-%m-%d %H:%M}"


def step_json(step: Step | None) -> dict[str, object] | None:
    """The same for programs; None when nothing is planned."""
    return {"step": step.kind, "due_at": step.due_at} if step else None
