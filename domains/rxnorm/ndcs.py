"""``rxnorm_ndc``: one row for each NDC that a source assigns to a concept, with a rank among concepts of one NDC."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from _shared.glue_lib.drugs.ndc import with_ndc
from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.attributes import SUBJECT, is_ndc, missing_subject
from domains.rxnorm.fields import ACTIVE, LAST, RXNORM, in_order, missing, suppression, texts
from domains.rxnorm.licences import with_licence

MISSING_NDC, NOT_AN_NDC = "MISSING_NDC", "NOT_AN_NDC"


def rejection() -> Column:
    """Reason to quarantine a row: code or subject is missing.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "VALUES ('NDC', '00020800', '38'), ('NDC', NULL, '38'), ('NDC', '00020800', NULL), ('RXTERM', NULL, NULL) "
    ...     "AS t(atn, atv, rxcui)"
    ... ).withColumn("rxaui", F.lit(None).cast("string"))
    >>> rows.select("atn", "atv", "rxcui", rejection().alias("rejection")).show()
    +------+--------+-----+---------------+
    |   atn|     atv|rxcui|      rejection|
    +------+--------+-----+---------------+
    |   NDC|00020800|   38|           NULL|
    |   NDC|    NULL|   38|    MISSING_NDC|
    |   NDC|00020800| NULL|MISSING_SUBJECT|
    |RXTERM|    NULL| NULL|           NULL|
    +------+--------+-----+---------------+
    """
    return F.when(is_ndc(), F.coalesce(missing("atv", MISSING_NDC), missing_subject()))


def left_out() -> Column:
    """Reason to leave a row out: it is another attribute, which belongs to ``rxnorm_attribute``.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('NDC'), ('RXTERM') AS t(atn)")
    >>> rows.select("atn", left_out().alias("left_out")).show()
    +------+----------+
    |   atn|  left_out|
    +------+----------+
    |   NDC|      NULL|
    |RXTERM|NOT_AN_NDC|
    +------+----------+
    """
    return F.when(~is_ndc(), NOT_AN_NDC)


def ndcs(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Return one row for each row of RXNSAT that is an NDC."""
    read = rows.select(*texts({**SUBJECT, "ndc_raw": "atv"}), *suppression(), ROW_POSITION)
    licensed = with_licence(with_ndc(read, "ndc_raw"), sources)
    code = Window.partitionBy("ndc12", F.when(F.col("ndc12").isNull(), F.col("ndc_raw")))
    several = F.min("rxcui").over(code) != F.max("rxcui").over(code)
    return licensed.withColumns(
        {
            "ndc_rank": F.row_number().over(code.orderBy(*preference())),
            "has_several_rxcui": F.coalesce(several, F.lit(False)),
        }
    )


def preference() -> list[Column]:
    """Sort keys of the rows of one NDC; the preferred row is first.

    The order is: RxNorm's rows before rows of other sources; active before suppressed; lowest restriction level; source
    abbreviation; lowest concept id; lowest atom id; then the other columns of the grain.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "SELECT *, '' AS code, '' AS ndc_raw, 1 AS meta_row_position FROM VALUES "
    ...     "('VANDF', 'N', 0, '9', '1'), ('RXNORM', 'O', 0, '9', '2'), ('RXNORM', 'N', 0, '10', '3') "
    ...     "AS t(sab, suppress, srl, rxcui, rxaui)"
    ... )
    >>> rows.orderBy(*preference()).select("sab", "suppress", "rxcui").show()
    +------+--------+-----+
    |   sab|suppress|rxcui|
    +------+--------+-----+
    |RXNORM|       N|   10|
    |RXNORM|       O|    9|
    | VANDF|       N|    9|
    +------+--------+-----+
    """
    return [
        (F.col("sab") == RXNORM).desc_nulls_last(),
        (F.col("suppress") == ACTIVE).desc_nulls_last(),
        F.coalesce(F.col("srl").cast("bigint"), F.lit(LAST)),
        F.col("sab"),
        *in_order(F.col("rxcui")),
        *in_order(F.col("rxaui")),
        F.col("code"),
        F.col("ndc_raw"),
        F.col(ROW_POSITION),
    ]
