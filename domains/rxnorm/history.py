"""Historical tables: ``rxnorm_concept_history``, ``rxnorm_concept_change``, ``rxnorm_atom_archive``."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns import dates
from _shared.glue_lib.columns.text import trimmed
from _shared.glue_lib.lineage import ROW_POSITION
from domains.rxnorm.fields import MISSING_RXAUI, MISSING_RXCUI, missing, texts, whole_number
from domains.rxnorm.licences import own_content, with_licence

ARCHIVE_TEXTS = {
    "rxaui": "rxaui",
    "rxcui": "rxcui",
    "merged_to_rxcui": "merged_to_rxcui",
    "sab": "sab",
    "versioned_sab": "vsab",
    "tty": "tty",
    "code": "code",
    "archived_name": "str",
    "language": "lat",
    "aui": "aui",
    "saui": "saui",
}
"""Column of RXNATOMARCHIVE by silver column, for columns that are only trimmed."""

TIMES = {
    "archived_at": "archive_timestamp",
    "created_at": "created_timestamp",
    "updated_at": "updated_timestamp",
    "last_released_at": "last_released",
}
"""Column of RXNATOMARCHIVE by silver column, for timestamps."""

_TIME = r"\A(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\z"
_MIDNIGHT = "00:00:00"


def history_rejection() -> Column:
    """Reason to quarantine a row of RXNCUI: it has no concept id.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('38'), (NULL) AS t(cui1)")
    >>> rows.select("cui1", history_rejection().alias("rejection")).show()
    +----+-------------+
    |cui1|    rejection|
    +----+-------------+
    |  38|         NULL|
    |NULL|MISSING_RXCUI|
    +----+-------------+
    """
    return missing("cui1", MISSING_RXCUI)


def concept_history(rows: DataFrame) -> DataFrame:
    """Return one row for each row of RXNCUI."""
    names = {"rxcui": "cui1", "version_start": "ver_start", "version_end": "ver_end", "remapped_rxcui": "cui2"}
    read = rows.select(
        *texts(names), whole_number(trimmed(F.col("cardinality"))).alias("cardinality"), *own_content(), ROW_POSITION
    )
    return read.withColumn("is_remapped", F.col("rxcui") != F.col("remapped_rxcui"))


def concept_changes(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Return one row for each row of RXNCUICHANGES."""
    names = {"rxaui": "rxaui", "old_rxcui": "old_rxcui", "new_rxcui": "new_rxcui", "sab": "sab", "tty": "tty"}
    return with_licence(rows.select(*texts({**names, "code": "code", "changed_name": "str"}), ROW_POSITION), sources)


def archive_rejection() -> Column:
    """Reason to quarantine a row of RXNATOMARCHIVE: it has no atom id.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('829'), (NULL) AS t(rxaui)")
    >>> rows.select("rxaui", archive_rejection().alias("rejection")).show()
    +-----+-------------+
    |rxaui|    rejection|
    +-----+-------------+
    |  829|         NULL|
    | NULL|MISSING_RXAUI|
    +-----+-------------+
    """
    return missing("rxaui", MISSING_RXAUI)


def archived_atoms(rows: DataFrame, sources: DataFrame | None = None) -> DataFrame:
    """Return one row for each row of RXNATOMARCHIVE."""
    brand = F.upper(trimmed(F.col("is_brand")))
    read = rows.select(
        *texts({**ARCHIVE_TEXTS, **{f"{name}_raw": column for name, column in TIMES.items()}}),
        F.when(brand == "Y", F.lit(True)).when(brand == "N", F.lit(False)).alias("is_brand"),
        ROW_POSITION,
    )
    split = read.withColumns({f"{name}_day": F.substring_index(f"{name}_raw", " ", 1) for name in TIMES})
    timed = split.withColumns({name: _time(name) for name in TIMES})
    flagged = timed.withColumns({f"{name}_flag": _flag(name) for name in TIMES})
    return with_licence(flagged.drop(*[f"{name}_day" for name in TIMES]), sources)


def _time(name: str) -> Column:
    """Parse ``DD-MON-YYYY HH24:MI:SS`` as UTC, because NLM documents no time zone. A date alone means midnight."""
    raw, day = F.col(f"{name}_raw"), dates.parsed(f"{name}_day").cast("string")
    clock = F.when(F.contains(raw, F.lit(" ")), F.substring_index(raw, " ", -1)).otherwise(_MIDNIGHT)
    complete = (F.length(raw) - F.length(F.replace(raw, F.lit(" "), F.lit("")))) <= 1
    return F.when(complete & F.rlike(clock, F.lit(_TIME)), F.concat(day, F.lit(" "), clock)).cast("timestamp")


def _flag(name: str) -> Column:
    return F.when(F.col(name).isNull() & F.col(f"{name}_raw").isNotNull(), dates.UNREADABLE)
