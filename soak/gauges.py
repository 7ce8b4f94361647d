"""Memory and open files of the processes of maild, from /proc [proc(5)]."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Gauge:
    """One process at one moment."""

    rss_mib: float
    fds: int


def read(pids: dict[str, int]) -> dict[str, Gauge]:
    """Each process that still runs."""
    found = {}
    for name, pid in pids.items():
        proc = Path(f"/proc/{pid}")
        try:
            status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
            fds = len(list((proc / "fd").iterdir()))
        except OSError:
            continue
        found[name] = Gauge(int(status.get("VmRSS", "0").split()[0]) / 1024, fds)
    return found


def grown(before: dict[str, Gauge], after: dict[str, Gauge]) -> list[str]:
    """What did not come back to its baseline: RSS by a tenth and 20 MiB, open files by a tenth and 5."""
    faults = []
    for name, now in after.items():
        base = before.get(name, now)
        if now.rss_mib > base.rss_mib * 1.1 + 20:
            faults.append(f"{name}: RSS {base.rss_mib:.0f} -> {now.rss_mib:.0f} MiB")
        if now.fds > base.fds * 1.1 + 5:
            faults.append(f"{name}: {base.fds} -> {now.fds} open files")
    return faults
