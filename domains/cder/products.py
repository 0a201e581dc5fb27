"""``cder_product``: one row for each version of a product label."""

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
"""Bronze column by silver column, for columns that are only trimmed."""

CERTIFIED_THROUGH = "listing_record_certified_through"
_DATES = {**MARKETING_DATES, CERTIFIED_THROUGH: CERTIFIED_THROUGH}
_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿšž"
_PLAIN = "aaaaaaceeeeiiiinoooooouuuuyysz"
_PRODUCT_NDC = r"\A([0-9]{4,6})-([0-9]{3,4})\z"


def products(rows: DataFrame) -> DataFrame:
    """Return one row for each row of the three product files."""
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
    """Split the routes of administration into an array, in the order of the source; null if there is none.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('ORAL; TOPICAL'), ('ORAL;'), (' ;'), (NULL) AS t(route_name)")
    >>> rows.select("route_name", routes(F.col("route_name")).alias("routes")).show()
    +-------------+---------------+
    |   route_name|         routes|
    +-------------+---------------+
    |ORAL; TOPICAL|[ORAL, TOPICAL]|
    |        ORAL;|         [ORAL]|
    |            ;|           NULL|
    |         NULL|           NULL|
    +-------------+---------------+
    """
    found = F.filter(F.transform(F.split(text, ";"), trimmed), F.isnotnull)
    return F.when(F.size(found) > 0, found)


def folded(name: Column) -> Column:
    """Key that is equal for different spellings of a name: lower-case letters without accents, and digits.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('Théa Pharma, Inc.'), ('THEA PHARMA INC'), ('--') AS t(labeler_name)")
    >>> rows.select("labeler_name", folded(F.col("labeler_name")).alias("labeler_key")).show()
    +-----------------+-------------+
    |     labeler_name|  labeler_key|
    +-----------------+-------------+
    |Théa Pharma, Inc.|theapharmainc|
    |  THEA PHARMA INC|theapharmainc|
    |               --|         NULL|
    +-----------------+-------------+
    """
    plain = F.translate(F.lower(name), _ACCENTED, _PLAIN)
    return null_if_empty(F.regexp_replace(plain, "[^a-z0-9]", ""))


def listing_rank() -> Column:
    """Rank of a row among the rows with the same product NDC; 1 is the current listing.

    The order is: finished, unfinished, excluded; then latest certified-through date; then latest start date; then
    product id. Missing and implausible dates come last.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "SELECT *, NULL AS listing_record_certified_through_flag, NULL AS marketing_start_date_flag, "
    ...     "1 AS meta_row_position FROM VALUES "
    ...     "('a', 'excluded', DATE'2020-12-31', DATE'2019-01-01'), "
    ...     "('b', 'finished', DATE'2019-12-31', DATE'2018-01-01'), "
    ...     "('c', 'finished', DATE'2019-12-31', DATE'2019-01-01') "
    ...     "AS t(product_id, directory, listing_record_certified_through, marketing_start_date)"
    ... ).withColumn("product_ndc", F.lit("0002-0800"))
    >>> rows.select("product_id", "directory", listing_rank().alias("listing_rank")).orderBy("product_id").show()
    +----------+---------+------------+
    |product_id|directory|listing_rank|
    +----------+---------+------------+
    |         a| excluded|           3|
    |         b| finished|           2|
    |         c| finished|           1|
    +----------+---------+------------+
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
