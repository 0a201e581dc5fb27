"""Silver tables of several files, of files that a release lacks, with rows left out, exploded or grouped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import RowsUnaccountedError, SchemaMismatchError
from _shared.contracts.report import JobReport
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.lineage import CARRIED
from _shared.glue_lib.silver.job import run_silver
from _shared.glue_lib.silver.transform import SilverTransform
from config.release.table_files import as_table
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, digest_of, put_release
from tests._shared.glue_lib.small_dataset import HEADER, rows, with_members

CONFIG = with_members({}, {"table": "other", "columns": [{"name": n.lower(), "header": n} for n in "ABD"]})
TABLE = {
    "name": "small",
    "description": "d",
    "grain": ["a", "item"],
    "columns": [
        {"name": name, "type": kind, "comment": name}
        for name, kind in (
            ("a", "string"),
            ("item", "string"),
            ("items", "array<string>"),
            ("d", "string"),
        )
    ],
}


def config(**changes: Any) -> DatasetConfig:
    table = as_table({**TABLE, **changes}, "small", "small.json")
    quality = replace(CONFIG.data_quality, required_columns=("a",))
    return replace(CONFIG, silver_tables=(table,), data_quality=quality)


def exploded(frame: DataFrame) -> DataFrame:
    items = F.split("b", ";").alias("items")
    return frame.select("a", items, "d", *CARRIED).withColumn("item", F.explode("items"))


TRANSFORM = SilverTransform(
    "small",
    ("small", "other"),
    exploded,
    rejection=lambda: F.when(F.col("a").isNull(), "MISSING_A"),
    left_out=lambda: F.when(F.col("b").isNull(), "NO_ITEMS"),
    expected=lambda: F.coalesce(F.sum(F.regexp_count("b", F.lit(";")) + 1), F.lit(0)),
)
SMALL = HEADER + b"x,1;2,c\r\n,3,c\r\ny,,c\r\nx,1;2,c\r\nshort\r\n"
OTHER = b"A,B,D\r\nz,1,d\r\nw,1;2;3,d\r\n"


def silver(
    spark: SparkSession,
    lake: LocalLake,
    members: dict[str, bytes],
    transform: SilverTransform = TRANSFORM,
    declared: DatasetConfig | None = None,
) -> JobReport:
    declared = declared or config()
    absent = tuple({"small", "other"} - set(members))
    put_release(lake, "small", members, absent=absent)
    optional = tuple(replace(source, optional=True) for source in declared.sources)
    declared = replace(declared, sources=optional)
    run_bronze(spark, declared, lake, RUN_ID)
    return run_silver(spark, declared, [transform], lake, RUN_ID)


def test_rows_of_several_files_are_one_table_and_each_is_accounted_for(spark: SparkSession, lake: LocalLake) -> None:
    (counts,) = silver(spark, lake, {"small": SMALL, "other": OTHER}).tables
    assert (counts.sources, counts.rows_in) == (("small", "other"), 7)
    assert (counts.kept, counts.expected, counts.rows_out, counts.duplicates) == (3, 6, 6, 1)
    assert counts.quarantined == {"MISSING_A": 1, "TOO_FEW_FIELDS": 1}
    assert counts.left_out == {"NO_ITEMS": 1}
    assert counts.balanced
    found = rows(spark, counts.location, "a", "item", "d", "meta_source_file", "meta_source_sha256")
    other, small = ("d", "other.csv", digest_of("other")), (None, "small.csv", digest_of("small"))
    assert sorted(found) == [
        ("w", "1", *other), ("w", "2", *other), ("w", "3", *other),
        ("x", "1", *small), ("x", "2", *small), ("z", "1", *other),
    ]  # fmt: skip
    kept_back = rows(spark, lake.uri(f"quarantine/small/run={RUN_ID}/"), "meta_source_table", "quarantine_reason", "b")
    assert kept_back == [("small", "MISSING_A", "3"), ("small", "TOO_FEW_FIELDS", None)]


def test_rows_that_are_equal_in_two_files_are_no_duplicates(spark: SparkSession, lake: LocalLake) -> None:
    lines = HEADER + b"x,1,\r\n", b"A,B,D\r\nx,1,\r\n"
    declared = config(grain=["a", "item", "meta_source_file"])
    (counts,) = silver(spark, lake, dict(zip(("small", "other"), lines, strict=True)), declared=declared).tables
    assert (counts.duplicates, counts.rows_out, counts.quarantined) == (0, 2, {})


def test_a_row_whose_key_repeats_goes_to_quarantine_with_all_that_it_gives(
    spark: SparkSession, lake: LocalLake
) -> None:
    body = HEADER + b"x,1;2,first\r\nx,2;3,second\r\ny,1,c\r\ny,4,c\r\n"
    (counts,) = silver(spark, lake, {"small": body, "other": OTHER}).tables
    assert counts.quarantined == {"REPEATED_KEY": 1}
    assert (counts.kept, counts.expected, counts.rows_out) == (5, 8, 8)
    assert counts.balanced
    names = ("meta_source_table", "a", "b", "c", "meta_row_position")
    assert rows(spark, lake.uri(f"quarantine/small/run={RUN_ID}/"), *names) == [("small", "x", "2;3", "second", 2)]


def test_a_table_is_made_of_the_files_that_are_there(spark: SparkSession, lake: LocalLake) -> None:
    report = silver(spark, lake, {"small": SMALL})
    (counts,) = report.tables
    assert (counts.sources, counts.rows_in, counts.rows_out, report.absent) == (("small",), 5, 2, ())
    assert {row[0] for row in rows(spark, counts.location, "d")} == {None}


def test_a_table_without_any_file_is_told_and_neither_made_nor_checked(spark: SparkSession, lake: LocalLake) -> None:
    report = silver(spark, lake, {"small": SMALL}, replace(TRANSFORM, sources=("other",)))
    assert (report.tables, report.checks, report.absent) == ((), (), ("small",))
    assert not (lake.root / "silver").exists()


def test_lookups_are_bronze_rows_or_none(spark: SparkSession, lake: LocalLake) -> None:
    seen: list[DataFrame | None] = []

    def transform(frame: DataFrame, lookup: DataFrame | None) -> DataFrame:
        seen.append(lookup)
        return exploded(frame.withColumn("d", F.col("c")))

    looking = replace(TRANSFORM, sources=("small",), transform=transform, lookups=("other",))
    declared = config()
    silver(spark, lake, {"small": SMALL, "other": OTHER}, looking, declared)
    silver(spark, lake, {"small": SMALL}, looking, declared)
    assert seen[0] is not None
    assert seen[0].count() == 2
    assert seen[1] is None


def test_a_transform_that_makes_fewer_rows_than_are_due_is_found_out(spark: SparkSession, lake: LocalLake) -> None:
    lossy = replace(TRANSFORM, transform=lambda frame: exploded(frame).filter("item <> '2'"))
    with pytest.raises(RowsUnaccountedError, match="silver small: 3 kept rows must give 6 rows, but 4 were written"):
        silver(spark, lake, {"small": SMALL, "other": OTHER}, lossy)


def test_what_no_member_makes_is_refused(spark: SparkSession, lake: LocalLake) -> None:
    with pytest.raises(SchemaMismatchError, match="the transform of small reads nowhere, which no member makes"):
        silver(spark, lake, {"small": SMALL}, replace(TRANSFORM, lookups=("nowhere",)))


@pytest.mark.parametrize("lost", CARRIED)
def test_a_transform_that_loses_the_place_of_its_rows_is_told_what_to_keep(
    spark: SparkSession, lake: LocalLake, lost: str
) -> None:
    forgetful = replace(TRANSFORM, transform=lambda frame: exploded(frame).drop(lost))
    with pytest.raises(SchemaMismatchError, match=f"silver table small: the transform does not keep {lost}; select it"):
        silver(spark, lake, {"small": SMALL, "other": OTHER}, forgetful)
