"""``rxnorm_atom``: one row for each atom, the name of a concept in one source."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.fields import MISSING_RXAUI, MISSING_RXCUI, missing, suppression, texts
from domains.rxnorm.licences import with_licence

TEXTS = {
    "rxaui": "rxaui",
    "rxcui": "rxcui",
    "sab": "sab",
    "tty": "tty",
    "code": "code",
    "name": "str",
    "language": "lat",
    "saui": "saui",
    "scui": "scui",
    "sdui": "sdui",
}
"""Bronze column by silver column, for columns that are only trimmed."""

SPL = "MTHSPL"
"""Source of structured product labels. Codes of substances (SU) are UNIIs, codes of products (DP) are product NDCs."""
_UNII = r"\A[0-9A-Z]{10}\z"
_PRODUCT_NDC = r"\A[0-9]{4,6}-[0-9]{3,4}\z"


def rejection() -> Column:
    """Reason to quarantine a row: atom id or concept id is missing.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('829', '38'), ('829', NULL), ('', '38') AS t(rxaui, rxcui)")
    >>> rows.select("*", rejection().alias("rejection")).show()
    +-----+-----+-------------+
    |rxaui|rxcui|    rejection|
    +-----+-----+-------------+
    |  829|   38|         NULL|
    |  829| NULL|MISSING_RXCUI|
    |     |   38|MISSING_RXAUI|
    +-----+-----+-------------+
    """
    return F.coalesce(missing("rxaui", MISSING_RXAUI), missing("rxcui", MISSING_RXCUI))


def atoms(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Return one row for each row of RXNCONSO."""
    read = rows.select(*texts(TEXTS), *suppression(), F.col("srl").alias("own_srl"), ROW_POSITION)
    coded = read.withColumns({"unii": _spl_code("SU", _UNII), "product_ndc": _spl_code("DP", _PRODUCT_NDC)})
    return with_licence(coded, sources, F.col("own_srl")).drop("own_srl")


def _spl_code(term_type: str, pattern: str) -> Column:
    code = F.col("code")
    return F.when((F.col("sab") == SPL) & (F.col("tty") == term_type) & F.rlike(code, F.lit(pattern)), code)
