"""DNS for the checks of one mail, with a bound on number and time: a stranger chooses what is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_LOOKUPS = 10
LONGEST_LOOKUP = 2.0  # seconds
LONGEST_CHECK = 8.0  # seconds for all of a mail

# Records of a name: bytes for TXT, text for A, AAAA and PTR, (preference, name) for MX; [] when there are
# none. The last argument is the time it may take, in seconds. Raises NoAnswer.
Resolve = Callable[[str, str, float], list[Any]]


class NoAnswer(Exception):
    """DNS did not answer, or may not be asked any more: nothing is known, for now."""


@dataclass
class Lookups:
    """What one mail may ask."""

    resolve: Resolve
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """The time begins to run."""
        self.until = self.clock() + LONGEST_CHECK
        self.left = MOST_LOOKUPS
        self.known: dict[tuple[str, str], list[Any]] = {}

    def __call__(self, name: str, kind: str) -> list[Any]:
        """The records of a name. Raises NoAnswer."""
        key = (name.lower().rstrip("."), kind)
        if key not in self.known:
            seconds = min(LONGEST_LOOKUP, self.until - self.clock())
            if self.left <= 0 or seconds <= 0:
                raise NoAnswer(f"no more than {MOST_LOOKUPS} look-ups in {LONGEST_CHECK:.0f} seconds")
            self.left -= 1
            self.known[key] = self.resolve(*key, seconds)
        return self.known[key]

    @property
    def over(self) -> bool:
        """Whether the time for this mail is up."""
        return self.clock() >= self.until

    def text(self, name: str, beginning: bytes) -> bytes | None:
        """The one TXT record of a name that begins so; None when there is none or several. Raises NoAnswer."""
        found = [each for each in self(name, "TXT") if each[: len(beginning)].lower() == beginning]
        return found[0] if len(found) == 1 else None


def resolve(name: str, kind: str, seconds: float) -> list[Any]:
    """Ask the resolver of this machine."""
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, kind, lifetime=seconds, search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as error:
        raise NoAnswer(type(error).__name__) from error
    return [_plain(kind, record) for record in answer.rrset or ()]


def _plain(kind: str, record: Any) -> Any:
    if kind == "TXT":
        return b"".join(record.strings)
    if kind == "MX":
        return record.preference, record.exchange.to_text(omit_final_dot=True)
    return record.target.to_text(omit_final_dot=True) if kind == "PTR" else record.address
