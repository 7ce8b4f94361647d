"""Readers of the commands that note what happened outside the mails: a phone call, a comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from maild.tickets.orders import Command, Remark

if TYPE_CHECKING:
    from maild.tickets.command_readers import Reading

HELP: Mapping[str, str] = {
    "call": "#call WORDS: a phone call, and what was said; it stays internal, the rest of your mail does not",
    "comment": "#comment WORDS: a remark that stays internal, while the rest of your mail goes to the customer",
}


def _remark(reading: Reading, command: Command) -> None:
    if command.argument:
        reading.remarks.append(Remark(sort=command.name, words=command.argument))
    else:
        such = {"call": "#call Kim will send the photo on Monday", "comment": "#comment the third one this week"}
        reading.problems.append(f"#{command.name}: write the words behind it, such as {such[command.name]}")


READERS: Mapping[str, Callable[[Reading, Command], None]] = {"call": _remark, "comment": _remark}
