"""What `maild doctor` finds of versions: programs and libraries whose faults mail can reach, or that lose data."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from importlib import metadata

from maild.cli.findings import Finding

# Library -> the first version without the known fault, and what that fault was (RELIABILITY §5.1).
MENDED = {
    "aiosmtpd": ("1.4.6", "smuggling of commands through STARTTLS, CVE-2024-34083"),
    "jinja2": ("3.1.6", "a way out of the templates' sandbox, CVE-2025-27516"),
    "urllib3": ("2.6.3", "answers that fill the memory, CVE-2026-21441"),
    "dnspython": ("2.6.1", "forged answers that stop look-ups, CVE-2023-29483"),
    "redis": ("4.5.5", "answers that go to the wrong caller, CVE-2023-28859"),
}
_WAL_RESET = ((3, 44, 6), (3, 50, 7), (3, 51, 3))  # SQLite: mended in these, by branch


def versions() -> Iterator[Finding]:
    """Python's is looked at elsewhere."""
    yield sqlite_finding(sqlite3.sqlite_version_info)
    old = [found for name, (least, fault) in MENDED.items() if (found := library_fault(name, least, fault))]
    advice = f"update: {'; '.join(old)}" if old else ""
    yield Finding("libraries", "no known fault" if not old else f"{len(old)} with known faults", advice)


def sqlite_finding(version: tuple[int, int, int]) -> Finding:
    """Whether this SQLite has the race that can, very rarely, damage a database in WAL mode."""
    mended = version >= _WAL_RESET[-1] or any(version[:2] == good[:2] and version >= good for good in _WAL_RESET)
    advice = "" if mended else "update to 3.51.3: two writers can, very rarely, damage the file (the WAL-reset fault)"
    return Finding("SQLite", ".".join(map(str, version)), advice)


def library_fault(name: str, least: str, fault: str) -> str:
    """What is wrong with an installed library, in words; "" when nothing is, or it is not installed."""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
    return f"{name} {version} to {least} ({fault})" if _parts(version) < _parts(least) else ""


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
