from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.glue_lib.columns.dates import IMPLAUSIBLE, MONTHS, UNKNOWN_START, UNREADABLE, ReadDate, read_date


@pytest.mark.parametrize(
    ("text", "value", "flag"),
    [
        ("20190429", dt.date(2019, 4, 29), None),
        (" 20190429 ", dt.date(2019, 4, 29), None),
        ("2019-04-29", dt.date(2019, 4, 29), None),
        ("13-NOV-19", dt.date(2019, 11, 13), None),
        ("13-nov-2019", dt.date(2019, 11, 13), None),
        ("01-JAN-68", dt.date(2068, 1, 1), IMPLAUSIBLE),
        ("01-JAN-69", dt.date(1969, 1, 1), None),
        ("30310209", dt.date(3031, 2, 9), IMPLAUSIBLE),
        ("20391231", dt.date(2039, 12, 31), None),
        ("20400101", dt.date(2040, 1, 1), IMPLAUSIBLE),
        ("19000101", dt.date(1900, 1, 1), None),
        ("18991231", dt.date(1899, 12, 31), IMPLAUSIBLE),
        ("15821014", dt.date(1582, 10, 14), IMPLAUSIBLE),
        ("02010115", dt.date(201, 1, 15), IMPLAUSIBLE),
        ("20190231", None, UNREADABLE),
        ("20200229", dt.date(2020, 2, 29), None),
        ("00000101", None, UNREADABLE),
        ("2019042", None, UNREADABLE),
        ("2019-4-29", None, UNREADABLE),
        ("31-XXX-19", None, UNREADABLE),
        ("soon", None, UNREADABLE),
        ("", None, None),
        ("  ", None, None),
        (None, None, None),
    ],
)
def test_dates_are_read_and_flagged(text: str | None, value: dt.date | None, flag: str | None) -> None:
    assert read_date(text, 2019) == ReadDate(value, flag)


def test_19000101_is_an_unknown_start_and_a_plain_date_elsewhere() -> None:
    assert read_date("19000101", 2019, is_start=True) == ReadDate(dt.date(1900, 1, 1), UNKNOWN_START)
    assert read_date("19000101", 2019) == ReadDate(dt.date(1900, 1, 1), None)


@given(st.dates(dt.date(1969, 1, 1), dt.date(2039, 12, 31)))
def test_every_way_of_writing_a_date_gives_the_same_date(value: dt.date) -> None:
    month = MONTHS[value.month - 1]
    ways = [
        f"{value:%Y%m%d}",
        value.isoformat(),
        f"{value:%d}-{month}-{value:%Y}",
        f"{value:%d}-{month.lower()}-{value:%y}",
    ]
    assert {read_date(way, 2019) for way in ways} == {ReadDate(value, None)}
