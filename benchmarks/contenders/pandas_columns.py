"""Columns that silver tables share, as pandas makes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.contenders import patterns as p

RELEASED = pd.Timestamp("2019-04-29")
POSITION = "meta_row_position"


def trimmed(text: pd.Series) -> pd.Series:
    """Text without blanks at its ends, missing where nothing is left."""
    stripped = text.str.strip()
    return stripped.mask(stripped == "")


def chosen(cases: list[tuple[pd.Series, Any]], otherwise: pd.Series | str | None) -> pd.Series:
    """Value of the first case that is true."""
    conditions = [case.fillna(value=False).astype(bool) for case, _ in cases]
    values = [value.astype(object) if isinstance(value, pd.Series) else value for _, value in cases]
    other: Any = otherwise.astype(object) if isinstance(otherwise, pd.Series) else otherwise
    return pd.Series(np.select(conditions, values, other), index=cases[0][0].index, dtype="str")


def once(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the first of rows that are equal."""
    return frame.drop_duplicates([name for name in frame.columns if name != POSITION])


def add_dates(frame: pd.DataFrame, columns: Mapping[str, str]) -> None:
    """Add the date and the flag of text columns, by the names that they get."""
    for bronze, silver in columns.items():
        frame[f"{silver}_raw"] = frame[bronze]
        text = trimmed(frame[bronze])
        value = pd.Series(pd.NaT, index=text.index, dtype="datetime64[s]")
        for form in p.DATE_FORMATS:
            value = value.fillna(pd.to_datetime(text.where(value.isna()), format=form, errors="coerce"))
        cases: list[tuple[pd.Series, Any]] = [(value.isna() & text.notna(), "UNREADABLE")]
        if silver == "marketing_start_date":
            cases.append((value == pd.Timestamp(dt.date(1900, 1, 1)), "UNKNOWN_START"))
        cases.append((value.notna() & ~value.dt.year.between(1900, RELEASED.year + 20), "IMPLAUSIBLE"))
        frame[silver], frame[f"{silver}_flag"] = value, chosen(cases, None)


def add_ndc(frame: pd.DataFrame, code: str) -> None:
    """Add shape, segments, both forms and the reason of a drug code."""
    text = frame[code]
    parts = text.str.split("-", n=3, expand=True).reindex(columns=range(4)).astype("str")
    lengths = parts[0].str.len().astype("Int64").astype("str")
    for number in (1, 2, 3):
        has = parts[number].notna()
        longer = lengths + "-" + parts[number].str.len().astype("Int64").astype("str")
        lengths = lengths.mask(has, longer)
    known = chosen(
        [(lengths.isin(p.NDC_SHAPES), lengths), (lengths.isin(["10", "11", "12"]), "BARE_" + lengths)], "OTHER"
    )
    digits, isbt = text.str.match(r"^[0-9-]+$"), text.str.match(p.ISBT)
    shape = chosen([(text.isna(), "EMPTY"), (digits, known), (isbt, "ISBT")], "OTHER")
    three, filler = shape.isin(p.THREE_SEGMENTS), text.str.match(p.FILLER).fillna(value=False).astype(bool)
    for number, name in enumerate(("labeler_code", "product_code", "package_code")):
        frame[name] = parts[number].where(three)
    padded = parts[0].str.zfill(6) + parts[1].str.zfill(4) + parts[2].str.zfill(2)
    bare = shape.isin(["BARE_11", "BARE_12"])
    twelve = padded.where(three, text.str.zfill(12).where(bare)).mask(filler)
    eleven = twelve.str.startswith("0").fillna(value=False) & ~shape.isin(["6-3-2", "6-4-1"])
    reasons: list[tuple[pd.Series, Any]] = [
        (eleven, "OK"),
        (twelve.notna(), "NO_HIPAA_FORM"),
        (filler | text.isna(), "INVALID"),
        (shape == "BARE_10", "AMBIGUOUS_10"),
        (shape.isin(["4-6", "5-5"]), "NHRIC_2SEG"),
        (shape == "ISBT", "ISBT"),
    ]
    frame["ndc_format"], frame["ndc12"], frame["ndc11"] = shape, twelve, twelve.str[1:].where(eleven)
    frame["ndc_status_reason"] = chosen(reasons, "INVALID")


def add_application(frame: pd.DataFrame, citation: str) -> None:
    """Add kind and number of an application or a monograph."""
    text = frame[citation]
    found = text.str.extract(p.APPLICATION)
    kind = chosen(
        [
            (text.isna() | (text.str.upper() == "NOT_SPECIFIED"), None),
            (found[0].notna(), found[0].str.upper()),
            (text.str.match(p.MONOGRAPH), "MONOGRAPH"),
        ],
        "OTHER",
    )
    frame["application_type"] = kind
    cited = text.str.replace("(?i)part ?", "", regex=True)
    frame["application_number"] = found[1].mask(kind == "MONOGRAPH", cited.mask(cited == ""))


def add_told(frame: pd.DataFrame) -> None:
    """Add what RxNorm's flags mean."""
    suppress = frame["suppress"]
    frame["suppress_meaning"] = suppress.map(p.SUPPRESS_MEANINGS).mask(
        suppress.notna() & ~suppress.isin(list(p.SUPPRESS_MEANINGS)), "UNKNOWN"
    )
    view = pd.to_numeric(frame["cvf"], errors="coerce").fillna(0).astype("int64")
    frame["is_prescribable"] = (view & 4096) != 0
    frame["srl"] = frame["sab"].map(p.LICENCES).astype("Int32")
