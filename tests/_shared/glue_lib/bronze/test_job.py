from __future__ import annotations

import codecs
import csv
import io
import itertools
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from _shared.contracts.codec import encode_text
from _shared.contracts.errors import (
    MissingMemberError,
    SchemaDriftError,
    TruncatedMemberError,
    UnsupportedEncodingError,
    UnsupportedFormatError,
)
from _shared.contracts.layout import release_key, report_key
from _shared.contracts.report import TableCounts
from _shared.glue_lib import session
from _shared.glue_lib.bronze.job import open_table, run_bronze
from _shared.glue_lib.bronze.undecodable import escaped, is_undecodable
from _shared.glue_lib.documents import BRONZE, read_report
from _shared.glue_lib.silver.job import run_silver
from config.release.members import ENCODINGS
from tests._shared.glue_lib.local_lake import RUN_ID, STARTED_AT, LocalLake, digest_of, put_release
from tests._shared.glue_lib.small_dataset import HEADER, TRANSFORM, rows, small_config, with_members

ALL = ("a", "b", "c", "meta_malformed", "meta_raw_line")


def bronze(spark: SparkSession, lake: LocalLake, body: bytes, encoding: str = "utf-8") -> TableCounts:
    put_release(lake, "small", {"small": body}, encoding=encoding)
    return run_bronze(spark, small_config(), lake, RUN_ID).tables[0]


def test_values_are_kept_as_written_and_empty_ones_are_null(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, HEADER + b'1," x ""y"", z ",\r\n"", 5" pad,\\"\r\n')
    assert rows(spark, counts.location, *ALL) == [
        ("1", ' x "y", z ', None, None, None),
        (None, ' 5" pad', '\\"', None, None),
    ]


def test_every_row_tells_where_it_came_from(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, HEADER + b"1,2,3\r\n4,5,6")
    names = ("meta_row_position", "meta_run_id", "meta_version", "meta_source_file", "meta_source_sha256")
    told = (RUN_ID, "2019-04-29", "small.csv", digest_of("small"))
    assert rows(spark, counts.location, *names) == [(1, *told), (2, *told)]
    times = spark.read.parquet(counts.location).selectExpr("string(meta_ingested_at) AS time").collect()
    assert {row["time"] for row in times} == {STARTED_AT.replace("T", " ").removesuffix("Z")}


def test_lines_with_other_numbers_of_fields_are_kept_whole_and_counted(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, HEADER + b'1,2,3\r\n4,5\r\n\r\n6,7,8,9\r\n"a"b,1,2\r\n"p,q",1\r\n7,8,9\r\n')
    assert rows(spark, counts.location, *ALL) == [
        ("1", "2", "3", None, None),
        (None, None, None, "TOO_FEW_FIELDS", "4,5"),
        (None, None, None, "TOO_MANY_FIELDS", "6,7,8,9"),
        (None, None, None, "BAD_QUOTING", '"a"b,1,2'),
        (None, None, None, "TOO_FEW_FIELDS", '"p,q",1'),
        ("7", "8", "9", None, None),
    ]
    assert (counts.rows_in, counts.rows_out, counts.malformed) == (6, 6, 4)


def test_a_quoted_field_may_have_line_feeds_and_blank_lines(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, HEADER + b'1,"x\r\n\r\ny, ""z""",3\r\n"p\nq",5,6\r\n7,8,9\r\n')
    assert rows(spark, counts.location, "meta_row_position", *ALL) == [
        (1, "1", 'x\r\n\r\ny, "z"', "3", None, None),
        (2, "p\nq", "5", "6", None, None),
        (3, "7", "8", "9", None, None),
    ]


def test_a_stray_quote_costs_its_own_line_and_never_a_neighbour(spark: SparkSession, lake: LocalLake) -> None:
    # Spark's CSV reader makes one plausible record of the second and third line.
    counts = bronze(spark, lake, HEADER + b'1,2,3\r\n4,"x\r\n"q, r",z,6\r\n7,"a\r\nb",9\r\n8,"open,9\r\n10,11,12\r\n')
    assert rows(spark, counts.location, "meta_row_position", *ALL) == [
        (1, "1", "2", "3", None, None),
        (2, None, None, None, "BAD_QUOTING", '4,"x'),
        (3, "q, r", "z", "6", None, None),
        (4, "7", "a\r\nb", "9", None, None),
        (5, None, None, None, "BAD_QUOTING", '8,"open,9'),
        (6, "10", "11", "12", None, None),
    ]
    assert (counts.rows_in, counts.rows_out, counts.malformed) == (6, 6, 2)


