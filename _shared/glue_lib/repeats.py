"""Rows that repeat: as written they are duplicates, by their key alone they are kept back.

Duplicates are compared as written. Rows that are no duplicates and yet have one key, because they differ by white
space only or contradict one another, cannot all be published. The first in the file is, whatever order the tasks
ran in; the others go to quarantine as :data:`REPEATED_KEY`, where they can be compared with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from _shared.contracts.dataset import SilverTable
from _shared.glue_lib.schema_utils import ROW_NUMBER

REPEATED_KEY = "REPEATED_KEY"
_RANK = "rank_in_key"


def drop_exact_duplicates(frame: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Keep, of rows whose values are equal as written, the one with the lowest ``meta_row_number``.

    Other columns are dropped.
    """
    return frame.groupBy(*columns).agg(F.min(ROW_NUMBER).alias(ROW_NUMBER))


def beyond_first(written: DataFrame, table: SilverTable) -> DataFrame:
    """Give ``meta_row_number`` of the rows of a written table that are not the first of their grain."""
    in_file_order = Window.partitionBy(*table.grain).orderBy(ROW_NUMBER)
    return written.withColumn(_RANK, F.row_number().over(in_file_order)).filter(F.col(_RANK) > 1).select(ROW_NUMBER)
