"""What the rows of all CDER tables have in common: directory, dates, flags, numbers."""

from __future__ import annotations

from pyspark.sql import Column, Window
from pyspark.sql import functions as F

from _shared.glue_lib.columns import dates
from _shared.glue_lib.columns.text import trimmed

FINISHED, EXCLUDED, UNFINISHED = "finished", "excluded", "unfinished"
PRODUCTS = {
    "cder_product": FINISHED,
    "cder_excluded_product": EXCLUDED,
    "cder_unfinished_product": UNFINISHED,
}
"""Member tables of products, and the directory that each is."""
PACKAGES = {
    "cder_package": FINISHED,
    "cder_excluded_package": EXCLUDED,
    "cder_unfinished_package": UNFINISHED,
}
"""Member tables of packages, and the directory that each is."""

MARKETING_DATES = {
    "start_marketing_date": "marketing_start_date",
    "end_marketing_date": "marketing_end_date",
}
"""Bronze columns of dates, and their names in silver."""

MISSING_PRODUCT_ID = "MISSING_PRODUCT_ID"

EXCLUDE_MEANINGS = {
    "N": "LISTED",
    "Y": "DEFICIENT",
    "E": "CERTIFICATION_EXPIRED",
    "I": "INACTIVATED_BY_FDA",
}
"""FDA's NDC_EXCLUDE_FLAG: https://www.fda.gov/drugs/drug-approvals-and-databases/ndc-product-file-definitions and the
page of the excluded drugs database."""

NUMBER = r"(?:[0-9]{1,14}(?:\.[0-9]{0,10})?|\.[0-9]{1,10})"
"""A number as the lists write it, often without a zero before the point, and that :data:`DECIMAL` holds exactly."""
DECIMAL = "decimal(24,10)"


def directory(tables: dict[str, str]) -> Column:
    """Directory of a row, by the member table it came from."""
    names = F.create_map(*[F.lit(word) for pair in tables.items() for word in pair])
    return F.element_at(names, F.col("meta_source_table"))


def missing_product_id() -> Column:
    """Why a row cannot be kept: without a product id nothing tells what it is about."""
    return F.when(trimmed(F.col("product_id")).isNull(), MISSING_PRODUCT_ID)


def repeat_number(*key: str) -> Column:
    """Give the place of a row among those of its key, in the order of the file; 1 outside the excluded directory.

    FDA's excluded file gives product ids more than once. The other files do not, so that 1 on all their rows keeps
    the key enforced there.
    """
    in_file_order = Window.partitionBy(*key).orderBy("meta_row_position")
    return F.when(F.col("directory") == EXCLUDED, F.row_number().over(in_file_order)).otherwise(1)


def date_columns(names: dict[str, str]) -> tuple[dict[str, Column], dict[str, Column], dict[str, Column]]:
    """Three steps from dates as written to text, value and flag.

    Parameters
    ----------
    names
        Bronze names to silver names.

    Returns
    -------
    tuple
        Columns ``<name>_raw``; then, made of them, ``<name>``; then, made of both, ``<name>_flag``.
    """
    raw = {f"{silver}_raw": F.col(bronze) for bronze, silver in names.items()}
    values = {silver: dates.parsed(f"{silver}_raw") for silver in names.values()}
    flags = {f"{silver}_flag": _date_flag(silver) for silver in names.values()}
    return raw, values, flags


def exclude_meaning(flag: Column) -> Column:
    """Meaning of a value of NDC_EXCLUDE_FLAG; UNKNOWN for one that FDA has not explained."""
    meanings = F.create_map(*[F.lit(word) for pair in EXCLUDE_MEANINGS.items() for word in pair])
    return F.when(flag.isNotNull(), F.coalesce(F.element_at(meanings, flag), F.lit("UNKNOWN")))


def decimal(text: Column) -> Column:
    """Numeric value of a trimmed text; null where it is no number, or has more digits than the type holds."""
    return F.when(F.rlike(text, F.lit(rf"\A{NUMBER}\z")), text).cast(DECIMAL)


def _date_flag(name: str) -> Column:
    is_start = name == "marketing_start_date"
    return dates.flag(F.col(f"{name}_raw"), F.col(name), F.col("meta_version"), is_start=is_start)
