"""Columns that all RxNorm tables share: suppression, content view, numbers."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed

RXNORM = "RXNORM"
"""Source abbreviation (SAB) of NLM's own names, relations and attributes."""

ACTIVE = "N"
SUPPRESS_MEANINGS = {
    ACTIVE: "ACTIVE",
    "O": "OBSOLETE",
    "Y": "SUPPRESSED_BY_EDITOR",
    "E": "UNQUANTIFIED",
}
"""Values of SUPPRESS: https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html (RXNCONSO)."""

PRESCRIBABLE = 4096
"""Bit of CVF that marks a row of the Current Prescribable Content."""

MISSING_RXCUI, MISSING_RXAUI = "MISSING_RXCUI", "MISSING_RXAUI"

LAST = (1 << 63) - 1
"""Sort key for rows without a number, so that they come last."""

_WHOLE_NUMBER = r"\A[0-9]{1,18}\z"


def texts(names: dict[str, str]) -> list[Column]:
    """Trimmed columns; ``names`` is bronze name by silver name.

    Examples
    --------
    >>> rows = spark.sql("VALUES (' 38 ', 'IN') AS t(rxcui, tty)")
    >>> rows.select(*texts({"concept": "rxcui", "term_type": "tty"})).show()
    +-------+---------+
    |concept|term_type|
    +-------+---------+
    |     38|       IN|
    +-------+---------+
    """
    return [trimmed(F.col(bronze)).alias(silver) for silver, bronze in names.items()]


def suppression() -> list[Column]:
    """SUPPRESS, its meaning, and whether the row is in the Current Prescribable Content.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('N', '4096'), ('O', NULL) AS t(suppress, cvf)")
    >>> rows.select(*suppression()).show()
    +--------+----------------+---------------+
    |suppress|suppress_meaning|is_prescribable|
    +--------+----------------+---------------+
    |       N|          ACTIVE|           true|
    |       O|        OBSOLETE|          false|
    +--------+----------------+---------------+
    """
    flag = trimmed(F.col("suppress"))
    return [
        flag.alias("suppress"),
        suppress_meaning(flag).alias("suppress_meaning"),
        is_prescribable(trimmed(F.col("cvf"))).alias("is_prescribable"),
    ]


def suppress_meaning(flag: Column) -> Column:
    """Meaning of a value of SUPPRESS; UNKNOWN for a value without a documented meaning.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('N'), ('O'), ('X'), (NULL) AS t(suppress)")
    >>> rows.select("suppress", suppress_meaning(F.col("suppress")).alias("meaning")).show()
    +--------+--------+
    |suppress| meaning|
    +--------+--------+
    |       N|  ACTIVE|
    |       O|OBSOLETE|
    |       X| UNKNOWN|
    |    NULL|    NULL|
    +--------+--------+
    """
    meanings = F.create_map(*[F.lit(word) for pair in SUPPRESS_MEANINGS.items() for word in pair])
    return F.when(flag.isNotNull(), F.coalesce(F.element_at(meanings, flag), F.lit("UNKNOWN")))


def is_prescribable(view: Column) -> Column:
    """Whether the content view flag has the prescribable bit; false without a flag, null if it is not a number.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('4096'), ('256'), ('x'), (NULL) AS t(cvf)")
    >>> rows.select("cvf", is_prescribable(F.col("cvf")).alias("is_prescribable")).show()
    +----+---------------+
    | cvf|is_prescribable|
    +----+---------------+
    |4096|           true|
    | 256|          false|
    |   x|           NULL|
    |NULL|          false|
    +----+---------------+
    """
    return F.when(view.isNull(), F.lit(False)).otherwise(whole_number(view).bitwiseAND(F.lit(PRESCRIBABLE)) != 0)


def whole_number(text: Column) -> Column:
    """Convert a trimmed text to a whole number, null if it is not one.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('38'), ('-1'), ('1.5'), (NULL) AS t(text)")
    >>> rows.select("text", whole_number(F.col("text")).alias("number")).show()
    +----+------+
    |text|number|
    +----+------+
    |  38|    38|
    |  -1|  NULL|
    | 1.5|  NULL|
    |NULL|  NULL|
    +----+------+
    """
    return F.when(F.rlike(text, F.lit(_WHOLE_NUMBER)), text).cast("bigint")


def in_order(identifier: Column) -> list[Column]:
    """Sort keys of identifiers: numbers first, by value; then other texts.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('10'), ('A1'), ('9'), (NULL) AS t(rxcui)")
    >>> rows.orderBy(*in_order(F.col("rxcui"))).show()
    +-----+
    |rxcui|
    +-----+
    |    9|
    |   10|
    | NULL|
    |   A1|
    +-----+
    """
    return [F.coalesce(whole_number(identifier), F.lit(LAST)), F.coalesce(identifier, F.lit(""))]


def missing(name: str, reason: str) -> Column:
    """Reason to quarantine a row: a column is null or blank.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('38'), (' '), (NULL) AS t(rxcui)")
    >>> rows.select("rxcui", missing("rxcui", MISSING_RXCUI).alias("rejection")).show()
    +-----+-------------+
    |rxcui|    rejection|
    +-----+-------------+
    |   38|         NULL|
    |     |MISSING_RXCUI|
    | NULL|MISSING_RXCUI|
    +-----+-------------+
    """
    return F.when(trimmed(F.col(name)).isNull(), reason)
