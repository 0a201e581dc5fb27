"""``rxnorm_relation``: one row for each relation between two concepts or atoms.

RXNREL is read from right to left: RXCUI2 - RELA - RXCUI1 (723|…|19711|…|has_part means: 19711 has part 723). It
contains most relations twice, once in each direction. The table contains each relation once, from subject to object,
in the direction of ``has_…``, ``consists_of``, ``contains``, ``isa``. A relation that exists only in the other
direction is reversed; if the name of its inverse is not known, it is kept unchanged.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.fields import missing, suppression, texts
from domains.rxnorm.licences import with_licence

INVERSE_DIRECTION = "INVERSE_DIRECTION"
MISSING_RUI, MISSING_ENDPOINT, MISSING_RELATION = "MISSING_RUI", "MISSING_ENDPOINT", "MISSING_RELATION"

INVERSES = {
    "boss_of": "has_boss",
    "constitutes": "consists_of",
    "contained_in": "contains",
    "dose_form_of": "has_dose_form",
    "doseformgroup_of": "has_doseformgroup",
    "form_of": "has_form",
    "included_in": "includes",
    "ingredient_of": "has_ingredient",
    "ingredients_of": "has_ingredients",
    "inverse_isa": "isa",
    "mapped_from": "mapped_to",
    "part_of": "has_part",
    "precise_ingredient_of": "has_precise_ingredient",
    "print_name_of": "has_print_name",
    "quantified_form_of": "has_quantified_form",
    "reformulation_of": "reformulated_to",
    "tradename_of": "has_tradename",
    # Without a label:
    "PAR": "CHD",
    "RB": "RN",
}
"""Kept relation by left-out inverse relation, from RXNDOC with TYPE rela_inverse and rel_inverse;
https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix1.html"""

TURNED_RELS = {"PAR": "CHD", "CHD": "PAR", "RB": "RN", "RN": "RB"}
"""REL after subject and object are swapped; other values do not change."""
ASYMMETRIC_RELS = ("PAR", "CHD", "RB", "RN")
SYMMETRIC_LABELS = ("same_as", "possibly_equivalent_to", "sib_in_isa", "sib_in_part_of", "sib_in_branch_of")

_HAS_INVERSE_NAME = r"\A(?!has_).+_of\z"
_ENDS = {"rxcui": "rxcui", "rxaui": "rxaui", "level": "stype"}


def rejection() -> Column:
    """Reason to quarantine a row: relation id, an endpoint or the relation is missing.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "SELECT *, NULL AS rxaui1, NULL AS rxaui2 FROM VALUES ('1', '723', '19711', 'has_part', 'RO'), "
    ...     "(NULL, '723', '19711', 'has_part', 'RO'), ('3', NULL, '19711', 'has_part', 'RO'), "
    ...     "('4', '723', '19711', NULL, NULL) AS t(rui, rxcui1, rxcui2, rela, rel)"
    ... )
    >>> rows.select("rui", "rxcui1", "rxcui2", "rela", rejection().alias("rejection")).show()
    +----+------+------+--------+----------------+
    | rui|rxcui1|rxcui2|    rela|       rejection|
    +----+------+------+--------+----------------+
    |   1|   723| 19711|has_part|            NULL|
    |NULL|   723| 19711|has_part|     MISSING_RUI|
    |   3|  NULL| 19711|has_part|MISSING_ENDPOINT|
    |   4|   723| 19711|    NULL|MISSING_RELATION|
    +----+------+------+--------+----------------+
    """
    ends = [trimmed(F.col(f"rxcui{end}")).isNull() & trimmed(F.col(f"rxaui{end}")).isNull() for end in (1, 2)]
    return F.coalesce(
        missing("rui", MISSING_RUI),
        F.when(ends[0] | ends[1], MISSING_ENDPOINT),
        F.when(_name().isNull(), MISSING_RELATION),
    )


def left_out() -> Column:
    """Reason to leave a row out: the release also contains the relation in the kept direction.

    The function compares rows with equal endpoints, relation, source, group and flags. It uses a window, so it can be
    used in a projection but not in a filter.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "SELECT *, NULL AS rxaui1, NULL AS rxaui2, 'RO' AS rel, 'RXNORM' AS sab, NULL AS rg, NULL AS suppress, "
    ...     "NULL AS cvf FROM VALUES ('1', '723', '19711', 'has_part'), ('2', '19711', '723', 'part_of'), "
    ...     "('3', '19711', '999', 'part_of') AS t(rui, rxcui1, rxcui2, rela)"
    ... )
    >>> rows.select("rui", "rxcui1", "rxcui2", "rela", left_out().alias("left_out")).orderBy("rui").show()
    +---+------+------+--------+-----------------+
    |rui|rxcui1|rxcui2|    rela|         left_out|
    +---+------+------+--------+-----------------+
    |  1|   723| 19711|has_part|             NULL|
    |  2| 19711|   723| part_of|INVERSE_DIRECTION|
    |  3| 19711|   999| part_of|             NULL|
    +---+------+------+--------+-----------------+
    """
    turned = is_inverse()
    ends = [F.when(turned, _end(name, 1)).otherwise(_end(name, 2)) for name in ("rxcui", "rxaui")] + [
        F.when(turned, _end(name, 2)).otherwise(_end(name, 1)) for name in ("rxcui", "rxaui")
    ]
    others = [trimmed(F.col(name)) for name in ("sab", "rg", "suppress", "cvf")]
    same_fact = Window.partitionBy(*ends, F.when(turned, _kept_name()).otherwise(_name()), *others)
    is_kept = ~turned & rejection().isNull()
    return F.when(turned & F.max(is_kept).over(same_fact), INVERSE_DIRECTION)


def relations(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Return one row for each row of RXNREL, from subject to object."""
    turned = is_inverse() & F.coalesce(_name().isin(*INVERSES) | _is_symmetric(), F.lit(False))
    rel = trimmed(F.col("rel"))
    read = rows.withColumn("is_turned", turned).select(
        *texts({"rui": "rui", "srui": "srui", "sab": "sab", "relation_group": "rg"}),
        *[_placed(name, 2, 1).alias(f"subject_{silver}") for silver, name in _ENDS.items()],
        *[_placed(name, 1, 2).alias(f"object_{silver}") for silver, name in _ENDS.items()],
        F.when(F.col("is_turned"), _known(INVERSES, trimmed(F.col("rela"))))
        .otherwise(trimmed(F.col("rela")))
        .alias("relation"),
        F.when(F.col("is_turned"), _known(TURNED_RELS, rel)).otherwise(rel).alias("rel"),
        "is_turned",
        *suppression(),
        ROW_POSITION,
    )
    return with_licence(read, sources)


