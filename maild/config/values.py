"""The small types that configuration values are written in: durations, sizes, names, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from maild.config.listen import parse_listen
from maild.mail.freemail import is_free_mail

_DURATION = re.compile(r"([0-9]+)\s*(s|m|h|d|w)")
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_LONGEST = timedelta(days=36500)  # far beyond any use, far below what timedelta and dates can carry
_SIZE = re.compile(r"([0-9]+)\s*(B|KiB|MiB|GiB)?")
_BYTES = {"GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "B": 1}
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_AUTHSERV_ID = re.compile(r"[^\s;()=\"/\\]{1,253}")
_NAME = re.compile(r"[\w.+@-]{1,64}")


def read_duration(value: object) -> timedelta:
    """Read "90s", "1h 30m" or "5d"; ValueError says what would be right."""
    if isinstance(value, timedelta):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if not text or _DURATION.sub("", text).strip():
        raise ValueError(f"{value!r} is not a duration; write it like 90s, 10m, 4h, 5d or 1h 30m")
    try:
        length = timedelta(seconds=sum(int(n) * _SECONDS[unit] for n, unit in _DURATION.findall(text)))
    except OverflowError:
        length = timedelta.max
    if length > _LONGEST:
        raise ValueError(f"{value!r} is longer than a hundred years; write it like 90s, 10m, 4h or 5d")
    return length


def write_duration(length: timedelta) -> str:
    """The same as a person writes it: 1:30:00 is "1h 30m"; fractions of a second are left out."""
    rest, parts = int(length.total_seconds()), []
    for unit, seconds in _SECONDS.items():
        if unit != "w" and rest >= seconds:
            parts.append(f"{rest // seconds}{unit}")
            rest %= seconds
    return " ".join(parts) or "0s"


def read_size(value: object) -> int:
    """Read "25 MiB" or a plain number of bytes; ValueError says what would be right."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is not a size; write it like 25 MiB, 256 KiB or 1048576")
    return int(found[1]) * _BYTES[found[2] or "B"]


def write_size(count: int) -> str:
    """The same as a person writes it, exactly: 26214400 is "25 MiB"."""
    unit = next((unit for unit, size in _BYTES.items() if count and count % size == 0), "B")
    return f"{count // _BYTES[unit]} {unit}"


def read_address(value: object) -> str:
    """A bare mail address, domain in lower case; ValueError says what would be right."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value) or len(value) > 254:
        raise ValueError(f"{value!r} is not a mail address; write it like support@example.com")
    local, _, domain = value.rpartition("@")
    return f"{local}@{domain.lower()}"


def read_domain(value: str) -> str:
    """A domain in lower case; ValueError says what would be right."""
    domain = value.lower().removeprefix("@")
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{value!r} is not a domain; write it like example.com")
    return domain


def read_company_domain(value: str) -> str:
    """The domain of one company, in lower case; ValueError says what would be right."""
    domain = read_domain(value)
    if is_free_mail(domain):
        raise ValueError(f"{domain} belongs to a mail provider, where strangers have addresses; name a company's own")
    return domain


def read_name(value: str) -> str:
    """A short name for keys such as `imap:NAME:UIDVALIDITY:UID`, so without a colon or a space."""
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} cannot be a name here; use letters, digits, dots and dashes, at most 64")
    return value


def read_authserv_id(value: str) -> str:
    """What stands first in Authentication-Results (RFC 8601 §2.5), in lower case."""
    if not _AUTHSERV_ID.fullmatch(value):
        raise ValueError(f"{value!r} is no authserv-id; write it like mx.example.com")
    return value.lower()


def unique(addresses: Iterable[str]) -> tuple[str, ...]:
    """Addresses in lower case, each once: two letters to one address would be one letter."""
    return tuple(dict.fromkeys(address.lower() for address in addresses))


def read_listen(value: str) -> str:
    """Where to listen, as it was written; `parse_listen` takes it apart."""
    parse_listen(value)
    return value


Security = Literal["tls", "starttls", "none"]
Duration = Annotated[timedelta, BeforeValidator(read_duration)]
Size = Annotated[int, BeforeValidator(read_size)]
MailAddress = Annotated[str, BeforeValidator(read_address)]
CompanyDomain = Annotated[str, AfterValidator(read_company_domain)]
AuthservId = Annotated[str, AfterValidator(read_authserv_id)]
ShortName = Annotated[str, AfterValidator(read_name)]
Listen = Annotated[str, AfterValidator(read_listen)]
