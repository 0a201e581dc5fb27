"""Names, types and texts of results, the types of the catalog, and SHOW and DESCRIBE."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.athena.engine.results import Result, ResultColumn, double_text, to_csv
from local_cloud.athena.errors import QueryError
from local_cloud.athena.statements import Request, answer_statement
from local_cloud.athena.tables.catalog import table_from_glue
from local_cloud.athena.tables.hive_types import parse_type
from tests.local_cloud.athena.tables import StaticCatalog, drugs

CATALOG = StaticCatalog(drugs("2024-02-01", "2024-01-01"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"), (100.0, "100.0"), (0.1, "0.1"), (1e7, "1.0E7"), (9999999.0, "9999999.0"), (0.001, "0.001"),
        (0.0001, "1.0E-4"), (-1.5e300, "-1.5E300"), (123456789.125, "1.23456789125E8"), (float("nan"), "NaN"),
        (float("inf"), "Infinity"), (float("-inf"), "-Infinity"),
    ],
)  # fmt: skip
def test_doubles_are_written_as_java_writes_them(value: float, text: str) -> None:
    assert double_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_double_is_exact(value: float) -> None:
    assert float(double_text(value)) == value


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"])), st.text("ab\"',\n"))
    )
)
def test_the_csv_reads_back_and_tells_null_from_empty(values: list[tuple[str, str]]) -> None:
    columns = (ResultColumn("a", "varchar"), ResultColumn("b", "varchar"))
    text = to_csv(Result(columns, tuple(values))).decode()
    assert list(csv.reader(io.StringIO(text, newline=""), lineterminator="\n"))[1:] == [list(pair) for pair in values]
    assert to_csv(Result(columns, ((None, ""),))) == b'"a","b"\n,""\n'


@pytest.mark.parametrize(
    ("declared", "duckdb"),
    [
        ("string", "VARCHAR"),
        ("varchar(10)", "VARCHAR"),
        ("DECIMAL(10, 2)", "DECIMAL(10, 2)"),
        ("decimal", "DECIMAL(10, 0)"),
        ("binary", "BLOB"),
        ("float", "REAL"),
        ("array<struct<code:string,n:decimal(10,2)>>", 'STRUCT("code" VARCHAR, "n" DECIMAL(10, 2))[]'),
        ("map<string,array<int>>", "MAP(VARCHAR, INTEGER[])"),
    ],
)
def test_catalog_types_are_read(declared: str, duckdb: str) -> None:
    assert parse_type(declared).duckdb == duckdb


@pytest.mark.parametrize("declared", ["text", "array<int", "map<int>", "struct<a>", "int int", ""])
def test_a_type_that_athena_does_not_know_is_refused(declared: str) -> None:
    with pytest.raises(QueryError, match="HIVE_INVALID_METADATA"):
        parse_type(declared)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SHOW DATABASES", ["db"]),
        ("show schemas;", ["db"]),
        ("SHOW TABLES", ["drugs"]),
        ("SHOW TABLES IN `db`", ["drugs"]),
        ("SHOW TABLES IN db 'x*'", []),
        ("SHOW PARTITIONS db.drugs -- all", ["version=2024-01-01", "version=2024-02-01"]),
        ("SHOW COLUMNS IN drugs", ["code", "amount", "price", "started", "names", "origin", "version"]),
        ("SHOW COLUMNS FROM drugs FROM db", ["code", "amount", "price", "started", "names", "origin", "version"]),
    ],
)
def test_show_lists_what_the_catalog_has(sql: str, rows: list[str]) -> None:
    found = answer_statement(Request(sql, "db"), CATALOG)
    assert found is not None
    assert [str(row[0]).strip() for row in found.rows] == rows


def test_describe_tells_columns_and_partition_keys() -> None:
    found = answer_statement(Request("DESCRIBE drugs", "db"), CATALOG)
    assert found is not None
    assert found.rows[2] == ("price               \tdecimal(10,2)       \t                    ",)
    assert found.rows[-1] == ("version             \tstring              \t                    ",)


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SHOW TABLES IN nowhere", "SCHEMA_NOT_FOUND"),
        ("DESCRIBE nothing", "TABLE_NOT_FOUND"),
        ("SHOW CREATE TABLE drugs", "NOT_SUPPORTED: SHOW CREATE"),
        ("DESCRIBE other.db.drugs", "CATALOG_NOT_FOUND"),
    ],
)
def test_show_and_describe_fail_by_name(sql: str, error: str) -> None:
    with pytest.raises(QueryError, match=error):
        answer_statement(Request(sql, "db"), CATALOG)


def test_a_query_is_no_utility() -> None:
    assert answer_statement(Request("SELECT 1", "db"), CATALOG) is None


@pytest.mark.parametrize(
    ("storage", "parameters", "expected"),
    [
        ({"InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"}, {}, "parquet"),
        ({"InputFormat": "org.apache.hadoop.mapred.TextInputFormat"}, {"classification": "parquet"}, "text"),
        ({}, {"classification": "parquet"}, "parquet"),
        ({}, {}, "text"),
    ],
)
def test_the_format_is_what_the_input_format_says(
    storage: dict[str, str], parameters: dict[str, str], expected: str
) -> None:
    table = table_from_glue({"Name": "t", "StorageDescriptor": storage, "Parameters": parameters}, [])
    assert table.data_format == expected


def test_a_view_of_another_engine_is_refused() -> None:
    with pytest.raises(QueryError, match="NOT_SUPPORTED: view 'v', which neither"):
        table_from_glue({"Name": "v", "TableType": "VIRTUAL_VIEW"}, [])
