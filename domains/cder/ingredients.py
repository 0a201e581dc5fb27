"""``cder_product_ingredient``: one row for each active substance of a product.

Substances, strengths and units are three parallel lists, separated by semicolons. A semicolon inside parentheses is
part of a name: ``HYDROLYZED SOY PROTEIN (ENZYMATIC; 2000 MW)``.
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
"""Bronze column of the list by silver column."""

NO_SUBSTANCE = "NO_SUBSTANCE"
UNREADABLE = "UNREADABLE"

_PARENTHESES = r"\((?:[^()]++|\([^()]*+\))*+\)"
_ITEM = rf";((?:[^;(]++|{_PARENTHESES}|\()*+)"
_INNERMOST = r"\([^()]*+\)"
# Possessive quantifiers prevent backtracking: linear time, and a number is always matched completely.
_NUMERATOR = rf"((?>[^/]*(?!{SPACE})[^/])){SPACE}*+"
_UNIT = rf"\A{_NUMERATOR}/{SPACE}*+(?!\z)({NUMBER})?+{SPACE}*+((?![0-9.])[^/]*+)\z"


def ingredients(rows: DataFrame) -> DataFrame:
    """Return one row for each position of the longest of a product's three lists.

    If one of the lists is too long to parse, one row contains all three lists unparsed.
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
    """Reason to leave a product out: it has no active substance, strength or unit.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "VALUES ('ASPIRIN', '81', 'mg/1'), (NULL, '81', NULL), (NULL, ' ', NULL) "
    ...     "AS t(substance_name, active_numerator_strength, active_ingred_unit)"
    ... )
    >>> rows.select("substance_name", "active_numerator_strength", left_out().alias("left_out")).show()
    +--------------+-------------------------+------------+
    |substance_name|active_numerator_strength|    left_out|
    +--------------+-------------------------+------------+
    |       ASPIRIN|                       81|        NULL|
    |          NULL|                       81|        NULL|
    |          NULL|                         |NO_SUBSTANCE|
    +--------------+-------------------------+------------+
    """
    given = [trimmed(F.col(bronze)) for bronze in LISTS.values()]
    return F.when(F.coalesce(*given).isNull(), NO_SUBSTANCE)


def expected() -> Column:
    """Aggregate: number of items in the longest list of each product, from a count of the separators.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "VALUES ('ASPIRIN; CAFFEINE', '500; 65', 'mg/1; mg/1'), ('SOY (ENZYMATIC; 2000 MW)', NULL, NULL) "
    ...     "AS t(substance_name, active_numerator_strength, active_ingred_unit)"
    ... )
    >>> rows.agg(expected().alias("expected")).show()
    +--------+
    |expected|
    +--------+
    |       3|
    +--------+
    """
    longest = F.greatest(*[_count(F.col(bronze)) for bronze in LISTS.values()])
    return F.coalesce(F.sum(F.when(_is_whole(), 1).otherwise(longest)), F.lit(0))


def split_list(text: Column) -> Column:
    """Split a list at the semicolons outside parentheses; empty items are kept.

    Parentheses can be nested two deep. An unclosed parenthesis is an ordinary character.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('ASPIRIN; CAFFEINE'), ('SOY (ENZYMATIC; 2000 MW);WHEY'), ('5;;1') AS t(list)")
    >>> rows.select("list", split_list(F.col("list")).alias("items")).show(truncate=False)
    +-----------------------------+--------------------------------+
    |list                         |items                           |
    +-----------------------------+--------------------------------+
    |ASPIRIN; CAFFEINE            |[ASPIRIN,  CAFFEINE]            |
    |SOY (ENZYMATIC; 2000 MW);WHEY|[SOY (ENZYMATIC; 2000 MW), WHEY]|
    |5;;1                         |[5, , 1]                        |
    +-----------------------------+--------------------------------+
    """
    with_regard = F.regexp_extract_all(F.concat(F.lit(";"), text), F.lit(_ITEM), F.lit(1))
    return F.when(F.contains(text, F.lit("(")), with_regard).otherwise(F.split(text, ";", -1))


def _count(text: Column) -> Column:
    bare = F.regexp_replace(F.regexp_replace(text, _INNERMOST, ""), _INNERMOST, "")
    separators = F.length(bare) - F.length(F.replace(bare, F.lit(";"), F.lit("")))
    return F.coalesce(separators + 1, F.lit(0))


def _measured(listed: DataFrame) -> DataFrame:
    """Add the strength as a number, and the unit as numerator and denominator."""
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
                # A unit without a quantity, such as mg/mL, means one mL.
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
