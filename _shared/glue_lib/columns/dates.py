"""Parse dates of source files. An unreadable date becomes null with a flag; it never fails a job.

Accepted formats: ``YYYYMMDD``, ``DD-MON-YY``, ``DD-MON-YYYY`` (English month, any case) and ``YYYY-MM-DD``. Two-digit
years 00 to 68 are 20YY, the others 19YY.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import WHITE_SPACE, trim

UNREADABLE = "UNREADABLE"
IMPLAUSIBLE = "IMPLAUSIBLE"
UNKNOWN_START = "UNKNOWN_START"

FIRST_YEAR = 1900
"""A date before this year is implausible."""
YEARS_AHEAD = 20
"""A date more than this number of years after the version's year is implausible."""
LAST_20YY = 68
UNKNOWN_START_DATE = dt.date(1900, 1, 1)
"""FDA's placeholder for an unknown start of marketing."""

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_YEAR = "(?!0000)[0-9]{4}"
_COMPACT = rf"{_YEAR}[0-9]{{4}}"
_ISO = rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_NAMED = rf"[0-9]{{2}}-(?:{'|'.join(MONTHS)})-(?:[0-9]{{2}}|{_YEAR})"


@dataclass(frozen=True)
class ReadDate:
    """A date, ``None`` if missing or unreadable, and its flag, ``None`` if there is nothing to report."""

    value: dt.date | None
    flag: str | None


def read_date(text: str | None, version_year: int, *, is_start: bool = False) -> ReadDate:
    """Parse one date in Python; reference implementation of :func:`parsed` and :func:`flag`.

    Examples
    --------
    >>> read_date("29-APR-19", 2019)
    ReadDate(value=datetime.date(2019, 4, 29), flag=None)
    >>> read_date("20193131", 2019)
    ReadDate(value=None, flag='UNREADABLE')
    """
    written = trim(text)
    if written is None:
        return ReadDate(None, None)
    try:
        value = dt.date.fromisoformat(_iso(written.upper()))
    except ValueError:
        return ReadDate(None, UNREADABLE)
    if not FIRST_YEAR <= value.year <= version_year + YEARS_AHEAD:
        return ReadDate(value, IMPLAUSIBLE)
    return ReadDate(value, UNKNOWN_START if is_start and value == UNKNOWN_START_DATE else None)


def _iso(written: str) -> str:
    if re.fullmatch(_COMPACT, written):
        return f"{written[:4]}-{written[4:6]}-{written[6:]}"
    if re.fullmatch(_NAMED, written):
        day, month, year = written.split("-")
        if len(year) == len("YY"):
            year = f"{20 if int(year) <= LAST_20YY else 19}{year}"
        return f"{year}-{MONTHS.index(month) + 1:02}-{day}"
    return written if re.fullmatch(_ISO, written) else ""


def parsed(column: str) -> Column:
    """Parse the dates of a text column; null if missing or unreadable.

    ``try_cast`` returns null for an invalid day such as 31 February, with and without ANSI mode. PySpark 3.5 has no
    function for it, hence the SQL expression. It only receives complete ISO dates, because it also accepts other texts.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('20190429'), (' 29-apr-19 '), ('2019-04-29'), ('20190231'), ('soon') AS t(written)")
    >>> rows.select("written", parsed("written").alias("date")).show()
    +-----------+----------+
    |    written|      date|
    +-----------+----------+
    |   20190429|2019-04-29|
    | 29-apr-19 |2019-04-29|
    | 2019-04-29|2019-04-29|
    |   20190231|      NULL|
    |       soon|      NULL|
    +-----------+----------+
    """
    text = f"upper(btrim(`{column}`, {_sql(WHITE_SPACE)}))"
    months = ", ".join(map(_sql, MONTHS))
    year = (
        "CASE WHEN length(t) = 11 THEN substr(t, 8, 4) "
        f"WHEN substr(t, 8, 2) <= '{LAST_20YY:02}' THEN '20' || substr(t, 8, 2) ELSE '19' || substr(t, 8, 2) END"
    )
    iso = (
        f"CASE WHEN t RLIKE {_whole(_COMPACT)} THEN {_hyphenated('t')} "
        f"WHEN t RLIKE {_whole(_NAMED)} "
        f"THEN {year} || '-' || lpad(array_position(array({months}), substr(t, 4, 3)), 2, '0') "
        f"|| '-' || substr(t, 1, 2) "
        f"WHEN t RLIKE {_whole(_ISO)} THEN t END"
    )
    # Almost all dates are YYYYMMDD without white space; only the others go through the general rules. The rules are in
    # a lambda, so that the text is trimmed once and Spark generates less code.
    compact = f"`{column}` RLIKE {_whole(_COMPACT)}"
    return F.expr(
        f"try_cast(CASE WHEN {compact} THEN {_hyphenated(f'`{column}`')} "
        f"WHEN `{column}` IS NOT NULL THEN get(transform(array({text}), t -> {iso}), 0) END AS DATE)"
    )


def flag(written: Column, value: Column, version: Column, *, is_start: bool = False) -> Column:
    """Flag of a date; null if the date is missing or there is nothing to report.

    Parameters
    ----------
    written
        The text in the source.
    value
        Result of :func:`parsed`.
    version
        Release date of the version, ``YYYY-MM-DD``.
    is_start
        Whether 1900-01-01 means an unknown start.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('20190429'), ('19000101'), ('29190429'), ('soon'), (NULL) AS t(written)")
    >>> dated = rows.withColumn("date", parsed("written"))
    >>> flags = flag(F.col("written"), F.col("date"), F.lit("2019-04-29"), is_start=True)
    >>> dated.select("written", "date", flags.alias("flag")).show()
    +--------+----------+-------------+
    | written|      date|         flag|
    +--------+----------+-------------+
    |20190429|2019-04-29|         NULL|
    |19000101|1900-01-01|UNKNOWN_START|
    |29190429|2919-04-29|  IMPLAUSIBLE|
    |    soon|      NULL|   UNREADABLE|
    |    NULL|      NULL|         NULL|
    +--------+----------+-------------+
    """
    latest = F.substring(version, 1, 4).cast("int") + YEARS_AHEAD
    found = F.when(value.isNull() & (F.btrim(written, F.lit(WHITE_SPACE)) != ""), UNREADABLE).when(
        ~F.year(value).between(FIRST_YEAR, latest), IMPLAUSIBLE
    )
    return found.when(value == F.lit(UNKNOWN_START_DATE), UNKNOWN_START) if is_start else found


def _hyphenated(text: str) -> str:
    return f"substr({text}, 1, 4) || '-' || substr({text}, 5, 2) || '-' || substr({text}, 7, 2)"


def _whole(pattern: str) -> str:
    return _sql(rf"\A{pattern}\z")


def _sql(text: str) -> str:
    """Convert a text to a Spark SQL literal, with escapes for special characters."""
    plain = (c if c.isascii() and c.isprintable() and c not in "'\\" else f"\\u{ord(c):04x}" for c in text)
    return f"'{''.join(plain)}'"
