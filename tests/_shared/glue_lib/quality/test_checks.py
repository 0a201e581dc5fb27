from __future__ import annotations

from dataclasses import replace

import pytest

from _shared.contracts.dataset import DataQuality, SilverColumn, SilverTable
from _shared.contracts.errors import QualityCheckFailedError
from _shared.contracts.quality.expectations import WARNING, Expectation
from _shared.contracts.release import PreviousVersion
from _shared.contracts.report import CheckResult, TableCounts
from _shared.glue_lib.quality.checks import Measures, native_checks, require
from _shared.glue_lib.quality.thresholds import from_thresholds
from _shared.glue_lib.session import MEBIBYTE, split_count

TABLE = SilverTable("nsde", "rows", ("code",), (SilverColumn("code", "string", "c"),))
QUALITY = DataQuality(required_columns=("code",), critical_null_threshold=0.05, max_row_count_drop=0.2)
BEFORE = PreviousVersion("2019-04-28", "r", {"nsde": 99})
BAD = CheckResult("expect_column_values_to_not_be_null", "nsde", False, "6 of 100 null", "at most 5.00% null", "code")


def counts(rows: int, quarantined: int = 0) -> TableCounts:
    return TableCounts("nsde", rows + quarantined, rows, "s3://x/", quarantined={"R": quarantined})


@pytest.mark.parametrize(
    ("measures", "quarantined", "names"),
    [
        (Measures(100, 0), 0, []),
        (Measures(100, 1), 0, ["unique_grain"]),
        (Measures(0, 0), 7, ["quarantined_share"]),
        (Measures(95, 0), 5, []),
        (Measures(94, 0), 6, ["quarantined_share"]),
    ],
)
def test_each_native_check_can_fail(measures: Measures, quarantined: int, names: list[str]) -> None:
    checks = native_checks(measures, TABLE, QUALITY, counts(measures.rows, quarantined))
    assert [check.name for check in checks if not check.passed] == names


def test_thresholds_become_critical_expectations() -> None:
    some, not_null = from_thresholds(TABLE, QUALITY, None)
    assert (some.type, some.kwargs) == ("expect_table_row_count_to_be_between", {"min_value": 1})
    assert (not_null.type, not_null.kwargs) == (
        "expect_column_values_to_not_be_null",
        {"column": "code", "mostly": 0.95},
    )
    assert {some.severity, not_null.severity} == {"critical"}


def test_a_table_may_shrink_by_the_declared_share_only() -> None:
    _, shrunk, _ = from_thresholds(TABLE, QUALITY, BEFORE)
    # 20 % less than 99 is 79.2: 79 rows are fewer, and 80 are not.
    assert shrunk == Expectation(
        "expect_table_row_count_to_be_between",
        {"min_value": 80},
        description="a drop of at most 20.00% from the 99 rows of version 2019-04-28",
        meta=shrunk.meta,
    )


def test_a_table_of_changes_may_shrink_by_any_share() -> None:
    assert len(from_thresholds(replace(TABLE, changes_only=True), QUALITY, BEFORE)) == 2


def test_a_failed_check_stops_with_what_was_observed_and_expected() -> None:
    with pytest.raises(QualityCheckFailedError, match=r"nsde: expect_column_\w+ on nsde\.code: 6 of 100 null, "):
        require((BAD,), "nsde")


def test_a_failed_warning_does_not_stop() -> None:
    require((replace(BAD, severity=WARNING),), "nsde")


@pytest.mark.parametrize(
    ("size", "cores", "splits"), [(0, 8, 1), (30 * MEBIBYTE, 2, 2), (30 * MEBIBYTE, 1, 1), (1280 * MEBIBYTE, 4, 10)]
)
def test_splits_follow_the_size_of_the_input(size: int, cores: int, splits: int) -> None:
    assert split_count(size, cores) == splits
