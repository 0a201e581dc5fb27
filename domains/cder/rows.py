"""Columns that all CDER tables share: directory, dates, flags, numbers."""

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
"""Directory by bronze table of products."""
PACKAGES = {
    "cder_package": FINISHED,
    "cder_excluded_package": EXCLUDED,
    "cder_unfinished_package": UNFINISHED,
}
"""Directory by bronze table of packages."""

MARKETING_DATES = {
    "start_marketing_date": "marketing_start_date",
    "end_marketing_date": "marketing_end_date",
}
"""Silver name by bronze name of the date columns."""

MISSING_PRODUCT_ID = "MISSING_PRODUCT_ID"

EXCLUDE_MEANINGS = {
    "N": "LISTED",
    "Y": "DEFICIENT",
    "E": "CERTIFICATION_EXPIRED",
    "I": "INACTIVATED_BY_FDA",
}
"""Meaning of NDC_EXCLUDE_FLAG: https://www.fda.gov/drugs/drug-approvals-and-databases/ndc-product-file-definitions and
the page of FDA's excluded drugs database."""

NUMBER = r"(?:[0-9]{1,14}(?:\.[0-9]{0,10})?|\.[0-9]{1,10})"
"""Pattern of a number that :data:`DECIMAL` represents exactly; a zero before the point is optional."""
DECIMAL = "decimal(24,10)"


def directory(tables: dict[str, str]) -> Column:
    """Directory of a row, from its bronze table.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('cder_product'), ('cder_excluded_product') AS t(meta_source_table)")
    >>> rows.select("meta_source_table", directory(PRODUCTS).alias("directory")).show(truncate=False)
    +---------------------+---------+
    |meta_source_table    |directory|
    +---------------------+---------+
    |cder_product         |finished |
    |cder_excluded_product|excluded |
    +---------------------+---------+
    """
    names = F.create_map(*[F.lit(word) for pair in tables.items() for word in pair])
    return F.element_at(names, F.col("meta_source_table"))


def missing_product_id() -> Column:
    """Reason to quarantine a row: it has no product id.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('0002-0800_f8b'), (' '), (NULL) AS t(product_id)")
    >>> rows.select("product_id", missing_product_id().alias("rejection")).show()
    +-------------+------------------+
    |   product_id|         rejection|
    +-------------+------------------+
    |0002-0800_f8b|              NULL|
    |             |MISSING_PRODUCT_ID|
    |         NULL|MISSING_PRODUCT_ID|
    +-------------+------------------+
    """
    return F.when(trimmed(F.col("product_id")).isNull(), MISSING_PRODUCT_ID)


def repeat_number(*key: str) -> Column:
    """Row number among the rows with an equal key, in file order; always 1 outside the excluded directory.

    FDA's excluded file repeats product ids, so this number is part of the grain. In the other files a repeated id is
    an error: with the constant 1, the grain check finds it.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "VALUES ('a', 'excluded', 1), ('a', 'excluded', 2), ('b', 'finished', 1), ('b', 'finished', 2) "
    ...     "AS t(product_id, directory, meta_row_position)"
    ... )
    >>> numbered = rows.withColumn("repeat_number", repeat_number("product_id"))
    >>> numbered.orderBy("product_id", "meta_row_position").show()
    +----------+---------+-----------------+-------------+
    |product_id|directory|meta_row_position|repeat_number|
    +----------+---------+-----------------+-------------+
    |         a| excluded|                1|            1|
    |         a| excluded|                2|            2|
    |         b| finished|                1|            1|
    |         b| finished|                2|            1|
    +----------+---------+-----------------+-------------+
    """
    in_file_order = Window.partitionBy(*key).orderBy("meta_row_position")
    return F.when(F.col("directory") == EXCLUDED, F.row_number().over(in_file_order)).otherwise(1)


def date_columns(names: dict[str, str]) -> tuple[dict[str, Column], dict[str, Column], dict[str, Column]]:
    """Columns with text, value and flag of dates, to be added in three steps.

    Parameters
    ----------
    names
        Silver name by bronze name.

    Returns
    -------
    tuple
        The columns ``<name>_raw``; the columns ``<name>``, computed from the first; and the columns ``<name>_flag``,
        computed from both.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('20190429'), ('20193131') AS t(startmarketingdate)")
    >>> raw, values, flags = date_columns({"startmarketingdate": "marketing_start_date"})
    >>> versioned = rows.withColumns({**raw, "meta_version": F.lit("2019-04-29")})
    >>> versioned.withColumns(values).withColumns(flags).drop("startmarketingdate", "meta_version").show()
    +------------------------+--------------------+-------------------------+
    |marketing_start_date_raw|marketing_start_date|marketing_start_date_flag|
    +------------------------+--------------------+-------------------------+
    |                20190429|          2019-04-29|                     NULL|
    |                20193131|                NULL|               UNREADABLE|
    +------------------------+--------------------+-------------------------+
    """
    raw = {f"{silver}_raw": F.col(bronze) for bronze, silver in names.items()}
    values = {silver: dates.parsed(f"{silver}_raw") for silver in names.values()}
    flags = {f"{silver}_flag": _date_flag(silver) for silver in names.values()}
    return raw, values, flags


def exclude_meaning(flag: Column) -> Column:
    """Meaning of a value of NDC_EXCLUDE_FLAG; UNKNOWN for a value without a documented meaning.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('N'), ('E'), ('Z'), (NULL) AS t(flag)")
    >>> rows.select("flag", exclude_meaning(F.col("flag")).alias("meaning")).show(truncate=False)
    +----+---------------------+
    |flag|meaning              |
    +----+---------------------+
    |N   |LISTED               |
    |E   |CERTIFICATION_EXPIRED|
    |Z   |UNKNOWN              |
    |NULL|NULL                 |
    +----+---------------------+
    """
    meanings = F.create_map(*[F.lit(word) for pair in EXCLUDE_MEANINGS.items() for word in pair])
    return F.when(flag.isNotNull(), F.coalesce(F.element_at(meanings, flag), F.lit("UNKNOWN")))


def decimal(text: Column) -> Column:
    """Convert a trimmed text to a number; null if it is not a number or has too many digits for the type.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('81'), ('.5'), ('1,000'), (NULL) AS t(strength_raw)")
    >>> rows.select("strength_raw", decimal(F.col("strength_raw")).alias("strength")).show()
    +------------+-------------+
    |strength_raw|     strength|
    +------------+-------------+
    |          81|81.0000000000|
    |          .5| 0.5000000000|
    |       1,000|         NULL|
    |        NULL|         NULL|
    +------------+-------------+
    """
    return F.when(F.rlike(text, F.lit(rf"\A{NUMBER}\z")), text).cast(DECIMAL)


def _date_flag(name: str) -> Column:
    is_start = name == "marketing_start_date"
    return dates.flag(F.col(f"{name}_raw"), F.col(name), F.col("meta_version"), is_start=is_start)
