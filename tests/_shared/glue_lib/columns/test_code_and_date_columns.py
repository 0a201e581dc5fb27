"""The Spark forms of the NDC and date rules agree with the Python forms, with and without ANSI rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple, fields

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from _shared.glue_lib.columns.dates import MONTHS, flag, parsed, read_date
from _shared.glue_lib.columns.text import trim, trimmed
from _shared.glue_lib.drugs.ndc import THREE_SEGMENTS, TWO_SEGMENTS, Ndc, normalise, with_ndc

FEW_LARGE_BATCHES = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_segment = st.one_of(*[st.text(alphabet, min_size=1, max_size=6) for alphabet in ("0", "9", "0123456789")])
_shaped = st.sampled_from((*THREE_SEGMENTS, *TWO_SEGMENTS, "10", "11", "12")).flatmap(
    lambda shape: st.tuples(
        *[st.text("0123456789", min_size=int(length), max_size=int(length)) for length in shape.split("-")]
    ).map("-".join)
)
_isbt = st.from_regex(r"[A-Z0-9]{5}-?[A-Z][0-9]{4}([A-Za-z0-9]{3})?\n?", fullmatch=True)
_wild = st.text("0123456789-* AWEz\u00a0\u0085\u2028\n\t\r٣", max_size=16)
CODES = st.lists(
    st.one_of(st.none(), _shaped, _isbt, _wild, st.lists(_segment, max_size=5).map("-".join)), max_size=200
)

_number = st.text("0123456789", min_size=6, max_size=9)
_near_dates = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)).flatmap(
    lambda day: st.sampled_from(
        [
            f"{day.year:04}{day:%m%d}",
            day.isoformat(),
            f"{day:%d}-{MONTHS[day.month - 1]}-{day.year:04}",
            f" {day:%d}-{MONTHS[day.month - 1].lower()}-{day.year % 100:02}\n",
            f"{day.year:04}02{day:%d}",
            f"{day.year:04}-{day.month}-{day.day}",
            f"{day.isoformat()}T00:00:00",
        ]
    )
)
TEXTS = st.lists(
    st.one_of(
        st.none(), _number, _near_dates, st.sampled_from(["19000101", "00000101", "20190431", "30-FEB-19"]), _wild
    ),
    max_size=200,
)


def agree_on_codes(spark: SparkSession, codes: list[str | None]) -> None:
    numbered = list(enumerate(codes))
    frame = spark.createDataFrame(numbered, "n int, code string").withColumn("code", trimmed(F.col("code")))
    names = [field.name for field in fields(Ndc)]
    found = {row["n"]: tuple(row[name] for name in names) for row in with_ndc(frame, "code").collect()}
    assert found == {number: astuple(normalise(code)) for number, code in numbered}


def agree_on_dates(spark: SparkSession, texts: list[str | None]) -> None:
    numbered = list(enumerate(texts))
    frame = spark.createDataFrame(numbered, "n int, text string").withColumn("value", parsed("text"))
    for is_start in (True, False):
        found = frame.select(
            "n", "value", flag(F.col("text"), F.col("value"), F.lit("2019-04-29"), is_start=is_start).alias("flag")
        ).collect()
        expected = {number: astuple(read_date(text, 2019, is_start=is_start)) for number, text in numbered}
        assert {row["n"]: (row["value"], row["flag"]) for row in found} == expected


@FEW_LARGE_BATCHES
@given(CODES)
def test_codes_are_read_alike_in_spark_and_in_python(spark: SparkSession, codes: list[str | None]) -> None:
    agree_on_codes(spark, codes)


@FEW_LARGE_BATCHES
@given(TEXTS)
def test_dates_are_read_alike_in_spark_and_in_python(spark: SparkSession, texts: list[str | None]) -> None:
    agree_on_dates(spark, texts)


@pytest.mark.usefixtures("ansi")
def test_nothing_fails_under_ansi_rules(spark: SparkSession) -> None:
    agree_on_codes(spark, ["", None, "-", "1-2", "1-2-3-4-5", "x", "0002-0800-01", "W1040E7881V00"])
    agree_on_dates(spark, ["20190231", "x", "", None, "31-FEB-19", "99999999", "2019-13-01", "13-NOV-19", "00000000"])


@FEW_LARGE_BATCHES
@given(st.lists(_wild, max_size=100))
def test_white_space_is_trimmed_alike_in_spark_and_in_python(spark: SparkSession, texts: list[str]) -> None:
    frame = spark.createDataFrame(list(enumerate(texts)), "n int, text string")
    found = {row["n"]: row["text"] for row in frame.select("n", trimmed(F.col("text")).alias("text")).collect()}
    assert found == dict(enumerate(trim(text) for text in texts))
