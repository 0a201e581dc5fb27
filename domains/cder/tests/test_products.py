from __future__ import annotations

import datetime as dt

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from domains.cder.products import folded
from domains.cder.tests.support import Fields, of, real_silver, silver

CERTIFIED = "listing_record_certified_through"
DOCUMENT = "4bb5d1cb-0fa7-48c7-9f6d-8d45f9b91649"


@pytest.fixture(scope="module")
def products(spark: SparkSession) -> list[Row]:
    return real_silver(spark, "cder_product")


def one(rows: list[Row], product_ndc: str, directory: str = "finished") -> Row:
    (row,) = of(rows, product_ndc=product_ndc, directory=directory)
    return row


def listing(product_id: str, **fields: str) -> Fields:
    return {"product_id": product_id, "product_ndc": product_id.partition("_")[0], **fields}


def test_a_product_id_is_taken_apart(products: list[Row]) -> None:
    row = one(products, "0002-0800")
    assert (row["product_id"], row["spl_document_id"]) == (f"0002-0800_{DOCUMENT}", DOCUMENT)
    assert (row["labeler_code"], row["product_code"], row["directory"]) == ("0002", "0800", "finished")


def test_routes_are_an_array_in_the_order_written(products: list[Row]) -> None:
    assert one(products, "0002-7335")["routes"] == ["INTRAMUSCULAR", "SUBCUTANEOUS"]
    assert one(products, "43598-409")["routes"] == ["RESPIRATORY (INHALATION)"]
    assert one(products, "72216-212")["routes"] is None


def test_windows_1252_survives_and_what_the_source_has_broken_is_not_mended(products: list[Row]) -> None:
    names = [one(products, ndc)["labeler_name"] for ndc in ("43598-349", "43598-409")]
    assert names == ["Dr. Reddy\u2019s Laboratories, Inc.", "Dr. Reddy\u00bfs Laboratories, Inc."]
    assert {one(products, ndc)["labeler_key"] for ndc in ("43598-349", "43598-409")} == {"drreddyslaboratoriesinc"}


def test_quotes_are_literal(products: list[Row]) -> None:
    row = one(products, "0699-0150")
    assert row["labeler_name"] == 'Dentsply LLC. Professional Division Trading as "Sultan Healthcare"'
    assert (row["marketing_start_date"], row["marketing_start_date_flag"]) == (dt.date(1900, 1, 1), "UNKNOWN_START")


def test_white_space_at_the_ends_goes_no_break_space_too(products: list[Row]) -> None:
    assert one(products, "0002-4453")["proprietary_name_suffix"] == "Zydis"
    assert one(products, "49035-927")["labeler_name"] == "Wal-Mart Stores, Inc."


def test_dates_that_cannot_be_right_are_kept_and_flagged(products: list[Row]) -> None:
    row = one(products, "43742-0204")
    assert (row["marketing_end_date"], row["marketing_end_date_raw"]) == (dt.date(3031, 2, 9), "30310209")
    assert row["marketing_end_date_flag"] == "IMPLAUSIBLE"
    assert one(products, "0002-0800")["listing_record_certified_through"] == dt.date(2019, 12, 31)
    assert one(products, "48871-008")["marketing_start_date_raw"] is None


@pytest.mark.parametrize(
    ("product_ndc", "expected"),
    [
        ("0178-0797", ("NDA0123456", "NDA", "0123456")),
        ("0023-6002", ("ANDA040099", "ANDA", "040099")),
        ("0264-1965", ("BN890105", "BN", "890105")),
        ("10956-003", ("part341", "MONOGRAPH", "341")),
        ("72216-212", ("part", "MONOGRAPH", None)),
        ("43199-012", ("NOT_SPECIFIED", None, None)),
        ("0699-0150", (None, None, None)),
    ],
)
def test_applications_and_citations(products: list[Row], product_ndc: str, expected: tuple[str | None, ...]) -> None:
    row = one(products, product_ndc)
    assert (row["application_number_or_citation"], row["application_type"], row["application_number"]) == expected


