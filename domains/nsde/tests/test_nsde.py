from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.drugs.applications import application_number, application_type
from _shared.glue_lib.silver.job import run_silver
from config.datasets import load_dataset
from domains.nsde.transforms import DATES, TRANSFORMS, nsde
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release

CONFIG = load_dataset("nsde")
NAMES = [column.name for column in CONFIG.members[0].columns]
SAMPLE = Path(__file__).parents[1] / "samples/2019-04-29/Comprehensive_NDC_SPL_Data_Elements_File.zip"


def one_row(spark: SparkSession, **values: str) -> dict[str, Any]:
    schema = ", ".join(f"{name} string" for name in [*NAMES, "meta_version"])
    frame = spark.createDataFrame([[values.get(name) for name in NAMES] + ["2019-04-29"]], schema)
    (row,) = nsde(frame).collect()
    return row.asDict()


def test_the_code_decides_and_the_files_own_ndc11_is_only_compared(spark: SparkSession) -> None:
    row = one_row(spark, item_code=" 0003-4215-91 ", ndc11="3421591")
    assert row["item_code"] == "0003-4215-91"
    assert (row["ndc11"], row["ndc12"], row["ndc_format"]) == ("00003421591", "000003421591", "4-4-2")
    assert (row["ndc11_source"], row["ndc11_disagrees"]) == ("3421591", True)
    assert (row["labeler_code"], row["product_code"], row["package_code"]) == ("0003", "4215", "91")
    assert row["product_ndc"] == "0003-4215"
    assert one_row(spark, item_code="0003-4215-91", ndc11="00003421591 ")["ndc11_disagrees"] is False


@pytest.mark.parametrize(
    ("code", "reason"), [("1002-350747", "NHRIC_2SEG"), ("W1040E7881V00", "ISBT"), ("junk", "INVALID")]
)
def test_codes_without_an_eleven_digit_form_stay_what_they_are(spark: SparkSession, code: str, reason: str) -> None:
    row = one_row(spark, item_code=code, ndc11=code.replace("-", ""))
    assert (row["item_code"], row["ndc_status_reason"]) == (code, reason)
    assert (row["ndc11"], row["ndc11_disagrees"], row["product_ndc"]) == (None, None, None)


def test_dates_keep_their_text_beside_value_and_flag(spark: SparkSession) -> None:
    row = one_row(
        spark,
        item_code="0003-4215-91",
        marketing_start_date="19000101",
        marketing_end_date="30310209",
        inactivation_date="13-NOV-25",
        reactivation_date="20190231",
    )
    assert row["marketing_start_date"] == dt.date(1900, 1, 1)
    assert row["marketing_start_date_flag"] == "UNKNOWN_START"
    assert (row["marketing_end_date"], row["marketing_end_date_flag"]) == (dt.date(3031, 2, 9), "IMPLAUSIBLE")
    assert (row["inactivation_date"], row["inactivation_date_flag"]) == (dt.date(2025, 11, 13), None)
    assert (row["reactivation_date"], row["reactivation_date_flag"]) == (None, "UNREADABLE")
    assert row["reactivation_date_raw"] == "20190231"


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        (("20190429", None, None, None), "ACTIVE"),
        (("20190430", None, None, None), "NOT_STARTED"),
        (("19000101", None, None, None), "ACTIVE"),
        ((None, None, None, None), "UNKNOWN"),
        (("20190231", None, None, None), "UNKNOWN"),
        (("20100101", "20190429", None, None), "ACTIVE"),
        (("20100101", "20190428", None, None), "ENDED"),
        (("20100101", "soon", None, None), "UNKNOWN"),
        (("20100101", None, "20190429", None), "INACTIVATED"),
        (("20100101", None, "20190430", None), "ACTIVE"),
        (("20100101", None, "20180101", "20180101"), "ACTIVE"),
        (("20100101", None, "20180101", "20190429"), "ACTIVE"),
        (("20100101", None, "20180101", "20190430"), "INACTIVATED"),
        (("20100101", None, "20180101", "20171231"), "INACTIVATED"),
        (("20100101", None, "20180101", "later"), "UNKNOWN"),
        (("20100101", "20190428", "20180101", None), "ENDED"),
    ],
)
def test_status_on_the_release_date(spark: SparkSession, texts: tuple[str | None, ...], status: str) -> None:
    values = {name: text for name, text in zip(DATES, texts, strict=True) if text}
    row = one_row(spark, item_code="0003-4215-91", **values)
    assert (row["marketing_status"], row["is_active"]) == (status, status == "ACTIVE")


