"""The table of the configuration about what customers do by mail (docs/customers.md)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from maild.config.section import Section


class Customers(Section):
    """What customers may see by mail."""

    see: Literal["own", "organisation"] = Field(
        default="own",
        description="Which open tickets a mail of `status` tells of: the sender's own, or the whole organisation's.",
    )
