from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import SparkSession

from _shared.contracts.dataset import DataQuality, SilverColumn, SilverTable
from _shared.contracts.quality.expectations import Expectation
from _shared.contracts.quality.profile import OTHER, ColumnProfile, KeyChurn, TableProfile
from _shared.contracts.release import PreviousVersion
from _shared.glue_lib.quality.anomaly import FEWEST_VERSIONS, judge
from _shared.glue_lib.quality.comparison import compare
from _shared.glue_lib.quality.profile import churn, profile

TABLE = SilverTable(
    "pills",
    "one row per pill",
    ("code",),
    (
        SilverColumn("code", "string", "c"),
        SilverColumn("form", "string", "f"),
        SilverColumn("start", "date", "s"),
        SilverColumn("meta_run_id", "string", "r"),
    ),
    expectations=(Expectation("expect_column_values_to_be_in_set", {"column": "form", "value_set": ["A", "B"]}),),
)
QUALITY = DataQuality()
BEFORE = PreviousVersion("2019-04-28", "r", {"pills": 1000})
USUAL = TableProfile(
    1000,
    {"form": ColumnProfile(100, {"A": 600, "B": 300}), "start": ColumnProfile(0, {}, ("2010-01-01",) * 3)},
    KeyChurn(1000, 10, 4),
)


def changed(**columns: ColumnProfile) -> TableProfile:
    return replace(USUAL, columns={**USUAL.columns, **columns})


def test_a_profile_counts_nulls_categories_dates_and_keys(spark: SparkSession) -> None:
    ddl = "code string, form string, start string, meta_run_id string"
    rows = [("1", "A", "2001-01-01"), ("2", "A", None), ("3", "new", "2003-01-01"), ("4", None, "2002-01-01")]
    frame = spark.createDataFrame([(*row, "r") for row in rows], ddl).selectExpr("code", "form", "date(start) start")
    before = spark.createDataFrame([("0",), ("1",), ("2",)], "code string")
    assert profile(frame, TABLE, before) == TableProfile(
        4,
        {
            "code": ColumnProfile(0),
            "form": ColumnProfile(1, {"A": 2, OTHER: 1}),
            "start": ColumnProfile(1, {}, ("2001-01-01", "2002-01-01", "2003-01-01")),
        },
        KeyChurn(3, 2, 1),
    )
    assert churn(before, frame, ["start"]) is None  # the version before had no such column


def test_an_ordinary_day_has_no_finding() -> None:
    found = compare(USUAL, USUAL, TABLE, QUALITY, BEFORE)
    assert all(check.passed for check in found)
    assert [check.name for check in found] == [
        "keys_against_previous",
        "null_share_against_previous",
        "category_share_against_previous",
        "dates_against_previous",
    ]


def test_a_mass_disappearance_stops() -> None:
    (keys, *_) = compare(replace(USUAL, churn=KeyChurn(1000, 3, 101)), USUAL, TABLE, QUALITY, BEFORE)
    assert keys.stops
    assert keys.observed == "3 keys added, 101 of 1000 removed (10.10%)"
    assert keys.expected == "at most 10.00% of the keys of version 2019-04-28 removed"


@pytest.mark.parametrize(
    ("now", "name", "column", "observed", "expected"),
    [
        (
            changed(form=ColumnProfile(160, {"A": 600, "B": 300})),
            "null_share_against_previous",
            "form",
            "16.00% null",
            "5.00% to 15.00%, as 10.00% in 2019-04-28",
        ),
        (
            changed(form=ColumnProfile(100, {"A": 540, "B": 300, OTHER: 60})),
            "category_share_against_previous",
            "form",
            "'(other)' in 6.00% of the rows",
            "0.00% to 5.00%, as 0.00% in 2019-04-28",
        ),
        (
            changed(start=ColumnProfile(0, {}, ("2010-01-01", "2012-01-01", "2013-01-01"))),
            "dates_against_previous",
            "start",
            "median 2012-01-01",
            "2010-01-01 ± 92 days, the median in 2019-04-28",
        ),
    ],
)
def test_a_change_of_shares_or_dates_is_a_warning_with_its_range(
    now: TableProfile, name: str, column: str, observed: str, expected: str
) -> None:
    failed = [check for check in compare(now, USUAL, TABLE, QUALITY, BEFORE) if not check.passed]
    assert {(check.name, check.column, check.severity) for check in failed} >= {(name, column, "warning")}
    assert (observed, expected) in {(check.observed, check.expected) for check in failed}
    assert not any(check.stops for check in failed)


def test_small_tables_and_tables_of_changes_are_not_compared_by_share() -> None:
    few = TableProfile(99, {"form": ColumnProfile(99)}, KeyChurn(99, 0, 0))
    keys, shares = compare(few, few, TABLE, QUALITY, BEFORE)
    assert keys.passed
    assert (shares.passed, shares.observed) == (True, "not compared: fewer than 100 rows")
    assert compare(few, few, replace(TABLE, changes_only=True), QUALITY, BEFORE) == ()


def history(count: int) -> list[TableProfile]:
    return [replace(USUAL, rows=1000 + number, churn=KeyChurn(1000, 10 + number, 4)) for number in range(count)]


def test_a_cold_start_says_so() -> None:
    (check,) = judge("pills", USUAL, history(FEWEST_VERSIONS - 1))
    assert check.passed
    assert check.observed == "not judged yet: 6 of 7 earlier versions"


def test_usual_measures_pass_and_one_bad_version_does_not_move_the_range() -> None:
    (check,) = judge("pills", USUAL, [*history(12), TableProfile(1, {}, KeyChurn(1000, 0, 999))])
    assert (check.passed, check.observed) == (True, "every measure in its usual range")


def test_an_unusual_measure_is_a_warning_with_its_range() -> None:
    found, *_ = judge("pills", replace(USUAL, rows=900), history(12))
    assert (found.passed, found.severity, found.column) == (False, "warning", None)
    assert found.observed.startswith("rows is 900, ")
    # Median 1005.5, and half a percent of it is more than 1.4826 times the MAD of 3.
    assert found.expected == "980 to 1,031"


def test_a_share_of_a_column_is_judged_too() -> None:
    empty = changed(form=ColumnProfile(400, {"A": 300, "B": 300}))
    found = judge("pills", empty, history(12))
    assert {(one.column, one.observed.split(" is ")[0]) for one in found} == {
        ("form", "share of nulls"),
        ("form", "share of 'A'"),
    }


def test_a_comparison_that_cannot_be_made_says_so() -> None:
    keys, shares = compare(replace(USUAL, churn=None), None, TABLE, QUALITY, BEFORE)
    assert (keys.passed, keys.severity) == (False, "warning")
    assert keys.observed.startswith("not compared: the files of version 2019-04-28 are gone")
    assert (shares.passed, shares.observed) == (True, "not compared: version 2019-04-28 has no profile")
    assert compare(USUAL, None, TABLE, QUALITY, replace(BEFORE, row_counts={})) == ()


def test_a_category_that_vanished_and_one_that_is_new_are_judged() -> None:
    found = judge("pills", changed(form=ColumnProfile(100, {"B": 300, OTHER: 600})), history(12))
    assert {one.observed.split(",")[0] for one in found} == {"share of 'A' is 0.00%", f"share of '{OTHER}' is 60.00%"}