def test_applications_and_monographs_are_told_apart(spark: SparkSession) -> None:
    expected = {
        "NDA021906": ("NDA", "021906"),
        "NDA0123456": ("NDA", "0123456"),
        "ANDA078878": ("ANDA", "078878"),
        "BLA101062": ("BLA", "101062"),
        "BN000127": ("BN", "000127"),
        "BA010228": ("BA", "010228"),
        "NADA100036": ("NADA", "100036"),
        "ANADA200036": ("ANADA", "200036"),
        "IND012345": ("IND", "012345"),
        "part348": ("MONOGRAPH", "348"),
        "part343,part341": ("MONOGRAPH", "343,341"),
        "part333E": ("MONOGRAPH", "333E"),
        "part310.533": ("MONOGRAPH", "310.533"),
        "333E": ("MONOGRAPH", "333E"),
        "M012": ("MONOGRAPH", "M012"),
        "part": ("MONOGRAPH", None),
        "NOT_SPECIFIED": (None, None),
        "NDA": ("OTHER", None),
        "somewhere 12": ("OTHER", None),
        None: (None, None),
    }
    frame = spark.createDataFrame([(citation,) for citation in expected], "c string")
    typed = frame.withColumn("t", application_type(F.col("c")))
    found = typed.withColumn("n", application_number(F.col("c"), F.col("t"))).collect()
    assert {row["c"]: (row["t"], row["n"]) for row in found} == expected


@pytest.fixture(scope="module")
def sample_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> LocalLake:
    lake = LocalLake(tmp_path_factory.mktemp("lake"))
    with zipfile.ZipFile(SAMPLE) as archive:
        put_release(lake, "nsde", {"nsde": archive.read(archive.namelist()[0])})
    run_bronze(spark, CONFIG, lake, RUN_ID)
    run_silver(spark, CONFIG, TRANSFORMS, lake, RUN_ID)
    return lake


def test_the_sample_goes_through_both_jobs_with_every_row_accounted_for(
    spark: SparkSession, sample_lake: LocalLake
) -> None:
    silver = spark.read.parquet(sample_lake.uri(f"silver/nsde/version=2019-04-29/run={RUN_ID}/"))
    assert silver.count() == 19_928
    assert [(column.name, column.type) for column in CONFIG.silver_tables[0].columns] == silver.dtypes
    reasons = {row[0]: row[1] for row in silver.groupBy("ndc_status_reason").count().collect()}
    assert set(reasons) == {"OK", "NHRIC_2SEG", "ISBT"}
    assert {row[0] for row in silver.select("marketing_start_date_flag").distinct().collect()} == {
        None,
        "UNKNOWN_START",
    }
    assert {row[0] for row in silver.select("application_type").distinct().collect()} >= {"NADA", "MONOGRAPH", None}
    assert silver.filter("proprietary_name LIKE '%\"%'").count() == 73


def test_every_reader_reads_the_day_that_the_file_says_however_long_ago(spark: SparkSession, lake: LocalLake) -> None:
    days = {"02010115": dt.date(201, 1, 15), "15821014": dt.date(1582, 10, 14), "00010101": dt.date(1, 1, 1)}
    header = ",".join(column.header for column in CONFIG.members[0].columns)
    rows = [f"0003-4215-9{n},,x,TABLET,ANDA,ANDA078878,HUMAN OTC DRUG,{day},,EA,," for n, day in enumerate(days)]
    put_release(lake, "nsde", {"nsde": "\r\n".join([header, *rows, ""]).encode()})
    run_bronze(spark, CONFIG, lake, RUN_ID)
    (counts,) = run_silver(spark, CONFIG, TRANSFORMS, lake, RUN_ID).tables
    folder = counts.location.removeprefix("file://")
    names = ["marketing_start_date_raw", "marketing_start_date", "marketing_start_date_flag"]
    expected = [(raw, day, "IMPLAUSIBLE") for raw, day in sorted(days.items())]
    in_spark = spark.read.parquet(counts.location).select(*names).collect()
    in_duckdb = duckdb.connect().execute(f"SELECT {', '.join(names)} FROM '{folder}/*.parquet'").fetchall()
    in_arrow = [tuple(row.values()) for row in pq.read_table(folder, columns=names, partitioning=None).to_pylist()]
    assert [sorted(map(tuple, read)) for read in (in_spark, in_duckdb, in_arrow)] == [expected] * 3


def test_a_row_without_an_item_code_is_quarantined(spark: SparkSession, lake: LocalLake) -> None:
    header = ",".join(column.header for column in CONFIG.members[0].columns)
    row = "x,TABLET,ANDA,ANDA078878,HUMAN OTC DRUG,20100301,,EA,,"
    put_release(lake, "nsde", {"nsde": f"{header}\r\n\u00a0,1,{row}\r\n0003-4215-91,00003421591,{row}\r\n".encode()})
    half = replace(CONFIG, data_quality=replace(CONFIG.data_quality, max_quarantined_share=0.5))
    run_bronze(spark, half, lake, RUN_ID)
    (counts,) = run_silver(spark, half, TRANSFORMS, lake, RUN_ID).tables
    assert counts.quarantined == {"MISSING_ITEM_CODE": 1}
    assert counts.rows_out == 1
