"""Quality checks on a written silver table. A version that fails a check is not published."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from _shared.contracts.dataset import DataQuality, SilverTable
from _shared.contracts.errors import QualityCheckFailedError
from _shared.contracts.messages import listed
from _shared.contracts.release import PreviousVersion
from _shared.contracts.report import CheckResult, TableCounts

_HASH, _HERE = "grain_hash", "rows_of_grain"


@dataclass(frozen=True)
class Measures:
    """Measures of a written table.

    Parameters
    ----------
    rows
        Number of rows.
    surplus
        Number of rows that repeat the grain of another row.
    nulls
        Number of nulls by required column.
    """

    rows: int
    surplus: int
    nulls: dict[str, int] = field(default_factory=dict)


def measure(written: DataFrame, table: SilverTable, quality: DataQuality) -> Measures:
    """Count rows, nulls and rows with a repeated grain.

    One pass compares 64-bit hashes of the grain. The grain columns are compared only if hashes repeat.
    """
    required = [name for name in quality.required_columns if name in written.columns]
    nulls = [F.count(F.when(F.col(name).isNull(), 1)).alias(name) for name in required]
    by_hash = written.groupBy(F.xxhash64(*table.grain).alias(_HASH)).agg(F.count(F.lit(1)).alias(_HERE), *nulls)
    sums = [F.coalesce(F.sum(name), F.lit(0)) for name in (_HERE, *required)]
    row = by_hash.agg(F.count(F.lit(1)), *sums).first()
    distinct, rows, *found = row or (0, 0)
    surplus = _surplus(written, table) if distinct < rows else 0
    return Measures(rows, surplus, dict(zip(required, found, strict=True)))


def evaluate(
    measures: Measures,
    table: SilverTable,
    quality: DataQuality,
    counts: TableCounts,
    previous: PreviousVersion | None,
) -> tuple[CheckResult, ...]:
    """Evaluate the checks of a table.

    Parameters
    ----------
    counts
        Row counts of the table, including quarantine.
    previous
        The previous publication, for the comparison of row counts.
    """
    rows = measures.rows
    not_empty = CheckResult("not_empty", table.name, rows > 0, f"{rows} rows", "at least 1 row")
    unique = CheckResult(
        name="unique_grain",
        table=table.name,
        passed=measures.surplus == 0,
        observed=f"{measures.surplus} rows repeat an earlier row's grain",
        expected=f"({', '.join(table.grain)}) identifies a row",
    )
    required = [_not_null(measures, table, name, quality.critical_null_threshold) for name in measures.nulls]
    return (not_empty, _not_kept_back(counts, quality), unique, *required, *_not_shrunk(rows, table, quality, previous))


def require(checks: tuple[CheckResult, ...], dataset: str) -> None:
    """Raise if any check failed.

    Raises
    ------
    QualityCheckFailedError
        Lists the failed checks with observed and expected values.
    """
    failed = [check for check in checks if not check.passed]
    if failed:
        failures = listed([_description(check) for check in failed], separator="; ")
        remedy = "nothing was published; look at the quarantine and the source, or change data_quality in dataset.json"
        what = f"{dataset}: {failures}"
        raise QualityCheckFailedError(what, remedy)


def _description(check: CheckResult) -> str:
    where = f"{check.table}.{check.column}" if check.column else check.table
    return f"{check.name} on {where}: {check.observed}, expected {check.expected}"


def _surplus(written: DataFrame, table: SilverTable) -> int:
    repeated = written.groupBy(*table.grain).count().filter("count > 1")
    row = repeated.agg(F.coalesce(F.sum(F.col("count") - 1), F.lit(0))).first()
    return int(row[0]) if row else 0


def tolerates(quality: DataQuality, rows_in: int, quarantined: int) -> bool:
    """Whether the share of quarantined rows is within the limit."""
    return quarantined <= rows_in * quality.max_quarantined_share


def _not_kept_back(counts: TableCounts, quality: DataQuality) -> CheckResult:
    quarantined = sum(counts.quarantined.values())
    share = f" ({quarantined / counts.rows_in:.2%})" if counts.rows_in else ""
    return CheckResult(
        name="quarantined_share",
        table=counts.table,
        passed=tolerates(quality, counts.rows_in, quarantined),
        observed=f"{quarantined} of {counts.rows_in} rows quarantined{share} {counts.quarantined or ''}".rstrip(),
        expected=f"at most {quality.max_quarantined_share:.2%} quarantined",
    )


def _not_null(measures: Measures, table: SilverTable, column: str, threshold: float) -> CheckResult:
    nulls = measures.nulls[column]
    share = nulls / measures.rows if measures.rows else 0.0
    return CheckResult(
        name="required_not_null",
        table=table.name,
        passed=share <= threshold,
        observed=f"{nulls} of {measures.rows} null ({share:.2%})",
        expected=f"at most {threshold:.2%} null",
        column=column,
    )


def _not_shrunk(
    rows: int, table: SilverTable, quality: DataQuality, previous: PreviousVersion | None
) -> list[CheckResult]:
    before = previous.row_counts.get(table.name) if previous else None
    if previous is None or not before or table.changes_only:
        return []
    least = before * (1 - quality.max_row_count_drop)
    return [
        CheckResult(
            name="row_count_against_previous",
            table=table.name,
            passed=rows >= least,
            observed=f"{rows} rows, {before} in version {previous.version} ({rows / before - 1:+.2%})",
            expected=f"a drop of at most {quality.max_row_count_drop:.2%}",
        )
    ]
