"""The table at the end of a soak."""

from __future__ import annotations

from collections import Counter
from statistics import median

from soak.trial import Outcome


def table(outcome: Outcome) -> str:
    """Everything that one soak came to, for people."""
    said, recoveries = outcome.said, outcome.recoveries
    rows = [
        ("set-up, seed", f"{outcome.setup}, {outcome.seed}"),
        ("ran", f"{outcome.seconds:.0f} s, {outcome.rests} rests with the whole checker, {outcome.starts} starts"),
        ("faults injected", str(sum(outcome.faults.values()))),
        *(("  " + name, str(count)) for name, count in sorted(outcome.faults.items())),
        ("mails that got 250 or lay in the mailbox", _sum(said.sent)),
        ("the door's answers", _sum(said.answers, none="no answer")),
        ("outcomes", _sum(outcome.mails)),
        ("letters", _sum(outcome.letters)),
        ("  of them uncertain, each recorded", str(outcome.uncertain)),
        ("lost", str(outcome.lost)),
        ("doubled", str(outcome.doubled)),
        ("other breaks", str(len(outcome.breaks) - outcome.lost - outcome.doubled)),
        ("recovery, median / longest", f"{median(recoveries):.1f} / {max(recoveries):.1f} s" if recoveries else "-"),
        *(
            (f"{name}, before -> after", f"RSS {b.rss_mib:.0f} -> {a.rss_mib:.0f} MiB, open files {b.fds} -> {a.fds}")
            for name, a in outcome.after.items()
            if (b := outcome.before.get(name))
        ),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    return "\n".join([*lines, *(f"BREAK: {one}" for one in outcome.breaks)])


def _sum(counts: Counter[str], none: str = "none") -> str:
    parts = ", ".join(f"{name or none} {count}" for name, count in sorted(counts.items()))
    return f"{sum(counts.values())} ({parts})"
