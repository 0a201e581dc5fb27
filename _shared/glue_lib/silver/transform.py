"""What a domain gives the silver job: how bronze rows become the rows of one published table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def no_reason() -> Column:
    """No row is kept back or left out."""
    return F.lit(None).cast("string")


def one_for_each() -> Column:
    """As many rows as there are kept ones."""
    return F.count(F.lit(1))


@dataclass(frozen=True)
class SilverTransform:
    """How member tables become one silver table.

    Parameters
    ----------
    table
        Name of the silver table.
    sources
        Tables of the members that are read. Their rows are unioned by name, columns that one lacks being null.
    transform
        Pure: ``(rows, *lookups)`` to the columns of the table's file. Rows are distinct bronze rows, and have the
        release's date as ``meta_version`` and their place as ``meta_source_table`` and ``meta_row_position``. A
        transform that selects columns keeps the place (:mod:`_shared.glue_lib.lineage`).
    lookups
        Tables of other members, given to the transform as bronze frames; None where the release lacks one.
    rejection
        Why a row cannot be kept, null where it can.
    left_out
        Why a good row has no place in this table by design, null where it has one.
    expected
        Aggregate over the kept rows: how many rows the transform must give.
    """

    table: str
    sources: tuple[str, ...]
    transform: Callable[..., DataFrame]
    lookups: tuple[str, ...] = ()
    rejection: Callable[[], Column] = no_reason
    left_out: Callable[[], Column] = no_reason
    expected: Callable[[], Column] = one_for_each
