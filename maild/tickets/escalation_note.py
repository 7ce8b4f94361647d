"""The standard note of an escalation: what blocks the ticket, who owns it, and when it will be done."""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEY = re.compile(r"(?:^|\s)(blocker|owner|eta)\s*=\s*", re.IGNORECASE)


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
    """The note in "blocker=… owner=… eta=…", in any order; else what is missing, in words."""
    before, *pairs = _KEY.split(text)
    said = dict(zip((key.lower() for key in pairs[::2]), (value.strip() for value in pairs[1::2]), strict=True))
    missing = [key for key in ("blocker", "owner", "eta") if not said.get(key)]
    if before.strip() or missing:
        what = f"{' and '.join(missing)} missing" if missing else f"{before.strip()!r} belongs to none of them"
        return f"{what}; write it like: #escalate blocker=no spare part owner=Anna eta=Friday noon"
    return EscalationNote(said["blocker"], said["owner"], said["eta"])
