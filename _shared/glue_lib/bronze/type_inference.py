"""The narrowest type that every value of a text column fits. Told, never applied: bronze stays text."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

TYPES = ("empty", "date8", "bigint", "decimal", "string")
"""From narrow to wide, each containing those before it: ``date8`` is YYYYMMDD, ``empty`` has no value at all."""

_DATE8 = r"\A(?:1[89]|2[01]|30)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])\z"
_BIGINT = r"\A-?(?:0|[1-9][0-9]{0,17})\z"
_DECIMAL = r"\A-?(?=[.0-9])(?:0|[1-9][0-9]{0,18})?(?:\.[0-9]{1,18})?\z"
_AFTER_DIGITS = ":"
"""The character after 9: a text that sorts behind it starts with no digit, point or sign, and needs no pattern."""
_LEADING_ZERO = r"\A-?0[0-9]"


def width(value: Column) -> Column:
    """Aggregate: index into :data:`TYPES` of the narrowest type that fits every value of a column.

    A leading zero makes a text of digits: a code would lose it as a number.
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
