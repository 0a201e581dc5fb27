"""``lake show`` and ``lake alarms``: what a run did, and what needs somebody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import boto3
import pytest

from _shared.contracts.run_record import FAILED, StepRun
from lake import exit_codes
from lake.cost.prices import price_list
from tests.lake.support import RECORD, REGION, lake, put_records, simulated_aws

STEPS = (
    StepRun("FetchAndHash", "2025-01-31T06:30:00Z", "2025-01-31T06:30:02Z", bytes_in=2048),
    StepRun(
        "BronzeJob",
        "2025-01-31T06:30:02Z",
        "2025-01-31T06:31:00Z",
        tries=2,
        job_run="jr_1",
        job_seconds=50,
        dpu_hours=0.5,
        rows_in=1000,
        rows_out=1001,
    ),
)


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


def test_show_tells_steps_rows_and_what_the_jobs_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    put_records(replace(RECORD, steps=STEPS))
    monkeypatch.setattr("lake.commands.show.price_list", lambda _: price_list("us-east-1"))
    result = lake("show", "nsde")
    assert result.exit_code == exit_codes.OK, result.output
    (bronze,) = [line.split() for line in result.stdout.splitlines() if "BronzeJob" in line]
    assert bronze[-5:] == ["2", "1,000", "1,001", "0.5000", "$0.2200"]
    assert "2.0 KiB" in result.stdout
    assert "raw = silver + dup. + quar." in result.stdout


def test_show_gives_the_whole_record_as_json() -> None:
    put_records(replace(RECORD, steps=STEPS))
    document = json.loads(lake("show", "nsde", RECORD.run_id, "--json").stdout)
    assert document["steps"][1]["tries"] == 2
    assert document["rows"]["nsde"]["silver"] == 990


def test_show_of_a_redrive_is_another_record() -> None:
    put_records(RECORD, replace(RECORD, redrive_count=1, status=FAILED, step="SilverJob", error="JobFailedError"))
    assert "JobFailedError" not in lake("show", "nsde", RECORD.run_id).stdout
    assert "JobFailedError" in lake("show", "nsde", RECORD.run_id, "--redrive", "1").stdout
    assert lake("show", "nsde", RECORD.run_id, "--redrive", "2").exit_code == exit_codes.USAGE


def test_show_without_a_run_says_how_to_start_one() -> None:
    put_records()
    result = lake("show", "nsde")
    assert result.exit_code == exit_codes.USAGE
    assert "lake run nsde" in result.stderr


def put_alarm(name: str, state: Literal["OK", "ALARM"]) -> None:
    cloudwatch = boto3.client("cloudwatch", region_name=REGION)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription=f"What to do about {name}.",
        MetricName="m",
        Namespace="n",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"because it is {state}")


def test_alarms_that_went_off_come_first_with_what_to_do() -> None:
    put_alarm("dev-nsde-anomaly", "OK")
    put_alarm("dev-nsde-overdue", "ALARM")
    put_alarm("prod-nsde-overdue", "ALARM")
    put_alarm("dev-pp-raws-dead-letters", "OK")
    result = lake("alarms")
    assert result.exit_code == exit_codes.FAILED
    names = [line.split()[0] for line in result.stdout.splitlines() if line.strip().startswith("dev-")]
    assert names == ["dev-nsde-overdue", "dev-nsde-anomaly", "dev-pp-raws-dead-letters", "dev-nsde-overdue"]
    assert "What to do about dev-nsde-overdue." in result.stdout
    assert "What to do about dev-nsde-anomaly." not in result.stdout


def test_alarms_of_one_dataset_and_good_news() -> None:
    put_alarm("dev-nsde-anomaly", "OK")
    put_alarm("dev-cder-overdue", "ALARM")
    result = lake("alarms", "nsde", "--json")
    assert result.exit_code == exit_codes.OK, result.output
    (alarm,) = json.loads(result.stdout)
    assert (alarm["name"], alarm["state"]) == ("dev-nsde-anomaly", "OK")


def test_no_alarm_at_all_says_that_nothing_is_deployed() -> None:
    result = lake("alarms")
    assert result.exit_code == exit_codes.OK
    assert "lake deploy" in result.stderr
