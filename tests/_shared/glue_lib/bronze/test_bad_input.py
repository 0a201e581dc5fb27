"""The jobs, given each bad file: the error or the counts, and what of the run readers could see."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from _shared.contracts.layout import report_key
from _shared.contracts.report import JobReport, TableCounts
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.documents import SILVER as SILVER_LAYER
from _shared.glue_lib.documents import read_report
from _shared.glue_lib.silver.job import run_silver
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release
from tests._shared.glue_lib.small_dataset import TRANSFORM, rows, small_config
from tests.bad_input.case import FileCase, check_counted, check_error
from tests.bad_input.files import FILES

KIND = "the file"
BRONZE = [case for case in FILES if case.error and case.job == "bronze"]
SILVER = [case for case in FILES if case.error and case.job == "silver"]
COUNTED = [case for case in FILES if not case.error]


def run(case: FileCase, spark: SparkSession, lake: LocalLake) -> JobReport:
    put_release(lake, "small", {"small": case.body}, previous=case.previous)
    bronze = run_bronze(spark, small_config(), lake, RUN_ID)
    return run_silver(spark, small_config(), [TRANSFORM], lake, RUN_ID) if case.job == "silver" else bronze


def raw_files(lake: LocalLake) -> list[bytes]:
    return [path.read_bytes() for path in (lake.root / "raw").rglob("*.csv")]


@pytest.mark.parametrize("case", BRONZE, ids=lambda case: case.id)
def test_a_bad_file_stops_bronze_before_it_reports(case: FileCase, spark: SparkSession, lake: LocalLake) -> None:
    check_error(case, KIND, lambda: run(case, spark, lake))
    assert (lake.root / "bronze").exists() == case.written
    assert not (lake.root / report_key("small", RUN_ID, "bronze")).exists()
    assert raw_files(lake) == [case.body]


@pytest.mark.parametrize("case", SILVER, ids=lambda case: case.id)
def test_rows_that_fail_a_check_are_all_still_there_and_none_is_published(
    case: FileCase, spark: SparkSession, lake: LocalLake
) -> None:
    check_error(case, KIND, lambda: run(case, spark, lake))
    records = case.body.count(b"\n") - 1
    assert len(rows(spark, lake.uri(f"bronze/small/run={RUN_ID}/"), "a")) == records
    assert raw_files(lake) == [case.body]
    # UpdateManifest publishes nothing whose report has a failed check, whoever starts it.
    assert len([check for check in read_report(lake, "small", RUN_ID, SILVER_LAYER).checks if check.stops]) == 1


@pytest.mark.parametrize("case", COUNTED, ids=lambda case: case.id)
def test_an_unusual_file_is_read_and_each_row_is_counted(case: FileCase, spark: SparkSession, lake: LocalLake) -> None:
    (counts,) = run(case, spark, lake).tables
    check_counted(case, KIND, _told(counts, case.job))
    assert counts.balanced
    assert len(rows(spark, counts.location, "a")) == counts.rows_out
    if counts.quarantined:
        kept_back = rows(spark, lake.uri(f"quarantine/small/run={RUN_ID}/"), "quarantine_reason")
        assert len(kept_back) == sum(counts.quarantined.values())


def _told(counts: TableCounts, job: str) -> str:
    if job == "bronze":
        return f"{counts.rows_out} rows read, {counts.malformed} malformed"
    told = f"{counts.rows_out} of {counts.rows_in} rows published"
    if counts.duplicates:
        told += f", {counts.duplicates} duplicate"
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts.quarantined.items())
    return f"{told}, in quarantine {reasons}" if reasons else told
