"""The figures as people read them (a table), and as programs do (one line of JSON)."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from bench.figures import Figure
from bench.measure import Result
from maild.testing.circumstances import headline

Figures = Mapping[str, Sequence[Figure]]  # by row


def last_line(about: Mapping[str, object], rows: Figures) -> dict[str, object]:
    """What the last line says: every figure by its row and name; null for what could not be measured."""
    return {
        **about,
        "rows": {row: {each.name: _rounded(each.value) for each in figures} for row, figures in rows.items()},
        "missed": [each.name for figures in rows.values() for each in figures if each.verdict == "missed"],
        "not_measured": [each.name for figures in rows.values() for each in figures if each.value is None],
    }


def table(about: Mapping[str, object], rows: Figures) -> str:
    """Everything, for people: figures with their targets first, what explains them below."""
    lines = [headline(about), ""]
    for row, figures in rows.items():
        lines.append(row)
        aimed = [each for each in figures if each.target or each.value is None]
        lines += [_line(each) for each in (*aimed, *(each for each in figures if each not in aimed))]
        lines.append("")
    return "\n".join(lines)


def _line(figure: Figure) -> str:
    if figure.value is None:
        return f"  {figure.name:<58} not measured: {figure.note}"
    value = f"{_shown(figure.value)} {figure.unit}".strip()
    spread = "" if len(figure.rounds) < 2 else f"   (rounds: {', '.join(map(_shown, figure.rounds))})"
    target = f"{figure.verdict:<7}{figure.target} {figure.unit}".strip() if figure.target else ""
    note = f"   {figure.note}" if figure.note else ""
    return f"  {figure.name:<58} {value:>16}   {target:<28}{spread}{note}".rstrip()


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def details(rounds: Sequence[Result]) -> dict[str, dict[str, float]]:
    """By process: CPU ms per mail, MiB before the first mail, MiB at the peak; and the servers' CPU."""
    return {
        "cpu_ms_per_mail": _by_process([r.cpu_ms for r in rounds]),
        "idle_mib": _by_process([r.idle_mib for r in rounds]),
        "peak_mib": _by_process([r.peak_mib for r in rounds]),
        "servers_cpu_ms_per_mail": _by_process([r.servers_cpu_ms for r in rounds]),
    }


def _by_process(rounds: Iterable[Mapping[str, float]]) -> dict[str, float]:
    each = list(rounds)
    return {name: round(statistics.median(r[name] for r in each if name in r), 3) for name in each[0]}
