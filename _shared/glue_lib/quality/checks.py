"""Checks of a written silver table that need no expectation, and the decision about publication."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from _shared.contracts.dataset import DataQuality, SilverTable
from _shared.contracts.errors import QualityCheckFailedError
from _shared.contracts.messages import listed
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
    """

    rows: int
    surplus: int


def measure(written: DataFrame, table: SilverTable) -> Measures:
    """Count rows and rows with a repeated grain.

    One pass compares 64-bit hashes of the grain. The grain columns are compared only if hashes repeat.
    """
    by_hash = written.groupBy(F.xxhash64(*table.grain).alias(_HASH)).agg(F.count(F.lit(1)).alias(_HERE))
    row = by_hash.agg(F.count(F.lit(1)), F.coalesce(F.sum(_HERE), F.lit(0))).first()
    distinct, rows = row or (0, 0)
    return Measures(rows, _surplus(written, table) if distinct < rows else 0)


def native_checks(
    measures: Measures, table: SilverTable, quality: DataQuality, counts: TableCounts
) -> tuple[CheckResult, ...]:
    """Check the share of rows in quarantine, and the grain.

    Parameters
    ----------
    counts
        Row counts of the table, including quarantine.
    """
    unique = CheckResult(
        name="unique_grain",
        table=table.name,
        passed=measures.surplus == 0,
        observed=f"{measures.surplus} rows repeat an earlier row's grain",
        expected=f"({', '.join(table.grain)}) identifies a row",
    )
    return _not_kept_back(counts, quality), unique


def require(checks: tuple[CheckResult, ...], dataset: str) -> None:
    """Raise if a critical check failed.

    Raises
    ------
    QualityCheckFailedError
        Lists the failed critical checks with observed and expected values.
    """
    failed = [check for check in checks if check.stops]
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
