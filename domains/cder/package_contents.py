"""``cder_package_content``: one row for each level of a package's description.

``10 POUCH in 1 CARTON (0498-0121-34)  > .3 mL in 1 POUCH (0498-0121-00)`` has two levels. The separator of levels is
``>``, in other releases ``/``, with a blank on both sides (``SOLUTION/ DROPS`` is one dosage form). In a kit, each part
starts with ``*`` and has its own levels, below the levels before the first part.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import TOO_LONG, is_too_long, null_if_empty, trimmed
from _shared.glue_lib.drugs.ndc import HYPHENATED, with_ndc
from _shared.glue_lib.lineage import CARRIED
from domains.cder.rows import DECIMAL, NUMBER, PACKAGES, directory

NO_DESCRIPTION = "NO_DESCRIPTION"
UNPARSED = "UNPARSED"

# Possessive quantifiers and the lookbehind prevent backtracking, which would take quadratic time and, in Java, a stack
# frame for each repetition of a group.
_BLANKS = r"(?<! ) ++"
_BELOW = rf"{_BLANKS}[>/] ++"
_PART = rf"(?:\A|{_BLANKS})\* ++"
_SEPARATOR = rf"{_BLANKS}[>/*] ++"
# Quantity, unit (missing in some kits), number of containers, container, and the container's NDC, sometimes twice.
_ITEM = (
    rf"\A({NUMBER}) ++(?>(?:([^()>*]*(?<=[^()>* ])) ++)?in ++({NUMBER}) ++(?=[^()>* ]))((?>[^()>*]*[^()>* ])) *+"
    r"(?:\( *+((?>[^()]*[^() ])) *+\)(?: *+\( *+\5 *+\))*+)?+\z"
)
# An NDC with the name of a numbering system, as in GS1:50228-121-05. Other numbers with such a name are not NDCs.
_PREFIXED = rf"\A[A-Za-z][A-Za-z0-9]{{0,9}}(?: *+[:#] *+| ++)({HYPHENATED})\z"
_FIELDS = ("quantity", "unit", "container_quantity", "container", "content_ndc")
_BETWEEN = "\u001f"
# One replacement splits a level into fields; an extraction per field would run the pattern once for each.
_APART = _BETWEEN.join(f"${group}" for group in range(1, len(_FIELDS) + 1))
_QUANTITIES = ("quantity", "container_quantity")
_NDC = ("ndc_format", "ndc_status_reason", "ndc11", "ndc12")
_SEGMENTS = ("labeler_code", "product_code", "package_code")


def package_contents(rows: DataFrame) -> DataFrame:
    """Return one row per level of a description, or one unparsed row if the description cannot be parsed."""
    described = rows.select(
        *[trimmed(F.col(name)).alias(name) for name in ("product_id", "product_ndc", "ndc_package_code")],
        directory(PACKAGES).alias("directory"),
        trimmed(F.col("package_description")).alias("description"),
        *CARRIED,
    )
    carried = [name for name in described.columns if name != "description"]
    found = F.col("items")
    # Pass an expression to the generator: for a column, Spark infers a filter that parses all descriptions again.
    levels = F.posexplode(F.when(_understood(found), found).otherwise(_whole(F.col("description"))))
    exploded = described.withColumn("items", items(F.col("description"))).select(*carried, levels)
    fields = {name: null_if_empty(F.get("fields", F.lit(index))) for index, name in enumerate(_FIELDS)}
    listed = exploded.select(*carried, (F.col("pos") + 1).alias("content_ordinal"), "col.*")
    named = listed.withColumns(fields).drop("fields")
    return _with_codes(named.withColumn("content_ndc", _without_prefix(F.col("content_ndc"))))


def left_out() -> Column:
    """Reason to leave a package out: it has no description.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('100 TABLET in 1 BOTTLE'), (' '), (NULL) AS t(package_description)")
    >>> rows.select("package_description", left_out().alias("left_out")).show(truncate=False)
    +----------------------+--------------+
    |package_description   |left_out      |
    +----------------------+--------------+
    |100 TABLET in 1 BOTTLE|NULL          |
    |                      |NO_DESCRIPTION|
    |NULL                  |NO_DESCRIPTION|
    +----------------------+--------------+
    """
    return F.when(trimmed(F.col("package_description")).isNull(), NO_DESCRIPTION)


def expected() -> Column:
    """Aggregate: one row for each description, plus one for each separator if the description can be parsed.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('2 POUCH in 1 BOX  > 3 mL in 1 POUCH'), ('see label') AS t(package_description)")
    >>> rows.agg(expected().alias("expected")).show()
    +--------+
    |expected|
    +--------+
    |       3|
    +--------+
    """
    text = trimmed(F.col("package_description"))
    # Only check the levels, without splitting them into fields: that takes half the time.
    levels = F.filter(F.split(text, rf"\A\* ++|{_SEPARATOR}", -1), lambda level: level != "")
    understood = (
        ~is_too_long(text) & (F.size(levels) > 0) & F.forall(levels, lambda level: F.rlike(level, F.lit(_ITEM)))
    )
    rows = F.when(understood, F.regexp_count(text, F.lit(_SEPARATOR)) + 1).otherwise(1)
    return F.coalesce(F.sum(F.when(text.isNotNull(), rows)), F.lit(0))


def items(description: Column) -> Column:
    """Parse a trimmed description.

    Returns
    -------
    Column
        Array of ``part_number`` (0 outside the parts of a kit), ``level`` (1 is the outermost), ``content_text`` and
        ``fields``, which is null if the text cannot be parsed. The array is null if the description is too long.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('1 KIT in 1 BOX  *  2 mL in 1 VIAL (0002-0001-01)  *  see label') AS t(description)")
    >>> parsed = rows.select(F.inline(items(F.col("description"))))
    >>> parsed.select("part_number", "level", "content_text", "fields").show(truncate=False)
    +-----------+-----+-----------------------------+------------------------------+
    |part_number|level|content_text                 |fields                        |
    +-----------+-----+-----------------------------+------------------------------+
    |0          |1    |1 KIT in 1 BOX               |[1, KIT, 1, BOX, ]            |
    |1          |2    |2 mL in 1 VIAL (0002-0001-01)|[2, mL, 1, VIAL, 0002-0001-01]|
    |2          |2    |see label                    |NULL                          |
    +-----------+-----+-----------------------------+------------------------------+
    """
    parts = F.split(description, _PART, -1)
    outer = F.get(parts, F.lit(0))
    # Skip the count for descriptions without parts, which do not use it; most are not kits.
    has_parts = F.contains(description, F.lit("*"))
    outer_levels = F.when(has_parts & (outer != ""), F.size(F.split(outer, _BELOW, -1))).otherwise(0)
    # Spark computes the variable of a lambda once, but an outer expression in a lambda once per element: hence an array
    # with one element.
    kit = F.array(F.struct(parts.alias("parts"), outer_levels.alias("outer_levels")))
    found = F.flatten(F.flatten(F.transform(kit, _levels)))
    # If a description starts with a part, the text before it is empty.
    return F.when(~is_too_long(description), F.filter(found, lambda item: item["content_text"] != ""))


def _levels(kit: Column) -> Column:
    def levels(part: Column, number: Column) -> Column:
        above = F.when(number == 0, 0).otherwise(kit["outer_levels"])
        return F.transform(
            F.split(part, _BELOW, -1), lambda text, index: _item(number, above + index + 1, text, _fields(text))
        )

    return F.transform(kit["parts"], levels)


def _understood(levels: Column) -> Column:
    return (F.size(levels) > 0) & F.forall(levels, lambda item: item["fields"].isNotNull())


def _fields(text: Column) -> Column:
    fields = F.split(F.regexp_replace(text, _ITEM, _APART), _BETWEEN, -1)
    return F.when(~F.contains(text, F.lit(_BETWEEN)) & (F.size(fields) == len(_FIELDS)), fields)


def _whole(description: Column) -> Column:
    nothing = F.lit(None).cast("int")
    return F.array(_item(nothing, nothing, description, F.lit(None).cast("array<string>")))


def _item(part: Column, level: Column, text: Column, fields: Column) -> Column:
    named = {"part_number": part, "level": level, "content_text": text, "fields": fields}
    return F.struct(*[column.alias(name) for name, column in named.items()])


def _without_prefix(code: Column) -> Column:
    return F.coalesce(null_if_empty(F.regexp_extract(code, _PREFIXED, 1)), code)


def _with_codes(listed: DataFrame) -> DataFrame:
    quoted, too_long = F.col("content_ndc").isNotNull(), is_too_long(F.col("content_text"))
    numbers = {name: F.col(name).cast(DECIMAL) for name in _QUANTITIES}
    return (
        with_ndc(listed, "content_ndc")
        .drop(*_SEGMENTS)
        .withColumns(
            {
                **numbers,
                **{name: F.when(quoted, F.col(name)) for name in _NDC},
                "parse_flag": F.when(F.col("level").isNull(), F.when(too_long, TOO_LONG).otherwise(UNPARSED)),
            }
        )
    )
