"""Lists the relays that a mail passed, for `maild explain`: a look that people ask for, never the hot path.

mail-parser knows the Received forms of a dozen mail systems and computes the delays between them; the
reading of mails itself is ours (docs/decisions/0001-mail-parsing.md says why).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from maild.mail.charsets import clean
from maild.mail.fields import split_fields
from maild.mail.findings import Findings
from maild.mail.words import one_line

HOPS_LIMIT = 50
HEADER_LIMIT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One relay, as its Received header tells it; "" where it does not."""

    number: int  # 1 is the first relay, nearest to the sender
    by_host: str = ""
    protocol: str = ""  # "ESMTPS"
    at: datetime | None = None  # in UTC
    delay: float = 0.0  # seconds since the hop before


def received_hops(raw: bytes) -> tuple[Hop, ...]:
    """The hops of a mail, oldest first, at most 50; () when it names none. Never raises.

    Only headers of ordinary length are handed to mail-parser: its patterns are not ours to vouch for.
    """
    fields, _ = split_fields(raw, 0, len(raw), Findings())
    received = [value for name, value in fields if name == "received" and len(value) <= HEADER_LIMIT]
    if not received:
        return ()
    from mailparser import parse_from_bytes  # slow to import

    lines = "".join(f"Received: {one_line(value)}\r\n" for value in received[:HOPS_LIMIT])
    try:
        found = parse_from_bytes(lines.encode("ascii", "replace") + b"\r\n").received
    except Exception:  # noqa: BLE001 - a list for people is not worth an error, whatever the sender wrote
        return ()
    return tuple([_hop(number, each) for number, each in enumerate(found, 1) if isinstance(each, dict)])


def _hop(number: int, found: dict[str, object]) -> Hop:
    at = found.get("date_utc")
    delay = found.get("delay")
    return Hop(
        number=number,
        by_host=_text(found.get("by")),
        protocol=_text(found.get("with")),
        at=at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else _naive(at),
        delay=float(delay) if isinstance(delay, int | float) else 0.0,
    )


def _naive(at: object) -> datetime | None:
    """mail-parser gives UTC without saying so, as a datetime or in ISO 8601."""
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None


def _text(value: object) -> str:
    return clean(one_line(value)) if isinstance(value, str) else ""
