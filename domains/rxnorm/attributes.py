"""``rxnorm_attribute``: one row for each attribute of a concept, atom or relation, except NDCs."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.fields import missing, suppression, texts
from domains.rxnorm.licences import with_licence

IS_AN_NDC = "IS_AN_NDC"
MISSING_ATTRIBUTE_NAME, MISSING_SUBJECT = "MISSING_ATTRIBUTE_NAME", "MISSING_SUBJECT"
NDC = "NDC"

SUBJECT = {
    "rxcui": "rxcui",
    "rxaui": "rxaui",
    "level": "stype",
    "code": "code",
    "sab": "sab",
    "atui": "atui",
    "satui": "satui",
}
"""Subject and source of an attribute: bronze column by silver column. The columns are only trimmed."""


def rejection() -> Column:
    """Reason to quarantine a row: attribute name or subject is missing.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('TTY', '38', NULL), (NULL, '38', NULL), ('TTY', NULL, '') AS t(atn, rxcui, rxaui)")
    >>> rows.select("*", rejection().alias("rejection")).show(truncate=False)
    +----+-----+-----+----------------------+
    |atn |rxcui|rxaui|rejection             |
    +----+-----+-----+----------------------+
    |TTY |38   |NULL |NULL                  |
    |NULL|38   |NULL |MISSING_ATTRIBUTE_NAME|
    |TTY |NULL |     |MISSING_SUBJECT       |
    +----+-----+-----+----------------------+
    """
    return F.when(~is_ndc(), F.coalesce(missing("atn", MISSING_ATTRIBUTE_NAME), missing_subject()))


def left_out() -> Column:
    """Reason to leave a row out: it is an NDC, which belongs to ``rxnorm_ndc``.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('NDC'), ('RXTERM') AS t(atn)")
    >>> rows.select("atn", left_out().alias("left_out")).show()
    +------+---------+
    |   atn| left_out|
    +------+---------+
    |   NDC|IS_AN_NDC|
    |RXTERM|     NULL|
    +------+---------+
    """
    return F.when(is_ndc(), IS_AN_NDC)


def attributes(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Return one row for each row of RXNSAT that is not an NDC."""
    names = {**SUBJECT, "attribute_name": "atn", "attribute_value": "atv"}
    return with_licence(rows.select(*texts(names), *suppression(), ROW_POSITION), sources)


def is_ndc() -> Column:
    """Whether a row of RXNSAT is an NDC; false if the attribute name is null.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('NDC'), ('RXTERM'), (NULL) AS t(atn)")
    >>> rows.select("atn", is_ndc().alias("is_ndc")).show()
    +------+------+
    |   atn|is_ndc|
    +------+------+
    |   NDC|  true|
    |RXTERM| false|
    |  NULL| false|
    +------+------+
    """
    return F.coalesce(trimmed(F.col("atn")) == NDC, F.lit(False))


def missing_subject() -> Column:
    """Reason to quarantine a row: it has neither concept id nor atom id.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('38', NULL), (NULL, '829'), (NULL, ' ') AS t(rxcui, rxaui)")
    >>> rows.select("*", missing_subject().alias("rejection")).show()
    +-----+-----+---------------+
    |rxcui|rxaui|      rejection|
    +-----+-----+---------------+
    |   38| NULL|           NULL|
    | NULL|  829|           NULL|
    | NULL|     |MISSING_SUBJECT|
    +-----+-----+---------------+
    """
    return F.when(trimmed(F.col("rxcui")).isNull() & trimmed(F.col("rxaui")).isNull(), MISSING_SUBJECT)
