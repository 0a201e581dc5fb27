"""Trim values, with the same definition of white space in Python and in Spark."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

WHITE_SPACE = " \t\n\r\x0b\x0c\u00a0"
"""Characters to trim: ASCII white space and the no-break space, which occurs in FDA files."""

SPACE = r"[ \t\n\r\x0b\f\xa0]"
"""Pattern of one character of :data:`WHITE_SPACE`."""

LONGEST_PARSED = 10_000
"""Maximum characters of a list or description that is parsed; FDA's longest have 4,000. A longer value is kept
unparsed and flagged, so that a single value cannot block a job."""
TOO_LONG = "TOO_LONG"

_SPACE, _NO_BREAK_SPACE = 0x20, 0xA0


def is_too_long(value: Column) -> Column:
    """Whether a value has more than :data:`LONGEST_PARSED` characters; false for null.

    Examples
    --------
    >>> rows = spark.sql("VALUES (repeat('a', 10000)), (repeat('a', 10001)), (NULL) AS t(value)")
    >>> rows.select(F.length("value").alias("length"), is_too_long(F.col("value")).alias("is_too_long")).show()
    +------+-----------+
    |length|is_too_long|
    +------+-----------+
    | 10000|      false|
    | 10001|       true|
    |  NULL|      false|
    +------+-----------+
    """
    return F.coalesce(F.length(value) > LONGEST_PARSED, F.lit(False))


def null_if_empty(value: Column) -> Column:
    """Replace the empty text with null.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('a'), (''), (' '), (NULL) AS t(value)")
    >>> rows.select("value", null_if_empty(F.col("value")).alias("result")).show()
    +-----+------+
    |value|result|
    +-----+------+
    |    a|     a|
    |     |  NULL|
    |     |      |
    | NULL|  NULL|
    +-----+------+
    """
    return F.when(value != "", value)


def trimmed(value: Column) -> Column:
    """Remove white space at both ends; null if the result is empty.

    Examples
    --------
    >>> rows = spark.sql("VALUES (' Aspirin 81 '), ('Aspirin'), ('  '), (NULL) AS t(value)")
    >>> rows.select("value", trimmed(F.col("value")).alias("trimmed")).show()
    +------------+----------+
    |       value|   trimmed|
    +------------+----------+
    | Aspirin 81 |Aspirin 81|
    |     Aspirin|   Aspirin|
    |            |      NULL|
    |        NULL|      NULL|
    +------------+----------+
    """
    # Trimming a set of characters is slow in Spark, and most values do not need it: check both ends first.
    first, last = F.ascii(value), F.ascii(F.substring(value, -1, 1))
    needed = (first <= _SPACE) | (first == _NO_BREAK_SPACE) | (last <= _SPACE) | (last == _NO_BREAK_SPACE)
    return F.when(needed, null_if_empty(F.btrim(value, F.lit(WHITE_SPACE)))).otherwise(null_if_empty(value))


def trim(value: str | None) -> str | None:
    """Trim one value in Python, with the rules of :func:`trimmed`.

    Examples
    --------
    >>> trim(" Aspirin 81 ")
    'Aspirin 81'
    >>> trim("  ") is None
    True
    """
    return (value or "").strip(WHITE_SPACE) or None