def test_windows_1252_is_decoded_as_the_release_says(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, HEADER + "Dr. Reddy\u2019s,Mölnlycke,€\r\n".encode("cp1252"), "cp1252")
    assert rows(spark, counts.location, "a", "b", "c") == [("Dr. Reddy\u2019s", "Mölnlycke", "€")]


def test_quotes_are_literal_and_another_delimiter_is_followed(spark: SparkSession, lake: LocalLake) -> None:
    put_release(lake, "small", {"small": b'A|B|C\n"x|y"|1\nTrading as "S"|\\|,\n'})
    counts = run_bronze(spark, small_config(quote="", delimiter="|"), lake, RUN_ID).tables[0]
    assert rows(spark, counts.location, "a", "b", "c") == [('"x', 'y"', "1"), ('Trading as "S"', "\\", ",")]


def test_columns_in_another_order_are_read_by_name(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, b"C,A,B\r\n3,1,2\r\n")
    assert rows(spark, counts.location, "a", "b", "c") == [("1", "2", "3")]
    assert counts.source_header == ("C", "A", "B")


def test_types_are_told_and_a_leading_zero_makes_a_text(spark: SparkSession, lake: LocalLake) -> None:
    body = b"20190101,007,1.5\r\n20190102,8,.5\r\n,,2\r\n"
    assert bronze(spark, lake, HEADER + body).inferred_types == {"a": "date8", "b": "string", "c": "decimal"}
    assert bronze(spark, lake, HEADER + b"20190101,-5,x\r\n3,12,\r\n").inferred_types["a"] == "bigint"
    assert bronze(spark, lake, HEADER + b"1,,x\r\n").inferred_types == {"a": "bigint", "b": "empty", "c": "string"}


