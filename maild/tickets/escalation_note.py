"""The standard note of an escalation: what blocks the ticket, who owns it, and when it will be done."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 2000  # characters of a note
_KEYS = ("blocker", "owner", "eta")
_KEY = r"(blocker|owner|eta)\s*[=:]"  # at the beginning, or after a blank or a comma
_QUOTED = r"""(?:"[^"]*"|'[^']*'|“[^”]*”|„[^“]*“|«[^»]*»)"""
# A value ends where a row of blanks begins: from within one, the rest of it would be read again each time.
_PAIR = re.compile(rf"(?:^|(?<=[\s,;])){_KEY}(\s*{_QUOTED}|.*?)(?<![\s,;])(?=[\s,;]+{_KEY}|[\s,;]*$)", re.IGNORECASE)
_UNSAID = ("", "…", "...")  # as our own line has it


@dataclass(frozen=True, slots=True)
class EscalationNote:
    """Each in words; "" for what nobody has stated."""

    blocker: str
    owner: str
    eta: str

    def lines(self) -> tuple[str, ...]:
        """As the ticket keeps it and letters show it."""
        stated = (("Blocker", self.blocker), ("Owner", self.owner), ("ETA", self.eta))
        return tuple(f"{name}: {value or 'not stated yet'}" for name, value in stated)


def read_note(text: str) -> EscalationNote | str:
    """The note in "blocker=… owner=… eta=…", in any order; else what is missing, with a line to send again.

    A value goes on to the next key, or to the end of its quotes. Words before the first key are the blocker, if
    nothing else is.
    """
    if len(text) > LONGEST:  # each quotation mark that nothing closes is looked for to the end
        return f"#escalate: say it in at most {LONGEST} characters"
    found = list(_PAIR.finditer(text.strip()))
    said = {pair[1].lower(): _unquoted(pair[2]) for pair in found}
    before = _unquoted(text.strip()[: found[0].start()] if found else text)
    if before and said.get("blocker"):
        return f"#escalate: {before!r} belongs to none of them; send this line:\n{_line(said)}"
    if before:
        said["blocker"] = before
    missing = [key for key in _KEYS if not said.get(key)]
    if missing:
        return f"#escalate: say {' and '.join(missing)} as well; send this line:\n{_line(said)}"
    return EscalationNote(said["blocker"], said["owner"], said["eta"])


def _unquoted(value: str) -> str:
    value = value.strip(" \t,;")
    if re.fullmatch(_QUOTED, value):
        value = value[1:-1].strip()
    return "" if value in _UNSAID else value


def _line(said: dict[str, str]) -> str:
    """The command with what was said, ready to be filled up."""
    return "#escalate " + " ".join(f'{key}="{said[key]}"' if said.get(key) else f"{key}=…" for key in _KEYS)
