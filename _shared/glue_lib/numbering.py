"""Positions of lines in a file that several tasks read: counted first, so that numbers follow the file."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from _shared.glue_lib.errors import RowsUnaccountedError
from _shared.glue_lib.io import BLOCK, LINE
from _shared.glue_lib.records import RECORD, RecordReader
from _shared.glue_lib.schema_utils import ROW_NUMBER
from _shared.glue_lib.stitching import POSITION, may_continue, odd_quotes, stitched, without_line_end

_PARTITION_BITS = 33
"""``monotonically_increasing_id`` is the partition times 2^33 plus the index of the row in it."""


@dataclass(frozen=True)
class Survey:
    """A file's lines, counted before they are parsed.

    Parameters
    ----------
    lines
        All lines.
    filled
        Lines that are not blank, the header counted.
    continued
        Lines that are no record by themselves and may be one with the lines that follow.
    lines_before, filled_before
        For each partition of the scan, lines in the file before its first.
    """

    lines: int
    filled: int
    continued: int
    lines_before: tuple[int, ...]
    filled_before: tuple[int, ...]


def survey(lines: DataFrame, reader: RecordReader) -> Survey:
    """Count lines, in one scan that takes none apart; in a second only where a line has an odd number of quotes."""
    counts = (
        lines.groupBy(F.spark_partition_id().alias("partition"))
        .agg(
            F.min(BLOCK).alias(BLOCK),
            F.count(F.lit(1)).alias("lines"),
            F.count(F.when(~_blank(), 1)).alias("filled"),
            F.count(F.when(odd_quotes(F.col(LINE), reader), 1)).alias("odd"),
        )
        .orderBy(BLOCK)
        .collect()
    )
    odd = sum(row["odd"] for row in counts)
    return Survey(
        lines=sum(row["lines"] for row in counts),
        filled=sum(row["filled"] for row in counts),
        continued=lines.filter(may_continue(F.col(LINE), reader)).count() if odd else 0,
        lines_before=_before(counts, "lines"),
        filled_before=_before(counts, "filled"),
    )


def numbered_records(lines: DataFrame, counted: Survey, reader: RecordReader) -> DataFrame:
    """Turn lines into ``record`` and ``meta_row_number``: position among the records, the header being 0.

    Blank lines are no records.
    """
    if counted.continued:
        return _stitched_records(lines, counted, reader)
    numbered = lines.filter(~_blank()).withColumn(ROW_NUMBER, _position(counted.filled_before))
    return numbered.filter(F.col(ROW_NUMBER) > 0).select(without_line_end(F.col(LINE)).alias(RECORD), ROW_NUMBER)


def record_count(lines: DataFrame, counted: Survey, reader: RecordReader) -> int:
    """Count the records of a file, the header left out.

    Raises
    ------
    RowsUnaccountedError
        The records that were joined from several lines do not have all the lines of the file.
    """
    if not counted.continued:
        return counted.filled - 1
    joined = F.length(RECORD) - F.length(F.replace(F.col(RECORD), F.lit("\n"), F.lit("")))
    sums = (F.count(F.when(F.col(RECORD) != "", 1)), F.coalesce(F.sum(joined + 1), F.lit(0)))
    row = _joined(lines, counted, reader).agg(*sums).first()
    records, told = row or (0, 0)
    if told != counted.lines - 1:
        what = f"a file has {counted.lines - 1} lines after its header, its records have {told}"
        raise RowsUnaccountedError(what, "this is a defect of the platform: keep the raw file and report it")
    return int(records)


def _joined(lines: DataFrame, counted: Survey, reader: RecordReader) -> DataFrame:
    numbered = lines.withColumn(POSITION, _position(counted.lines_before)).filter(F.col(POSITION) > 0)
    return stitched(numbered, reader)


def _stitched_records(lines: DataFrame, counted: Survey, reader: RecordReader) -> DataFrame:
    records = _joined(lines, counted, reader).filter(F.col(RECORD) != "")
    row_number = F.row_number().over(Window.orderBy(POSITION)).cast("bigint")
    return records.select(RECORD, row_number.alias(ROW_NUMBER))


def _blank() -> Column:
    return without_line_end(F.col(LINE)) == ""


def _before(counts: list[Row], name: str) -> tuple[int, ...]:
    before = [0] * (1 + max((row["partition"] for row in counts), default=0))
    total = 0
    for row in counts:
        before[row["partition"]] = total
        total += row[name]
    return tuple(before)


def _position(before: tuple[int, ...]) -> Column:
    first = F.get(F.array(*[F.lit(number).cast("bigint") for number in before]), F.spark_partition_id())
    return first + F.monotonically_increasing_id().bitwiseAND(F.lit((1 << _PARTITION_BITS) - 1))
