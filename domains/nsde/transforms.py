"""NSDE silver: pure functions from bronze text to typed, normalised rows."""

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
    """Why a bronze row has no place in silver: without an item code nothing tells what it is about."""
    return F.when(trimmed(F.col("item_code")).isNull(), MISSING_ITEM_CODE)


def nsde(bronze: DataFrame) -> DataFrame:
    """Give one silver row for each bronze row that has an item code."""
    dates_raw = {name: f"{name}_raw" for name in DATES}
    source = bronze.withColumnsRenamed({"ndc11": "ndc11_source", **dates_raw})
    citation = F.col("application_number_or_citation")
    # Each step copies the row, so that there are as few as the columns' dependencies allow.
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
    """Status of a listing on a day, from its four dates and their flags.

    Active is what has started, has not ended and is not inactivated: start readable and on or before the day; end
    empty or on or after it; not inactivated on or before it unless reactivated between, both included. A date that
    is there and unreadable leaves the status unknown, unless the readable ones settle it.
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
