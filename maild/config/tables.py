"""Lists the tables that a configuration file may have, as the model says."""

from __future__ import annotations

from typing import get_args

from maild.config.model import Config
from maild.config.section import Section


def _tables() -> dict[str, tuple[type[Section], bool]]:
    """Name of each table -> its model, and whether it is written [[name]], any number of times."""
    tables = {}
    for name, field in Config.model_fields.items():
        inner = get_args(field.annotation)
        tables[name] = (inner[0] if inner else field.annotation, bool(inner))
    return tables  # type: ignore[return-value]  # every field of Config is a Section or a tuple of one


TABLES = _tables()
