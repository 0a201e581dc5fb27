"""Each alarm of a deployed dataset goes off on the local cloud, tells what to do, and is over."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from _shared.contracts import metrics, naming
from config.datasets import load_dataset
from config.environment import load_environment
from stacks.assembly import build_stacks
from stacks.packaging.artefacts import build
from tests.e2e.conftest import Lake
from tests.e2e.faults import wait_until
from tests.infrastructure.conftest import cdk_app

ALARM, OK = "ALARM", "OK"
QUEUE = "alarms-heard"
OF_RUNS = {
    "nsde-quarantine": (metrics.QUARANTINED_SHARE, 4.0, 0.0),
    "nsde-anomaly": (metrics.ANOMALIES, 1.0, 0.0),
    "nsde-near-timeout": (metrics.JOB_TIMEOUT_SHARE, 95.0, 10.0),
    "nsde-over-budget": (metrics.DPU_HOURS, 100.0, 0.1),
}
"""Metric of each alarm on the metrics of runs, with a bad and a good value."""

OF_SERVICES = ("nsde-failed", "nsde-aborted", "nsde-not-started", "nsde-failure-not-recorded", "pp-raws-dead-letters")
"""Alarms on what AWS's services count. ``nsde-timed-out`` differs from ``nsde-failed`` in the metric's name only."""

SHORT_PERIOD = 10

STILL_SECONDS = 15
"""How long a bad value stays within the alarm's period."""


@pytest.fixture(scope="module", name="heard")
def fixture_heard(lake: Lake) -> str:
    """Address of a queue that hears the alert topic."""
    sqs, sns = lake.cloud.client("sqs"), lake.cloud.client("sns")
    arn = f"arn:aws:sqs:us-east-1:000000000000:{QUEUE}"
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]})
    queue = sqs.create_queue(QueueName=QUEUE, Attributes={"Policy": policy})["QueueUrl"]
    (topic,) = [one["TopicArn"] for one in sns.list_topics()["Topics"] if one["TopicArn"].endswith(":pp-raws-alerts")]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return str(queue)


def described(lake: Lake, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    found = lake.cloud.client("cloudwatch").describe_alarms(AlarmNames=list(names))["MetricAlarms"]
    return {alarm["AlarmName"]: alarm for alarm in found}


def wait_for(lake: Lake, names: tuple[str, ...], state: str) -> None:
    def reached() -> bool:
        return all(alarm["StateValue"] == state for alarm in described(lake, names).values())

    wait_until(reached, f"not all alarms became {state}")


def messages(lake: Lake, queue: str) -> dict[str, dict[str, Any]]:
    """Return the alarms that the topic was told of, by name."""
    sqs, found = lake.cloud.client("sqs"), {}
    while received := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in received:
            envelope = json.loads(message["Body"])
            if envelope.get("Subject", "").startswith("ALARM"):
                document = json.loads(envelope["Message"])
                found[document["AlarmName"]] = document
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def put(lake: Lake, name: str, value: float, seconds_ago: float = 0) -> None:
    """Put a value of a run's metric."""
    lake.cloud.client("cloudwatch").put_metric_data(
        Namespace=metrics.namespace(naming.LOCAL),
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": metrics.DIMENSION, "Value": "nsde"}],
                "Timestamp": time.time() - seconds_ago,
                "Value": value,
            }
        ],
    )


