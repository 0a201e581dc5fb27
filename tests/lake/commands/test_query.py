"""``lake query``: answers for people, for scripts and for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from lake import exit_codes
from tests.lake.support import ACCOUNT, REGION, lake, simulated_aws


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


QUERY_RESULT = {
    "ColumnInfo": [
        {"CatalogName": "", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind}
        for name, kind in (("status", "varchar"), ("rows", "bigint"), ("active", "boolean"))
    ],
    "Rows": [
        {"Data": [{"VarCharValue": "status"}, {"VarCharValue": "rows"}, {"VarCharValue": "active"}]},
        {"Data": [{"VarCharValue": "[ACTIVE]"}, {"VarCharValue": "12"}, {"VarCharValue": "true"}]},
        {"Data": [{}, {"VarCharValue": "3"}, {"VarCharValue": "false"}]},
    ],
}


@pytest.fixture
def athena() -> None:
    boto3.client("athena", region_name=REGION).create_work_group(
        Name="dev-pp-raws", Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/"}}
    )
    body = {"results": [{"rows": QUERY_RESULT["Rows"], "column_info": QUERY_RESULT["ColumnInfo"]}], "region": REGION}
    body["account_id"] = ACCOUNT
    requests.post("http://motoapi.amazonaws.com/moto-api/static/athena/query-results", json=body, timeout=5)


@pytest.mark.usefixtures("athena")
def test_query_prints_a_table_with_brackets_and_nulls_as_they_are() -> None:
    result = lake("query", "SELECT 1")
    assert result.exit_code == exit_codes.OK, result.output
    assert "[ACTIVE]" in result.stdout
    assert "null" in result.stdout
    assert "2 rows" in result.stderr


@pytest.mark.usefixtures("athena")
def test_query_as_json_is_typed() -> None:
    document = json.loads(lake("query", "SELECT 1", "--json").stdout)
    assert document["rows"] == [
        {"status": "[ACTIVE]", "rows": 12, "active": True},
        {"status": None, "rows": 3, "active": False},
    ]


@pytest.mark.usefixtures("athena")
def test_query_as_csv_has_one_header() -> None:
    result = lake("query", "-", "--csv", input="SELECT 1")
    assert list(csv.reader(io.StringIO(result.stdout))) == [
        ["status", "rows", "active"],
        ["[ACTIVE]", "12", "true"],
        ["", "3", "false"],
    ]


@pytest.mark.usefixtures("athena")
def test_a_capped_table_says_so() -> None:
    result = lake("query", "SELECT 1", "--limit", "1")
    assert "the first 1 rows" in result.stderr
    assert "null" not in result.stdout


@pytest.mark.parametrize(
    "arguments", [("query", " "), ("query", "SELECT 1", "--csv", "--json"), ("query", "1", "--env", "x")]
)
def test_a_query_that_makes_no_sense_is_a_users_mistake(arguments: tuple[str, ...]) -> None:
    assert lake(*arguments).exit_code == exit_codes.USAGE


def test_a_failed_query_ends_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Athena:
        def get_query_execution(self, **_: str) -> dict[str, Any]:
            status = {
                "State": "FAILED",
                "StateChangeReason": "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved",
            }
            return {"QueryExecution": {"Status": status}}

    monkeypatch.setattr("lake.aws.athena.start", lambda *_: "query")
    monkeypatch.setattr("lake.aws.connection.Connection.athena", Athena())
    result = lake("query", "SELECT x")
    assert result.exit_code == exit_codes.FAILED
    assert "COLUMN_NOT_FOUND" in result.stderr
