"""``cder_product_class``: one row for each pharmacological class of a product.

Classes are separated by commas and have commas in their names: ``Anti-Inflammatory Agents, Non-Steroidal [CS]``. What
ends a class is its type in brackets.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.lineage import CARRIED
from _shared.glue_lib.text import null_if_empty, trimmed
from domains.cder.rows import PRODUCTS, directory

TYPES = ("EPC", "PE", "CS", "MoA", "Chemical/Ingredient", "EXT")
"""Established class, physiologic effect, chemical structure, mechanism of action, ingredient, extended class."""

NO_CLASS = "NO_CLASS"
UNTYPED = "UNTYPED"
UNKNOWN_TYPE = "UNKNOWN_TYPE"

# Any word in brackets, so that a type that FDA adds ends its class too.
_TYPE = r"\[[A-Za-z/ ]{1,40}\]"
# The comma comes first, so that Java looks back from commas only.
_SEPARATOR = rf",(?<={_TYPE} {{0,4}},)"
_CLASS = r"\A(?:(.*\S) *)?\[([A-Za-z/ ]{1,40})\]\z"


def classes(rows: DataFrame) -> DataFrame:
    """Give one silver row for each class, in the order written."""
    exploded = rows.select(
        trimmed(F.col("product_id")).alias("product_id"),
        trimmed(F.col("product_ndc")).alias("product_ndc"),
        directory(PRODUCTS).alias("directory"),
        *CARRIED,
        F.posexplode(F.split(_written(), _SEPARATOR, -1)),
    )
    text = F.col("class_text")
    name, kind = (null_if_empty(F.regexp_extract(text, _CLASS, group)) for group in (1, 2))
    return (
        exploded.withColumns({"class_ordinal": F.col("pos") + 1, "class_text": trimmed(F.col("col"))})
        .withColumns({"class_name": F.coalesce(name, text), "class_type": kind})
        .withColumn("class_flag", _flag(F.col("class_type")))
        .drop("pos", "col")
    )


def left_out() -> Column:
    """Why a product has no class row: it names none."""
    return F.when(_written().isNull(), NO_CLASS)


def expected() -> Column:
    """Types that end a class, and one where the text does not end with a type."""
    text = _written()
    typed = F.regexp_count(text, F.lit(rf"{_TYPE} {{0,4}}(?:,|\z)"))
    untyped_end = F.when(F.rlike(text, F.lit(rf"{_TYPE}\z")), 0).otherwise(1)
    return F.coalesce(F.sum(F.when(text.isNotNull(), typed + untyped_end)), F.lit(0))


def _written() -> Column:
    """Classes as written, without a comma after the last."""
    return trimmed(F.regexp_replace(F.col("pharm_classes"), r"[\s,]+\z", ""))


def _flag(kind: Column) -> Column:
    return F.when(kind.isNull(), UNTYPED).when(~kind.isin(*TYPES), UNKNOWN_TYPE)
