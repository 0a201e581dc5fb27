"""Transform of the NSDE silver table."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns import dates
from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.drugs.applications import application_number, application_type
from _shared.glue_lib.drugs.ndc import with_ndc
from _shared.glue_lib.silver.transform import SilverTransform

MISSING_ITEM_CODE = "MISSING_ITEM_CODE"

DATES = ("marketing_start_date", "marketing_end_date", "inactivation_date", "reactivation_date")
TRIMMED = (
    "item_code",
    "proprietary_name",
    "dosage_form",
    "marketing_category",
    "application_number_or_citation",
    "product_type",
)


def rejection() -> Column:
    """Reason to quarantine a row: it has no item code.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('0002-0800-01'), (' '), (NULL) AS t(item_code)")
    >>> rows.select("item_code", rejection().alias("rejection")).show()
    +------------+-----------------+
    |   item_code|        rejection|
    +------------+-----------------+
    |0002-0800-01|             NULL|
    |            |MISSING_ITEM_CODE|
    |        NULL|MISSING_ITEM_CODE|
    +------------+-----------------+
    """
    return F.when(trimmed(F.col("item_code")).isNull(), MISSING_ITEM_CODE)


def nsde(bronze: DataFrame) -> DataFrame:
    """Return one row for each bronze row with an item code."""
    dates_raw = {name: f"{name}_raw" for name in DATES}
    source = bronze.withColumnsRenamed({"ndc11": "ndc11_source", **dates_raw})
    citation = F.col("application_number_or_citation")
    # Each step copies the row, so use as few steps as the dependencies between columns allow.
    plain = source.withColumns(
        {
            **{name: trimmed(F.col(name)) for name in TRIMMED},
            **{name: dates.parsed(f"{name}_raw") for name in DATES},
            "billing_unit": F.upper(trimmed(F.col("billing_unit"))),
        }
    ).withColumns({**{f"{name}_flag": _flag(name) for name in DATES}, "application_type": application_type(citation)})
    status = marketing_status(F.col("meta_version").cast("date"))
    return with_ndc(plain, "item_code").withColumns(
        {
            "ndc11_disagrees": F.col("ndc11") != trimmed(F.col("ndc11_source")),
            "product_ndc": F.concat(F.col("labeler_code"), F.lit("-"), F.col("product_code")),
            "application_number": application_number(citation, F.col("application_type")),
            "marketing_status": status,
            "is_active": status == "ACTIVE",
        }
    )


def marketing_status(on: Column) -> Column:
    """Status of a listing on a date, from its four dates and their flags.

    A listing is active if the start is on or before the date, the end is missing or on or after the date, and it is
    not inactivated. An inactivation on or before the date counts unless there is a reactivation between the two,
    inclusive. With an unreadable date the status is unknown, unless the readable dates determine it.

    Examples
    --------
    >>> flags = {f"{name}_flag": F.lit(None).cast("string") for name in DATES}
    >>> rows = spark.sql(
    ...     "SELECT CAST(s AS DATE) AS marketing_start_date, CAST(e AS DATE) AS marketing_end_date, "
    ...     "CAST(i AS DATE) AS inactivation_date, CAST(r AS DATE) AS reactivation_date FROM VALUES "
    ...     "('2018-01-01', NULL, NULL, NULL), ('2018-01-01', '2018-12-31', NULL, NULL), "
    ...     "('2018-01-01', NULL, '2019-01-01', NULL), ('2018-01-01', NULL, '2019-01-01', '2019-02-01'), "
    ...     "('2020-01-01', NULL, NULL, NULL), (NULL, NULL, NULL, NULL) AS t(s, e, i, r)"
    ... ).withColumns(flags)
    >>> status = marketing_status(F.lit("2019-04-29").cast("date")).alias("status")
    >>> rows.select(*[F.col(name).alias(name[:-5]) for name in DATES], status).show()
    +---------------+-------------+------------+------------+-----------+
    |marketing_start|marketing_end|inactivation|reactivation|     status|
    +---------------+-------------+------------+------------+-----------+
    |     2018-01-01|         NULL|        NULL|        NULL|     ACTIVE|
    |     2018-01-01|   2018-12-31|        NULL|        NULL|      ENDED|
    |     2018-01-01|         NULL|  2019-01-01|        NULL|INACTIVATED|
    |     2018-01-01|         NULL|  2019-01-01|  2019-02-01|     ACTIVE|
    |     2020-01-01|         NULL|        NULL|        NULL|NOT_STARTED|
    |           NULL|         NULL|        NULL|        NULL|    UNKNOWN|
    +---------------+-------------+------------+------------+-----------+
    """
    start, end, inactivated, reactivated = (F.col(name) for name in DATES)
    unreadable = F.lit(False)
    for name in DATES[1:]:
        unreadable = unreadable | F.coalesce(F.col(f"{name}_flag") == dates.UNREADABLE, F.lit(False))
    return (
        F.when(start.isNull(), "UNKNOWN")
        .when(start > on, "NOT_STARTED")
        .when(end < on, "ENDED")
        .when(unreadable, "UNKNOWN")
        .when((inactivated <= on) & ~F.coalesce(reactivated.between(inactivated, on), F.lit(False)), "INACTIVATED")
        .otherwise("ACTIVE")
    )


def _flag(name: str) -> Column:
    is_start = name == "marketing_start_date"
    return dates.flag(F.col(f"{name}_raw"), F.col(name), F.col("meta_version"), is_start=is_start)


TRANSFORMS = (SilverTransform("nsde", ("nsde",), nsde, rejection=rejection),)
