"""``rxnorm_concept``: one row for each concept, with the name that RxNorm prefers for it."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.atoms import atoms
from domains.rxnorm.fields import ACTIVE, LAST, MISSING_RXCUI, RXNORM, in_order, missing

SYNONYMS = ("PSN", "SY", "TMSY", "ET")
"""RxNorm's term types of further names of a concept; any other is the concept's own, also one that is new.
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
"""Columns of a concept that its preferred atom tells, and the atom's own names for them."""


def rejection() -> Column:
    """Why a row cannot be kept: nothing tells which concept it names."""
    return missing("rxcui", MISSING_RXCUI)


def expected() -> Column:
    """How many concepts the rows of RXNCONSO name."""
    return F.count_distinct(trimmed(F.col("rxcui")))


def concepts(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Give one silver row for each concept that RXNCONSO names."""
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
    told = [F.col(f"best.{atom}").alias(concept) for concept, atom in PREFERRED.items()]
    others = ("rxcui", "prescribable_name", "is_prescribable", "sources", "atom_count")
    return grouped.select(*others, *told, f"best.{ROW_POSITION}")


def preference() -> Column:
    """Order of a concept's atoms, the preferred one first.

    RxNorm's own names come before other sources', its name of the concept before synonyms, what is active before
    what is not, what is free before what is licensed; the lowest atom identifier settles the rest.
    """
    return F.struct(
        F.coalesce(F.col("sab") != RXNORM, F.lit(True)),
        F.coalesce(F.col("tty").isin(*SYNONYMS), F.lit(True)),
        F.coalesce(F.col("suppress") != ACTIVE, F.lit(True)),
        F.coalesce(F.col("srl").cast("bigint"), F.lit(LAST)),
        *in_order(F.col("rxaui")),
    )
