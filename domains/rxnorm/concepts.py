"""``rxnorm_concept``: one row for each concept, with its preferred name."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.atoms import atoms
from domains.rxnorm.fields import ACTIVE, LAST, MISSING_RXCUI, RXNORM, in_order, missing

SYNONYMS = ("PSN", "SY", "TMSY", "ET")
"""RxNorm's term types for synonyms. All other term types, including new ones, are for the main name of a concept.
https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix5.html"""

PRESCRIBABLE_NAME = "PSN"

PREFERRED = {
    "preferred_name": "name",
    "tty": "tty",
    "preferred_rxaui": "rxaui",
    "sab": "sab",
    "language": "language",
    "suppress": "suppress",
    "suppress_meaning": "suppress_meaning",
    "srl": "srl",
    "srl_origin": "srl_origin",
}
"""Columns of a concept that come from its preferred atom: atom column by concept column."""


def rejection() -> Column:
    """Reason to quarantine a row: it has no concept id.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('38'), (' '), (NULL) AS t(rxcui)")
    >>> rows.select("rxcui", rejection().alias("rejection")).show()
    +-----+-------------+
    |rxcui|    rejection|
    +-----+-------------+
    |   38|         NULL|
    |     |MISSING_RXCUI|
    | NULL|MISSING_RXCUI|
    +-----+-------------+
    """
    return missing("rxcui", MISSING_RXCUI)


def expected() -> Column:
    """Aggregate: number of distinct concepts in RXNCONSO.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('38'), ('38 '), ('44') AS t(rxcui)")
    >>> rows.agg(expected().alias("expected")).show()
    +--------+
    |expected|
    +--------+
    |       2|
    +--------+
    """
    return F.count_distinct(trimmed(F.col("rxcui")))


def concepts(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Return one row for each concept in RXNCONSO."""
    is_prescribable_name = (F.col("sab") == RXNORM) & (F.col("tty") == PRESCRIBABLE_NAME)
    payload = F.struct(*PREFERRED.values(), ROW_POSITION)
    grouped = (
        atoms(rows, sources)
        .groupBy("rxcui")
        .agg(
            F.min_by(payload, preference()).alias("best"),
            F.min_by(F.col("name"), F.when(is_prescribable_name, preference())).alias("prescribable_name"),
            F.max("is_prescribable").alias("is_prescribable"),
            F.array_sort(F.collect_set("sab")).alias("sources"),
            F.count(F.lit(1)).alias("atom_count"),
        )
    )
    preferred = [F.col(f"best.{atom}").alias(concept) for concept, atom in PREFERRED.items()]
    others = ("rxcui", "prescribable_name", "is_prescribable", "sources", "atom_count")
    return grouped.select(*others, *preferred, f"best.{ROW_POSITION}")


def preference() -> Column:
    """Sort key of a concept's atoms; the preferred atom is first.

    The order is: RxNorm's names before names of other sources; main names before synonyms; active before suppressed;
    lowest restriction level; lowest atom id.

    Examples
    --------
    >>> rows = spark.sql(
    ...     "VALUES ('ASPIRIN', 'MTHSPL', 'SU', 'N', 0, '3'), ('aspirin', 'RXNORM', 'IN', 'N', 0, '2'), "
    ...     "('acetylsalicylic acid', 'RXNORM', 'SY', 'N', 0, '1') AS t(name, sab, tty, suppress, srl, rxaui)"
    ... )
    >>> rows.orderBy(preference()).select("name", "sab", "tty").show()
    +--------------------+------+---+
    |                name|   sab|tty|
    +--------------------+------+---+
    |             aspirin|RXNORM| IN|
    |acetylsalicylic acid|RXNORM| SY|
    |             ASPIRIN|MTHSPL| SU|
    +--------------------+------+---+
    """
    return F.struct(
        F.coalesce(F.col("sab") != RXNORM, F.lit(True)),
        F.coalesce(F.col("tty").isin(*SYNONYMS), F.lit(True)),
        F.coalesce(F.col("suppress") != ACTIVE, F.lit(True)),
        F.coalesce(F.col("srl").cast("bigint"), F.lit(LAST)),
        *in_order(F.col("rxaui")),
    )
