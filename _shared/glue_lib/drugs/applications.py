"""Parse application numbers and monograph citations of FDA's drug lists."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import null_if_empty

_APPLICATION = r"(?i)\A(ANADA|NADA|ANDA|NDA|BLA|BN|BA|IND) ?([0-9]+)\z"
_MONOGRAPH = r"(?i)\A(?:part ?[0-9.]*[A-Z]?(?:, ?(?:part ?)?[0-9.]+[A-Z]?)*+|[0-9]{3}(?:\.[0-9]+)?[A-Z]?|M[0-9]{3})\z"
_NOT_SPECIFIED = "NOT_SPECIFIED"


def application_type(citation: Column) -> Column:
    """Kind of application or citation; null if there is none or the source says ``NOT_SPECIFIED``.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('NDA021462'), ('anda 76543'), ('part348'), ('M013'), ('none'), (NULL) AS t(citation)")
    >>> rows.select("citation", application_type(F.col("citation")).alias("kind")).show()
    +----------+---------+
    |  citation|     kind|
    +----------+---------+
    | NDA021462|      NDA|
    |anda 76543|     ANDA|
    |   part348|MONOGRAPH|
    |      M013|MONOGRAPH|
    |      none|    OTHER|
    |      NULL|     NULL|
    +----------+---------+
    """
    prefix = F.upper(F.regexp_extract(citation, _APPLICATION, 1))
    return (
        F.when(citation.isNull() | (F.upper(citation) == _NOT_SPECIFIED), F.lit(None))
        .when(prefix != "", prefix)
        .when(F.rlike(citation, F.lit(_MONOGRAPH)), "MONOGRAPH")
        .otherwise("OTHER")
    )


def application_number(citation: Column, kind: Column) -> Column:
    """Return the number of the application, or the cited monographs without the word ``part``.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('NDA021462'), ('part348'), ('part 341, part 343'), ('none') AS t(citation)")
    >>> kinds = rows.withColumn("kind", application_type(F.col("citation")))
    >>> kinds.withColumn("number", application_number(F.col("citation"), F.col("kind"))).show()
    +------------------+---------+--------+
    |          citation|     kind|  number|
    +------------------+---------+--------+
    |         NDA021462|      NDA|  021462|
    |           part348|MONOGRAPH|     348|
    |part 341, part 343|MONOGRAPH|341, 343|
    |              none|    OTHER|    NULL|
    +------------------+---------+--------+
    """
    monograph = F.regexp_replace(citation, r"(?i)part ?", "")
    number = F.when(kind == "MONOGRAPH", monograph).otherwise(F.regexp_extract(citation, _APPLICATION, 2))
    return null_if_empty(number)
