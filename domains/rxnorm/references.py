"""Reference tables of the full release: ``rxnorm_source``, ``rxnorm_semantic_type``, ``rxnorm_documentation``."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.fields import MISSING_RXCUI, is_prescribable, missing, texts, whole_number
from domains.rxnorm.licences import own_content, with_licence

MISSING_SAB, MISSING_DOCKEY = "MISSING_SAB", "MISSING_DOCKEY"

SOURCE_TEXTS = {
    "sab": "rsab",
    "versioned_sab": "vsab",
    "source_name": "son",
    "source_short_name": "ssn",
    "source_family": "sf",
    "source_version": "sver",
    "root_cui": "rcui",
    "version_cui": "vcui",
    "version_start": "vstart",
    "version_end": "vend",
    "first_metathesaurus": "imeta",
    "last_metathesaurus": "rmeta",
    "licence_contact": "slc",
    "content_contact": "scc",
    "context_type": "cxty",
    "language": "lat",
    "encoding": "cenc",
    "citation": "scit",
}
"""Column of RXNSAB by silver column, for columns that are only trimmed."""


def source_rejection() -> Column:
    """Reason to quarantine a row of RXNSAB: it has no source abbreviation.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('MTHSPL'), (NULL) AS t(rsab)")
    >>> rows.select("rsab", source_rejection().alias("rejection")).show()
    +------+-----------+
    |  rsab|  rejection|
    +------+-----------+
    |MTHSPL|       NULL|
    |  NULL|MISSING_SAB|
    +------+-----------+
    """
    return missing("rsab", MISSING_SAB)


def sources(rows: DataFrame) -> DataFrame:
    """Return one row for each row of RXNSAB."""
    read = rows.select(
        *texts(SOURCE_TEXTS),
        whole_number(trimmed(F.col("tfr"))).alias("term_count"),
        whole_number(trimmed(F.col("cfr"))).alias("concept_count"),
        _listed("ttyl").alias("term_types"),
        _listed("atnl").alias("attribute_names"),
        _yes("curver").alias("is_current"),
        _yes("sabin").alias("is_in_release"),
        F.col("srl").alias("own_srl"),
        ROW_POSITION,
    )
    return with_licence(read, None, F.col("own_srl")).drop("own_srl")


def semantic_type_rejection() -> Column:
    """Reason to quarantine a row of RXNSTY: it has no concept id.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('38'), (NULL) AS t(rxcui)")
    >>> rows.select("rxcui", semantic_type_rejection().alias("rejection")).show()
    +-----+-------------+
    |rxcui|    rejection|
    +-----+-------------+
    |   38|         NULL|
    | NULL|MISSING_RXCUI|
    +-----+-------------+
    """
    return missing("rxcui", MISSING_RXCUI)


def semantic_types(rows: DataFrame) -> DataFrame:
    """Return one row for each row of RXNSTY."""
    names = {"rxcui": "rxcui", "tui": "tui", "tree_number": "stn", "semantic_type": "sty", "atui": "atui"}
    view = is_prescribable(trimmed(F.col("cvf"))).alias("is_prescribable")
    return rows.select(*texts(names), view, *own_content(), ROW_POSITION)


def documentation_rejection() -> Column:
    """Reason to quarantine a row of RXNDOC: it has no document key.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('RELA'), (NULL) AS t(dockey)")
    >>> rows.select("dockey", documentation_rejection().alias("rejection")).show()
    +------+--------------+
    |dockey|     rejection|
    +------+--------------+
    |  RELA|          NULL|
    |  NULL|MISSING_DOCKEY|
    +------+--------------+
    """
    return missing("dockey", MISSING_DOCKEY)


def documentation(rows: DataFrame) -> DataFrame:
    """Return one row for each row of RXNDOC."""
    names = {"document_key": "dockey", "code": "value", "explanation_type": "type", "explanation": "expl"}
    return rows.select(*texts(names), *own_content(), ROW_POSITION)


def _listed(name: str) -> Column:
    found = F.filter(F.transform(F.split(F.col(name), ","), trimmed), F.isnotnull)
    return F.when(F.size(found) > 0, found)


def _yes(name: str) -> Column:
    flag = F.upper(trimmed(F.col(name)))
    return F.when(flag == "Y", F.lit(True)).when(flag == "N", F.lit(False))
