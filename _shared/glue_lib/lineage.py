"""Lineage columns: the source file, row position and run of every row.

A domain's transform receives the columns of the files and the columns :data:`CARRIED`. Its output must keep them:
both if the table has several sources, only ``meta_row_position`` otherwise. The job adds the other lineage columns
after the transform, computed from these and from the release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.contracts.errors import SchemaMismatchError
from _shared.contracts.lineage import (
    INGESTED_AT,
    ROW_POSITION,
    RUN_ID,
    SOURCE_FILE,
    SOURCE_SHA256,
    SOURCE_TABLE,
    VERSION,
)
from _shared.contracts.release import RawMember, Release

__all__ = ["CARRIED", "ORIGIN", "ROW_POSITION", "SOURCE_TABLE", "VERSION", "lineage", "places_before", "traced"]

CARRIED = (SOURCE_TABLE, ROW_POSITION)
"""Columns from which the lineage of a row is computed."""

ORIGIN = (SOURCE_FILE, SOURCE_SHA256, ROW_POSITION)
"""Columns of a published table that identify the source row of a row."""


def lineage(release: Release, files: Sequence[RawMember]) -> dict[str, Column]:
    """Lineage columns that are constant for all rows of a file.

    Parameters
    ----------
    files
        The source files of the rows. With several tables, ``meta_source_table`` identifies the table of a row; with
        several files of one table, ``meta_row_position`` identifies the file.
    """
    tables = {raw.table: [other for other in files if other.table == raw.table] for raw in files}
    names = {table: _by_place(raws) for table, raws in tables.items()}
    digests = {raw.table: F.lit(release.source_of(raw.table).sha256).cast("string") for raw in files}
    return {
        RUN_ID: F.lit(release.run_id),
        VERSION: F.lit(release.version),
        SOURCE_FILE: _by_table(names),
        SOURCE_SHA256: _by_table(digests),
        INGESTED_AT: F.lit(release.started_at).cast("timestamp"),
    }


def traced(made: DataFrame, table: str, carried: Sequence[str], columns: dict[str, Column]) -> DataFrame:
    """Add the lineage columns to the output of a transform.

    Parameters
    ----------
    table
        Name of the silver table, for the error message.
    carried
        Columns that the transform must have kept.
    columns
        Result of :func:`lineage`.

    Raises
    ------
    SchemaMismatchError
        The output of the transform lacks one of the carried columns.
    """
    lost = [name for name in carried if name not in made.columns]
    if lost:
        what = f"silver table {table}: the transform does not keep {' and '.join(lost)}"
        raise SchemaMismatchError(what, "select it with the other columns: it tells which row of a file a row is from")
    return made.withColumns(columns).drop(SOURCE_TABLE)


def places_before(files: Sequence[RawMember]) -> tuple[int, ...]:
    """Position offset of each file of one table.

    A file has at most as many rows as bytes, so offsets by file size make positions unique in the table.
    """
    return tuple(accumulate((raw.bytes for raw in files[:-1]), initial=0))


def _by_place(files: Sequence[RawMember]) -> Column:
    value = F.lit(files[0].name)
    for raw, before in zip(files[1:], places_before(files)[1:], strict=True):
        value = F.when(F.col(ROW_POSITION) > before, raw.name).otherwise(value)
    return value


def _by_table(values: Mapping[str, Column]) -> Column:
    (_, value), *others = values.items()
    for table, other in others:
        value = F.when(F.col(SOURCE_TABLE) == table, other).otherwise(value)
    return value
