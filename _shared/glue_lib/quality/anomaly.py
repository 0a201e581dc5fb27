"""Judge a table's measures against those of the versions before: median and median absolute deviation (MAD).

Both are robust: a single bad release among the earlier ones hardly moves them.
Source of the scale factor: Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993), modified z-scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from _shared.contracts.quality.expectations import WARNING
from _shared.contracts.quality.profile import TableProfile
from _shared.contracts.report import ANOMALY, CheckResult

FEWEST_VERSIONS = 7
"""Earlier versions that are needed to judge. With fewer, the check says so and passes."""

LARGEST_SCORE = 5.0
"""Deviations from the median, in robust standard deviations, that are still usual."""

SMALLEST_SHARE_DEVIATION = 0.005
"""A share that never changed has no deviation at all; half a percentage point is never an anomaly by itself."""

SMALLEST_ROWS_DEVIATION = 0.005
"""The same for row counts, relative to the median."""

_SCALE = 1.4826


def judge(name: str, now: TableProfile, earlier: Sequence[TableProfile]) -> tuple[CheckResult, ...]:
    """Judge the measures of a table.

    Parameters
    ----------
    name
        Name of the table.
    earlier
        Profiles of earlier versions, in any order.

    Returns
    -------
    tuple of CheckResult
        A failed check of severity warning for each unusual measure, or one passed check.
    """
    known = len(earlier)
    if known < FEWEST_VERSIONS:
        observed = f"not judged yet: {known} of {FEWEST_VERSIONS} earlier versions"
        return (
            CheckResult(ANOMALY, name, True, observed, "a usual range, once there are enough versions", None, WARNING),
        )
    categories = _categories((now, *earlier))
    series = [dict(_measures(profile, categories)) for profile in earlier]
    found = [
        finding
        for measure, value in _measures(now, categories)
        if (finding := _judged(name, measure, value, [one[measure] for one in series if measure in one]))
    ]
    usual = CheckResult(
        ANOMALY, name, True, "every measure in its usual range", f"as in {known} versions", None, WARNING
    )
    return tuple(found) or (usual,)


def _categories(profiles: Sequence[TableProfile]) -> dict[str, list[str]]:
    """Return the values that any version has, by column: one that vanished has a share, too, of zero."""
    found: dict[str, set[str]] = {}
    for profile in profiles:
        for name, column in profile.columns.items():
            found.setdefault(name, set()).update(column.values)
    return {name: sorted(values) for name, values in found.items()}


def _measures(
    profile: TableProfile, categories: Mapping[str, Sequence[str]]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield what is judged: column (empty for the table) and measure, with its value."""
    yield ("", "rows"), float(profile.rows)
    if profile.churn is not None:
        yield ("", "share of keys added"), profile.churn.added_share
        yield ("", "share of keys removed"), profile.churn.removed_share
    for name, column in profile.columns.items():
        rows = max(profile.rows, 1)
        yield (name, "share of nulls"), column.nulls / rows
        for value in categories[name] if column.values else ():
            yield (name, f"share of {value!r}"), column.values.get(value, 0) / rows


def _judged(table: str, measure: tuple[str, str], value: float, earlier: Sequence[float]) -> CheckResult | None:
    """Return a finding for an unusual value, ``None`` for a usual one or one that is too new to be judged."""
    if len(earlier) < FEWEST_VERSIONS:
        return None
    column, what = measure
    middle = median(earlier)
    smallest = SMALLEST_ROWS_DEVIATION * middle if what == "rows" else SMALLEST_SHARE_DEVIATION
    deviation = max(_SCALE * median(abs(one - middle) for one in earlier), smallest)
    reach = LARGEST_SCORE * deviation
    if abs(value - middle) <= reach:
        return None
    form = ",.0f" if what == "rows" else ".2%"
    low, high = max(middle - reach, 0.0), middle + reach
    score = abs(value - middle) / deviation
    return CheckResult(
        name=ANOMALY,
        table=table,
        passed=False,
        observed=f"{what} is {value:{form}}, {score:.1f} deviations from the median of {len(earlier)} versions",
        expected=f"{low:{form}} to {high:{form}}",
        column=column or None,
        severity=WARNING,
        remedy="find out whether the source did change; nothing has to be done if it did",
    )
