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

FINGERPRINT, FIRST = "fingerprint", "first"
_RANK = "rank_in_key"


def fingerprint(columns: Sequence[str]) -> Column:
    """128-bit hash of a row's source texts and table, as a structure of two numbers.

    Spark's hash functions skip nulls, so for each column it is also hashed whether it is null. The chance that two of
    100 million different rows have the same fingerprint is about 10^-23.
    """
    values = [value for name in columns for value in (F.isnull(name), F.col(name))]
    return F.struct(*[F.xxhash64(F.lit(seed), SOURCE_TABLE, *values).alias(f"hash{seed}") for seed in (0, 1)])


def without_later(rows: DataFrame, fingerprints: Column, firsts: DataFrame) -> DataFrame:
    """Drop the rows whose fingerprint is in ``firsts``, except the one at the position there.

    Parameters
    ----------
    firsts
        ``fingerprint`` and ``first``, the position of the first row with it. Spark broadcasts it if it is small.
    """
    marked = rows.withColumn(FINGERPRINT, fingerprints).join(firsts, FINGERPRINT, "left")
    later = F.col(FIRST).isNotNull() & (F.col(FIRST) != F.col(ROW_POSITION))
    return marked.filter(~later).select(*rows.columns)


def beyond_first(written: DataFrame, table: SilverTable) -> DataFrame:
    """Return the origin columns of the rows that are not the first of their grain in a written table."""
    in_file_order = Window.partitionBy(*table.grain).orderBy(ROW_POSITION, *ORIGIN)
    ranked = written.withColumn(_RANK, F.row_number().over(in_file_order))
    return ranked.filter(F.col(_RANK) > 1).select(*ORIGIN).distinct()
