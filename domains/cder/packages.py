"""``cder_package``: one row for each package code of a product and each content listed for the code."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.drugs.ndc import with_ndc
from _shared.glue_lib.lineage import CARRIED, VERSION
from domains.cder.rows import (
    MARKETING_DATES,
    PACKAGES,
    date_columns,
    directory,
    exclude_meaning,
    missing_product_id,
    repeat_number,
)

MISSING_PACKAGE_CODE = "MISSING_PACKAGE_CODE"
TRIMMED = ("product_id", "product_ndc", "ndc_package_code", "package_description", "ndc_exclude_flag")
KEY = ("product_id", "directory", "ndc_package_code", "package_description", "marketing_start_date_raw")
"""The code of a carton is listed once for each inner pack, and the same content can have several start dates."""


def packages(rows: DataFrame) -> DataFrame:
    """Return one row for each row of the three package files."""
    raw, values, flags = date_columns(MARKETING_DATES)
    sample = F.upper(trimmed(F.col("sample_package")))
    read = rows.select(
        *[trimmed(F.col(name)).alias(name) for name in TRIMMED],
        directory(PACKAGES).alias("directory"),
        F.when(sample == "Y", F.lit(True)).when(sample == "N", F.lit(False)).alias("is_sample"),
        *[column.alias(name) for name, column in raw.items()],
        *CARRIED,
        VERSION,
    )
    meaning = exclude_meaning(F.col("ndc_exclude_flag"))
    dated = read.withColumns({**values, "ndc_exclude_meaning": meaning, "repeat_number": repeat_number(*KEY)})
    return with_ndc(dated.withColumns(flags), "ndc_package_code")


def rejection() -> Column:
    """Reason to quarantine a row: product id or package code is missing.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('0002-1_a', '0002-1-1'), ('0002-1_a', ' '), (NULL, '0002-1-1') "
    ...                  "AS t(product_id, ndc_package_code)")
    >>> rows.select("*", rejection().alias("rejection")).show()
    +----------+----------------+--------------------+
    |product_id|ndc_package_code|           rejection|
    +----------+----------------+--------------------+
    |  0002-1_a|        0002-1-1|                NULL|
    |  0002-1_a|                |MISSING_PACKAGE_CODE|
    |      NULL|        0002-1-1|  MISSING_PRODUCT_ID|
    +----------+----------------+--------------------+
    """
    no_code = F.when(trimmed(F.col("ndc_package_code")).isNull(), MISSING_PACKAGE_CODE)
    return F.coalesce(missing_product_id(), no_code)
