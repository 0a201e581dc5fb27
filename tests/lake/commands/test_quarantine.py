"""``lake quarantine``: what a run did not publish, by reason, and the rows as the source has them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from _shared.contracts import layout
from _shared.contracts.run_record import FAILED, SKIPPED
from _shared.glue_lib.bronze.records import RAW_LINE
from _shared.glue_lib.silver.accounting import QUARANTINE_REASON
from lake import exit_codes
from tests.lake.support import BUCKET, RECORD, REGION, add_records, lake, put_records, simulated_aws

FAILURE = replace(RECORD, run_id="20250201T063000Z-bbbbbbbb", status=FAILED, error="QualityCheckFailedError")
LATER = replace(RECORD, run_id="20250202T063000Z-cccccccc", status=SKIPPED)


def put(run_id: str, name: str, rows: list[dict[str, Any]]) -> None:
    columns = ("item_code", "proprietary_name", QUARANTINE_REASON, RAW_LINE, "meta_row_position")
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{column: row.get(column) for column in columns} for row in rows]), body)
    key = f"{layout.quarantine_prefix('nsde', run_id)}{name}.zstd.parquet"
    boto3.client("s3", region_name=REGION).put_object(Bucket=BUCKET, Key=key, Body=body.getvalue())


def short(position: int) -> dict[str, Any]:
    return {QUARANTINE_REASON: "TOO_FEW_FIELDS", RAW_LINE: f"a,b,{position}", "meta_row_position": position}


@pytest.fixture(autouse=True)
def kept_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        put_records(RECORD)
        named = {"proprietary_name": "Aspirin", QUARANTINE_REASON: "NO_ITEM_CODE", "meta_row_position": 7}
        put(RECORD.run_id, "part-0", [named, short(8)])
        put(RECORD.run_id, "part-1", [short(position) for position in range(100, 108)])
        yield


def shown(*arguments: str) -> dict[str, Any]:
    result = lake("quarantine", "nsde", *arguments, "--json")
    assert result.exit_code == exit_codes.OK, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_every_row_is_counted_and_the_first_of_each_reason_are_shown() -> None:
    document = shown("--limit", "2")
    assert document["counts"] == [
        {"table": "nsde", "reason": "NO_ITEM_CODE", "rows": 1},
        {"table": "nsde", "reason": "TOO_FEW_FIELDS", "rows": 9},
    ]
    assert [(row["reason"], row["position"], row["values"], row["line"]) for row in document["rows"]] == [
        ("NO_ITEM_CODE", 7, {"proprietary_name": "Aspirin"}, None),
        ("TOO_FEW_FIELDS", 8, {}, "a,b,8"),
        ("TOO_FEW_FIELDS", 100, {}, "a,b,100"),
    ]


def test_people_see_a_table_with_the_text_of_the_source() -> None:
    result = lake("quarantine", "nsde", "--reason", "TOO_FEW_FIELDS", "--limit", "1")
    assert result.exit_code == exit_codes.OK, result.output
    assert "nsde TOO_FEW_FIELDS 9" in " ".join(result.stdout.split())
    assert "a,b,8" in result.stdout
    assert "Aspirin" not in result.stdout


def test_the_last_run_that_processed_something_is_meant_also_if_it_failed() -> None:
    add_records(FAILURE, LATER)
    put(FAILURE.run_id, "part-0", [short(1)])
    assert shown()["run_id"] == FAILURE.run_id
    assert shown(RECORD.run_id)["counts"][1]["rows"] == 9


def test_a_run_without_quarantine_is_told_in_words() -> None:
    add_records(FAILURE)
    result = lake("quarantine", "nsde")
    assert result.exit_code == exit_codes.OK
    assert f"Run {FAILURE.run_id} quarantined no row." in " ".join(result.output.split())


def test_an_unknown_run_is_a_users_mistake_with_a_suggestion() -> None:
    result = lake("quarantine", "nsde", RECORD.run_id[:-1] + "b")
    assert result.exit_code == exit_codes.USAGE
    assert RECORD.run_id in result.output