def is_inverse() -> Column:
    """Whether a row has the inverse direction, which is left out if the other direction also exists.

    A symmetric relation is kept in the direction whose subject is first in text order.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "SELECT *, NULL AS rxaui1, NULL AS rxaui2, 'RO' AS rel FROM VALUES ('723', '19711', 'has_part'), "
    ...     "('19711', '723', 'part_of'), ('38', '44', 'same_as'), ('44', '38', 'same_as') AS t(rxcui1, rxcui2, rela)"
    ... )
    >>> rows.select("rxcui2", "rela", "rxcui1", is_inverse().alias("is_inverse")).show()
    +------+--------+------+----------+
    |rxcui2|    rela|rxcui1|is_inverse|
    +------+--------+------+----------+
    | 19711|has_part|   723|     false|
    |   723| part_of| 19711|      true|
    |    44| same_as|    38|      true|
    |    38| same_as|    44|     false|
    +------+--------+------+----------+
    """
    label = trimmed(F.col("rela"))
    first, second = (F.concat_ws("|", F.coalesce(_end("rxcui", end), F.lit("")), _end("rxaui", end)) for end in (2, 1))
    looks_inverse = F.rlike(F.coalesce(label, F.lit("")), F.lit(_HAS_INVERSE_NAME))
    directed = _name().isin(*INVERSES) | (looks_inverse & ~_name().isin(*INVERSES.values()))
    return F.coalesce(F.when(_is_symmetric(), first > second).otherwise(directed), F.lit(False))


def _is_symmetric() -> Column:
    label = trimmed(F.col("rela"))
    unlabelled = label.isNull() & ~trimmed(F.col("rel")).isin(*ASYMMETRIC_RELS)
    return F.coalesce(label.isin(*SYMMETRIC_LABELS) | unlabelled, F.lit(False))


def _name() -> Column:
    """RELA, or REL if RELA is missing. RELA is lower-case and REL upper-case, so the values are distinct."""
    return F.coalesce(trimmed(F.col("rela")), trimmed(F.col("rel")))


def _kept_name() -> Column:
    """Name of the relation in the kept direction; for an unknown label, a guess by the naming scheme."""
    name = _name()
    guessed = F.concat(F.lit("has_"), F.regexp_replace(name, r"_of\z", ""))
    return F.when(name.isin(*INVERSES), _known(INVERSES, name)).otherwise(
        F.when(_is_symmetric(), name).otherwise(guessed)
    )


def _known(names: dict[str, str], name: Column) -> Column:
    others = F.create_map(*[F.lit(word) for pair in names.items() for word in pair])
    return F.coalesce(F.element_at(others, name), name)


def _end(name: str, end: int) -> Column:
    return trimmed(F.col(f"{name}{end}"))


def _placed(name: str, end: int, other: int) -> Column:
    return F.when(F.col("is_turned"), _end(name, other)).otherwise(_end(name, end))