def test_schedules_and_exclude_flags_with_their_meaning(products: list[Row]) -> None:
    assert one(products, "0023-6002")["dea_schedule"] == "CII"
    rows = [one(products, ndc) for ndc in ("0002-0800", "0363-0360")]
    assert [(row["ndc_exclude_flag"], row["ndc_exclude_meaning"]) for row in rows] == [
        ("N", "LISTED"),
        ("E", "CERTIFICATION_EXPIRED"),
    ]
    assert one(products, "53209-2000", "unfinished")["ndc_exclude_meaning"] is None


def test_flags_of_the_excluded_file_and_one_that_is_not_known(spark: SparkSession) -> None:
    rows = [listing("0002-0800_a", ndc_exclude_flag=flag) for flag in ("Y", "I", "E", "U")]
    made = silver(spark, "cder_product", {"cder_excluded_product": rows})
    assert [row["ndc_exclude_meaning"] for row in made] == [
        "DEFICIENT",
        "INACTIVATED_BY_FDA",
        "CERTIFICATION_EXPIRED",
        "UNKNOWN",
    ]
    assert [row["repeat_number"] for row in made] == [1, 2, 3, 4]


def test_what_repeats_outside_the_excluded_file_keeps_the_grain_broken(spark: SparkSession) -> None:
    rows = [listing("0002-0800_a", labeler_name=name) for name in ("Lilly", "Lilly ")]
    assert [row["repeat_number"] for row in silver(spark, "cder_product", {"cder_product": rows})] == [1, 1]


def test_the_current_listing_is_the_latest_certified_then_the_latest_started(products: list[Row]) -> None:
    certified = of(products, product_ndc="0009-0280")
    assert {row["listing_record_certified_through_raw"]: row["listing_rank"] for row in certified} == {
        "20201231": 1,
        "20191231": 2,
    }
    started = of(products, product_ndc="0049-3190")
    assert {row["marketing_start_date_raw"]: row["listing_rank"] for row in started} == {
        "20121024": 1,
        "20030328": 2,
        "20020524": 3,
    }


def test_a_finished_listing_comes_before_an_unfinished_and_that_before_an_excluded(
    spark: SparkSession, products: list[Row]
) -> None:
    both = {row["directory"]: row["listing_rank"] for row in of(products, product_ndc="0031-8719")}
    assert both == {"finished": 1, "unfinished": 2}
    later = {CERTIFIED: "20201231"}
    rows = {
        "cder_excluded_product": [listing("0002-0800_a", **later)],
        "cder_unfinished_product": [listing("0002-0800_b", **later)],
        "cder_product": [listing("0002-0800_c"), listing("0002-0800_d", start_marketing_date="20180101")],
    }
    ranks = {row["product_id"][-1]: row["listing_rank"] for row in silver(spark, "cder_product", rows)}
    assert ranks == {"d": 1, "c": 2, "b": 3, "a": 4}


def test_an_implausible_date_does_not_make_a_listing_current(spark: SparkSession) -> None:
    rows = [
        listing("0002-0800_a", **{CERTIFIED: "30310209"}),
        listing("0002-0800_b", **{CERTIFIED: "20191231"}, start_marketing_date="20100101"),
        listing("0002-0800_c", **{CERTIFIED: "20191231"}, start_marketing_date="21030101"),
    ]
    ranks = {
        row["product_id"][-1]: row["listing_rank"] for row in silver(spark, "cder_product", {"cder_product": rows})
    }
    assert ranks == {"b": 1, "c": 2, "a": 3}


def test_unfinished_rows_have_null_where_their_file_has_no_column(products: list[Row]) -> None:
    row = one(products, "53209-2000", "unfinished")
    assert (row["nonproprietary_name"], row["proprietary_name"], row["routes"]) == ("aspirin", None, None)
    assert (row["marketing_start_date"], row["application_type"]) == (dt.date(2012, 7, 12), None)


def test_a_folded_name_has_no_case_no_accent_and_no_punctuation(spark: SparkSession) -> None:
    names = ["DIRECT RX", "Direct_Rx", "Direct-Rx ", "R\u00c9vive", "\u00bf", None]
    frame = spark.createDataFrame([(name,) for name in names], "name string")
    keys = [row[0] for row in frame.select(folded(F.col("name"))).collect()]
    assert keys == ["directrx", "directrx", "directrx", "revive", None, None]
