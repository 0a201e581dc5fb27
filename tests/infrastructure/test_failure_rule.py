"""A run that does not succeed is recorded and kept, whichever way it ends and whatever else fails."""

from __future__ import annotations

import json
import re

import pytest

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from tests.infrastructure.conftest import Document, Synthesized, spelt_out


@pytest.fixture
def rule(prod: Synthesized) -> Document:
    return prod.only("AWS::Events::Rule")


def target(rule: Document, part_of_arn: str) -> Document:
    found: list[Document] = [target for target in rule["Targets"] if part_of_arn in spelt_out(target["Arn"])]
    assert len(found) == 1
    return found[0]


def test_rule_hears_of_every_end_of_its_own_executions_but_success(prod: Synthesized, rule: Document) -> None:
    [machine] = prod.resources("AWS::StepFunctions::StateMachine")
    assert rule["State"] == "ENABLED"
    assert rule["EventPattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [{"Ref": machine}], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
    }


def test_function_that_records_is_called_and_what_does_not_reach_it_is_kept(prod: Synthesized, rule: Document) -> None:
    called = target(rule, "RecordFailure")
    assert called["RetryPolicy"] == {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 7200}
    assert "DeadLetters" in spelt_out(called["DeadLetterConfig"]["Arn"])
    permission = prod.only("AWS::Lambda::Permission")
    [name] = prod.resources("AWS::Events::Rule")
    assert permission["Action"] == "lambda:InvokeFunction"
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["FunctionName"] == called["Arn"]
    assert permission["SourceArn"] == {"Fn::GetAtt": [name, "Arn"]}


def test_event_is_kept_whole_whatever_becomes_of_the_function(rule: Document) -> None:
    kept = target(rule, "DeadLetters")
    assert kept.keys() == {"Arn", "Id"}
    assert len(rule["Targets"]) == 2


def test_queue_takes_events_of_the_failure_rules_and_of_nothing_else(
    prod: Synthesized, datasets: list[DatasetConfig], rule: Document
) -> None:
    statements = prod.only("AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
    [allowed] = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    [(operator, keys)] = allowed["Condition"].items()
    prefix = "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:rule/"
    assert operator == "ArnEquals"
    assert keys.keys() == {"aws:SourceArn"}
    allowed_rules = {spelt_out(arn).removeprefix(prefix) for arn in keys["aws:SourceArn"]}
    assert rule["Name"] in allowed_rules
    assert allowed_rules == {naming.failure_rule("prod", dataset.dataset) for dataset in datasets}


def test_event_of_an_async_call_that_fails_for_good_is_kept(prod: Synthesized) -> None:
    for name in ("prod-nsde-trigger", "prod-nsde-record-failure"):
        function = prod.only("AWS::Lambda::Function", FunctionName=name)
        assert "DeadLetters" in spelt_out(function["DeadLetterConfig"]["TargetArn"])


def test_stacks_do_not_need_each_other(prod: Synthesized) -> None:
    assert not re.search(r"\bFailures", json.dumps(prod.base))
    assert "Orchestrator" not in json.dumps(prod.base)


@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
def test_every_failure_raises_an_alarm_that_does_not_depend_on_the_rule(prod: Synthesized, metric: str) -> None:
    [machine] = prod.resources("AWS::StepFunctions::StateMachine")
    alarm = prod.only("AWS::CloudWatch::Alarm", Namespace="AWS/States", MetricName=metric)
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": machine}}]
    assert "Alerts" in spelt_out(alarm["AlarmActions"][0])


@pytest.mark.parametrize("function", ["Trigger", "RecordFailure"])
def test_function_that_nobody_waits_for_raises_an_alarm_when_it_fails(prod: Synthesized, function: str) -> None:
    [name] = [name for name in prod.resources("AWS::Lambda::Function") if name.startswith(f"Functions{function}")]
    dimensions = [{"Name": "FunctionName", "Value": {"Ref": name}}]
    alarm = prod.only("AWS::CloudWatch::Alarm", MetricName="Errors", Dimensions=dimensions)
    assert "Alerts" in spelt_out(alarm["AlarmActions"][0])
