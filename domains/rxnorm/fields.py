"""What the rows of all RxNorm tables have in common: suppression, content view, numbers."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed

RXNORM = "RXNORM"
"""Source abbreviation of NLM's own names, relations and attributes."""

ACTIVE = "N"
SUPPRESS_MEANINGS = {
    ACTIVE: "ACTIVE",
    "O": "OBSOLETE",
    "Y": "SUPPRESSED_BY_EDITOR",
    "E": "UNQUANTIFIED",
}
"""Values of SUPPRESS: https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html (RXNCONSO)."""

PRESCRIBABLE = 4096
"""Bit of CVF that marks what is in the Current Prescribable Content."""

MISSING_RXCUI, MISSING_RXAUI = "MISSING_RXCUI", "MISSING_RXAUI"

LAST = (1 << 63) - 1
"""Orders what has no number behind what has one."""

_WHOLE_NUMBER = r"\A[0-9]{1,18}\z"


def texts(names: dict[str, str]) -> list[Column]:
    """Silver columns that are a bronze column without white space at its ends, from silver names to bronze names."""
    return [trimmed(F.col(bronze)).alias(silver) for silver, bronze in names.items()]


def suppression() -> list[Column]:
    """SUPPRESS as written and as a word, and whether the row is in the Current Prescribable Content."""
    flag = trimmed(F.col("suppress"))
    return [
        flag.alias("suppress"),
        suppress_meaning(flag).alias("suppress_meaning"),
        is_prescribable(trimmed(F.col("cvf"))).alias("is_prescribable"),
    ]


def suppress_meaning(flag: Column) -> Column:
    """Say what a value of SUPPRESS means; UNKNOWN for one that NLM has not explained."""
    meanings = F.create_map(*[F.lit(word) for pair in SUPPRESS_MEANINGS.items() for word in pair])
    return F.when(flag.isNotNull(), F.coalesce(F.element_at(meanings, flag), F.lit("UNKNOWN")))


def is_prescribable(view: Column) -> Column:
    """Whether the content view flag has the prescribable bit; false without a flag, null where it is no number."""
    return F.when(view.isNull(), F.lit(False)).otherwise(whole_number(view).bitwiseAND(F.lit(PRESCRIBABLE)) != 0)


def whole_number(text: Column) -> Column:
    """Whole number in a trimmed text, null where it is none."""
    return F.when(F.rlike(text, F.lit(_WHOLE_NUMBER)), text).cast("bigint")


def in_order(identifier: Column) -> list[Column]:
    """Keys that order identifiers as numbers, and what is no number after them as text."""
    return [F.coalesce(whole_number(identifier), F.lit(LAST)), F.coalesce(identifier, F.lit(""))]


def missing(name: str, reason: str) -> Column:
    """Reason where a bronze column has nothing but white space, null else."""
    return F.when(trimmed(F.col(name)).isNull(), reason)
