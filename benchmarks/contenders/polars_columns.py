"""Columns that silver tables share, as Polars expressions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl
from polars import Expr, LazyFrame, col, lit

from benchmarks.contenders import patterns as p

RELEASED = dt.date(2019, 4, 29)
POSITION = "meta_row_position"


def trimmed(name: str) -> Expr:
    """Text without blanks at its ends, null where nothing is left."""
    text = col(name).str.strip_chars()
    return pl.when(text != "").then(text)


def dated(columns: Mapping[str, str]) -> Callable[[LazyFrame], LazyFrame]:
    """Add the date and the flag of text columns, by the names that they get."""

    def added(frame: LazyFrame) -> LazyFrame:
        raw = {f"{silver}_raw": col(bronze) for bronze, silver in columns.items()}
        frame = frame.with_columns(**raw)
        frame = frame.with_columns(
            **{
                silver: pl.coalesce(
                    *[col(f"{silver}_raw").str.strip_chars().str.to_date(f, strict=False) for f in p.DATE_FORMATS]
                )
                for silver in columns.values()
            }
        )
        return frame.with_columns(**{f"{silver}_flag": _flag(silver) for silver in columns.values()})

    return added


def _flag(name: str) -> Expr:
    value, latest = col(name), RELEASED.year + 20
    unreadable = pl.when(value.is_null() & trimmed(f"{name}_raw").is_not_null()).then(lit("UNREADABLE"))
    plain = unreadable.when(~value.dt.year().is_between(1900, latest)).then(lit("IMPLAUSIBLE"))
    is_unknown = (value == dt.date(1900, 1, 1)) & (name == "marketing_start_date")
    return plain.when(is_unknown).then(lit("UNKNOWN_START")).otherwise(None)


def with_ndc(frame: LazyFrame, code: str) -> LazyFrame:
    """Add shape, segments, both forms and the reason of a drug code."""
    parts, shape, twelve = col("ndc_parts"), col("ndc_format"), col("ndc12")
    lengths = parts.list.eval(pl.element().str.len_chars().cast(pl.String)).list.join("-")
    bare = lengths.is_in(["10", "11", "12"])
    known = (
        pl.when(lengths.is_in(p.NDC_SHAPES)).then(lengths).when(bare).then("BARE_" + lengths).otherwise(lit("OTHER"))
    )
    frame = frame.with_columns(ndc_parts=col(code).str.split("-")).with_columns(
        ndc_format=pl.when(col(code).is_null()).then(lit("EMPTY"))
        .when(col(code).str.contains(r"^[0-9-]+$")).then(known)
        .when(col(code).str.contains(p.ISBT)).then(lit("ISBT")).otherwise(lit("OTHER"))
    )  # fmt: skip
    three, filler = shape.is_in(p.THREE_SEGMENTS), col(code).str.contains(p.FILLER)
    names = ("labeler_code", "product_code", "package_code")
    segments = {n: pl.when(three).then(parts.list.get(i, null_on_oob=True)) for i, n in enumerate(names)}
    padded = pl.concat_str([col(name).str.pad_start(w, "0") for name, w in zip(names, (6, 4, 2), strict=True)])
    eleven = twelve.str.starts_with("0") & ~shape.is_in(["6-3-2", "6-4-1"])
    frame = frame.with_columns(**segments).with_columns(
        ndc12=pl.when(~filler & three).then(padded)
        .when(~filler & shape.is_in(["BARE_11", "BARE_12"])).then(col(code).str.pad_start(12, "0"))
    )  # fmt: skip
    return frame.with_columns(
        ndc11=pl.when(eleven).then(twelve.str.slice(1)),
        ndc_status_reason=pl.when(eleven).then(lit("OK")).when(twelve.is_not_null()).then(lit("NO_HIPAA_FORM"))
        .when(filler.fill_null(value=True)).then(lit("INVALID")).when(shape == "BARE_10").then(lit("AMBIGUOUS_10"))
        .when(shape.is_in(["4-6", "5-5"])).then(lit("NHRIC_2SEG"))
        .when(shape == "ISBT").then(lit("ISBT")).otherwise(lit("INVALID")),
    ).drop("ndc_parts")  # fmt: skip


def with_application(frame: LazyFrame, citation: str) -> LazyFrame:
    """Add kind and number of an application or a monograph."""
    text = col(citation)
    kind = text.str.extract(p.APPLICATION, 1).str.to_uppercase()
    frame = frame.with_columns(
        application_type=pl.when(text.is_null() | (text.str.to_uppercase() == "NOT_SPECIFIED")).then(None)
        .when(kind.is_not_null()).then(kind).when(text.str.contains(p.MONOGRAPH)).then(lit("MONOGRAPH"))
        .otherwise(lit("OTHER"))
    )  # fmt: skip
    cited = text.str.replace_all(r"(?i)part ?", "")
    number = pl.when(col("application_type") == "MONOGRAPH").then(pl.when(cited != "").then(cited))
    return frame.with_columns(application_number=number.otherwise(text.str.extract(p.APPLICATION, 2)))


def once(frame: LazyFrame) -> LazyFrame:
    """Keep the first of rows that are equal."""
    names = [name for name in frame.collect_schema().names() if name != POSITION]
    return frame.group_by(names).agg(col(POSITION).min())
