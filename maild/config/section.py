"""What every table of the configuration has in common."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

SECOND = timedelta(seconds=1)  # a wait of nothing would be a busy loop


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values never change once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def keys_of(kind: type[Section]) -> dict[str, FieldInfo]:
    """The keys of a table as a file has them: `not` is no name for Python."""
    return {field.alias or name: field for name, field in kind.model_fields.items()}
