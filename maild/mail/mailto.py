"""Links that write a mail: a program that only looks at a link, as scanners do, cannot send one (RFC 6068)."""

from __future__ import annotations

from urllib.parse import quote


def mailto(address: str, *, subject: str = "", body: str = "") -> str:
    """A link that opens a mail to an address, with what it says already in it."""
    fields = (("subject", subject), ("body", body.replace("\n", "\r\n")))
    said = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields if value)
    # "+" is written out: some programs read it as a blank.
    return f"mailto:{quote(address, safe='@')}" + (f"?{said}" if said else "")
