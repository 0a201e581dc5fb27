"""Source restriction level (SRL) of every row: the licence restrictions of its source.

Level 0 has no restrictions; levels 1 to 3 and 9 need the source's licence
(https://www.nlm.nih.gov/research/umls/knowledge_sources/metathesaurus/release/license_agreement.html, section 12).
The level comes from the row; if empty, from RXNSAB; if the source is not in RXNSAB, from the list that NLM publishes.
In published releases the level of a row is empty, and the prescribable release has no RXNSAB.
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
"""Level by source abbreviation, from the list of source vocabularies in
https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html."""

ROW, SOURCE_TABLE, PUBLISHED_LIST, OWN_CONTENT = "ROW", "RXNSAB", "PUBLISHED_LIST", "RXNORM_CONTENT"
"""Origins of a level."""

_SAB, _LEVEL = "licence_sab", "licence_level"


def with_licence(rows: DataFrame, sources: DataFrame | None, own: Column | None = None) -> DataFrame:
    """Add ``srl`` and ``srl_origin``; both are null if the level is unknown.

    Parameters
    ----------
    rows
        Rows with the source abbreviation in ``sab``.
    sources
        Bronze rows of RXNSAB, None if the release lacks it. The table has one row per source, so it is broadcast.
    own
        The level in the row.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('RXNORM', NULL), ('SNOMEDCT_US', NULL), ('NEW', NULL), ('NEW', '1') AS t(sab, own)")
    >>> with_licence(rows, None, F.col("own")).show()
    +-----------+----+----+--------------+
    |        sab| own| srl|    srl_origin|
    +-----------+----+----+--------------+
    |     RXNORM|NULL|   0|PUBLISHED_LIST|
    |SNOMEDCT_US|NULL|   9|PUBLISHED_LIST|
    |        NEW|NULL|NULL|          NULL|
    |        NEW|   1|   1|           ROW|
    +-----------+----+----+--------------+
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
    """Level and origin for files without a source column, which only contain NLM's own work.

    Examples
    --------
    >>> spark.sql("VALUES ('38') AS t(rxcui)").select("rxcui", *own_content()).show()
    +-----+---+--------------+
    |rxcui|srl|    srl_origin|
    +-----+---+--------------+
    |   38|  0|RXNORM_CONTENT|
    +-----+---+--------------+
    """
    return [F.lit(PUBLISHED_LEVELS[RXNORM]).alias("srl"), F.lit(OWN_CONTENT).alias("srl_origin")]


def level(text: Column) -> Column:
    """Convert a text to a level, null if it is not one.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('0'), (' 9 '), ('12'), (NULL) AS t(srl)")
    >>> rows.select("srl", level(F.col("srl")).alias("level")).show()
    +----+-----+
    | srl|level|
    +----+-----+
    |   0|    0|
    |  9 |    9|
    |  12| NULL|
    |NULL| NULL|
    +----+-----+
    """
    return F.when(F.rlike(trimmed(text), F.lit(r"\A[0-9]\z")), trimmed(text)).cast("int")


def _levels_by_source(sources: DataFrame) -> DataFrame:
    # If a source has several levels, use the most restrictive one.
    named = sources.select(trimmed(F.col("rsab")).alias(_SAB), level(F.col("srl")).alias(_LEVEL))
    return named.filter(F.col(_SAB).isNotNull()).groupBy(_SAB).agg(F.max(_LEVEL).alias(_LEVEL))
