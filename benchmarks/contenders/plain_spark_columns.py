"""Columns that silver tables share, as one writes them in Spark at first: one after another."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from benchmarks.contenders import patterns as p

RELEASED = "2019-04-29"
POSITION = "meta_row_position"


def text(name: str) -> Column:
    """Text of a column of whatever type, null where it is blank."""
    trimmed = F.trim(F.col(name).cast("string"))
    return F.when(trimmed != "", trimmed)


def extracted(name: str, pattern: str, group: int) -> Column:
    """Part of a text, null where it does not match."""
    found = F.regexp_extract(name, pattern, group)
    return F.when(found != "", found)


def with_dates(frame: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """Add the date and the flag of columns, by the names that they get."""
    for bronze, silver in columns.items():
        raw, value = F.col(f"{silver}_raw"), F.col(silver)
        frame = frame.withColumn(f"{silver}_raw", text(bronze))
        dates = [F.to_date(F.when(raw.rlike(shape), F.initcap(raw)), form) for shape, form in _DATES.items()]
        frame = frame.withColumn(silver, F.coalesce(*dates))
        flag = F.when(value.isNull() & raw.isNotNull(), "UNREADABLE")
        if silver == "marketing_start_date":
            flag = flag.when(value == F.lit("1900-01-01").cast("date"), "UNKNOWN_START")
        flag = flag.when(~F.year(value).between(1900, int(RELEASED[:4]) + 20), "IMPLAUSIBLE")
        frame = frame.withColumn(f"{silver}_flag", flag)
    return frame


_DATES = {
    r"^\d{8}$": "yyyyMMdd",
    r"^\d{2}-[A-Za-z]{3}-\d{4}$": "dd-MMM-yyyy",
    r"^\d{2}-[A-Za-z]{3}-\d{2}$": "dd-MMM-yy",
    r"^\d{4}-\d{2}-\d{2}$": "yyyy-MM-dd",
}


def with_ndc(frame: DataFrame, code: str) -> DataFrame:
    """Add shape, segments, both forms and the reason of a drug code."""
    given, parts, shape, twelve = F.col(code), F.split(code, "-"), F.col("ndc_format"), F.col("ndc12")
    lengths = F.concat_ws("-", F.transform(parts, lambda part: F.length(part).cast("string")))
    known = F.when(lengths.isin(*p.NDC_SHAPES), lengths).when(
        lengths.isin("10", "11", "12"), F.concat(F.lit("BARE_"), lengths)
    )
    frame = frame.withColumn(
        "ndc_format",
        F.when(given.isNull(), "EMPTY")
        .when(given.rlike("^[0-9-]+$"), F.coalesce(known, F.lit("OTHER")))
        .when(given.rlike(p.ISBT), "ISBT")
        .otherwise("OTHER"),
    )
    three, filler = shape.isin(*p.THREE_SEGMENTS), given.rlike(p.FILLER)
    for index, name in enumerate(("labeler_code", "product_code", "package_code")):
        frame = frame.withColumn(name, F.when(three, parts[index]))
    padded = F.concat(*[F.lpad(parts[index], width, "0") for index, width in enumerate((6, 4, 2))])
    bare = F.when(shape.isin("BARE_11", "BARE_12"), F.lpad(given, 12, "0"))
    frame = frame.withColumn("ndc12", F.when(~filler, F.when(three, padded).otherwise(bare)))
    eleven = twelve.startswith("0") & ~shape.isin("6-3-2", "6-4-1")
    frame = frame.withColumn("ndc11", F.when(eleven, F.substring(twelve, 2, 11)))
    reason = F.when(eleven, "OK").when(twelve.isNotNull(), "NO_HIPAA_FORM").when(filler | given.isNull(), "INVALID")
    reason = reason.when(shape == "BARE_10", "AMBIGUOUS_10").when(shape.isin("4-6", "5-5"), "NHRIC_2SEG")
    return frame.withColumn("ndc_status_reason", reason.when(shape == "ISBT", "ISBT").otherwise("INVALID"))


def with_application(frame: DataFrame, citation: str) -> DataFrame:
    """Add kind and number of an application or a monograph."""
    given, kind = F.col(citation), F.upper(extracted(citation, p.APPLICATION, 1))
    known = F.when(F.upper(given) == "NOT_SPECIFIED", None).when(kind.isNotNull(), kind)
    known = known.when(given.rlike(p.MONOGRAPH), "MONOGRAPH").when(given.isNotNull(), "OTHER")
    frame = frame.withColumn("application_type", known)
    cited = F.regexp_replace(given, "(?i)part ?", "")
    monograph = F.when(F.col("application_type") == "MONOGRAPH", F.when(cited != "", cited))
    return frame.withColumn("application_number", monograph.otherwise(extracted(citation, p.APPLICATION, 2)))
