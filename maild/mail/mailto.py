"""Links that write a mail: a program that only looks at a link, as scanners do, cannot send one (RFC 6068)."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote


def mailto(address: str, *, subject: str = "", body: str = "") -> str:
    """A link that opens a mail to an address, with what it says already in it."""
    fields = (("subject", subject), ("body", body.replace("\n", "\r\n")))
    said = "&".join(f"{name}={_quoted(value)}" for name, value in fields if value)
    # "+" is written out: some programs read it as a blank.
    return f"mailto:{quote(address, safe='@')}" + (f"?{said}" if said else "")


@lru_cache(maxsize=256)
def _quoted(value: str) -> str:
    """One letter to agents says the same subject in five links, and there is one for each agent."""
    return quote(value, safe="")
