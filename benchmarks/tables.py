"""Measurements as tables of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.contenders.contender import OURS
from benchmarks.growth import exponent
from benchmarks.inputs import SAMPLE
from benchmarks.measure import COLD, WARM, Measurement, Step

_SPEED_LIMIT = "duckdb"
"""Engine that others are told as multiples of."""


def scale_name(scale: float) -> str:
    """Name of a scale: times a real release."""
    return "sample" if scale == SAMPLE else f"{scale:g}x"


_TITLES = (
    *("input", "engine", "cold s", "warm s", "cold CPU s", "warm CPU s", "peak MB"),
    *("cold ÷ DuckDB", "warm ÷ DuckDB", "rows"),
)


def time_table(found: Sequence[Measurement], titles: Mapping[str, str]) -> str:
    """Wall and CPU seconds, and memory, of one dataset by scale and engine."""
    lines = [f"| {' | '.join(_TITLES)} |", f"|---|---|{'--:|' * 7}---|"]
    for one in found:
        limit = _same(found, one, _SPEED_LIMIT)
        cold, warm = one.total(COLD), one.total(WARM)
        peak = max((step.megabytes for step in one.steps.values()), default=None)
        cells = [
            f"{scale_name(one.scale)}, {_number(one.input_megabytes)} MB",
            titles[one.engine],
            *[_number(step.wall if step else None) for step in (cold, warm)],
            *[_number(step.cpu if step else None) for step in (cold, warm)],
            "" if peak is None else f"{peak:,.0f}",
            *[_ratio(one.total(run), limit.total(run) if limit else None) for run in (COLD, WARM)],
            rows_told(one, _same(found, one, OURS)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def rows_told(one: Measurement, ours: Measurement | None) -> str:
    """Whether a contender's tables have as many rows as ours."""
    if one.error:
        return f"ended: {one.error.replace('|', '/')[:120]}"
    if ours is None or not ours.rows:
        return f"{sum(one.rows.values()):,}"
    expected = {table: rows for table, rows in ours.rows.items() if rows or table in one.rows}
    differing = [
        f"{table} {one.rows.get(table, 0):,}, ours {rows:,}"
        for table, rows in expected.items()
        if one.rows.get(table) != rows
    ]
    return "; ".join(differing) or f"{sum(one.rows.values()):,}"


def step_table(found: Sequence[Measurement], titles: Mapping[str, str]) -> str:
    """Wall seconds of each step."""
    names = ("cold start", "cold bronze", "cold silver", "warm bronze", "warm silver")
    lines = [f"| input | engine | {' | '.join(names)} |", f"|---|---|{'--:|' * len(names)}"]
    for one in found:
        walls = [_number(one.steps[name].wall if name in one.steps else None) for name in names]
        lines.append(f"| {scale_name(one.scale)} | {titles[one.engine]} | {' | '.join(walls)} |")
    return "\n".join(lines)


def growth_table(found: Iterable[Measurement], titles: Mapping[str, str]) -> str:
    """Exponents of warm wall and CPU seconds and of memory by the input's size; empty where there is one size.

    The sample does not count: nearly all that it takes is fixed.
    """
    by_engine: dict[tuple[str, str], list[Measurement]] = {}
    for one in found:
        if one.total(WARM) and one.scale != SAMPLE:
            by_engine.setdefault((one.dataset, one.engine), []).append(one)
    lines = []
    for (dataset, engine), several in by_engine.items():
        points = [(one.input_megabytes, step) for one in several if (step := one.total(WARM))]
        grown = [exponent([(size, value(step)) for size, step in points]) for value in _VALUES]
        if None not in grown:
            sizes = ", ".join(scale_name(one.scale) for one in several)
            exponents = " | ".join(f"{value:.2f}" for value in grown)
            lines.append(f"| {dataset.upper()} | {titles[engine]} | {sizes} | {exponents} |")
    head = ["| dataset | engine | inputs | wall | CPU | memory |", "|---|---|---|--:|--:|--:|"]
    return "\n".join([*head, *lines]) if lines else ""


_VALUES: tuple[Callable[[Step], float], ...] = (
    lambda step: step.wall,
    lambda step: step.cpu,
    lambda step: step.megabytes,
)


def _same(found: Iterable[Measurement], one: Measurement, engine: str) -> Measurement | None:
    there = [other for other in found if (other.engine, other.dataset, other.scale) == (engine, one.dataset, one.scale)]
    return there[0] if there else None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - three digits


def _ratio(step: Step | None, limit: Step | None) -> str:
    return f"{step.wall / limit.wall:.1f}" if step and limit else ""
