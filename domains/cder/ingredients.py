"""``cder_product_ingredient``: one row for each active substance of a product.

Substances, strengths and units are three parallel lists, separated by semicolons. A semicolon inside parentheses
belongs to a name: ``HYDROLYZED SOY PROTEIN (ENZYMATIC; 2000 MW)``.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.lineage import CARRIED
from _shared.glue_lib.text import null_if_empty, trimmed
from domains.cder.rows import DECIMAL, NUMBER, PRODUCTS, decimal, directory

LISTS = {
    "substance_name": "substance_name",
    "strength_raw": "active_numerator_strength",
    "unit_raw": "active_ingred_unit",
}
"""Silver columns, and the bronze lists that they come from."""

NO_SUBSTANCE = "NO_SUBSTANCE"
UNREADABLE = "UNREADABLE"

_PARENTHESES = r"\((?:[^()]++|\([^()]*+\))*+\)"
_ITEM = rf";((?:[^;(]++|{_PARENTHESES}|\()*+)"
_INNERMOST = r"\([^()]*\)"
_UNIT = rf"\A([^/]+)/(?=.)({NUMBER})?((?![0-9.])[^/]*)\z"


def ingredients(rows: DataFrame) -> DataFrame:
    """Give one silver row for each position of the longest of a product's three lists."""
    items = {name: F.coalesce(split_list(F.col(bronze)), _nothing()) for name, bronze in LISTS.items()}
    split = rows.select(
        trimmed(F.col("product_id")).alias("product_id"),
        trimmed(F.col("product_ndc")).alias("product_ndc"),
        directory(PRODUCTS).alias("directory"),
        *[column.alias(name) for name, column in items.items()],
        *CARRIED,
    )
    sizes = [F.size(name) for name in LISTS]
    exploded = split.withColumn("is_misaligned", F.greatest(*sizes) != F.least(*sizes)).select(
        "product_id", "product_ndc", "directory", "is_misaligned", *CARRIED, F.posexplode(F.arrays_zip(*LISTS))
    )
    listed = exploded.withColumns(
        {"ingredient_ordinal": F.col("pos") + 1, **{name: trimmed(F.col(f"col.{name}")) for name in LISTS}}
    ).drop("pos", "col")
    return _measured(listed)


def left_out() -> Column:
    """Why a product has no ingredient row: it names no active substance, strength or unit."""
    given = [trimmed(F.col(bronze)) for bronze in LISTS.values()]
    return F.when(F.coalesce(*given).isNull(), NO_SUBSTANCE)


def expected() -> Column:
    """Items of the longest list of each product, counted by what separates them and not by taking them apart."""
    return F.coalesce(F.sum(F.greatest(*[_count(F.col(bronze)) for bronze in LISTS.values()])), F.lit(0))


def split_list(text: Column) -> Column:
    """Items of a list, at the semicolons outside parentheses; empty ones keep their place.

    A parenthesis that is not closed protects nothing. Names have parentheses in one another to a depth of two.
    """
    with_regard = F.regexp_extract_all(F.concat(F.lit(";"), text), F.lit(_ITEM), F.lit(1))
    return F.when(F.contains(text, F.lit("(")), with_regard).otherwise(F.split(text, ";", -1))


def _count(text: Column) -> Column:
    bare = F.regexp_replace(F.regexp_replace(text, _INNERMOST, ""), _INNERMOST, "")
    separators = F.length(bare) - F.length(F.replace(bare, F.lit(";"), F.lit("")))
    return F.coalesce(separators + 1, F.lit(0))


def _measured(listed: DataFrame) -> DataFrame:
    """Add strength as a number, and the unit as numerator and denominator."""
    strength, unit = F.col("strength_raw"), F.col("unit_raw")
    numerator, quantity, denominator = (null_if_empty(F.regexp_extract(unit, _UNIT, group)) for group in (1, 2, 3))
    return listed.withColumns(
        {
            "strength": decimal(strength),
            "numerator_unit": numerator,
            "denominator_quantity": quantity.cast(DECIMAL),
            "denominator_unit": denominator,
        }
    ).withColumns(
        {
            "strength_flag": F.when(strength.isNotNull() & F.col("strength").isNull(), UNREADABLE),
            "unit_flag": F.when(unit.isNotNull() & F.col("numerator_unit").isNull(), UNREADABLE),
            # mg/mL is mg in one mL.
            "denominator_quantity": F.when(
                F.col("numerator_unit").isNotNull(), F.coalesce("denominator_quantity", F.lit(1).cast(DECIMAL))
            ),
        }
    )


def _nothing() -> Column:
    return F.array().cast("array<string>")
