"""How a query is read: names against the catalog, what is refused, what of each table is needed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_cloud.athena.engine.relations import needed_partitions
from local_cloud.athena.errors import QueryError
from local_cloud.athena.sql.translate import Translation, translate
from local_cloud.athena.tables.catalog import Column, Table
from tests.local_cloud.athena.tables import StaticCatalog, drugs

CATALOG = StaticCatalog(
    drugs("2024-01-01", "2024-02-01", "2025-01-01"),
    Table("db", "other", (Column("code", "string"),), (), "s3://lake/o/", "parquet"),
)


def read(sql: str, *parameters: str) -> Translation:
    return translate(sql, "db", CATALOG, parameters)


def needed(sql: str) -> list[str]:
    scan = read(sql).scans[0]
    return [partition.values[0] for partition in needed_partitions(scan.table, scan.usage)]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        (
            "SELECT count(*), code, 1 + 1, Amount AS Total FROM drugs GROUP BY code, amount",
            ["_col0", "code", "_col2", "Total"],
        ),
        ('SELECT code AS "Big Name" FROM drugs', ["Big Name"]),
        ("SELECT *, 1 FROM other", ["code", "_col1"]),
        ("SELECT Code FROM OTHER", ["Code"]),
        ("SELECT origin.country FROM drugs", ["country"]),
        ("SELECT 1 UNION ALL SELECT amount FROM drugs", ["_col0"]),
        ("SELECT * FROM (SELECT max(amount) FROM drugs)", ["_col0"]),
        ("VALUES (1, 'a')", ["_col0", "_col1"]),
        ("SELECT code, code FROM drugs", ["code", "code"]),
        ("TABLE other", ["code"]),
    ],
)
def test_columns_are_named_as_athena_names_them(sql: str, names: list[str]) -> None:
    assert list(read(sql).names) == names


@pytest.mark.parametrize("name", ["drugs", "DRUGS", "db.drugs", '"db"."drugs"', "AwsDataCatalog.db.Drugs"])
def test_a_table_is_found_by_any_spelling(name: str) -> None:
    assert read(f"TABLE {name}").scans[0].table.name == "drugs"


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELEC 1", "SYNTAX_ERROR: line 1:7"),
        ("SELECT 1; SELECT 2", "SYNTAX_ERROR: Only one sql statement is allowed"),
        ("", "SYNTAX_ERROR: line 1:1"),
        ("SELECT FROM drugs", "SYNTAX_ERROR: line 1:8"),
        ("SELECT *", "SYNTAX_ERROR: line 1:8: SELECT \\* not allowed"),
        ("SELECT code,, amount FROM drugs", "SYNTAX_ERROR: line 1:13"),
        ("FROM drugs", "SYNTAX_ERROR: line 1:1"),
        ("SELECT amount::varchar FROM drugs", "SYNTAX_ERROR: line 1:14: mismatched input '::'"),
        ("SELECT code FROM drugs WHERE code ILIKE 'a'", "SYNTAX_ERROR"),
        ("SELECT DISTINCT ON (code) code FROM drugs", "SYNTAX_ERROR"),
        ("SELECT * EXCLUDE (code) FROM drugs", "SYNTAX_ERROR"),
        ("SELECT code FROM drugs GROUP BY ALL", "SYNTAX_ERROR"),
        ("SELECT * FROM nowhere", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.nowhere' does not exist"),
        ("SELECT * FROM no.place", "SCHEMA_NOT_FOUND: line 1:15: Schema 'no' does not exist"),
        ("SELECT * FROM hive.db.drugs", "CATALOG_NOT_FOUND"),
        ("SELECT nothing FROM drugs", "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved"),
        ("SELECT d.nothing FROM drugs d", "COLUMN_NOT_FOUND"),
        ("SELECT amount a FROM drugs WHERE a > 1", "COLUMN_NOT_FOUND: line 1:34: Column 'a' cannot be resolved"),
        ("SELECT amount a FROM drugs GROUP BY a", "COLUMN_NOT_FOUND"),
        ("SELECT code FROM drugs CROSS JOIN other", "AMBIGUOUS_NAME: line 1:8: Column 'code' is ambiguous"),
        ("SELECT list_sort(names) FROM drugs", "FUNCTION_NOT_FOUND: line 1:8: Function 'list_sort'"),
        ("SELECT substr(code) FROM drugs", "FUNCTION_NOT_FOUND: line 1:8: Function 'substr' with 1 arguments"),
        ("SELECT read_text('/etc/passwd')", "FUNCTION_NOT_FOUND"),
        ("SELECT * FROM read_csv('/etc/passwd')", "SYNTAX_ERROR"),
        ("SELECT * FROM drugs, '/etc/passwd'", "SYNTAX_ERROR|TABLE_NOT_FOUND"),
        ("SELECT 1 FROM drugs WHERE started > '2024-01-01'", r"TYPE_MISMATCH: line 1:27: .*date > varchar\(10\)"),
        ("SELECT 1 FROM drugs WHERE code = 1", "TYPE_MISMATCH"),
        ("SELECT 1 FROM drugs WHERE code IN (1, 2)", "TYPE_MISMATCH"),
        ("SELECT 1 FROM drugs WHERE amount BETWEEN '1' AND '2'", "TYPE_MISMATCH"),
        ("SELECT amount || code FROM drugs", "TYPE_MISMATCH"),
        ("SELECT ? FROM drugs", "INVALID_PARAMETER_USAGE"),
        ("CREATE TABLE x AS SELECT 1 AS a", "NOT_SUPPORTED: CREATE statements"),
    ],
)
def test_what_athena_refuses_is_refused(sql: str, error: str) -> None:
    with pytest.raises(QueryError, match=error):
        read(sql)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT count(*) FROM drugs", set()),
        ("SELECT count(*) FROM (SELECT * FROM drugs)", set()),
        ("SELECT code FROM drugs WHERE amount > 1 ORDER BY started", {"code", "amount", "started"}),
        ("SELECT a FROM (SELECT amount AS a, code FROM drugs)", {"amount"}),
        ("WITH d AS (SELECT * FROM drugs) SELECT price FROM d", {"price"}),
        ("SELECT name FROM drugs CROSS JOIN UNNEST(names) AS t(name)", {"names"}),
        ("SELECT version FROM drugs", {"version"}),
        ("SELECT origin.country FROM drugs", {"origin"}),
        ("SELECT 1 FROM drugs d WHERE EXISTS (SELECT 1 FROM other o WHERE o.code = d.code)", {"code"}),
    ],
)
def test_only_the_columns_that_matter_are_read(sql: str, columns: set[str]) -> None:
    assert read(sql).scans[0].usage.columns == columns


@pytest.mark.parametrize(
    ("condition", "versions"),
    [
        ("version = '2024-01-01'", ["2024-01-01"]),
        ("version IN ('2024-02-01', '1999-01-01')", ["2024-02-01"]),
        ("version LIKE '2024%' AND amount > 1", ["2024-01-01", "2024-02-01"]),
        ("version >= '2024-02-01' AND version < '2025'", ["2024-02-01"]),
        ("version = '2024-01-01' OR amount = 1", ["2024-01-01", "2024-02-01", "2025-01-01"]),
        ("year(date(version)) = 2025", ["2025-01-01"]),
        ("CAST(version AS integer) = 1", ["2024-01-01", "2024-02-01", "2025-01-01"]),
        ("amount = 1", ["2024-01-01", "2024-02-01", "2025-01-01"]),
    ],
)
def test_conditions_on_partition_keys_choose_partitions(condition: str, versions: list[str]) -> None:
    for query in (
        "SELECT code FROM drugs WHERE {}",
        "SELECT code FROM (SELECT * FROM drugs) WHERE {}",
        "WITH d AS (SELECT * FROM drugs) SELECT code FROM d WHERE {}",
    ):
        assert needed(query.format(condition)) == versions


def test_each_reference_to_a_table_is_pruned_alone() -> None:
    sql = "SELECT 1 FROM drugs a JOIN drugs b ON a.code = b.code WHERE a.version = '2024-01-01'"
    first, second = read(sql).scans
    assert len(needed_partitions(first.table, first.usage)) == 1
    assert len(needed_partitions(second.table, second.usage)) == 3


def test_a_parameter_is_a_literal_and_nothing_more() -> None:
    assert read("SELECT code FROM drugs WHERE code = ?", "'it''s'").scans
    with pytest.raises(QueryError, match="INVALID_PARAMETER_USAGE"):
        read("SELECT code FROM drugs WHERE code = ?", "(SELECT code FROM other)")


WORDS = st.sampled_from([
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "drugs", "other", "code", "amount", "names", "version",
    "origin", ".", ",", "(", ")", "*", "+", "/", "=", ">", "<", "1", "'x'", "2.5", "AND", "OR", "NOT", "NULL", "AS",
    "t", "UNION", "ALL", "WITH", "IN", "BETWEEN", "CASE", "WHEN", "THEN", "END", "JOIN", "ON", "CROSS", "UNNEST",
    "count", "sum", "[", "]", "?", ";", "::", "->", "CAST", "date", "interval", "OVER", "PARTITION", "DISTINCT",
    "LIMIT", "EXISTS", "VALUES", "ARRAY", "MAP",
])  # fmt: skip
STATEMENTS = st.lists(WORDS, max_size=15).map(" ".join)


@given(st.one_of(st.text(max_size=40), STATEMENTS, STATEMENTS.map("SELECT {}".format)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_translated_or_refused_by_name(text: str) -> None:
    with suppress(QueryError):
        assert read(text).sql
