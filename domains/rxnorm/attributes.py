"""``rxnorm_attribute``: one row for each attribute of a concept, atom or relation, NDCs apart."""

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
"""What an attribute is about and who says it; silver columns that are a bronze column without white space at its
ends."""


def rejection() -> Column:
    """Why a row cannot be kept: nothing tells what it is about, or what it says of it."""
    return F.when(~is_ndc(), F.coalesce(missing("atn", MISSING_ATTRIBUTE_NAME), missing_subject()))


def left_out() -> Column:
    """Leave out the NDCs, which have a table of their own."""
    return F.when(is_ndc(), IS_AN_NDC)


def attributes(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Give one silver row for each row of RXNSAT that is no NDC."""
    names = {**SUBJECT, "attribute_name": "atn", "attribute_value": "atv"}
    return with_licence(rows.select(*texts(names), *suppression(), ROW_POSITION), sources)


def is_ndc() -> Column:
    """Whether a row of RXNSAT gives an NDC; never null."""
    return F.coalesce(trimmed(F.col("atn")) == NDC, F.lit(False))


def missing_subject() -> Column:
    """Reason where neither concept nor atom is named."""
    return F.when(trimmed(F.col("rxcui")).isNull() & trimmed(F.col("rxaui")).isNull(), MISSING_SUBJECT)
