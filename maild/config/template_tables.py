"""The table of the configuration that says where a site's own letters are (docs/templates.md)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from maild.config.section import Section


class Templates(Section):
    """The words of letters."""

    folder: Path | None = Field(
        default=None, description="Folder with letters and sentences of your own; relative to this file."
    )
    detect: bool = Field(
        default=True,
        description="Find out the language of a customer's first mail, for the letters; needs maild[lang] (40 MB).",
    )
