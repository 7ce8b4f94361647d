"""Checks of what letters need: languages in which there are letters, time zones that exist, a folder to read."""

from __future__ import annotations

from typing import cast

from maild.config.calendar_checks import check_zone
from maild.config.level_names import Sections, each_of
from maild.config.lines import KeyPath
from maild.config.mail_tables import Organisation
from maild.config.model import Agent, Desk, Queue
from maild.config.problems import Problems
from maild.config.template_tables import Templates
from maild.templates.languages import written_in


def check_templates(sections: Sections, problems: Problems) -> None:
    """Note every fault; paths are absolute. A fault inside the folder stops nothing: `maild templates check`."""
    folder = cast("Templates", sections["templates",]).folder
    if folder is not None and not folder.is_dir():
        problems.add(("templates", "folder"), f"there is no folder {folder}; make it, or take the key out")
    known = written_in(folder)
    named: list[tuple[KeyPath, str | None]] = [(("desk",), cast("Desk", sections["desk",]).language)]
    named += [(path, queue.language) for path, queue in each_of(sections, Queue)]
    people: list[tuple[KeyPath, Agent | Organisation]] = [*each_of(sections, Agent), *each_of(sections, Organisation)]
    for path, table in people:
        named.append((path, table.language))
        if table.timezone:
            check_zone((*path, "timezone"), table.timezone, problems)
    for path, language in named:
        if language and language not in known:
            text = f"there are no letters in {language}; there are {', '.join(sorted(known))}, others by [templates]"
            problems.add((*path, "language"), text)
