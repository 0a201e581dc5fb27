"""``cder_package_content``: a package's description, taken apart into what is in what.

``10 POUCH in 1 CARTON (0498-0121-34)  > .3 mL in 1 POUCH (0498-0121-00)`` has two levels. Levels are joined by ``>``,
in other releases by ``/``, with a blank on both sides (``SOLUTION/ DROPS`` is one dosage form). In a kit, each part
begins with ``*`` and has levels of its own, below those that come before the first part.
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

# Patterns are read once from left to right: a run of blanks is entered at its first only, and what has been found of
# a level is not looked for again. Java takes a stack frame for each round of a group that could be given back.
_BLANKS = r"(?<! ) ++"
_BELOW = rf"{_BLANKS}[>/] ++"
_PART = rf"(?:\A|{_BLANKS})\* ++"
_SEPARATOR = rf"{_BLANKS}[>/*] ++"
# A quantity, of what (some kits do not say), in how many of which container, and the code of that, maybe twice.
_ITEM = (
    rf"\A({NUMBER}) ++(?>(?:([^()>*]*(?<=[^()>* ])) ++)?in ++({NUMBER}) ++(?=[^()>* ]))((?>[^()>*]*[^()>* ])) *+"
    r"(?:\( *+((?>[^()]*[^() ])) *+\)(?: *+\( *+\5 *+\))*+)?+\z"
)
# A numbering system, as in GS1:50228-121-05. What else is numbered by one, such as a trade item, is no NDC.
_PREFIXED = rf"\A[A-Za-z][A-Za-z0-9]{{0,9}}(?: *+[:#] *+| ++)({HYPHENATED})\z"
_FIELDS = ("quantity", "unit", "container_quantity", "container", "content_ndc")
_BETWEEN = "\u001f"
# One replacement takes a level apart; an extraction for each field would match as many times.
_APART = _BETWEEN.join(f"${group}" for group in range(1, len(_FIELDS) + 1))
_QUANTITIES = ("quantity", "container_quantity")
_NDC = ("ndc_format", "ndc_status_reason", "ndc11", "ndc12")
_SEGMENTS = ("labeler_code", "product_code", "package_code")


def package_contents(rows: DataFrame) -> DataFrame:
    """Give one silver row for each level of a description, and one for a description that is not understood."""
    described = rows.select(
        *[trimmed(F.col(name)).alias(name) for name in ("product_id", "product_ndc", "ndc_package_code")],
        directory(PACKAGES).alias("directory"),
        trimmed(F.col("package_description")).alias("description"),
        *CARRIED,
    )
    carried = [name for name in described.columns if name != "description"]
    found = F.col("items")
    # Given to the generator as an expression: from a column, Spark infers a filter that takes all apart once more.
    levels = F.posexplode(F.when(_understood(found), found).otherwise(_whole(F.col("description"))))
    exploded = described.withColumn("items", items(F.col("description"))).select(*carried, levels)
    fields = {name: null_if_empty(F.get("fields", F.lit(index))) for index, name in enumerate(_FIELDS)}
    listed = exploded.select(*carried, (F.col("pos") + 1).alias("content_ordinal"), "col.*")
    named = listed.withColumns(fields).drop("fields")
    return _with_codes(named.withColumn("content_ndc", _without_prefix(F.col("content_ndc"))))


def left_out() -> Column:
    """Why a package has no content row: it is not described."""
    return F.when(trimmed(F.col("package_description")).isNull(), NO_DESCRIPTION)


def expected() -> Column:
    """One row for each description, and one more for each separator in those that are understood."""
    text = trimmed(F.col("package_description"))
    separators = F.regexp_count(text, F.lit(_SEPARATOR))
    rows = F.when(_understood(items(text)), separators + 1).otherwise(1)
    return F.coalesce(F.sum(F.when(text.isNotNull(), rows)), F.lit(0))


def items(description: Column) -> Column:
    """Take a trimmed description apart.

    Returns
    -------
    Column
        Array of ``part_number`` (0 outside a kit's parts), ``level`` (1 outermost), ``content_text`` and ``fields``,
        null where the text is not understood. Null where the description is too long to be taken apart.
    """
    parts = F.split(description, _PART, -1)
    outer = F.get(parts, F.lit(0))
    # Most descriptions are of no kit, and none of their parts asks for it.
    has_parts = F.contains(description, F.lit("*"))
    outer_levels = F.when(has_parts & (outer != ""), F.size(F.split(outer, _BELOW, -1))).otherwise(0)
    # In an array of one, because a lambda's variable is computed once, and what it names from outside once a part.
    kit = F.array(F.struct(parts.alias("parts"), outer_levels.alias("outer_levels")))
    found = F.flatten(F.flatten(F.transform(kit, _levels)))
    # A description may begin with a part: there is nothing before it then.
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
