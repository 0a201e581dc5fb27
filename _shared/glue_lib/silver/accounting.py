"""Row equation of a silver table: bronze rows = kept + duplicates + quarantined + left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from _shared.glue_lib.bronze.records import MALFORMED
from _shared.glue_lib.lineage import ROW_POSITION, SOURCE_TABLE
from _shared.glue_lib.silver.repeats import later_duplicates, row_hash
from _shared.glue_lib.silver.transform import SilverTransform

QUARANTINE_REASON = "quarantine_reason"
_LEFT_OUT_REASON, _HASH = "left_out_reason", "row_hash"


@dataclass(frozen=True)
class Shares:
    """Bronze rows of one silver table, divided by outcome.

    Parameters
    ----------
    kept_back
        Rows for quarantine, with the reason.
    kept
        Rows for the transform, without duplicates.
    rows_in, duplicates, quarantined, left_out, kept_rows, expected
        As in :class:`~_shared.contracts.report.TableCounts`.
    """

    kept_back: DataFrame
    kept: DataFrame
    rows_in: int
    duplicates: int
    quarantined: dict[str, int]
    left_out: dict[str, int]
    kept_rows: int
    expected: int


def divide(rows: DataFrame, columns: Sequence[str], transform: SilverTransform) -> Shares:
    """Divide the bronze rows of a silver table by outcome, and count them.

    Parameters
    ----------
    rows
        Bronze rows with ``meta_source_table``.
    columns
        Columns of the source files.
    """
    judged = _judged(rows.withColumn(_HASH, row_hash(columns)), transform)
    # The aggregation shuffles only reasons, counts and hashes, not whole rows.
    several = F.count_distinct(_HASH).alias("hashes")
    counts = judged.groupBy(QUARANTINE_REASON, _LEFT_OUT_REASON).agg(
        F.count(F.lit(1)).alias("rows"), several, transform.expected().alias("expected")
    )
    found = {(row[QUARANTINE_REASON], row[_LEFT_OUT_REASON]): row for row in counts.collect()}
    good = found.get((None, None))
    kept = judged.filter(_is_good()).select(SOURCE_TABLE, *columns, ROW_POSITION)
    kept_rows, expected = (good["rows"], good["expected"]) if good else (0, 0)
    duplicates = 0
    if good and good["hashes"] < good["rows"]:
        repeated = later_duplicates(kept, columns).persist()
        duplicates = repeated.count()
        kept = kept.join(repeated, [SOURCE_TABLE, ROW_POSITION], "left_anti")
        kept_rows, expected = count(kept, transform.expected)
    return Shares(
        kept_back=judged.filter(F.col(QUARANTINE_REASON).isNotNull()).drop(_HASH, _LEFT_OUT_REASON),
        kept=kept,
        rows_in=sum(row["rows"] for row in found.values()),
        duplicates=duplicates,
        quarantined=_by_reason(found, 0),
        left_out=_by_reason(found, 1),
        kept_rows=kept_rows,
        expected=expected,
    )


def count(kept: DataFrame, expected: Callable[[], Column]) -> tuple[int, int]:
    """Count the kept rows, and the output rows that they must give."""
    row = kept.agg(F.count(F.lit(1)), expected()).first()
    rows, due = row or (0, 0)
    return rows, due


def _judged(rows: DataFrame, transform: SilverTransform) -> DataFrame:
    rejected = rows.withColumn(QUARANTINE_REASON, F.coalesce(F.col(MALFORMED), transform.rejection()))
    left_out = rejected.withColumn(_LEFT_OUT_REASON, transform.left_out())
    return left_out.withColumn(_LEFT_OUT_REASON, F.when(F.col(QUARANTINE_REASON).isNull(), F.col(_LEFT_OUT_REASON)))


def _is_good() -> Column:
    return F.col(QUARANTINE_REASON).isNull() & F.col(_LEFT_OUT_REASON).isNull()


def _by_reason(found: dict[tuple[str | None, str | None], Row], position: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for reasons, row in found.items():
        reason = reasons[position]
        if reason is not None:
            counts[reason] = counts.get(reason, 0) + row["rows"]
    return dict(sorted(counts.items()))
