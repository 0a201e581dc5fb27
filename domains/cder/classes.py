"""``cder_product_class``: one row for each pharmacological class of a product.

Classes are separated by commas and have commas in their names: ``Anti-Inflammatory Agents, Non-Steroidal [CS]``. What
ends a class is its type in brackets; several commas behind it, or a semicolon, separate as one comma does.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import SPACE, TOO_LONG, WHITE_SPACE, is_too_long, null_if_empty, trimmed
from _shared.glue_lib.lineage import CARRIED
from domains.cder.rows import PRODUCTS, directory

TYPES = ("EPC", "PE", "CS", "MoA", "Chemical/Ingredient", "EXT")
"""Established class, physiologic effect, chemical structure, mechanism of action, ingredient, extended class."""

NO_CLASS = "NO_CLASS"
UNTYPED = "UNTYPED"
UNKNOWN_TYPE = "UNKNOWN_TYPE"

# Any word in brackets, so that a type that FDA adds ends its class too.
_TYPE = r"\[[A-Za-z/ ]{1,40}\]"
_MARK = ",;"
_BETWEEN = rf"{SPACE}*+[{_MARK}](?:{SPACE}|[{_MARK}])*+"
# The bracket comes first, so that Java looks back from brackets only.
_SEPARATOR = rf"(?<=\])(?<={_TYPE}){_BETWEEN}"
_CLASS = rf"(?s)\A(?:(.*(?!{SPACE}).){SPACE}*+)?\[([A-Za-z/ ]{{1,40}})\]\z"


def classes(rows: DataFrame) -> DataFrame:
    """Give one silver row for each class, in the order written; one for a list too long to be taken apart."""
    written = _written()
    exploded = rows.select(
        trimmed(F.col("product_id")).alias("product_id"),
        trimmed(F.col("product_ndc")).alias("product_ndc"),
        directory(PRODUCTS).alias("directory"),
        *CARRIED,
        F.posexplode(F.when(is_too_long(written), F.array(written)).otherwise(F.split(written, _SEPARATOR, -1))),
    )
    text = F.col("class_text")
    parts = [F.when(~is_too_long(text), F.regexp_extract(text, _CLASS, group)) for group in (1, 2)]
    name, kind = map(null_if_empty, parts)
    return (
        exploded.withColumns({"class_ordinal": F.col("pos") + 1, "class_text": trimmed(F.col("col"))})
        .withColumns({"class_name": F.coalesce(name, text), "class_type": kind})
        .withColumn("class_flag", _flag(text, F.col("class_type")))
        .drop("pos", "col")
    )


def left_out() -> Column:
    """Why a product has no class row: it names none."""
    return F.when(_written().isNull(), NO_CLASS)


def expected() -> Column:
    """Types that end a class, and one where the text does not end with a type."""
    text = _written()
    typed = F.regexp_count(text, F.lit(rf"{_TYPE}{SPACE}*+(?:[{_MARK}]|\z)"))
    untyped_end = F.when(F.rlike(text, F.lit(rf"{_TYPE}\z")), 0).otherwise(1)
    rows = F.when(is_too_long(text), 1).otherwise(typed + untyped_end)
    return F.coalesce(F.sum(F.when(text.isNotNull(), rows)), F.lit(0))


def _written() -> Column:
    """Classes as written, without what separates them before the first and after the last."""
    return null_if_empty(F.btrim(F.col("pharm_classes"), F.lit(WHITE_SPACE + _MARK)))


def _flag(text: Column, kind: Column) -> Column:
    return F.when(is_too_long(text), TOO_LONG).when(kind.isNull(), UNTYPED).when(~kind.isin(*TYPES), UNKNOWN_TYPE)
