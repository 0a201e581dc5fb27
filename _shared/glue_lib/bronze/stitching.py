"""Join the lines of records whose quoted fields contain line feeds.

Only files with such records need this. Their lines are sorted in one partition, which is slow and spills to disk.
A line with an odd number of quotes may open a quoted field. It is joined with the following lines, up to the next
line with an odd number of quotes, if the result is a well-formed record. Otherwise it stays a record of its own, so
that a stray quote affects only its own line.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from _shared.contracts.source import ParseContract
from _shared.glue_lib.bronze.records import RECORD, RecordReader
from _shared.glue_lib.io import IS_UNDECODABLE, LINE

LONGEST_RECORD = 1000
"""Maximum lines of a record. It limits memory if a stray quote is never closed."""

POSITION = "position"
_SEGMENT, _OFFSET, _LINES, _JOINED, _CLOSED = "segment", "offset", "lines", "joined", "closed_before"
_ANY_UNDECODABLE, _FIRST_UNDECODABLE = "any_undecodable", "first_undecodable"


def without_line_end(line: Column) -> Column:
    """Remove the carriage return at the end of a line."""
    # Cut the bytes: to cut a text, Spark counts its characters twice, which took a third of the tasks' time with NSDE.
    cut = F.substr(line.cast("binary"), F.lit(1), F.octet_length(line) - 1).cast("string")
    return F.when(F.endswith(line, F.lit("\r")), cut).otherwise(line)


def odd_quotes(line: Column, parse: ParseContract) -> Column:
    """Whether a line has an odd number of quotes, as every line does whose last field continues on the next line."""
    quote = F.lit(parse.quote)
    if not parse.quote:
        return F.lit(False)
    count = F.length(line) - F.length(F.replace(line, quote, F.lit("")))
    return F.when(F.contains(line, quote), count % 2 == 1).otherwise(F.lit(False))


def stitched(lines: DataFrame, reader: RecordReader) -> DataFrame:
    """Convert lines with a ``position`` to records with the position of their first line.

    A record is undecodable if any of its lines is.
    """
    marked = _marked(lines, reader)
    matched = marked.join(F.broadcast(_joined(marked, reader)), _SEGMENT, "left")
    first = F.col(_OFFSET).isNull() | (F.col(_OFFSET) == 0)
    inside = F.col(_JOINED).isNotNull() & ~first
    closing = F.coalesce(F.col(_CLOSED), F.lit(False)) & first
    alone = without_line_end(F.col(LINE))
    record = F.when(first, F.coalesce(F.col(_JOINED), alone)).otherwise(alone)
    undecodable = F.when(first & F.col(_JOINED).isNotNull(), F.col(_ANY_UNDECODABLE)).otherwise(F.col(IS_UNDECODABLE))
    return matched.filter(~inside & ~closing).select(POSITION, record.alias(RECORD), undecodable.alias(IS_UNDECODABLE))


def _marked(lines: DataFrame, reader: RecordReader) -> DataFrame:
    """Add the segment of each line and its offset. A segment starts at a line with an odd number of quotes."""
    in_order = Window.orderBy(POSITION).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    start = F.when(odd_quotes(F.col(LINE), reader.parse), F.col(POSITION))
    return lines.select(
        POSITION,
        LINE,
        IS_UNDECODABLE,
        F.count(start).over(in_order).alias(_SEGMENT),
        (F.col(POSITION) - F.max(start).over(in_order)).alias(_OFFSET),
    )


def _joined(marked: DataFrame, reader: RecordReader) -> DataFrame:
    """Join each segment with the first line of the next one; null if the result is not a well-formed record."""
    bounded = marked.filter((F.col(_SEGMENT) > 0) & (F.col(_OFFSET) < LONGEST_RECORD))
    segments = bounded.groupBy(_SEGMENT).agg(
        F.array_sort(F.collect_list(F.struct(POSITION, LINE))).getField(LINE).alias(_LINES),
        F.bool_or(IS_UNDECODABLE).alias(IS_UNDECODABLE),
        F.min_by(IS_UNDECODABLE, POSITION).alias(_FIRST_UNDECODABLE),
    )
    in_order = Window.orderBy(_SEGMENT)
    following = F.lead(F.get(F.col(_LINES), F.lit(0))).over(in_order)
    undecodable = F.col(IS_UNDECODABLE) | F.coalesce(F.lead(_FIRST_UNDECODABLE).over(in_order), F.lit(False))
    text = without_line_end(F.array_join(F.concat(F.col(_LINES), F.array(following)), "\n"))
    complete = following.isNotNull() & (F.size(_LINES) < LONGEST_RECORD)
    tried = segments.select(_SEGMENT, F.when(complete, text).alias(_JOINED), undecodable.alias(_ANY_UNDECODABLE))
    record = F.col(_JOINED)
    conforms = record.isNotNull() & reader.malformed(record, reader.fields(record)).isNull()
    judged = tried.select(_SEGMENT, F.when(conforms, record).alias(_JOINED), _ANY_UNDECODABLE)
    # A line cannot both close a record and open the next one. In a series of candidates that share lines, take the
    # first, third, fifth and so on. In a well-formed file these are exactly the records.
    up_to_here = in_order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    last_failed = F.coalesce(F.max(F.when(F.col(_JOINED).isNull(), F.col(_SEGMENT))).over(up_to_here), F.lit(0))
    taken = F.when((F.col(_SEGMENT) - last_failed) % 2 == 1, F.col(_JOINED))
    chosen = judged.select(_SEGMENT, taken.alias(_JOINED), _ANY_UNDECODABLE)
    return chosen.withColumn(_CLOSED, F.lag(F.col(_JOINED).isNotNull()).over(in_order))
