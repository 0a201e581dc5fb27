"""What counts as white space around a value, alike in Python and in Spark."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

WHITE_SPACE = " \t\n\r\x0b\x0c\u00a0"
"""Characters trimmed from the ends of a value: ASCII white space and the no-break space that FDA files carry."""

_SPACE, _NO_BREAK_SPACE = 0x20, 0xA0


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
