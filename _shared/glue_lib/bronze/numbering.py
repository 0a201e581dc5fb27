"""Places of lines in a file that several tasks read: told by the tasks themselves, so that one scan is enough."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Observation, Window
from pyspark.sql import functions as F

from _shared.contracts.errors import RowsUnaccountedError
from _shared.glue_lib.bronze.records import RECORD, RecordReader
from _shared.glue_lib.bronze.stitching import POSITION, stitched, without_line_end
from _shared.glue_lib.io import BLOCK, IS_UNDECODABLE, LINE
from _shared.glue_lib.lineage import ROW_POSITION

_PARTITION_BITS = 33
"""``monotonically_increasing_id`` is the partition times 2^33 plus the index of the row in it."""


@dataclass(frozen=True)
class Scan:
    """Records of a file, and what is counted while they are written.

    Parameters
    ----------
    records
        ``record``, ``is_undecodable`` and ``meta_row_position``.
    counter
        Has been filled once the records were written: ``lines`` that were read, and ``records`` among them.
    """

    records: DataFrame
    counter: Observation


def scanned(lines: DataFrame, reader: RecordReader) -> Scan:
    """Take every line that is not blank for a record, the header for none."""
    counter = Observation()
    filled = F.count(F.when(~_blank(), 1))
    counts = F.count(F.lit(1)).alias("lines"), (filled - int(reader.parse.header)).alias("records")
    numbered = lines.observe(counter, *counts).filter(~_blank()).withColumn(ROW_POSITION, _position(reader))
    records = numbered.filter(F.col(ROW_POSITION) > 0)
    record = without_line_end(F.col(LINE)).alias(RECORD)
    return Scan(records.select(record, IS_UNDECODABLE, ROW_POSITION), counter)


def joined(lines: DataFrame, reader: RecordReader) -> Scan:
    """Join the lines of records with quoted line feeds; records are numbered through the file."""
    counter = Observation()
    in_order = lines.withColumn(ROW_POSITION, _position(reader)).filter(F.col(ROW_POSITION) > 0)
    numbered = in_order.withColumn(POSITION, F.row_number().over(Window.orderBy(ROW_POSITION)).cast("bigint"))
    line_feeds = F.length(RECORD) - F.length(F.replace(F.col(RECORD), F.lit("\n"), F.lit("")))
    counts = F.coalesce(F.sum(line_feeds + 1), F.lit(0)).alias("lines"), F.count(F.when(_filled(), 1)).alias("records")
    records = stitched(numbered, reader).observe(counter, *counts).filter(_filled())
    row_number = F.row_number().over(Window.orderBy(POSITION)).cast("bigint")
    return Scan(records.select(RECORD, IS_UNDECODABLE, row_number.alias(ROW_POSITION)), counter)


def check_lines(expected: int, told: int, where: str) -> None:
    """Check that the records that were joined have all lines of the file.

    Raises
    ------
    RowsUnaccountedError
        They have more or fewer.
    """
    if told != expected:
        what = f"{where} has {expected} lines after its header, its records have {told}"
        raise RowsUnaccountedError(what, "this is a defect of the platform: keep the raw file and report it")


def _blank() -> Column:
    return without_line_end(F.col(LINE)) == ""


def _filled() -> Column:
    return F.col(RECORD) != ""


def _position(reader: RecordReader) -> Column:
    """Where the task's part of the file begins plus the line's index in it; the header has 0, and no record.

    A part has fewer lines than bytes, so that no two lines have one place. A task reads one part: Spark packs several
    into one task only where they are small, and those of one file are equal but for the last.
    """
    index = F.monotonically_increasing_id().bitwiseAND(F.lit((1 << _PARTITION_BITS) - 1))
    return F.col(BLOCK) + index + F.lit(0 if reader.parse.header else 1)
