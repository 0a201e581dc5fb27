"""What counts as white space around a value, alike in Python and in Spark."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

WHITE_SPACE = " \t\n\r\x0b\x0c\u00a0"
"""Characters trimmed from the ends of a value: ASCII white space and the no-break space that FDA files carry."""

SPACE = r"[ \t\n\r\x0b\f\xa0]"
"""One character of :data:`WHITE_SPACE`, as a pattern."""

LONGEST_PARSED = 10_000
"""Characters up to which a list or a description is taken apart. FDA's longest have 4,000; what is longer is kept
whole and flagged, so that no value of a file can hold up a job."""
TOO_LONG = "TOO_LONG"

_SPACE, _NO_BREAK_SPACE = 0x20, 0xA0


def is_too_long(value: Column) -> Column:
    """Whether a value has more than :data:`LONGEST_PARSED` characters; never null."""
    return F.coalesce(F.length(value) > LONGEST_PARSED, F.lit(False))


def null_if_empty(value: Column) -> Column:
    """Value, or null where it is the empty text."""
    return F.when(value != "", value)


def trimmed(value: Column) -> Column:
    """Value without white space at its ends; null where nothing is left."""
    # Trimming a set of characters is slow in Spark, and most values need none: look at both ends first.
    first, last = F.ascii(value), F.ascii(F.substring(value, -1, 1))
    needed = (first <= _SPACE) | (first == _NO_BREAK_SPACE) | (last <= _SPACE) | (last == _NO_BREAK_SPACE)
    return F.when(needed, null_if_empty(F.btrim(value, F.lit(WHITE_SPACE)))).otherwise(null_if_empty(value))


def trim(value: str | None) -> str | None:
    """Python's counterpart of :func:`trimmed`."""
    return (value or "").strip(WHITE_SPACE) or None