def put_alarm(lake: Lake, alarm: dict[str, Any], **changes: Any) -> None:
    """Put an alarm again with other settings."""
    settings = (
        *("AlarmName", "AlarmDescription", "ActionsEnabled", "AlarmActions", "MetricName", "Namespace", "Statistic"),
        *("Dimensions", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator", "TreatMissingData"),
    )
    given = {name: alarm[name] for name in settings if name in alarm}
    lake.cloud.client("cloudwatch").put_metric_alarm(**{**given, **changes})


def test_alarms_of_runs_go_off_with_a_bad_value_and_are_over_with_the_next_good_one(lake: Lake, heard: str) -> None:
    before = described(lake, tuple(OF_RUNS))
    for name, (metric, bad, _) in OF_RUNS.items():
        put(lake, metric, bad, seconds_ago=before[name]["Period"] - STILL_SECONDS)
    wait_for(lake, tuple(OF_RUNS), ALARM)
    told = messages(lake, heard)
    for name in OF_RUNS:
        assert "Runbook: docs/runbooks/" in told[name]["AlarmDescription"]
    time.sleep(STILL_SECONDS + 1)
    for metric, _, good in OF_RUNS.values():
        put(lake, metric, good)
    wait_for(lake, tuple(OF_RUNS), OK)


def test_alarms_of_services_go_off_and_are_over_by_themselves(lake: Lake, heard: str) -> None:
    before = described(lake, OF_SERVICES)
    functions, states = lake.cloud.client("lambda"), lake.cloud.client("stepfunctions")
    failed = lake.run(source_url=f"{lake.sources}/nothing-here.zip")
    assert failed["status"] == "FAILED"
    started = states.start_execution(stateMachineArn=lake.state_machine, input=json.dumps({"dataset": "nsde"}))
    states.stop_execution(executionArn=started["executionArn"])
    for function in ("nsde-trigger", "nsde-record-failure"):
        answer = functions.invoke(FunctionName=function, Payload=json.dumps({"dataset": "other"}))
        assert "FunctionError" in answer
    wait_for(lake, OF_SERVICES, ALARM)
    told = messages(lake, heard)
    assert "lake watch nsde" in told["nsde-failed"]["AlarmDescription"]
    # The dead letters still wait, and the alarm is over: the next one sets it off again.
    for alarm in before.values():
        put_alarm(lake, alarm, Period=SHORT_PERIOD)
    wait_for(lake, OF_SERVICES, OK)
    for alarm in before.values():
        put_alarm(lake, alarm)
    again = lake.run(source_url=f"{lake.sources}/nothing-here.zip")
    lake.record_of(again)
    wait_for(lake, ("nsde-failed", "pp-raws-dead-letters"), ALARM)


def test_a_dataset_is_overdue_until_a_run_succeeds_or_finds_nothing_new(lake: Lake, tmp_path: Path, heard: str) -> None:
    app, config = cdk_app(tmp_path), load_dataset("nsde")
    scheduled = load_environment("local").model_copy(update={"schedules_enabled": True})
    build_stacks(app, scheduled, [config], build([config]))
    app.synth()
    template = json.loads((tmp_path / f"{naming.orchestrator_stack('NSDE')}.template.json").read_text("utf-8"))
    (overdue,) = [
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::CloudWatch::Alarm" and one["Properties"]["AlarmName"] == "nsde-overdue"
    ]
    # A name of its own for the metric: other tests' runs have completed in the last hours.
    topic = described(lake, ("nsde-failed",))["nsde-failed"]["AlarmActions"]
    put_alarm(lake, overdue, AlarmActions=topic, MetricName="RunsCompletedOfThisTest")
    wait_for(lake, ("nsde-overdue",), ALARM)
    assert "lake run nsde" in messages(lake, heard)["nsde-overdue"]["AlarmDescription"]
    put(lake, "RunsCompletedOfThisTest", 0)
    wait_for(lake, ("nsde-overdue",), ALARM)
    put(lake, "RunsCompletedOfThisTest", 1, seconds_ago=29 * 3600)
    wait_for(lake, ("nsde-overdue",), OK)


def test_a_run_sends_the_metrics_that_the_alarms_watch(lake: Lake) -> None:
    failed = lake.run(source_url=f"{lake.sources}/nothing-here.zip")
    record = lake.record_of(failed)
    assert [step["step"] for step in record["steps"]] == ["FetchAndHash"]
    cloudwatch = lake.cloud.client("cloudwatch")
    found = wait_until(
        lambda: cloudwatch.list_metrics(Namespace="PP-RAWS", MetricName=metrics.RUNS_FAILED)["Metrics"],
        "the metrics of the failed run did not arrive",
    )
    assert {"Name": "service", "Value": "nsde"} in found[0]["Dimensions"]
