"""The CDER jobs on real rows: three archives, two of them optional."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from _shared.contracts.errors import SchemaDriftError
from _shared.contracts.report import JobReport, TableCounts
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.silver.job import run_silver
from config.datasets import load_dataset
from domains.cder.tests.support import FOLDER, MEMBERS, REAL
from domains.cder.transforms import TRANSFORMS
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, digest_of, put_release
from tests._shared.glue_lib.small_dataset import rows

CONFIG = load_dataset("cder")
EXCLUDED = ("cder_excluded_product", "cder_excluded_package")
UNFINISHED = ("cder_unfinished_product", "cder_unfinished_package")


def content(table: str) -> bytes:
    pattern: str = MEMBERS[table]["pattern"]
    return (FOLDER / pattern).read_bytes()


def run(spark: SparkSession, lake: LocalLake, *tables: str) -> tuple[JobReport, JobReport]:
    absent = tuple(table for table in MEMBERS if table not in tables)
    put_release(lake, "cder", {table: content(table) for table in tables}, encoding="cp1252", absent=absent)
    bronze = run_bronze(spark, CONFIG, lake, RUN_ID)
    return bronze, run_silver(spark, CONFIG, TRANSFORMS, lake, RUN_ID)


def by_table(report: JobReport) -> dict[str, TableCounts]:
    return {counts.table: counts for counts in report.tables}


def test_finished_and_unfinished_drugs_become_five_tables_with_every_row_accounted_for(
    spark: SparkSession, lake: LocalLake
) -> None:
    bronze, silver = run(spark, lake, *REAL)
    assert (bronze.absent, silver.absent) == (EXCLUDED, ())
    counts = by_table(silver)
    assert {table: found.rows_out for table, found in counts.items()} == {
        "cder_product": 38,
        "cder_product_ingredient": 80,
        "cder_product_class": 68,
        "cder_package": 30,
        "cder_package_content": 73,
    }
    assert all(found.balanced and not found.quarantined for found in silver.tables)
    assert counts["cder_product"].sources == ("cder_product", "cder_unfinished_product")
    read = {counts.table: counts.rows_out for counts in bronze.tables}
    assert counts["cder_package"].rows_in == read["cder_package"] + read["cder_unfinished_package"]
    location = counts["cder_product"].location
    told = {
        (directory, file, digest)
        for directory, file, digest in rows(spark, location, "directory", "meta_source_file", "meta_source_sha256")
    }
    assert told == {
        ("finished", "cder_product.csv", digest_of("cder_product")),
        ("unfinished", "cder_unfinished_product.csv", digest_of("cder_unfinished_product")),
    }
    names = {name for (name,) in rows(spark, location, "labeler_name")}
    assert any(name and "\u2019" in name for name in names)


def test_a_release_with_the_finished_drugs_alone_has_all_tables(spark: SparkSession, lake: LocalLake) -> None:
    bronze, silver = run(spark, lake, "cder_product", "cder_package")
    assert set(bronze.absent) == {*EXCLUDED, *UNFINISHED}
    assert silver.absent == ()
    assert {counts.sources for counts in silver.tables} == {("cder_product",), ("cder_package",)}
    assert all(counts.balanced for counts in silver.tables)


def test_a_column_that_fda_adds_stops_the_run_and_is_named(spark: SparkSession, lake: LocalLake) -> None:
    lines = content("cder_product").split(b"\r\n")
    widened = b"\r\n".join([lines[0] + b"\tNEWCOLUMN", *[line + b"\tx" for line in lines[1:] if line], b""])
    absent = (*EXCLUDED, *UNFINISHED)
    members = {"cder_product": widened, "cder_package": content("cder_package")}
    put_release(lake, "cder", members, encoding="cp1252", absent=absent)
    with pytest.raises(SchemaDriftError, match="column 21 is 'NEWCOLUMN', which is not declared"):
        run_bronze(spark, CONFIG, lake, RUN_ID)
    assert not (lake.root / "bronze").exists()
