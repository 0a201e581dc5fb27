from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from _shared.contracts.dataset import SilverColumn, SilverTable
from _shared.contracts.quality.expectations import Expectation
from config.errors import ConfigError
from config.release.expectations import with_expectations

TABLE = SilverTable("pills", "one row per pill", ("code",), (SilverColumn("code", "string", "c"),))
GOOD: dict[str, Any] = {
    "type": "expect_column_values_to_match_regex",
    "kwargs": {"column": "code", "regex": "^[0-9]+$"},
    "severity": "warning",
    "meta": {"reference": "https://example.org", "remedy": "look"},
}


def load(tmp_path: Path, document: dict[str, Any], name: str = "pills") -> SilverTable:
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / f"{name}.json").write_text(json.dumps(document), "utf-8")
    (table,) = with_expectations([TABLE], tmp_path, "domains/small")
    return table


def test_a_suite_belongs_to_the_table_of_its_file(tmp_path: Path) -> None:
    table = load(tmp_path, {"name": "pills", "expectations": [GOOD], "meta": {"great_expectations_version": "1.24.1"}})
    assert table.expectations == (Expectation(**GOOD),)


def test_a_table_without_a_file_has_no_expectations(tmp_path: Path) -> None:
    assert with_expectations([TABLE], tmp_path, "domains/small") == (TABLE,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kwargs": {"column": "colour"}}, "expectations.0.kwargs.column: expected a column of pills (found 'colour')"),
        ({"kwargs": {"column": "code", "regex": "["}}, "expectations.0.kwargs.regex: expected a regular expression"),
        ({"kwargs": {"column": ["code"]}}, "expectations.0.kwargs.column: expected a column of pills (found ['code'])"),
        ({"kwargs": {"column_list": "code"}}, "expectations.0.kwargs.column_list: expected a list (found 'code')"),
        ({"kwargs": {"column": "code", "value_set": "A"}}, "expectations.0.kwargs.value_set: expected a list"),
        ({"kwargs": {"column": "code", "regex": 5}}, "expectations.0.kwargs.regex: expected a regular expression"),
        (
            {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "SELECT 1"}},
            "expectations.0.kwargs.unexpected_rows_query: expected a query of {batch}, which stands for the table",
        ),
        ({"type": "ExpectColumnValues"}, "expectations.0.type: expected a name like expect_column_values_to_be_unique"),
        ({"severity": "info"}, "expectations: 0.severity: Input should be 'critical' or 'warning' (found 'info')"),
        ({"meta": {"notes": "x"}}, "expectations.0.meta: expected reference or remedy (found 'notes')"),
        ({"mostly": 0.9}, "expectations: 0.mostly: unknown key"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_what_was_expected(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, {"name": "pills", "expectations": [{**GOOD, **change}]})
    assert message in str(raised.value)
    assert str(raised.value).startswith("domains/small/expectations/pills.json: ")


def test_a_file_without_its_table_and_an_unknown_key_are_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expectations/pill\.json: there is no table pill in domains/small/config"):
        load(tmp_path, {"name": "pill", "expectations": []}, "pill")
    (tmp_path / "expectations/pill.json").rename(tmp_path / "expectations/pills.json")
    (tmp_path / "expectations/pills.json").write_text('{"name": "pills", "expectation": []}', "utf-8")
    with pytest.raises(ConfigError, match="expectation: unknown key"):
        with_expectations([TABLE], tmp_path, "domains/small")
