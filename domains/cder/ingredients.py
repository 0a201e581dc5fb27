"""``cder_product_ingredient``: one row for each active substance of a product.

Substances, strengths and units are three parallel lists, separated by semicolons. A semicolon inside parentheses
belongs to a name: ``HYDROLYZED SOY PROTEIN (ENZYMATIC; 2000 MW)``.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import SPACE, TOO_LONG, is_too_long, null_if_empty, trimmed
from _shared.glue_lib.lineage import CARRIED
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
_INNERMOST = r"\([^()]*+\)"
# Quantifiers that give nothing back: each character is looked at once, and what follows a number is no part of it.
_NUMERATOR = rf"((?>[^/]*(?!{SPACE})[^/])){SPACE}*+"
_UNIT = rf"\A{_NUMERATOR}/{SPACE}*+(?!\z)({NUMBER})?+{SPACE}*+((?![0-9.])[^/]*+)\z"


def ingredients(rows: DataFrame) -> DataFrame:
    """Give one silver row for each position of the longest of a product's three lists.

    Where one of them is too long to be taken apart, all three are kept whole in one row.
    """
    items = {
        name: F.when(_is_whole(), F.array(F.col(bronze))).otherwise(F.coalesce(split_list(F.col(bronze)), _nothing()))
        for name, bronze in LISTS.items()
    }
    split = rows.select(
        trimmed(F.col("product_id")).alias("product_id"),
        trimmed(F.col("product_ndc")).alias("product_ndc"),
        directory(PRODUCTS).alias("directory"),
        *[column.alias(name) for name, column in items.items()],
        _is_whole().alias("is_whole"),
        *CARRIED,
    )
    sizes = [F.size(name) for name in LISTS]
    carried = ("product_id", "product_ndc", "directory", "is_misaligned", "is_whole", *CARRIED)
    exploded = split.withColumn("is_misaligned", F.greatest(*sizes) != F.least(*sizes)).select(
        *carried, F.posexplode(F.arrays_zip(*LISTS))
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
    longest = F.greatest(*[_count(F.col(bronze)) for bronze in LISTS.values()])
    return F.coalesce(F.sum(F.when(_is_whole(), 1).otherwise(longest)), F.lit(0))


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
    parts = [F.when(~F.col("is_whole"), F.regexp_extract(unit, _UNIT, group)) for group in (1, 2, 3)]
    numerator, quantity, denominator = map(null_if_empty, parts)
    return (
        listed.withColumns(
            {
                "strength": F.when(~F.col("is_whole"), decimal(strength)),
                "numerator_unit": numerator,
                "denominator_quantity": quantity.cast(DECIMAL),
                "denominator_unit": denominator,
            }
        )
        .withColumns(
            {
                "strength_flag": _flag(strength.isNotNull() & F.col("strength").isNull()),
                "unit_flag": _flag(unit.isNotNull() & F.col("numerator_unit").isNull()),
                # mg/mL is mg in one mL.
                "denominator_quantity": F.when(
                    F.col("numerator_unit").isNotNull(), F.coalesce("denominator_quantity", F.lit(1).cast(DECIMAL))
                ),
            }
        )
        .drop("is_whole")
    )


def _flag(is_unreadable: Column) -> Column:
    return F.when(F.col("is_whole"), TOO_LONG).when(is_unreadable, UNREADABLE)


def _is_whole() -> Column:
    return reduce(or_, [is_too_long(F.col(bronze)) for bronze in LISTS.values()])


def _nothing() -> Column:
    return F.array().cast("array<string>")
