"""Source restriction level (SRL) of every row: what the licence of its source allows.

0 is free of restrictions; 1 to 3 and 9 need the source's licence
(https://www.nlm.nih.gov/research/umls/knowledge_sources/metathesaurus/release/license_agreement.html, section 12).
The row's own level counts, then that of its source in RXNSAB, then the list of sources that NLM publishes. Releases
leave the row's own level empty, and the prescribable one has no RXNSAB.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed
from domains.rxnorm.fields import RXNORM

PUBLISHED_LEVELS = {
    **dict.fromkeys(("ATC", "CVX", "DRUGBANK", "MTHCMSFRF", "MTHSPL", RXNORM, "USP", "VANDF"), 0),
    "MMSL": 1,
    **dict.fromkeys(("GS", "MMX", "NDDF"), 3),
    "SNOMEDCT_US": 9,
}
"""Levels by source abbreviation: the source vocabularies of
https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html."""

ROW, SOURCE_TABLE, PUBLISHED_LIST, OWN_CONTENT = "ROW", "RXNSAB", "PUBLISHED_LIST", "RXNORM_CONTENT"
"""Where a level comes from."""

_SAB, _LEVEL = "licence_sab", "licence_level"


def with_licence(rows: DataFrame, sources: DataFrame | None, own: Column | None = None) -> DataFrame:
    """Add ``srl`` and ``srl_origin``, both null where nothing tells the level.

    Parameters
    ----------
    rows
        Rows with their source abbreviation as ``sab``.
    sources
        Bronze rows of RXNSAB, None where the release lacks it. One line for each source, so that it is broadcast.
    own
        The row's own level.
    """
    published = F.create_map(*[F.lit(word) for pair in PUBLISHED_LEVELS.items() for word in pair])
    levels = {PUBLISHED_LIST: F.element_at(published, F.col("sab"))}
    if sources is not None:
        rows = rows.join(F.broadcast(_levels_by_source(sources)), F.col("sab") == F.col(_SAB), "left")
        levels = {SOURCE_TABLE: F.col(_LEVEL), **levels}
    if own is not None:
        levels = {ROW: level(own), **levels}
    origin = F.coalesce(*[F.when(value.isNotNull(), name) for name, value in levels.items()])
    return rows.withColumns({"srl": F.coalesce(*levels.values()).cast("int"), "srl_origin": origin}).drop(_SAB, _LEVEL)


def own_content() -> list[Column]:
    """Level of files that name no source, because they hold nothing but NLM's own work."""
    return [F.lit(PUBLISHED_LEVELS[RXNORM]).alias("srl"), F.lit(OWN_CONTENT).alias("srl_origin")]


def level(text: Column) -> Column:
    """Level in a text, null where it is none."""
    return F.when(F.rlike(trimmed(text), F.lit(r"\A[0-9]\z")), trimmed(text)).cast("int")


def _levels_by_source(sources: DataFrame) -> DataFrame:
    # Of several levels for one source the highest holds: what is restricted anywhere is not free.
    named = sources.select(trimmed(F.col("rsab")).alias(_SAB), level(F.col("srl")).alias(_LEVEL))
    return named.filter(F.col(_SAB).isNotNull()).groupBy(_SAB).agg(F.max(_LEVEL).alias(_LEVEL))
