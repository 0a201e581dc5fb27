from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import (
    ObjectMissingError,
    QualityCheckFailedError,
    RowsUnaccountedError,
    SchemaMismatchError,
)
from _shared.contracts.layout import report_key
from _shared.contracts.release import PreviousVersion
from _shared.contracts.report import JobReport
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.documents import SILVER, read_report
from _shared.glue_lib.silver.job import run_silver
from _shared.glue_lib.silver.transform import SilverTransform
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release
from tests._shared.glue_lib.small_dataset import HEADER, TRANSFORM, rows, small_config, typed

GOOD = HEADER + b"x,1,p\r\ny,2,q\r\n"


def silver(
    spark: SparkSession,
    lake: LocalLake,
    body: bytes,
    config: DatasetConfig | None = None,
    *,
    transform: SilverTransform = TRANSFORM,
    previous: PreviousVersion | None = None,
) -> JobReport:
    config = config or small_config()
    put_release(lake, "small", {"small": body}, previous=previous)
    run_bronze(spark, config, lake, RUN_ID)
    return run_silver(spark, config, [transform], lake, RUN_ID)


def test_every_row_is_published_a_duplicate_or_quarantined(spark: SparkSession, lake: LocalLake) -> None:
    rejecting = replace(TRANSFORM, rejection=lambda: F.when(F.col("c") == "bad", "BAD_C"))
    body = HEADER + b"x,1,p\r\nx,1,p\r\ny,2,q\r\nz,3\r\nw,4,bad\r\nx,1,p\r\nv,5,bad\r\n"
    (counts,) = silver(spark, lake, body, transform=rejecting).tables
    assert (counts.rows_in, counts.rows_out, counts.duplicates) == (7, 2, 2)
    assert counts.quarantined == {"BAD_C": 2, "TOO_FEW_FIELDS": 1}
    assert counts.balanced
    assert rows(spark, counts.location, "a", "b", "meta_row_position") == [("x", 1, 1), ("y", 2, 3)]
    kept_back = lake.uri(f"quarantine/small/run={RUN_ID}/")
    assert rows(spark, kept_back, "quarantine_reason", "a", "meta_raw_line") == [
        ("TOO_FEW_FIELDS", None, "z,3"),
        ("BAD_C", "w", None),
        ("BAD_C", "v", None),
    ]


def test_a_value_in_the_next_column_is_no_duplicate(spark: SparkSession, lake: LocalLake) -> None:
    # Spark's hash functions skip nulls: without a mark for them, these rows would have the same fingerprint.
    (counts,) = silver(spark, lake, HEADER + b"x,1,\r\nx,,1\r\nx,1,\r\n").tables
    assert (counts.rows_out, counts.duplicates, counts.quarantined) == (1, 1, {"REPEATED_KEY": 1})


def test_distinct_values_among_duplicates_are_expected_once(spark: SparkSession, lake: LocalLake) -> None:
    def distinct(rows: DataFrame) -> DataFrame:
        return TRANSFORM.transform(rows.dropDuplicates(["a"]))

    by_a = replace(TRANSFORM, transform=distinct, expected=lambda: F.count_distinct("a"), additive=False)
    (counts,) = silver(spark, lake, HEADER + b"x,1,p\r\nx,1,p\r\nx,2,q\r\ny,2,q\r\n", transform=by_a).tables
    assert (counts.kept, counts.expected, counts.rows_out, counts.duplicates) == (3, 2, 2, 1)


def test_rows_beyond_the_first_of_a_key_are_kept_back_with_what_the_file_says(
    spark: SparkSession, lake: LocalLake
) -> None:
    # Duplicates are compared as written, before trimming: row 4 repeats row 3, and row 3 repeats the key of row 1.
    body = HEADER + b"x,1,p\r\ny,2,q\r\nx ,1,p\r\nx ,1,p\r\nx,9,other\r\nz,3\r\n"
    (counts,) = silver(spark, lake, body).tables
    assert (counts.rows_in, counts.rows_out, counts.duplicates) == (6, 2, 1)
    assert counts.quarantined == {"REPEATED_KEY": 2, "TOO_FEW_FIELDS": 1}
    assert rows(spark, counts.location, "a", "b", "meta_row_position") == [("x", 1, 1), ("y", 2, 2)]
    assert rows(spark, lake.uri(f"quarantine/small/run={RUN_ID}/"), "quarantine_reason", "a", "b", "c") == [
        ("REPEATED_KEY", "x ", "1", "p"),
        ("REPEATED_KEY", "x", "9", "other"),
        ("TOO_FEW_FIELDS", None, None, None),
    ]


