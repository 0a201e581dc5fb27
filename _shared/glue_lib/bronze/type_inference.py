"""Infer the narrowest type that fits all values of a text column. Only reported: bronze stays text."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

TYPES = ("empty", "date8", "bigint", "decimal", "string")
"""Types from narrow to wide; each includes those before it. ``date8`` is YYYYMMDD, ``empty`` has no values."""

_DATE8 = r"\A(?:1[89]|2[01]|30)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])\z"
_BIGINT = r"\A-?(?:0|[1-9][0-9]{0,17})\z"
_DECIMAL = r"\A-?(?=[.0-9])(?:0|[1-9][0-9]{0,18})?(?:\.[0-9]{1,18})?\z"
_AFTER_DIGITS = ":"
"""The character after 9. A text that sorts after it starts with no digit, point or sign, so no pattern is needed."""
_LEADING_ZEROS = (("00", "0:"), ("-00", "-0:"))
"""Ranges of the texts that start with a zero and another digit."""
_DATE8_BYTES = 8


def width(value: Column) -> Column:
    """Aggregate: index into :data:`TYPES` of the narrowest type that fits all values.

    Digits with a leading zero are a string, because a code would lose the zero as a number.
    """
    # Compare bytes where that decides: a pattern takes much longer.
    (zero, after_zero), (minus_zero, after_minus_zero) = _LEADING_ZEROS
    kind = (
        F.when(value > _AFTER_DIGITS, 4)
        .when((value >= zero) & (value < after_zero), 4)
        .when((value >= minus_zero) & (value < after_minus_zero), 4)
        .when((F.octet_length(value) == _DATE8_BYTES) & F.rlike(value, F.lit(_DATE8)), 1)
        .when(F.rlike(value, F.lit(_BIGINT)), 2)
        .when(F.rlike(value, F.lit(_DECIMAL)), 3)
        .when(value.isNotNull(), 4)
    )
    return F.coalesce(F.max(kind), F.lit(0))
