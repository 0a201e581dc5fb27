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
_LEADING_ZERO = r"\A-?0[0-9]"


def width(value: Column) -> Column:
    """Aggregate: index into :data:`TYPES` of the narrowest type that fits all values.

    Digits with a leading zero are a string, because a code would lose the zero as a number.
    """
    kind = (
        F.when(value > _AFTER_DIGITS, 4)
        .when(F.rlike(value, F.lit(_DATE8)), 1)
        .when(F.rlike(value, F.lit(_BIGINT)), 2)
        .when(F.rlike(value, F.lit(_LEADING_ZERO)), 4)
        .when(F.rlike(value, F.lit(_DECIMAL)), 3)
        .when(value.isNotNull(), 4)
    )
    return F.coalesce(F.max(kind), F.lit(0))
