"""Dates as sources write them: read leniently, kept as written, flagged; never a reason to fail.

Read are ``YYYYMMDD``, ``DD-MON-YY``, ``DD-MON-YYYY`` (English month, any case) and ``YYYY-MM-DD``. Two-digit years
00 to 68 are 20YY, the others 19YY.
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
"""A date later than the version's year plus this is implausible."""
LAST_20YY = 68
UNKNOWN_START_DATE = dt.date(1900, 1, 1)
"""FDA's stand-in for a start of marketing that is not known."""

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_YEAR = "(?!0000)[0-9]{4}"
_COMPACT = rf"{_YEAR}[0-9]{{4}}"
_ISO = rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_NAMED = rf"[0-9]{{2}}-(?:{'|'.join(MONTHS)})-(?:[0-9]{{2}}|{_YEAR})"


@dataclass(frozen=True)
class ReadDate:
    """A date, null where missing or unreadable, and its flag, null where it is plain."""

    value: dt.date | None
    flag: str | None


def read_date(text: str | None, version_year: int, *, is_start: bool = False) -> ReadDate:
    """Read one date; the reference for :func:`parsed` and :func:`flag`."""
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
    """Date in a text column, null where missing or unreadable.

    ``try_cast`` gives null for a day that is in no calendar, whether or not the session follows ANSI rules. It has
    no function in PySpark 3.5, hence SQL. It is given only complete ISO dates, so that its own leniency never acts.
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
    # Nearly every date is compact and has no white space: only the others go through the general rules, which stand
    # in a lambda so that the text is trimmed once and Spark has little code to generate.
    compact = f"`{column}` RLIKE {_whole(_COMPACT)}"
    return F.expr(
        f"try_cast(CASE WHEN {compact} THEN {_hyphenated(f'`{column}`')} "
        f"WHEN `{column}` IS NOT NULL THEN get(transform(array({text}), t -> {iso}), 0) END AS DATE)"
    )


def flag(written: Column, value: Column, version: Column, *, is_start: bool = False) -> Column:
    """Flag of a date: null when missing or plain.

    Parameters
    ----------
    written
        The text as the source has it.
    value
        The date that :func:`parsed` gives.
    version
        Release date of the version, ``YYYY-MM-DD``.
    is_start
        Whether 1900-01-01 stands for an unknown start.
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
    """Spell a text as a Spark SQL literal, what is not plain by its code point."""
    plain = (c if c.isascii() and c.isprintable() and c not in "'\\" else f"\\u{ord(c):04x}" for c in text)
    return f"'{''.join(plain)}'"
