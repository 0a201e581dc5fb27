"""Definition of a silver table's transform, which each domain provides to the silver job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def no_reason() -> Column:
    """Null for every row: no row is quarantined or left out."""
    return F.lit(None).cast("string")


def one_for_each() -> Column:
    """Aggregate: one output row for each kept row."""
    return F.count(F.lit(1))


@dataclass(frozen=True)
class SilverTransform:
    """How to build one silver table from bronze tables.

    Parameters
    ----------
    table
        Name of the silver table.
    sources
        Bronze tables to read. Their rows are unioned by column name; missing columns are null.
    transform
        Pure function ``(rows, *lookups) -> rows``, which returns the declared columns. The input rows are bronze rows
        without duplicates, with ``meta_version``, ``meta_source_table`` and ``meta_row_position``. The output must
        keep the carried columns (:mod:`_shared.glue_lib.lineage`).
    lookups
        Other bronze tables, passed to the transform as frames; None if the release lacks the table.
    rejection
        Reason to quarantine a row, null for a valid row.
    left_out
        Reason why a valid row does not belong to this table by design, null if it does.
    expected
        Aggregate over the kept rows: number of output rows that the transform must give.
    additive
        Whether ``expected`` of all rows is the sum of ``expected`` of its parts. A count of distinct values is not, and
        takes a pass over the rows of its own.
    """

    table: str
    sources: tuple[str, ...]
    transform: Callable[..., DataFrame]
    lookups: tuple[str, ...] = ()
    rejection: Callable[[], Column] = no_reason
    left_out: Callable[[], Column] = no_reason
    expected: Callable[[], Column] = one_for_each
    additive: bool = True
