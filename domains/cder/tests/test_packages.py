"""Packages, and the contents in their descriptions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession

from _shared.glue_lib.columns.text import LONGEST_PARSED
from domains.cder.tests.support import BY_TABLE, Fields, bronze, kept, of, real_rows, real_silver, silver

FEW_LARGE_BATCHES = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def package(**fields: str | None) -> Fields:
    return {"product_id": "0002-0800_a", "product_ndc": "0002-0800", "ndc_package_code": "0002-0800-01", **fields}


@pytest.fixture(scope="module")
def packages(spark: SparkSession) -> list[Row]:
    return real_silver(spark, "cder_package")


@pytest.fixture(scope="module")
def contents(spark: SparkSession) -> list[Row]:
    return real_silver(spark, "cder_package_content")


def levels(rows: list[Row], code: str, *names: str) -> list[tuple[object, ...]]:
    chosen = of(rows, ndc_package_code=code)
    return [tuple(row[name] for name in names) for row in sorted(chosen, key=lambda row: row["content_ordinal"])]


def described(spark: SparkSession, text: str, *names: str) -> list[tuple[object, ...]]:
    rows = silver(spark, "cder_package_content", {"cder_package": [package(package_description=text)]})
    return levels(rows, "0002-0800-01", *names)


def test_one_carton_code_is_a_row_for_each_content_and_each_start(packages: list[Row]) -> None:
    assert [row["package_description"].split("> ")[1][:9] for row in of(packages, ndc_package_code="10956-003-01")] == [
        "30 TABLET",
        "60 TABLET",
        "90 TABLET",
    ]
    repeated = of(packages, ndc_package_code="17856-1984-3")
    assert [row["marketing_start_date"] for row in repeated] == [dt.date(2015, 5, 1), dt.date(2016, 5, 5)]
    assert {row["package_description"] for row in repeated} == {"3.75 mL in 1 CUP (17856-1984-3)"}
    assert {row["repeat_number"] for row in packages} == {1}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("0002-1433-80", ("4-4-2", "OK", "00002143380", "000002143380", "0002", "1433", "80")),
        ("10956-003-01", ("5-3-2", "OK", "10956000301", "010956000301", "10956", "003", "01")),
        ("17856-1984-3", ("5-4-1", "OK", "17856198403", "017856198403", "17856", "1984", "3")),
        ("02", ("OTHER", "INVALID", None, None, None, None, None)),
        ("47848-026-XX", ("OTHER", "INVALID", None, None, None, None, None)),
    ],
)
def test_package_codes_have_their_forms(packages: list[Row], code: str, expected: tuple[str | None, ...]) -> None:
    row = of(packages, ndc_package_code=code)[0]
    names = ("ndc_format", "ndc_status_reason", "ndc11", "ndc12", "labeler_code", "product_code", "package_code")
    assert tuple(row[name] for name in names) == expected


def test_a_code_that_is_none_keeps_its_product(packages: list[Row]) -> None:
    (row,) = of(packages, product_ndc="53209-2000")
    assert (row["ndc_package_code"], row["directory"], row["is_sample"]) == ("02", "unfinished", None)


def test_two_packages_of_the_unfinished_file_may_have_one_ndc11(packages: list[Row]) -> None:
    for codes in (("40074-001-01", "40074-0001-1"), ("48589-006-00", "48589-0006-0")):
        rows = [of(packages, ndc_package_code=code)[0] for code in codes]
        assert len({row["ndc11"] for row in rows}) == 1
        assert len({row["product_id"] for row in rows}) == 2


def test_samples_starts_and_ends(packages: list[Row]) -> None:
    assert of(packages, ndc_package_code="0002-1433-61")[0]["is_sample"] is True
    row = of(packages, ndc_package_code="0002-3232-30")[0]
    assert (row["is_sample"], row["marketing_end_date"]) == (False, dt.date(2019, 7, 31))
    assert of(packages, ndc_package_code="48871-008-01")[0]["marketing_start_date"] is None
    assert of(packages, ndc_package_code="0002-0485-04")[0]["marketing_start_date_raw"] is None


def test_dates_with_month_names_are_read(spark: SparkSession) -> None:
    dated = package(start_marketing_date="13-NOV-19", end_marketing_date="20240625")
    (row,) = silver(spark, "cder_package", {"cder_package": [], "cder_unfinished_package": [dated]})
    assert (row["marketing_start_date"], row["marketing_end_date"]) == (dt.date(2019, 11, 13), dt.date(2024, 6, 25))


def test_packages_that_nothing_identifies_are_kept_back_by_name(spark: SparkSession) -> None:
    rows = bronze(spark, {"cder_package": [package(product_id=" "), package(ndc_package_code=None), package()]})
    reasons = [row[0] for row in rows.select(BY_TABLE["cder_package"].rejection()).collect()]
    assert reasons == ["MISSING_PRODUCT_ID", "MISSING_PACKAGE_CODE", None]


def test_levels_inner_codes_and_quantities(contents: list[Row]) -> None:
    names = ("level", "part_number", "quantity", "unit", "container_quantity", "container", "content_ndc", "ndc11")
    assert levels(contents, "0002-1433-80", *names) == [
        (1, 0, Decimal(4), "SYRINGE", Decimal(1), "CARTON", "0002-1433-80", "00002143380"),
        (2, 0, Decimal("0.5"), "mL", Decimal(1), "SYRINGE", "0002-1433-01", "00002143301"),
    ]
    inner = [row["content_ndc"] for row in of(contents, ndc_package_code="10956-003-01", level=2)]
    assert inner == ["10956-003-30", "10956-003-60", "10956-003-90"]


def test_parts_of_a_kit_have_levels_of_their_own(contents: list[Row]) -> None:
    names = ("part_number", "level", "quantity", "unit", "container")
    assert levels(contents, "0067-8138-40", *names) == [
        (0, 1, Decimal(1), "KIT", "CARTON"),
        (1, 2, Decimal(2), "BLISTER PACK", "CARTON"),
        (1, 3, Decimal(10), "TABLET, FILM COATED", "BLISTER PACK"),
        (2, 2, Decimal(2), "BLISTER PACK", "CARTON"),
        (2, 3, Decimal(10), "TABLET, FILM COATED", "BLISTER PACK"),
    ]
    assert levels(contents, "0024-5150-10", *names) == [
        (0, 1, Decimal(3), "KIT", "CARTON"),
        (0, 2, Decimal(1), "KIT", "KIT"),
        (1, 3, Decimal(1), "mL", "AMPULE"),
        (2, 3, Decimal(1), "mL", "VIAL, SINGLE-USE"),
    ]


def test_a_kit_may_begin_with_a_part_and_quote_a_gs1_number(contents: list[Row]) -> None:
    names = ("part_number", "level", "unit", "content_ndc", "ndc_status_reason")
    assert levels(contents, "59088-334-00", *names) == [
        (1, 1, "TUBE", None, None),
        (1, 2, "mL", "59088-333-08", "OK"),
        (2, 1, "BOX", None, None),
        (2, 2, None, "GS1:30707387763634", "INVALID"),
        (3, 1, "BOTTLE, PLASTIC", None, None),
        (3, 2, "mL", "0116-1061-08", "OK"),
    ]


def test_a_part_may_not_say_of_what(contents: list[Row]) -> None:
    assert levels(contents, "66184-161-01", "quantity", "unit", "container")[1] == (Decimal(4), None, "PACKET")


def test_a_code_may_be_written_twice_or_not_at_all(contents: list[Row]) -> None:
    assert levels(contents, "0924-5603-04", "content_ndc", "parse_flag")[1] == ("0924-5603-01", None)
    assert levels(contents, "62032-511-02", "content_ndc", "ndc_format")[0] == (None, None)
    assert levels(contents, "02", "content_ndc", "ndc_format", "ndc11") == [("02", "OTHER", None)]


def test_a_slash_joins_levels_only_with_blanks_on_both_sides(spark: SparkSession, contents: list[Row]) -> None:
    assert levels(contents, "10564-6553-0", "unit", "container") == [("SOLUTION/ DROPS", "CARTON")]
    text = "1 BOTTLE in 1 CARTON (0002-0800-01)  / 5 SOLUTION/ DROPS in 1 BOTTLE"
    assert described(spark, text, "level", "unit") == [(1, "BOTTLE"), (2, "SOLUTION/ DROPS")]


def test_every_real_description_is_understood(contents: list[Row]) -> None:
    assert {row["parse_flag"] for row in contents} == {None}
    real = [row for table in ("cder_package", "cder_unfinished_package") for row in real_rows(table)]
    assert {row["ndc_package_code"] for row in contents} == {row["ndc_package_code"] for row in real}


def test_the_ndc_behind_a_prefix_is_read_and_the_text_kept_as_written(spark: SparkSession, contents: list[Row]) -> None:
    names = ("content_ndc", "ndc_format", "ndc_status_reason", "ndc11")
    assert levels(contents, "50228-121-05", *names) == [("50228-121-05", "5-3-2", "OK", "50228012105")]
    (text,) = levels(contents, "50228-121-05", "content_text")
    assert text == ("500 TABLET, FILM COATED in 1 BOTTLE (GS1:50228-121-05)",)
    codes = {
        "NDC 0002-1433-80": "0002-1433-80",
        "gs1 : 123456-1234-12": "123456-1234-12",
        "GS1:7-31477-21234-5": "GS1:7-31477-21234-5",
        "UPC:12345-67890": "UPC:12345-67890",
        "GS1:307073877636": "GS1:307073877636",
        "GS1:": "GS1:",
    }
    rows = [package(package_description=f"1 A in 1 B ({code})") for code in codes]
    made = silver(spark, "cder_package_content", {"cder_package": rows})
    assert [row["content_ndc"] for row in made] == list(codes.values())


def test_no_description_ends_or_holds_up_a_job(spark: SparkSession) -> None:
    blanks = " " * LONGEST_PARSED
    texts = {
        "1 A in 1 B (5)" + " (5)" * 1000: (None, 1),
        "1 A" + " in 1" * 1500 + " (": ("UNPARSED", 1),
        "* 1 A in 1 B " * 700: (None, 700),
        f"1 A{blanks}> in 1 B": ("TOO_LONG", 1),
        "1 A in 1 B (5)" + " (5)" * LONGEST_PARSED: ("TOO_LONG", 1),
    }
    rows = [package(package_description=text) for text in texts]
    made = silver(spark, "cder_package_content", {"cder_package": rows})
    for position, (text, (flag, count)) in enumerate(texts.items(), 1):
        found = of(made, meta_row_position=position)
        assert ({row["parse_flag"] for row in found}, len(found)) == ({flag}, count)
        assert flag is None or found[0]["content_text"] == text.strip()
    assert made[0]["content_ndc"] == "5"


@pytest.mark.parametrize(
    "text",
    [
        "30 TABLET in a BOTTLE (0002-0800-01)",
        "1 BOTTLE in 1 CARTON > many TABLET in 1 BOTTLE",
        "1 BOTTLE in 1 CARTON >  > 30 TABLET in 1 BOTTLE",
        "1 BOTTLE in 1 CARTON (0002-0800-01) (0002-0800-02)",
        "1 BOTTLE in 1 CARTON (0002-0800-01",
        "1 A / B in 1 C",
        "30 TABLET in 1 BOTTLE *",
        "123456789012345 TABLET in 1 BOTTLE",
        "1\u001fTABLET\u001f1\u001fBOTTLE\u001f",
        "*",
    ],
)
def test_a_description_that_is_not_understood_is_kept_whole_and_flagged(spark: SparkSession, text: str) -> None:
    names = ("content_ordinal", "content_text", "parse_flag", "part_number", "level", "quantity", "unit", "content_ndc")
    assert described(spark, text, *names) == [(1, text, "UNPARSED", None, None, None, None, None)]


_PIECE = st.sampled_from(["1 A in 1 B", "1 A in 1 B (0002-0800-01)", " > ", " / ", " * ", "  *  ", " ", "A", "*", "/"])


@FEW_LARGE_BATCHES
@given(st.lists(st.lists(_PIECE, max_size=8).map("".join), min_size=1, max_size=80))
def test_levels_are_as_many_as_counted_whatever_the_description(spark: SparkSession, texts: list[str]) -> None:
    rows = bronze(spark, {"cder_package": [package(package_description=text or None) for text in texts]})
    transform = BY_TABLE["cder_package_content"]
    frame = kept(rows, transform)
    assert frame.agg(transform.expected()).collect()[0][0] == transform.transform(frame).count()