def test_rows_are_placed_in_order_of_the_file_when_several_tasks_read_it(
    spark: SparkSession, lake: LocalLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LARGEST_SPLIT", 1024)
    body = b"".join(b"%d,%s,z\r\n" % (n, b"x" * (n % 90)) if n % 7 else b"%d,,z\r\n\r\n" % n for n in range(1, 101))
    counts = bronze(spark, lake, HEADER + body)
    assert (counts.rows_in, counts.rows_out) == (100, 100)
    found = rows(spark, counts.location, "a", "meta_row_position")
    assert [int(a) for a, _ in found] == list(range(1, 101))
    assert len({position for _, position in found}) == 100
    assert found[0] == ("1", 1)
    assert found[-1][1] > 100


def test_a_quoted_field_may_go_on_where_another_task_reads(
    spark: SparkSession, lake: LocalLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LARGEST_SPLIT", 256)
    text = "\n".join(f"line {n}" for n in range(20))
    body = b"".join(b'%d,"%s",z\r\n' % (n, text.encode()) for n in range(1, 6))
    counts = bronze(spark, lake, HEADER + body)
    assert rows(spark, counts.location, "meta_row_position", "a", "b") == [(n, str(n), text) for n in range(1, 6)]
    assert (counts.rows_in, counts.malformed) == (5, 0)


def test_a_retried_run_replaces_what_it_wrote(spark: SparkSession, lake: LocalLake) -> None:
    bronze(spark, lake, HEADER + b"1,2,3\r\n4,5,6\r\n")
    counts = bronze(spark, lake, HEADER + b"1,2,3\r\n4,5,6\r\n")
    assert len(rows(spark, counts.location, "a")) == 2
    files = [
        path.name for path in (lake.root / f"bronze/small/run={RUN_ID}").iterdir() if not path.name.startswith(".")
    ]
    assert len(files) == 1
    assert files[0].endswith(".zstd.parquet")


def test_the_report_is_written(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, HEADER + b"1,2,3\r\n")
    assert read_report(lake, "small", RUN_ID, BRONZE).tables == (counts,)


def test_one_file_that_drifted_leaves_no_table_of_the_others(spark: SparkSession, lake: LocalLake) -> None:
    config = with_members({}, {"table": "other"})
    put_release(lake, "small", {"small": HEADER + b"1,2,3\r\n", "other": b"A,X,C\r\n1,2,3\r\n"})
    with pytest.raises(SchemaDriftError, match=r"small: other\.csv: column 2 is 'X', expected 'B'"):
        run_bronze(spark, config, lake, RUN_ID)
    assert not (lake.root / "bronze").exists()


def test_a_member_that_the_release_lacks_is_told_and_not_made(spark: SparkSession, lake: LocalLake) -> None:
    config = with_members({}, {"table": "other", "optional": True})
    put_release(lake, "small", {"small": HEADER + b"1,2,3\r\n"}, absent=("other",))
    report = run_bronze(spark, config, lake, RUN_ID)
    assert ([counts.table for counts in report.tables], report.absent) == (["small"], ("other",))
    assert read_report(lake, "small", RUN_ID, BRONZE) == report
    assert not (lake.root / "bronze/other").exists()


def test_a_column_that_a_file_may_lack_is_null_there(spark: SparkSession, lake: LocalLake) -> None:
    columns = [
        {"name": "a", "header": "A"},
        {"name": "b", "header": "B", "optional": True},
        {"name": "c", "header": "C"},
    ]
    config = with_members({"columns": columns})
    for body, expected in ((b"A,C\r\n1,3\r\n", ("1", None, "3")), (HEADER + b"1,2,3\r\n", ("1", "2", "3"))):
        put_release(lake, "small", {"small": body})
        (counts,) = run_bronze(spark, config, lake, RUN_ID).tables
        assert rows(spark, counts.location, "a", "b", "c") == [expected]
        assert (counts.malformed, counts.inferred_types["b"]) == (0, "bigint" if expected[1] else "empty")
    put_release(lake, "small", {"small": b"A,B\r\n1,2\r\n"})
    with pytest.raises(SchemaDriftError, match="there is no column 'C'"):
        run_bronze(spark, config, lake, RUN_ID)


def test_every_encoding_that_a_contract_may_name_is_read_alike_by_python_and_spark(spark: SparkSession) -> None:
    body = bytes(range(32, 127))
    decoded = [F.decode(F.lit(bytearray(body)), codecs.lookup(name).name).alias(name) for name in ENCODINGS]
    row = spark.range(1).select(*decoded).first()
    assert row is not None
    assert row.asDict() == {name: body.decode(name) for name in ENCODINGS}


def test_a_missing_member_and_an_encoding_without_ascii_are_refused(spark: SparkSession, lake: LocalLake) -> None:
    put_release(lake, "small", {"other": HEADER})
    with pytest.raises(MissingMemberError, match="expected one file for table 'small'"):
        run_bronze(spark, small_config(), lake, RUN_ID)
    put_release(
        lake, "small", {"small": "A,B,C\n1,2,3\n".encode("cp500").replace(b"\x25", b"\n")}, encoding="utf-16-le"
    )
    with pytest.raises((UnsupportedEncodingError, SchemaDriftError)):
        run_bronze(spark, small_config(), lake, RUN_ID)


CUT = HEADER + b"1,2,3\r\n4,5,6\r\n7,8"


def put_with(lake: LocalLake, body: bytes, encoding: str = "utf-8", **known: Any) -> None:
    """Put a release whose file is known to have more than a name and a length."""
    release = put_release(lake, "small", {"small": body}, encoding=encoding)
    (source,) = release.sources
    raw = replace(source.members[0], **known)
    told = replace(release, sources=(replace(source, members=(raw,)),))
    lake.write_text(release_key("small", RUN_ID), encode_text(told))


@pytest.mark.parametrize("body", [CUT, CUT + b"\r", HEADER + b'1,2,3\r\n4,"5\r\nx'])
def test_a_file_that_ends_in_the_middle_of_a_record_is_not_published(
    spark: SparkSession, lake: LocalLake, body: bytes
) -> None:
    with pytest.raises(TruncatedMemberError, match=r"small: small\.csv ends in the middle of a record"):
        bronze(spark, lake, body)
    assert not (lake.root / report_key("small", RUN_ID, BRONZE)).exists()


def test_a_file_that_was_written_so_is_read_with_a_broken_last_line(spark: SparkSession, lake: LocalLake) -> None:
    put_with(lake, CUT, verified=True)
    (counts,) = run_bronze(spark, small_config(), lake, RUN_ID).tables
    assert (counts.rows_in, counts.malformed) == (3, 1)


def test_a_broken_last_line_with_a_line_feed_is_counted(spark: SparkSession, lake: LocalLake) -> None:
    counts = bronze(spark, lake, CUT + b"\r\n")
    assert (counts.rows_in, counts.malformed) == (3, 1)


@pytest.mark.parametrize(
    ("encoding", "bad", "text"),
    [
        ("utf-8", b"4,\x81\xc3\xbc\xe2\x82,6", "4,\\x81ü\\xe2\\x82,6"),
        ("cp1252", b"4,\x81\xfc,6", "4,\\x81ü,6"),
        ("ascii", b"4,\xff,6", "4,\\xff,6"),
    ],
)
def test_a_line_that_cannot_be_decoded_is_kept_with_escapes_and_counted(
    spark: SparkSession, lake: LocalLake, encoding: str, bad: bytes, text: str
) -> None:
    put_with(lake, HEADER + b"1,2,3\r\n" + bad + b"\r\n7,8,9\r\n", encoding, undecodable_lines=1)
    (counts,) = run_bronze(spark, small_config(), lake, RUN_ID).tables
    assert rows(spark, counts.location, *ALL) == [
        ("1", "2", "3", None, None),
        (None, None, None, "UNDECODABLE", text),
        ("7", "8", "9", None, None),
    ]
    assert (counts.rows_in, counts.rows_out, counts.malformed) == (3, 3, 1)


def test_a_record_of_several_lines_is_undecodable_where_one_of_them_is(spark: SparkSession, lake: LocalLake) -> None:
    body = b'1,"a\r\n\x81",3\r\n2,"b\r\nc",3\r\n3,"d\r\ne\r\n",\x90\r\n"\x81\r\n",4,5\r\n'
    put_with(lake, HEADER + body, "cp1252", undecodable_lines=3)
    (counts,) = run_bronze(spark, small_config(), lake, RUN_ID).tables
    assert rows(spark, counts.location, "meta_row_position", *ALL) == [
        (1, None, None, None, "UNDECODABLE", '1,"a\r\n\\x81",3'),
        (2, "2", "b\r\nc", "3", None, None),
        (3, None, None, None, "UNDECODABLE", '3,"d\r\ne\r\n",\\x90'),
        (4, None, None, None, "UNDECODABLE", '"\\x81\r\n",4,5'),
    ]


def test_bytes_are_escaped_as_python_does(spark: SparkSession) -> None:
    # Every pair of bytes, and every one of those that begin a longer sequence with each kind of what follows.
    pairs = [bytes(pair) for pair in itertools.product(range(256), repeat=2)]
    tails = (0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0)
    longer = [bytes(four) for four in itertools.product(range(0xE0, 0xF6), tails, tails, tails)]
    frame = spark.createDataFrame([(value,) for value in (*pairs, *longer)], "line binary")
    for encoding in ("utf-8", "cp1252", "ascii"):
        name = codecs.lookup(encoding).name
        read = frame.select("line", is_undecodable(F.col("line"), name), escaped(F.col("line"), name)).collect()
        for line, undecodable, text in read:
            assert (text, undecodable) == (line.decode(encoding, "backslashreplace"), not _decodes(line, encoding))


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def test_several_files_become_one_table_in_their_order(spark: SparkSession, lake: LocalLake) -> None:
    first, second = HEADER + b'1,"x\ny",3\r\n4,5,6', b"C,A,B\n9,7,8\n"
    release = put_release(lake, "small", {"small": first, "other": second})
    raws = [replace(raw, table="small") for raw in release.members]
    source = replace(release.sources[0], members=tuple(raws))
    lake.write_text(release_key("small", RUN_ID), encode_text(replace(release, sources=(source,))))
    config = with_members({"many": True})
    (counts,) = run_bronze(spark, config, lake, RUN_ID).tables
    found = rows(spark, counts.location, "meta_row_position", "meta_source_file", "a", "b", "c")
    assert found == [
        (1, "small.csv", "1", "x\ny", "3"),
        (2, "small.csv", "4", "5", "6"),
        (len(first) + 1, "other.csv", "7", "8", "9"),
    ]
    assert (counts.rows_in, counts.rows_out) == (3, 3)
    report = run_silver(spark, config, [TRANSFORM], lake, RUN_ID)
    assert (report.tables[0].rows_in, report.tables[0].sources) == (3, ("small",))


def test_a_format_without_reader_is_refused_by_name(lake: LocalLake) -> None:
    release = put_release(lake, "small", {"small": HEADER + b"1,2,3\r\n"})
    (declared,) = small_config().members
    member = replace(declared, parse=replace(declared.parse, format="json lines"))
    with pytest.raises(UnsupportedFormatError) as raised:
        open_table(lake, release, member)
    assert raised.value.what == "small: table 'small': no reader for files of format 'json lines'"
    assert raised.value.remedy == "use one of delimited, or add a reader to bronze"


_text = st.text('ab ,"\n\\é', max_size=6)


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example([("", "", "\n"), ("", "", ",,\n")], csv.QUOTE_ALL)
@given(
    st.lists(st.tuples(_text, _text, _text), min_size=1, max_size=60),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_pythons_csv_writer_writes_comes_back(
    spark: SparkSession, lake: LocalLake, records: list[tuple[str, str, str]], quoting: Literal[0, 1]
) -> None:
    content = io.StringIO(newline="")
    csv.writer(content, quoting=quoting).writerows([("A", "B", "C"), *records])
    counts = bronze(spark, lake, content.getvalue().encode())
    expected = [tuple(value or None for value in record) for record in records]
    assert rows(spark, counts.location, "a", "b", "c") == expected
    assert (counts.malformed, counts.rows_in) == (0, len(records))
