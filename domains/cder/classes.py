"""``cder_product_class``: one row for each pharmacological class of a product.

Classes are separated by commas, but names can also contain commas: ``Anti-Inflammatory Agents, Non-Steroidal [CS]``.
Each class ends with its type in brackets. Several commas or a semicolon after it count as one separator.
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

# Any word in brackets, so that a new type of FDA also ends its class.
_TYPE = r"\[[A-Za-z/ ]{1,40}\]"
_MARK = ",;"
_BETWEEN = rf"{SPACE}*+[{_MARK}](?:{SPACE}|[{_MARK}])*+"
# The one-character lookbehind comes first, so that Java tries the long one only after brackets.
_SEPARATOR = rf"(?<=\])(?<={_TYPE}){_BETWEEN}"
_CLASS = rf"(?s)\A(?:(.*(?!{SPACE}).){SPACE}*+)?\[([A-Za-z/ ]{{1,40}})\]\z"


def classes(rows: DataFrame) -> DataFrame:
    """Return one row per class, in the order of the source, or one unparsed row for a list that is too long."""
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
    """Reason to leave a product out: it has no class.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('Opioid Agonist [EPC]'), (' , '), (NULL) AS t(pharm_classes)")
    >>> rows.select("pharm_classes", left_out().alias("left_out")).show()
    +--------------------+--------+
    |       pharm_classes|left_out|
    +--------------------+--------+
    |Opioid Agonist [EPC]|    NULL|
    |                  , |NO_CLASS|
    |                NULL|NO_CLASS|
    +--------------------+--------+
    """
    return F.when(_written().isNull(), NO_CLASS)


def expected() -> Column:
    """Aggregate: number of types that end a class, plus one for a text that does not end with a type.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('Agents, Non-Steroidal [CS],Opioid Agonist [EPC]'), ('Opioid') AS t(pharm_classes)")
    >>> rows.agg(expected().alias("expected")).show()
    +--------+
    |expected|
    +--------+
    |       3|
    +--------+
    """
    text = _written()
    typed = F.regexp_count(text, F.lit(rf"{_TYPE}{SPACE}*+(?:[{_MARK}]|\z)"))
    untyped_end = F.when(F.rlike(text, F.lit(rf"{_TYPE}\z")), 0).otherwise(1)
    rows = F.when(is_too_long(text), 1).otherwise(typed + untyped_end)
    return F.coalesce(F.sum(F.when(text.isNotNull(), rows)), F.lit(0))


def _written() -> Column:
    """List of classes without leading and trailing separators."""
    return null_if_empty(F.btrim(F.col("pharm_classes"), F.lit(WHITE_SPACE + _MARK)))


def _flag(text: Column, kind: Column) -> Column:
    return F.when(is_too_long(text), TOO_LONG).when(kind.isNull(), UNTYPED).when(~kind.isin(*TYPES), UNKNOWN_TYPE)
