"""Files without header, whose lines end with a delimiter: RRF."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from _shared.contracts.errors import EmptyMemberError, SchemaDriftError
from _shared.contracts.report import TableCounts
from _shared.glue_lib import session
from _shared.glue_lib.bronze.job import run_bronze
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release
from tests._shared.glue_lib.small_dataset import rows, with_members

PARSE = {"delimiter": "|", "quote": "", "encodings": ["utf-8"], "header": False, "trailing_delimiter": True}
CONFIG = with_members({"parse": PARSE, "columns": [{"name": name} for name in ("a", "b", "c")]})


def bronze(spark: SparkSession, lake: LocalLake, body: bytes) -> TableCounts:
    put_release(lake, "small", {"small": body})
    (counts,) = run_bronze(spark, CONFIG, lake, RUN_ID).tables
    return counts


def test_every_line_is_a_record_and_quotes_are_literal(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, '1|"x|é\u2019|\r\n2||"|\n\n3|Trading as "S"|c|'.encode())
    assert rows(spark, counts.location, "meta_row_position", "a", "b", "c") == [
        (1, "1", '"x', "é\u2019"),
        (2, "2", None, '"'),
        (3, "3", 'Trading as "S"', "c"),
    ]
    assert (counts.rows_in, counts.rows_out, counts.malformed, counts.source_header) == (3, 3, 0, ())


def test_a_byte_order_mark_is_no_part_of_the_first_field(spark: SparkSession, lake: LocalLake) -> None:
    assert rows(spark, bronze(spark, lake, b"\xef\xbb\xbf1|2|3|\n").location, "a") == [("1",)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4|5|", "TOO_FEW_FIELDS"),
        ("4|5|6", "TOO_FEW_FIELDS"),
        ("4|5|6|7", "TOO_MANY_FIELDS"),
        ("4|5|6|7|", "TOO_MANY_FIELDS"),
        ("4|5|6||", "TOO_MANY_FIELDS"),
        (" ", "TOO_FEW_FIELDS"),
    ],
)
def test_a_line_with_another_number_of_fields_is_kept_whole_and_counted(
    spark: SparkSession, lake: LocalLake, line: str, reason: str
) -> None:
    counts = bronze(spark, lake, f"{line}\n1|2|3|\n".encode())
    assert rows(spark, counts.location, "a", "meta_malformed", "meta_raw_line") == [
        (None, reason, line),
        ("1", None, None),
    ]
    assert (counts.rows_in, counts.malformed) == (2, 1)


@pytest.mark.parametrize("lines", ["1|2|3|4|\n5|6|7|8|\n", "1|2|3\n4|5|6\n"])
def test_a_file_in_which_no_line_has_the_declared_columns_has_drifted(
    spark: SparkSession, lake: LocalLake, lines: str
) -> None:
    found = lines.split("\n", maxsplit=1)[0].count("|")
    with pytest.raises(SchemaDriftError) as raised:
        bronze(spark, lake, lines.encode())
    assert raised.value.what == f"small: small.csv: its lines have {found} fields, where 3 columns are declared"
    assert "change members in domains/small/config/dataset.json" in raised.value.remedy
    assert not (lake.root / "bronze").exists()


@pytest.mark.parametrize("body", [b"\r\n\n", b"", b"\xef\xbb\xbf"])
def test_a_file_without_lines_is_named(spark: SparkSession, lake: LocalLake, body: bytes) -> None:
    with pytest.raises(EmptyMemberError, match=r"small: small\.csv is empty"):
        bronze(spark, lake, body)


def test_the_first_line_of_the_file_alone_has_the_first_place(
    spark: SparkSession, lake: LocalLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LARGEST_SPLIT", 512)
    counts = bronze(spark, lake, b"".join(b"%d|%s||\n" % (n, b"x" * (n % 60)) for n in range(1, 61)))
    found = rows(spark, counts.location, "a", "meta_row_position")
    assert [int(a) for a, _ in found] == list(range(1, 61))
    assert (found[0][1], len({position for _, position in found})) == (1, 60)
