"""``lake cost``, before a deployment and after, against in-process AWS APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from _shared.contracts import layout
from _shared.contracts.codec import encode_text
from _shared.contracts.run_record import SKIPPED, RunRecord
from config.datasets import dataset_names, in_environment, load_dataset
from lake import exit_codes
from lake.aws import usage
from lake.cost.estimate import Recorded
from lake.cost.usage import Compute
from tests.lake.support import ACCOUNT, DEAD_ENDPOINT, RECORD, lake, simulated_aws

REGION = "us-east-1"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        monkeypatch.setenv("AWS_REGION", REGION)
        yield


def put_records(*records: RunRecord) -> None:
    s3, bucket = boto3.client("s3", region_name=REGION), f"dev-pp-raws-lake-{ACCOUNT}-{REGION}"
    s3.create_bucket(Bucket=bucket)
    for record in records:
        key = layout.run_record_key(record.dataset, record.run_id)
        s3.put_object(Bucket=bucket, Key=key, Body=encode_text(record).encode())


@pytest.mark.parametrize("dataset", dataset_names())
def test_before_a_deployment_a_cost_is_assumed(dataset: str) -> None:
    result = lake("cost", dataset, "--month", "--env", "prod")
    assert result.exit_code == exit_codes.OK, result.output
    assert "assumed: there is no lake at AWS" in result.stdout
    for text in ("Glue job silver", "crawls: none recorded", "KMS key (all datasets)", "assumed for", "list prices of"):
        assert text in result.stdout


def test_unit_prices_are_shown_to_the_last_digit() -> None:
    shown = lake("cost", "nsde", "--month").stdout
    for price in (
        "$0.44 / 3,600",
        "$0.0000133334",
        "$0.20 / 1,000,000",
        "$0.025 / 1,000",
        "$0.0004 / 1,000",
        "$0.023 ",
    ):
        assert f" {price}" in shown


def test_a_run_without_what_stands_all_month() -> None:
    result = lake("cost", "nsde")
    heading = next(line for line in result.stdout.splitlines() if "unit price" in line)
    assert heading.split()[-2:] == ["per", "run"]
    assert "Glue job silver" in result.stdout
    assert "KMS key" not in result.stdout


def test_the_document_adds_up() -> None:
    result = lake("cost", "nsde", "--env", "prod", "--releases", "4", "--json")
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert document["runs_a_month"]["processed"] == 4
    for kind, total in document["total"].items():
        assert sum(item["usd"][kind] for item in document["items"]) == pytest.approx(total)
    for item in document["items"]:
        per_month = item["quantity"]["per_month"] * item["price"]["usd"] / item["price"]["per"]
        assert per_month == pytest.approx(item["usd"]["per_month"])


def test_a_size_is_assumed_whatever_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Recorded:
        raise AssertionError

    monkeypatch.setattr(usage, "recorded", refuse)
    document = json.loads(lake("cost", "nsde", "--megabytes", "1000", "--json").stdout)
    quantities = {item["name"]: item["quantity"]["per_run"] for item in document["items"]}
    assert quantities["Glue job bronze"] == pytest.approx(2 * (45 + 140))


def test_recorded_runs_take_the_place_of_assumptions(monkeypatch: pytest.MonkeyPatch) -> None:
    skipped = replace(RECORD, run_id="20250201T063000Z-bbbbbbbb", status=SKIPPED)
    put_records(RECORD, skipped)
    seen: list[list[str]] = []

    def recorded(_connection: object, config: object, records: list[RunRecord]) -> Recorded:
        assert config == in_environment(load_dataset("nsde"), "dev")
        seen.append([record.run_id for record in records])
        return Recorded((Compute("bronze", 120, 2), Compute("silver", 240, 2)), (), 1, 1, 10)

    monkeypatch.setattr(usage, "recorded", recorded)
    document = json.loads(lake("cost", "nsde", "--json").stdout)
    assert seen == [[skipped.run_id, RECORD.run_id]]
    assert document["durations"] == "latest 2 runs, AWS"
    quantities = {item["name"]: item["quantity"]["per_run"] for item in document["items"]}
    assert (quantities["Glue job bronze"], quantities["Glue job silver"]) == (240, 480)
    assert document["runs_a_month"]["processed"] == pytest.approx(document["runs_a_month"]["skipped"])
    assert "60 MB of text per release" in " ".join(document["assumptions"])


def test_a_cloud_that_does_not_answer_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", DEAD_ENDPOINT)
    result = lake("cost", "nsde")
    assert result.exit_code == exit_codes.OK, result.output
    assert "does not answer" in result.stdout


def test_a_region_without_prices_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    result = lake("cost", "nsde")
    assert result.exit_code == exit_codes.USAGE
    assert "there are no prices for the region eu-central-1" in result.stderr
    assert "us-east-1" in result.stderr


def test_a_misspelt_dataset_is_told() -> None:
    result = lake("cost", "nsd")
    assert result.exit_code == exit_codes.USAGE
    assert "did you mean nsde?" in result.stderr
