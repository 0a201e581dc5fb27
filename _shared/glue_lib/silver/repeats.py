"""Repeated rows: exact duplicates are dropped, rows that only repeat a key are quarantined.

Duplicates are rows of one table whose source texts are all equal. Other rows with an equal key differ in white space
or contradict each other, so only one can be published: the first in file order. The others go to quarantine with
the reason :data:`REPEATED_KEY`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from _shared.contracts.dataset import SilverTable
from _shared.glue_lib.lineage import ORIGIN, ROW_POSITION, SOURCE_TABLE

REPEATED_KEY = "REPEATED_KEY"

_HASH, _RANK = "row_hash", "rank_in_key"


def row_hash(columns: Sequence[str]) -> Column:
    """64-bit hash of a row's source texts and table."""
    return F.xxhash64(SOURCE_TABLE, *columns)


def later_duplicates(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Return ``meta_source_table`` and ``meta_row_position`` of rows that are duplicates of an earlier row.

    Whole rows are compared only if their hashes are equal, so that a file without duplicates is not shuffled.
    """
    hashed = rows.select(row_hash(columns).alias(_HASH), SOURCE_TABLE, *columns, ROW_POSITION)
    meeting = hashed.groupBy(_HASH).agg(F.count(F.lit(1)).alias("rows")).filter(F.col("rows") > 1).select(_HASH)
    equal = Window.partitionBy(_HASH, SOURCE_TABLE, *columns).orderBy(ROW_POSITION)
    ranked = hashed.join(meeting, _HASH, "left_semi").withColumn(_RANK, F.row_number().over(equal))
    return ranked.filter(F.col(_RANK) > 1).select(SOURCE_TABLE, ROW_POSITION)


def beyond_first(written: DataFrame, table: SilverTable) -> DataFrame:
    """Return the origin columns of the rows that are not the first of their grain in a written table."""
    in_file_order = Window.partitionBy(*table.grain).orderBy(ROW_POSITION, *ORIGIN)
    ranked = written.withColumn(_RANK, F.row_number().over(in_file_order))
    return ranked.filter(F.col(_RANK) > 1).select(*ORIGIN).distinct()
