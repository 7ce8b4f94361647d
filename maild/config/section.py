"""What every table of the configuration has in common."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

SECOND = timedelta(seconds=1)  # a wait of nothing would be a busy loop


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values never change once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
