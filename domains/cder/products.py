"""``cder_product``: one row for each version of a product's label."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from _shared.glue_lib.columns.dates import IMPLAUSIBLE
from _shared.glue_lib.columns.text import null_if_empty, trimmed
from _shared.glue_lib.drugs.applications import application_number, application_type
from _shared.glue_lib.lineage import CARRIED, VERSION
from domains.cder.rows import (
    FINISHED,
    MARKETING_DATES,
    PRODUCTS,
    UNFINISHED,
    date_columns,
    directory,
    exclude_meaning,
    repeat_number,
)

TRIMMED = {
    "product_id": "product_id",
    "product_ndc": "product_ndc",
    "product_type": "product_type_name",
    "proprietary_name": "proprietary_name",
    "proprietary_name_suffix": "proprietary_name_suffix",
    "nonproprietary_name": "nonproprietary_name",
    "dosage_form": "dosage_form_name",
    "marketing_category": "marketing_category_name",
    "application_number_or_citation": "application_number",
    "labeler_name": "labeler_name",
    "dea_schedule": "dea_schedule",
    "ndc_exclude_flag": "ndc_exclude_flag",
}
"""Silver columns that are a bronze column without white space at its ends."""

CERTIFIED_THROUGH = "listing_record_certified_through"
_DATES = {**MARKETING_DATES, CERTIFIED_THROUGH: CERTIFIED_THROUGH}
_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿšž"
_PLAIN = "aaaaaaceeeeiiiinoooooouuuuyysz"
_PRODUCT_NDC = r"\A([0-9]{4,6})-([0-9]{3,4})\z"


def products(rows: DataFrame) -> DataFrame:
    """Give one silver row for each row of the three product files."""
    raw, values, flags = date_columns(_DATES)
    read = rows.select(
        *[trimmed(F.col(bronze)).alias(silver) for silver, bronze in TRIMMED.items()],
        directory(PRODUCTS).alias("directory"),
        routes(F.col("route_name")).alias("routes"),
        *[column.alias(name) for name, column in raw.items()],
        *CARRIED,
        VERSION,
    )
    citation, product_ndc = F.col("application_number_or_citation"), F.col("product_ndc")
    derived = read.withColumns(
        {
            **values,
            "application_type": application_type(citation),
            "spl_document_id": null_if_empty(F.regexp_extract(F.col("product_id"), r"(?s)\A[^_]*+_(.*)\z", 1)),
            "labeler_code": null_if_empty(F.regexp_extract(product_ndc, _PRODUCT_NDC, 1)),
            "product_code": null_if_empty(F.regexp_extract(product_ndc, _PRODUCT_NDC, 2)),
            "labeler_key": folded(F.col("labeler_name")),
            "ndc_exclude_meaning": exclude_meaning(F.col("ndc_exclude_flag")),
        }
    ).withColumns({**flags, "application_number": application_number(citation, F.col("application_type"))})
    return derived.withColumns(
        {"listing_rank": listing_rank(), "repeat_number": repeat_number("product_ndc", "product_id", "directory")}
    )


def routes(text: Column) -> Column:
    """Routes of administration, as an array in the order written; null where there is none."""
    found = F.filter(F.transform(F.split(text, ";"), trimmed), F.isnotnull)
    return F.when(F.size(found) > 0, found)


def folded(name: Column) -> Column:
    """Key under which spellings of a name are one: its letters without accents, in lower case, and its digits."""
    plain = F.translate(F.lower(name), _ACCENTED, _PLAIN)
    return null_if_empty(F.regexp_replace(plain, "[^a-z0-9]", ""))


def listing_rank() -> Column:
    """Place of a row among those of its product NDC, 1 for the current listing.

    A finished listing comes before an unfinished, that before an excluded; then the latest certified-through date
    counts, then the latest start. Missing and implausible dates come last. What is left is settled by product id.
    """
    order = Window.partitionBy("product_ndc").orderBy(
        F.when(F.col("directory") == FINISHED, 1).when(F.col("directory") == UNFINISHED, 2).otherwise(3),
        _plausible(CERTIFIED_THROUGH).desc_nulls_last(),
        _plausible("marketing_start_date").desc_nulls_last(),
        "product_id",
        "meta_row_position",
    )
    return F.row_number().over(order)


def _plausible(name: str) -> Column:
    flagged = F.coalesce(F.col(f"{name}_flag") == IMPLAUSIBLE, F.lit(False))
    return F.when(~flagged, F.col(name))
