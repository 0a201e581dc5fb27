from __future__ import annotations

from dataclasses import replace

import pytest

from _shared.contracts.dataset import DataQuality, SilverColumn, SilverTable
from _shared.contracts.errors import QualityCheckFailedError
from _shared.contracts.release import PreviousVersion
from _shared.contracts.report import CheckResult, TableCounts
from _shared.glue_lib.quality.checks import Measures, evaluate, require
from _shared.glue_lib.session import MEBIBYTE, split_count

TABLE = SilverTable("nsde", "rows", ("code",), (SilverColumn("code", "string", "c"),))
QUALITY = DataQuality(required_columns=("code",), critical_null_threshold=0.05, max_row_count_drop=0.2)


def failed(measures: Measures, counts: TableCounts, previous: PreviousVersion | None = None) -> list[str]:
    return [check.name for check in evaluate(measures, TABLE, QUALITY, counts, previous) if not check.passed]


def counts(rows: int, quarantined: int = 0) -> TableCounts:
    return TableCounts("nsde", rows + quarantined, rows, "s3://x/", quarantined={"R": quarantined})


def test_a_good_table_passes_every_check() -> None:
    before = PreviousVersion("2019-04-28", "r", {"nsde": 100})
    assert failed(Measures(100, 0, {"code": 5}), counts(100), before) == []


@pytest.mark.parametrize(
    ("measures", "rows", "quarantined", "names"),
    [
        (Measures(100, 0, {"code": 6}), 100, 0, ["required_not_null"]),
        (Measures(100, 1, {"code": 0}), 100, 0, ["unique_grain"]),
        (Measures(0, 0, {"code": 0}), 0, 7, ["not_empty", "quarantined_share"]),
        (Measures(0, 0, {"code": 0}), 0, 0, ["not_empty"]),
        (Measures(95, 0, {"code": 0}), 95, 5, []),
        (Measures(94, 0, {"code": 0}), 94, 6, ["quarantined_share"]),
    ],
)
def test_each_check_can_fail(measures: Measures, rows: int, quarantined: int, names: list[str]) -> None:
    assert failed(measures, counts(rows, quarantined)) == names


def test_a_table_of_changes_may_shrink_by_any_share() -> None:
    before, table = PreviousVersion("2019-04-28", "r", {"nsde": 300}), replace(TABLE, changes_only=True)
    checks = evaluate(Measures(3, 0, {"code": 0}), table, QUALITY, counts(3), before)
    assert [check.name for check in checks if not check.passed] == []


@pytest.mark.parametrize(("rows", "names"), [(80, []), (79, ["row_count_against_previous"]), (500, [])])
def test_a_table_may_shrink_by_the_declared_share_only(rows: int, names: list[str]) -> None:
    before = PreviousVersion("2019-04-28", "r", {"nsde": 100})
    assert failed(Measures(rows, 0, {"code": 0}), counts(rows), before) == names


def test_a_failed_check_stops_with_what_was_observed_and_expected() -> None:
    bad = CheckResult("required_not_null", "nsde", False, "6 of 100 null (6.00%)", "at most 5.00% null", "code")
    with pytest.raises(QualityCheckFailedError, match=r"nsde: required_not_null on nsde\.code: 6 of 100 null"):
        require((bad,), "nsde")


@pytest.mark.parametrize(
    ("size", "cores", "splits"), [(0, 8, 1), (30 * MEBIBYTE, 2, 2), (30 * MEBIBYTE, 1, 1), (1280 * MEBIBYTE, 4, 10)]
)
def test_splits_follow_the_size_of_the_input(size: int, cores: int, splits: int) -> None:
    assert split_count(size, cores) == splits