def test_a_release_in_which_every_row_is_quarantined_fails(spark: SparkSession, lake: LocalLake) -> None:
    with pytest.raises(QualityCheckFailedError, match="2 of 2 rows quarantined"):
        silver(spark, lake, HEADER + b"x\r\ny\r\n")
    (counts,) = read_report(lake, "small", RUN_ID, SILVER).tables
    assert (counts.rows_in, counts.rows_out, counts.quarantined) == (2, 0, {"TOO_FEW_FIELDS": 2})


def test_nulls_in_the_grain_are_values_like_others(spark: SparkSession, lake: LocalLake) -> None:
    config = small_config()
    (table,) = config.silver_tables
    config = replace(config, silver_tables=(replace(table, grain=("a", "b")),))
    assert silver(spark, lake, HEADER + b"7,,p\r\n,7,q\r\n", config).tables[0].rows_out == 2
    assert silver(spark, lake, HEADER + b"7,,p\r\n7,,q\r\n8,8,\r\n", config).tables[0].quarantined == {
        "REPEATED_KEY": 1
    }


def test_a_transform_that_loses_rows_is_found_out(spark: SparkSession, lake: LocalLake) -> None:
    lossy = replace(TRANSFORM, transform=lambda frame: typed(frame).filter("b > 1"))
    with pytest.raises(RowsUnaccountedError, match="2 kept rows must give 2 rows, but 1 were written"):
        silver(spark, lake, GOOD, transform=lossy)


def test_bronze_that_is_not_what_its_job_reported_is_found_out(spark: SparkSession, lake: LocalLake) -> None:
    silver(spark, lake, GOOD)
    key = report_key("small", RUN_ID, "bronze")
    lake.write_text(key, lake.read_text(key).replace('"rows_out": 2', '"rows_out": 3'))
    with pytest.raises(RowsUnaccountedError, match="read 2 bronze rows, the bronze job reported 3"):
        run_silver(spark, small_config(), [TRANSFORM], lake, RUN_ID)


def test_silver_does_not_start_without_the_bronze_report(spark: SparkSession, lake: LocalLake) -> None:
    put_release(lake, "small", {"small": GOOD})
    with pytest.raises(ObjectMissingError, match=r"bronze\.json"):
        run_silver(spark, small_config(), [TRANSFORM], lake, RUN_ID)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: typed(frame).drop("b"), "b is missing"),
        (lambda frame: typed(frame).withColumn("d", F.lit(1)), "d is not declared"),
        (lambda frame: typed(frame).withColumn("b", F.col("b").cast("int")), "b is int, declared bigint"),
    ],
)
def test_output_that_is_not_the_declared_table_is_refused(
    spark: SparkSession, lake: LocalLake, change: object, message: str
) -> None:
    def transform(frame: DataFrame) -> DataFrame:
        assert callable(change)
        changed = change(frame)
        assert isinstance(changed, DataFrame)
        return changed

    with pytest.raises(SchemaMismatchError, match=message):
        silver(spark, lake, GOOD, transform=replace(TRANSFORM, transform=transform))


def test_declarations_that_would_never_be_checked_are_refused(spark: SparkSession, lake: LocalLake) -> None:
    config = small_config()
    unknown = replace(config, data_quality=replace(config.data_quality, required_columns=("nowhere",)))
    with pytest.raises(SchemaMismatchError, match="required column nowhere is in no silver table"):
        silver(spark, lake, GOOD, unknown)
    with pytest.raises(SchemaMismatchError, match="silver table small has no transform"):
        run_silver(spark, small_config(), [], lake, RUN_ID)
