"""``lake lineage``: what a published table is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from _shared.contracts import layout
from _shared.contracts.codec import encode_text
from _shared.contracts.manifest import Manifest, Publication
from _shared.contracts.release import FETCHED, FetchedSource, SourceState
from _shared.contracts.report import JobReport, TableCounts
from lake import exit_codes
from tests.lake.support import BUCKET, RECORD, REGION, lake, put_records, simulated_aws

SOURCES = {"ndc11": ("nsde.item_code",), "is_active": ("nsde.inactivation_date", "nsde.marketing_start_date")}


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


def publish(sources: dict[str, tuple[str, ...]]) -> None:
    state = SourceState("https://download.open.fda.gov/nsde.zip", "a" * 64, 10)
    put_records(replace(RECORD, sources=(FetchedSource("nsde", FETCHED, state),)))
    current = Publication("2019-04-29", RECORD.run_id, "2025-01-31T06:31:00Z", {"nsde": state}, "f")
    put(layout.manifest_key("nsde"), encode_text(Manifest("nsde", current.run_id, {current.run_id: current})))
    counts = TableCounts("nsde", 10, 10, "s3://x/", column_sources=sources)
    report = JobReport("nsde", RECORD.run_id, "silver", (counts,))
    put(layout.report_key("nsde", RECORD.run_id, "silver"), encode_text(report))


def put(key: str, text: str) -> None:
    boto3.client("s3", region_name=REGION).put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def test_a_column_leads_to_bronze_and_to_the_header_of_the_file() -> None:
    publish(SOURCES)
    result = lake("lineage", "nsde", "--column", "ndc11")
    assert result.exit_code == exit_codes.OK, result.output
    assert "bronze_nsde.item_code: Item Code of nsde" in result.stdout
    assert "https://download.open.fda.gov/nsde.zip, SHA-256 aaaa" in result.stdout
    assert "is_active" not in result.stdout


def test_all_columns_as_json() -> None:
    publish(SOURCES)
    document = json.loads(lake("lineage", "nsde", "--json").stdout)
    assert document["run_id"] == RECORD.run_id
    assert [one["header"] for one in document["columns"]["is_active"]] == ["Inactivation Date", "Marketing Start Date"]
    assert document["columns"]["billing_unit"] == []
    assert not any(name.startswith("meta_") for name in document["columns"])


@pytest.mark.parametrize(("ending", "begin"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_picture(tmp_path: Path, ending: str, begin: bytes) -> None:
    publish(SOURCES)
    picture = tmp_path / f"lineage.{ending}"
    assert lake("lineage", "nsde", "--output", str(picture)).exit_code == exit_codes.OK
    assert picture.read_bytes().startswith(begin)
    if ending == "svg":
        text = picture.read_text("utf-8")
        assert "bronze_nsde.item_code  (Item Code)" in text
        assert "ndc11" in text


def test_a_run_that_recorded_none_says_so() -> None:
    publish({})
    result = lake("lineage", "nsde")
    assert result.exit_code == exit_codes.OK
    assert "did not record the lineage" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nsd",), "did you mean nsde?"),
        (("nsde", "--column", "ndc_11"), "did you mean ndc11?"),
        (("nsde", "--output", "x.doc"), ".svg, .png, .pdf"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], said: str) -> None:
    publish(SOURCES)
    result = lake("lineage", *arguments)
    assert result.exit_code == exit_codes.USAGE
    assert said in result.stderr


def test_nothing_published_yet() -> None:
    put_records()
    result = lake("lineage", "nsde")
    assert result.exit_code == exit_codes.USAGE
    assert "lake run nsde" in result.stderr
