"""The tables of the configuration that say how tickets end (docs/lifecycle.md)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from maild.config.level_values import Folded, Priority
from maild.config.routing_tables import Labels
from maild.config.routing_values import Code, Some, word_of
from maild.config.section import Section
from maild.tickets.lifecycle import TRANSITIONS, Status
from maild.tickets.lifecycle_policy import REQUIRABLE

_REACHED = tuple(status for status in Status if any(status in moves for moves in TRANSITIONS.values()))
StatusName = Annotated[str, AfterValidator(word_of("status to come to", _REACHED))]
FieldName = Annotated[str, AfterValidator(word_of("field to require", REQUIRABLE))]


class Lifecycle(Section):
    """What every ticket needs before it gets a status; closing always needs a resolution code."""

    requires: dict[StatusName, Some[FieldName]] = Field(
        default={}, description="Fields by the status that needs them; #override sets it aside with an approval."
    )


class Requirement(Section):
    """What some tickets need beside [lifecycle]: those for which all of the lists fit. Any number of them."""

    to: StatusName = Field(description="The status.")
    fields: Some[FieldName] = Field(description="The fields of the ticket that must be filled.")
    queues: Some[str] = Field(default=(), description="Only tickets of these queues.")
    types: Some[Folded] = Field(default=(), description="Only tickets of these types.")
    case_types: Some[Folded] = Field(default=(), description="Only tickets of these case types.")
    priorities: Some[Priority] = Field(default=(), description="Only tickets of these priorities.")


class Resolution(Section):
    """How a ticket ends, beside the built-in codes (resolved, workaround, duplicate, no_answer, ...). Any number."""

    code: Code = Field(description="Its code, for #resolve and #close; a built-in one gets other labels by this.")
    label: Labels = Field(default={}, description="What customers read, by language.")
