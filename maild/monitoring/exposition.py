"""Writes metrics as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path

from maild.app.trouble_facts import Facts
from maild.app.troubles import living
from maild.monitoring.look import Look, unready
from maild.monitoring.meters import label
from maild.monitoring.names import BUCKETS, COUNTERS, GAUGES, HISTOGRAMS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[str, str, float]  # name, labels, value


def write_metrics(look: Look) -> str:
    """Everything that can be said at a moment."""
    lines: list[str] = []
    gauges = sorted([*_of_process(look), *(_of_facts(look.facts, look) if look.facts else ())], key=lambda s: s[0])
    for name, samples in groupby(gauges, key=lambda s: s[0]):
        lines += [f"# HELP {name} {GAUGES[name]}", f"# TYPE {name} gauge"]
        lines += [_line(*sample) for sample in samples]
    counted = {(name, labels): value for name, labels, value in look.counted}
    for name, meaning in COUNTERS.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} counter"]
        lines += [_line(*key, value) for key, value in counted.items() if key[0] == name]
    for name, meaning in HISTOGRAMS.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} histogram"]
        lines += _histogram(name, counted)
    lines += _standard()
    return "\n".join(lines) + "\n"


def _of_process(look: Look) -> Iterator[Sample]:
    yield "maild_up", "", 1
    yield "maild_database_up", "", float("the database cannot be written to" not in unready(look))
    yield "maild_ready", "", float(not unready(look))
    for trouble in look.troubles:
        yield "maild_trouble", label("name", trouble.name), 1


def _of_facts(facts: Facts, look: Look) -> Iterator[Sample]:
    yield "maild_facts_age_seconds", "", _since(facts.now, look.now)
    for role in ("doors", "worker"):
        yield "maild_processes", label("role", role), living(facts, role, look.silent)
    for process in facts.processes:
        labels = f"{label('place', process.place)},{label('pid', process.pid)}"
        yield "maild_process_silent_seconds", labels, process.silent.total_seconds()
    for state, count in facts.inbox.items():
        yield "maild_inbox_mails", label("state", state), count
    for state in ("waiting", "sending", "uncertain", "failed"):
        yield "maild_outbox_letters", label("state", state), facts.outbox.get(state, 0)
    yield "maild_inbox_due_seconds", "", _since(facts.mail_due, facts.now)
    yield "maild_outbox_due_seconds", "", _since(facts.letter_due, facts.now)
    yield "maild_outbox_oldest_seconds", "", _since(facts.letter_written, facts.now)
    yield "maild_clocks_behind_seconds", "", _since(facts.next_look, facts.now)
    for box in facts.mailboxes:
        if box.read_at:
            yield "maild_mailbox_read_seconds", label("mailbox", box.name), _since(box.read_at, facts.now)
        yield "maild_mailbox_trouble", label("mailbox", box.name), float(bool(box.trouble))
    for each in facts.expiries:
        if each.until:
            yield "maild_expires_seconds", label("what", each.what), (each.until - facts.now).total_seconds()
    if facts.free_disk is not None:
        yield "maild_disk_free_bytes", "", facts.free_disk
    if facts.broker_up is not None:
        yield "maild_broker_up", "", float(facts.broker_up)
    if facts.backup_at:
        yield "maild_backup_age_seconds", "", _since(facts.backup_at, facts.now)


def _since(moment: datetime | None, now: datetime) -> float:
    """Seconds since a moment that is over; 0 when it is not, or there is none."""
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0


def _histogram(name: str, counted: dict[tuple[str, str], float]) -> Iterator[str]:
    """Buckets are cumulative where they are shown."""
    total = 0.0
    for limit in [*(f"{bucket:g}" for bucket in BUCKETS), "+Inf"]:
        total += counted.get((f"{name}_bucket", f'le="{limit}"'), 0)
        yield _line(f"{name}_bucket", f'le="{limit}"', total)
    yield _line(f"{name}_sum", "", counted.get((f"{name}_sum", ""), 0))
    yield _line(f"{name}_count", "", total)


def _standard() -> Iterator[str]:
    """What every exporter says of its own process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    samples = [("process_cpu_seconds_total", "counter", "CPU time of this process.", used.ru_utime + used.ru_stime)]
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    except (OSError, ValueError, IndexError):  # not Linux
        pass
    else:
        size = float(pages * os.sysconf("SC_PAGE_SIZE"))
        samples.append(("process_resident_memory_bytes", "gauge", "Memory of this process.", size))
        samples.append(("process_open_fds", "gauge", "Open files of this process.", float(files)))
    for name, sort, meaning, value in samples:
        yield f"# HELP {name} {meaning}"
        yield f"# TYPE {name} {sort}"
        yield _line(name, "", value)


def _line(name: str, labels: str, value: float) -> str:
    return f"{name}{{{labels}}} {value:.15g}" if labels else f"{name} {value:.15g}"
