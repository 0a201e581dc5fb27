"""Row positions in a file that several tasks read. Each task computes its own, so that one scan is enough."""

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
"""``monotonically_increasing_id`` is the partition number times 2^33 plus the row's index in the partition."""


@dataclass(frozen=True)
class Scan:
    """Records of a file, and an observation that counts them while they are written.

    Parameters
    ----------
    records
        ``record``, ``is_undecodable`` and ``meta_row_position``.
    counter
        Available after the write: the number of ``lines`` read and of ``records``.
    """

    records: DataFrame
    counter: Observation


def scanned(lines: DataFrame, reader: RecordReader) -> Scan:
    """Treat every line as a record, except blank lines and the header."""
    counter = Observation()
    filled = F.count(F.when(~_blank(), 1))
    counts = F.count(F.lit(1)).alias("lines"), (filled - int(reader.parse.header)).alias("records")
    numbered = lines.observe(counter, *counts).filter(~_blank()).withColumn(ROW_POSITION, _position(reader))
    records = numbered.filter(F.col(ROW_POSITION) > 0)
    record = without_line_end(F.col(LINE)).alias(RECORD)
    return Scan(records.select(record, IS_UNDECODABLE, ROW_POSITION), counter)


def joined(lines: DataFrame, reader: RecordReader) -> Scan:
    """Join the lines of records with quoted line feeds, and number the records in file order."""
    counter = Observation()
    in_order = lines.withColumn(ROW_POSITION, _position(reader)).filter(F.col(ROW_POSITION) > 0)
    numbered = in_order.withColumn(POSITION, F.row_number().over(Window.orderBy(ROW_POSITION)).cast("bigint"))
    line_feeds = F.length(RECORD) - F.length(F.replace(F.col(RECORD), F.lit("\n"), F.lit("")))
    counts = F.coalesce(F.sum(line_feeds + 1), F.lit(0)).alias("lines"), F.count(F.when(_filled(), 1)).alias("records")
    records = stitched(numbered, reader).observe(counter, *counts).filter(_filled())
    row_number = F.row_number().over(Window.orderBy(POSITION)).cast("bigint")
    return Scan(records.select(RECORD, IS_UNDECODABLE, row_number.alias(ROW_POSITION)), counter)


def check_lines(expected: int, found: int, where: str) -> None:
    """Check that the joined records contain all lines of the file.

    Raises
    ------
    RowsUnaccountedError
        The numbers of lines differ.
    """
    if found != expected:
        what = f"{where} has {expected} lines after its header, its records have {found}"
        raise RowsUnaccountedError(what, "this is a defect of the platform: keep the raw file and report it")


def _blank() -> Column:
    return F.col(LINE).isin("", "\r")


def _filled() -> Column:
    return F.col(RECORD) != ""


def _position(reader: RecordReader) -> Column:
    """Byte offset of the file split plus the line's index in the split. Only the header has position 0.

    Positions are unique because a split has at most as many lines as bytes. They require that a task reads one split
    of a file. Spark packs several splits into one task only if they are small, and all splits of a file but the last
    have equal size.
    """
    index = F.monotonically_increasing_id().bitwiseAND(F.lit((1 << _PARTITION_BITS) - 1))
    return F.col(BLOCK) + index + F.lit(0 if reader.parse.header else 1)
