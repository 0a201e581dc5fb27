"""``rxnorm_ndc``: one row for each NDC that a source gives a concept, ranked where several concepts have it."""

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
    """Why a row cannot be kept: it has no code, or nothing tells what the code belongs to."""
    return F.when(is_ndc(), F.coalesce(missing("atv", MISSING_NDC), missing_subject()))


def left_out() -> Column:
    """Leave out all other attributes, which have a table of their own."""
    return F.when(~is_ndc(), NOT_AN_NDC)


def ndcs(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Give one silver row for each row of RXNSAT that is an NDC."""
    read = rows.select(*texts({**SUBJECT, "ndc_raw": "atv"}), *suppression(), ROW_POSITION)
    told = with_licence(with_ndc(read, "ndc_raw"), sources)
    code = Window.partitionBy("ndc12", F.when(F.col("ndc12").isNull(), F.col("ndc_raw")))
    several = F.min("rxcui").over(code) != F.max("rxcui").over(code)
    return told.withColumns(
        {
            "ndc_rank": F.row_number().over(code.orderBy(*preference())),
            "has_several_rxcui": F.coalesce(several, F.lit(False)),
        }
    )


def preference() -> list[Column]:
    """Order of the rows of one NDC, the one to be used first.

    RxNorm's own statement comes before those of other sources, what is active before what is not, what is free before
    what is licensed; then the name of the source, the lowest concept and the lowest atom settle it, and in the end
    what else identifies a row.
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
