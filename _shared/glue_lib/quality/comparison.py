"""Compare a table's profile with the previous version's. A finding names column, expected range and what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from _shared.contracts.dataset import DataQuality, SilverTable
from _shared.contracts.quality.expectations import CRITICAL, WARNING
from _shared.contracts.quality.profile import ColumnProfile, TableProfile
from _shared.contracts.release import PreviousVersion
from _shared.contracts.report import CheckResult

LARGEST_MEDIAN_SHIFT_DAYS = 92
"""Shift of the median of a date column that is reported. Between two releases of a register it is days."""

FEWEST_ROWS = 100
"""Shares of fewer rows than this vary too much to be compared."""

_LOOK = "compare the file with the version before: lake query, with the versions table"


def compare(
    now: TableProfile, before: TableProfile | None, table: SilverTable, quality: DataQuality, previous: PreviousVersion
) -> tuple[CheckResult, ...]:
    """Compare a table with its previous version.

    Parameters
    ----------
    before
        Profile of the previous version; ``None`` if it has none. Only keys are then compared.
    previous
        The previous version. A table that it lacks is not compared.

    Returns
    -------
    tuple of CheckResult
        Every failed check, and a passed one for each kind of comparison that found nothing or was not made.
    """
    if table.changes_only or table.name not in previous.row_counts:
        return ()
    version = previous.version
    checks = [_keys(now, table, quality, version)]
    if before is None:
        checks.append(_not_compared(table, f"version {version} has no profile"))
    elif min(now.rows, before.rows) < FEWEST_ROWS:
        checks.append(_not_compared(table, f"fewer than {FEWEST_ROWS} rows"))
    else:
        kinds = {
            "null_share_against_previous": _nulls(now, before, table, quality, version),
            "category_share_against_previous": _categories(now, before, table, quality, version),
            "dates_against_previous": _dates(now, before, table, version),
        }
        for name, found in kinds.items():
            checks += [*found] or [_unchanged(name, table, version)]
    return tuple(checks)


def _keys(now: TableProfile, table: SilverTable, quality: DataQuality, version: str) -> CheckResult:
    churn, key = now.churn, ", ".join(table.key)
    expected = f"at most {quality.max_removed_keys_share:.2%} of the keys of version {version} removed"
    if churn is None:
        observed = f"not compared: the files of version {version} are gone, or lack a column of the key"
        return _finding("keys_against_previous", table, key, observed, expected)
    return CheckResult(
        name="keys_against_previous",
        table=table.name,
        passed=churn.removed_share <= quality.max_removed_keys_share,
        observed=f"{churn.added} keys added, {churn.removed} of {churn.before} removed ({churn.removed_share:.2%})",
        expected=expected,
        column=key,
        severity=CRITICAL,
        remedy=f"{_LOOK}; if the source did remove them, raise max_removed_keys_share for this release",
    )


def _nulls(
    now: TableProfile, before: TableProfile, table: SilverTable, quality: DataQuality, version: str
) -> Iterator[CheckResult]:
    for name in sorted(now.columns.keys() & before.columns.keys()):
        share = now.columns[name].nulls / now.rows
        usual = before.columns[name].nulls / before.rows
        if abs(share - usual) > quality.max_share_change:
            what = _range(usual, quality.max_share_change)
            yield _finding("null_share_against_previous", table, name, f"{share:.2%} null", f"{what} in {version}")


def _categories(
    now: TableProfile, before: TableProfile, table: SilverTable, quality: DataQuality, version: str
) -> Iterator[CheckResult]:
    for name in sorted(now.columns.keys() & before.columns.keys()):
        new, old = now.columns[name].values, before.columns[name].values
        for value in sorted(new.keys() | old.keys()) if new and old else ():
            share, usual = _share(now.columns[name], value, now.rows), _share(before.columns[name], value, before.rows)
            if abs(share - usual) > quality.max_share_change:
                seen, what = f"{value!r} in {share:.2%} of the rows", _range(usual, quality.max_share_change)
                yield _finding("category_share_against_previous", table, name, seen, f"{what} in {version}")


def _dates(now: TableProfile, before: TableProfile, table: SilverTable, version: str) -> Iterator[CheckResult]:
    for name in sorted(now.columns.keys() & before.columns.keys()):
        new, old = now.columns[name].dates, before.columns[name].dates
        if new and old:
            shift = (date.fromisoformat(new[1]) - date.fromisoformat(old[1])).days
            if abs(shift) > LARGEST_MEDIAN_SHIFT_DAYS:
                expected = f"{old[1]} ± {LARGEST_MEDIAN_SHIFT_DAYS} days, the median in {version}"
                yield _finding("dates_against_previous", table, name, f"median {new[1]}", expected)


def _share(column: ColumnProfile, value: str, rows: int) -> float:
    return column.values.get(value, 0) / rows


def _range(usual: float, change: float) -> str:
    return f"{max(0.0, usual - change):.2%} to {min(1.0, usual + change):.2%}, as {usual:.2%}"


def _finding(name: str, table: SilverTable, column: str, observed: str, expected: str) -> CheckResult:
    return CheckResult(name, table.name, False, observed, expected, column, WARNING, remedy=_LOOK)


def _not_compared(table: SilverTable, why: str) -> CheckResult:
    observed, expected = f"not compared: {why}", "shares and dates as in the version before"
    return CheckResult("shares_against_previous", table.name, True, observed, expected, None, WARNING)


def _unchanged(name: str, table: SilverTable, version: str) -> CheckResult:
    return CheckResult(name, table.name, True, "no column beyond its range", f"as in version {version}", None, WARNING)
