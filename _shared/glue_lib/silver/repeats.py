"""Rows that repeat: as written they are duplicates, by their key alone they are kept back.

Duplicates are compared as written, within one file. Rows that are no duplicates and yet have one key, because they
differ by white space only or contradict one another, cannot all be published. The first in the file is, whatever order
the tasks ran in; the others go to quarantine as :data:`REPEATED_KEY`, where they can be compared with it.
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
    """64 bits that are the same for rows that are equal as written, and seldom for others."""
    return F.xxhash64(SOURCE_TABLE, *columns)


def later_duplicates(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Give ``meta_source_table`` and ``meta_row_position`` of rows that are equal, as written, to an earlier one.

    Whole rows are only compared where their hashes meet, so that a file without duplicates is not shuffled.
    """
    hashed = rows.select(row_hash(columns).alias(_HASH), SOURCE_TABLE, *columns, ROW_POSITION)
    meeting = hashed.groupBy(_HASH).agg(F.count(F.lit(1)).alias("rows")).filter(F.col("rows") > 1).select(_HASH)
    equal = Window.partitionBy(_HASH, SOURCE_TABLE, *columns).orderBy(ROW_POSITION)
    ranked = hashed.join(meeting, _HASH, "left_semi").withColumn(_RANK, F.row_number().over(equal))
    return ranked.filter(F.col(_RANK) > 1).select(SOURCE_TABLE, ROW_POSITION)


def beyond_first(written: DataFrame, table: SilverTable) -> DataFrame:
    """Give the origin of the rows of a written table that are not the first of their grain."""
    in_file_order = Window.partitionBy(*table.grain).orderBy(ROW_POSITION, *ORIGIN)
    ranked = written.withColumn(_RANK, F.row_number().over(in_file_order))
    return ranked.filter(F.col(_RANK) > 1).select(*ORIGIN).distinct()
