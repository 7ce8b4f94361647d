"""The figures as people read them (a table), and as programs do (one line of JSON)."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from bench.measure import Result

Figures = dict[str, float]


def summary(bare: Sequence[float], results: Mapping[str, Sequence[Result] | None]) -> dict[str, object]:
    """What the last line says: medians; null for what could not run.

    `ratio` is the median of each round's end to end over the bare aiosmtpd around that round.
    """
    floor = statistics.median(bare)
    setups = {name: _figures(rounds) if rounds else None for name, rounds in results.items()}
    return {"bare_aiosmtpd_per_s": round(floor, 1), "setups": setups}


def _figures(rounds: Sequence[Result]) -> Figures:
    return {
        "accepted_per_s": round(_median(r.accepted_per_s for r in rounds), 1),
        "end_to_end_per_s": round(_median(r.end_to_end_per_s for r in rounds), 1),
        "ratio": round(_median(r.ratio for r in rounds), 4),
        "cpu_ms_per_mail": round(_median(sum(r.cpu_ms.values()) for r in rounds), 3),
        "peak_mib": round(_median(sum(r.peak_mib.values()) for r in rounds), 1),
        "commit_p50_ms": round(_median(r.commit_p50_ms for r in rounds), 1),
        "commit_p99_ms": round(_median(r.commit_p99_ms for r in rounds), 1),
    }


def details(rounds: Sequence[Result]) -> dict[str, Figures]:
    """By process: CPU ms per mail, MiB before the first mail, MiB at the peak; and the servers' CPU."""
    return {
        "cpu_ms_per_mail": _by_process([r.cpu_ms for r in rounds]),
        "idle_mib": _by_process([r.idle_mib for r in rounds]),
        "peak_mib": _by_process([r.peak_mib for r in rounds]),
        "servers_cpu_ms_per_mail": _by_process([r.servers_cpu_ms for r in rounds]),
    }


def table(bare: Sequence[float], results: Mapping[str, Sequence[Result] | None]) -> str:
    """Everything, for people."""
    spread = f"{min(bare):.0f}-{max(bare):.0f}"
    lines = [f"bare aiosmtpd      {statistics.median(bare):8.0f} mails/s   ({spread} in {len(bare)} runs)"]
    for name, rounds in results.items():
        if not rounds:
            lines.append(f"{name}: not measured")
            continue
        figures = _figures(rounds)
        each = ", ".join(f"{r.end_to_end_per_s:.0f}" for r in rounds)
        ratios = ", ".join(f"{r.ratio:.3f}" for r in rounds)
        lines += [
            "",
            f"{name}",
            f"  accepted         {figures['accepted_per_s']:8.0f} mails/s",
            f"  end to end       {figures['end_to_end_per_s']:8.0f} mails/s   (rounds: {each})",
            f"  of bare aiosmtpd {figures['ratio']:8.3f}           (rounds: {ratios})",
            f"  250 to committed {figures['commit_p50_ms']:8.0f} ms p50, {figures['commit_p99_ms']:.0f} ms p99",
            "  process             CPU ms/mail   MiB idle   MiB peak",
        ]
        more = details(rounds)
        for process, cpu in more["cpu_ms_per_mail"].items():
            idle, peak = more["idle_mib"].get(process, 0), more["peak_mib"].get(process, 0)
            lines.append(f"    {process:<18}{cpu:11.2f}{idle:11.0f}{peak:11.0f}")
        lines.append(f"    {'maild in all':<18}{figures['cpu_ms_per_mail']:11.2f}{'':11}{figures['peak_mib']:11.0f}")
        for server, cpu in more["servers_cpu_ms_per_mail"].items():
            lines.append(f"    {server:<18}{cpu:11.2f}")
    return "\n".join(lines)


def _median(values: Iterable[float]) -> float:
    return float(statistics.median(values))


def _by_process(rounds: Sequence[Mapping[str, float]]) -> Figures:
    return {name: round(statistics.median(r[name] for r in rounds if name in r), 3) for name in rounds[0]}
