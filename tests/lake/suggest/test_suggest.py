"""A suggested suite is met by the table that it was made from, and is accepted as a file."""

from __future__ import annotations

import re

import duckdb

from _shared.contracts.dataset import SilverColumn, SilverTable
from config.release.expectations import as_suite
from lake import exit_codes
from lake.suggest.questions import counted, counting, detailed, detailing
from lake.suggest.suite import suite
from tests.lake.support import lake

COLUMNS = {"ndc": "string", "form": "string", "name": "string", "start": "date", "empty": "string"}
TABLE = SilverTable(
    "pills",
    "one row per pill",
    ("ndc",),
    tuple(SilverColumn(name, kind, name) for name, kind in COLUMNS.items()),
)
ROWS = """
    SELECT format('{:05d}-{:03d}', i, i % 1000) AS ndc, CASE WHEN i % 2 = 0 THEN 'TABLET' ELSE 'GEL' END AS form,
      repeat('x', i::INT) || ' ' || i AS name, DATE '2020-01-01' AS start, CAST(NULL AS VARCHAR) AS empty
    FROM range(1, 101) t(i)
    UNION ALL SELECT '1234-5678', NULL, 'z 1 z', NULL, NULL
"""


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, ...]]:
    # DuckDB replaces the first match only, unless told otherwise; Athena replaces all.
    ours = re.sub(r"regexp_replace\((\"\w+\"), ('[^']*'), ('[^']*')\)", r"regexp_replace(\1, \2, \3, 'g')", sql)
    ours = ours.replace("'[A-Za-z]', 'A')", "'[A-Za-z]', 'A', 'g')")
    return [tuple(str(value) for value in row) for row in connection.execute(ours).fetchall()]


def test_nulls_categories_and_codes_become_expectations() -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE pills AS {ROWS}")
        (row,) = ask(connection, counting(TABLE))
        facts = counted(TABLE, row)
        facts = detailed(facts, ask(connection, detailing(TABLE, facts)))
    document = suite("pills", facts)
    found = {(one["type"].removeprefix("expect_column_values_to_"), one["kwargs"]["column"]): one["kwargs"]
             for one in document["expectations"]}  # fmt: skip
    assert set(found) == {
        ("not_be_null", "ndc"),
        ("match_regex", "ndc"),
        ("not_be_null", "form"),
        ("be_in_set", "form"),
        ("not_be_null", "name"),
        ("not_be_null", "start"),
    }
    assert found["not_be_null", "form"]["mostly"] == 0.98
    assert found["be_in_set", "form"]["value_set"] == ["GEL", "TABLET"]
    pattern = found["match_regex", "ndc"]["regex"]
    assert re.search(pattern, "00012-345")
    assert re.search(pattern, "1234-5678")
    assert not re.search(pattern, "1234-567")
    assert len(as_suite(document, TABLE, "pills.json")) == 6


def test_an_unknown_table_is_a_users_mistake_with_a_suggestion() -> None:
    result = lake("expectations", "suggest", "nsd")
    assert result.exit_code == exit_codes.USAGE
    assert "nsde" in result.output
