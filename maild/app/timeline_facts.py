"""What happened on a ticket, as a letter to an agent tells it: mails, notes, calls, changes, in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from maild.app.customer_zone import time_in
from maild.app.story import Story
from maild.app.timeline import Entry, timeline

_MOST = 150  # entries of a letter; of a longer story the end is told
_LONGEST = 4000  # characters of one entry's words


def timeline_facts(story: Story, names: Mapping[str, str], zone: tzinfo) -> list[dict[str, str]]:
    """The fact `timeline` of the letter `ticket`: {when, who, what, text}, the oldest first.

    With notes, so for agents only. `names` has those of agents by their addresses; times are in `zone`.
    """
    # That agents were told of all this is no news to them.
    entries = [each for each in timeline(story) if each.letter is None or each.letter.recipient not in names]
    told = [_entry(each, names, zone) for each in entries[-_MOST:]]
    if left_out := len(entries) - len(told):
        told.insert(0, {"when": "", "who": "", "what": f"{left_out} earlier entries are not shown", "text": ""})
    return told


def _entry(entry: Entry, names: Mapping[str, str], zone: tzinfo) -> dict[str, str]:
    what = entry.what.removeprefix(f"{entry.who}: ")
    files = ", ".join(file.name for file in entry.mail.files) if entry.mail else ""
    return {
        "when": time_in(entry.at, zone),
        "who": names.get(entry.who, entry.who),
        "what": "; ".join([what, *entry.details, *([f"files: {files}"] if files else [])]),
        "text": entry.words if len(entry.words) <= _LONGEST else f"{entry.words[:_LONGEST]} […]",
    }
