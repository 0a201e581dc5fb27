"""Parse application numbers and monograph citations of FDA's drug lists."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import null_if_empty

_APPLICATION = r"(?i)\A(ANADA|NADA|ANDA|NDA|BLA|BN|BA|IND) ?([0-9]+)\z"
_MONOGRAPH = r"(?i)\A(?:part ?[0-9.]*[A-Z]?(?:, ?(?:part ?)?[0-9.]+[A-Z]?)*+|[0-9]{3}(?:\.[0-9]+)?[A-Z]?|M[0-9]{3})\z"
_NOT_SPECIFIED = "NOT_SPECIFIED"


def application_type(citation: Column) -> Column:
    """Kind of application or citation; null if there is none or the source says ``NOT_SPECIFIED``."""
    prefix = F.upper(F.regexp_extract(citation, _APPLICATION, 1))
    return (
        F.when(citation.isNull() | (F.upper(citation) == _NOT_SPECIFIED), F.lit(None))
        .when(prefix != "", prefix)
        .when(F.rlike(citation, F.lit(_MONOGRAPH)), "MONOGRAPH")
        .otherwise("OTHER")
    )


def application_number(citation: Column, kind: Column) -> Column:
    """Return the number of the application, or the cited monographs without the word ``part``."""
    monograph = F.regexp_replace(citation, r"(?i)part ?", "")
    number = F.when(kind == "MONOGRAPH", monograph).otherwise(F.regexp_extract(citation, _APPLICATION, 2))
    return null_if_empty(number)
