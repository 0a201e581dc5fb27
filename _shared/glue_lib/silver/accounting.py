"""Row equation of a silver table: bronze rows = kept + duplicates + quarantined + left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from _shared.glue_lib.bronze.records import MALFORMED
from _shared.glue_lib.lineage import ROW_POSITION, SOURCE_TABLE
from _shared.glue_lib.silver.repeats import FINGERPRINT, FIRST, fingerprint, without_later
from _shared.glue_lib.silver.transform import SilverTransform

QUARANTINE_REASON = "quarantine_reason"
_LEFT_OUT_REASON, _ROWS, _EXPECTED, _REPEATED = "left_out_reason", "rows", "expected", "repeated"


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

    One pass over the rows counts them and finds the duplicates. Only fingerprints are shuffled, not whole rows.

    Parameters
    ----------
    rows
        Bronze rows with ``meta_source_table``.
    columns
        Columns of the source files.
    """
    judged = _judged(rows, transform)
    outcomes = _outcomes(judged, columns, transform).persist()
    found = {(row[QUARANTINE_REASON], row[_LEFT_OUT_REASON]): row for row in _totals(outcomes)}
    good = found.get((None, None))
    kept = judged.filter(_is_good()).select(SOURCE_TABLE, *columns, ROW_POSITION)
    kept_rows, expected, read = (good["kept"], good[_EXPECTED], good[_ROWS]) if good else (0, 0, 0)
    if kept_rows < read:
        firsts = outcomes.filter(_REPEATED).select(FINGERPRINT, FIRST)
        kept = without_later(kept, fingerprint(columns), firsts)
    if kept_rows and not transform.additive:
        _, expected = count(kept, transform.expected)
    return Shares(
        kept_back=judged.filter(F.col(QUARANTINE_REASON).isNotNull()).drop(_LEFT_OUT_REASON),
        kept=kept,
        rows_in=sum(row[_ROWS] for row in found.values()),
        duplicates=read - kept_rows,
        quarantined=_by_reason(found, 0),
        left_out=_by_reason(found, 1),
        kept_rows=kept_rows,
        expected=expected,
    )


def _outcomes(judged: DataFrame, columns: Sequence[str], transform: SilverTransform) -> DataFrame:
    """One row for each outcome, and one for each good row that repeats: few rows, unless much of the file repeats."""
    expected = transform.expected() if transform.additive else F.count(F.lit(1))
    distinct = judged.groupBy(QUARANTINE_REASON, _LEFT_OUT_REASON, fingerprint(columns).alias(FINGERPRINT)).agg(
        F.count(F.lit(1)).alias(_ROWS), F.min(ROW_POSITION).alias(FIRST), expected.alias(_EXPECTED)
    )
    repeated = (F.col(_ROWS) > 1) & _is_good()
    # Equal rows give equally many output rows.
    due = F.sum(F.floor(F.col(_EXPECTED) / F.col(_ROWS)))
    return distinct.groupBy(
        QUARANTINE_REASON,
        _LEFT_OUT_REASON,
        repeated.alias(_REPEATED),
        F.when(repeated, F.col(FINGERPRINT)).alias(FINGERPRINT),
    ).agg(
        F.sum(_ROWS).alias(_ROWS),
        F.count(F.lit(1)).alias("kept"),
        F.min(FIRST).alias(FIRST),
        due.alias(_EXPECTED),
    )


def _totals(outcomes: DataFrame) -> list[Row]:
    sums = [F.sum(name).alias(name) for name in (_ROWS, "kept", _EXPECTED)]
    return outcomes.groupBy(QUARANTINE_REASON, _LEFT_OUT_REASON).agg(*sums).collect()


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
            counts[reason] = counts.get(reason, 0) + row[_ROWS]
    return dict(sorted(counts.items()))
