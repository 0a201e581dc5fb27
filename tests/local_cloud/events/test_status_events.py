"""A rule on the status of executions reaches its function and its queue, where they let it in."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, document, execute, make_role, make_state_machine, wait_for

ACCOUNT = "000000000000"
EVENTS = {"Service": "events.amazonaws.com"}
FUNCTION = """
import json, os
import boto3

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["TOLD"], MessageBody=json.dumps(event))
    if os.environ.get("FAIL"):
        raise RuntimeError("the record could not be written")
"""


@dataclass(frozen=True)
class Queue:
    url: str
    arn: str


@dataclass(frozen=True)
class Watched:
    """A state machine with a rule on the failures of its executions."""

    machine: str
    rule: str
    rule_arn: str


def make_queue(cloud: CloudUnderTest, name: str, *statements: dict[str, Any], **attributes: str) -> Queue:
    sqs = cloud.client("sqs")
    given = {**attributes, **({"Policy": document(*statements)} if statements else {})}
    url = sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"]
    return Queue(url, f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")


def lets_in(rule_arn: str, queue: str) -> dict[str, Any]:
    condition = {"ArnEquals": {"aws:SourceArn": rule_arn}}
    return {**allow(["sqs:SendMessage"], [queue_arn(queue)]), "Principal": EVENTS, "Condition": condition}


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def watch(cloud: CloudUnderTest, name: str, definition: dict[str, Any]) -> Watched:
    machine = make_state_machine(cloud, name, make_role(cloud, name, "states.amazonaws.com"), definition)
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [machine], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
    }
    rule_arn = cloud.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    return Watched(machine, name, rule_arn)


def aim(cloud: CloudUnderTest, watched: Watched, target: str, dead_letters: Queue | None = None) -> None:
    buried = {"DeadLetterConfig": {"Arn": dead_letters.arn}} if dead_letters else {}
    cloud.client("events").put_targets(Rule=watched.rule, Targets=[{"Id": target, "Arn": target, **buried}])


def make_function(cloud: CloudUnderTest, name: str, told: Queue, **more: Any) -> str:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", FUNCTION)
    statement = allow(["sqs:SendMessage"], more.pop("may_send", [told.arn]))
    variables = {"TOLD": told.url, **more.pop("variables", {})}
    made = cloud.client("lambda").create_function(
        FunctionName=name, Role=make_role(cloud, name, "lambda.amazonaws.com", statement), Runtime="python3.11",
        Handler="app.handler", Code={"ZipFile": package.getvalue()}, Environment={"Variables": variables}, **more,
    )  # fmt: skip
    return str(made["FunctionArn"])


def let_rule_invoke(cloud: CloudUnderTest, function: str, source_arn: str) -> None:
    cloud.client("lambda").add_permission(
        FunctionName=function, StatementId="rule", Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
        SourceArn=source_arn,
    )  # fmt: skip


def receive(cloud: CloudUnderTest, queue: Queue, count: int = 1) -> list[dict[str, Any]]:
    """Messages of a queue, once there are so many."""
    found: list[dict[str, Any]] = []

    def more() -> dict[str, Any]:
        told = cloud.client("sqs").receive_message(QueueUrl=queue.url, MessageAttributeNames=["All"])
        found.extend(told.get("Messages", []))
        return {"count": len(found)}

    wait_for(more, lambda told: told["count"] >= count)
    return found


FAILS = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "SourceGone", "Cause": "410"}}}
WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}


def test_a_failure_reaches_the_queue_with_what_aws_tells(cloud: CloudUnderTest) -> None:
    watched = watch(cloud, "fails", FAILS)
    queue = make_queue(cloud, "failures", lets_in(watched.rule_arn, "failures"))
    aim(cloud, watched, queue.arn)
    told = execute(cloud, watched.machine, {"dataset": "nsde"})
    event = json.loads(receive(cloud, queue)[0]["Body"])
    assert (event["source"], event["detail-type"]) == ("aws.states", "Step Functions Execution Status Change")
    assert (event["account"], event["region"]) == (ACCOUNT, "us-east-1")
    assert event["resources"] == [told["executionArn"]]
    detail = event["detail"]
    milliseconds = {name: round(told[name].timestamp() * 1000) for name in ("startDate", "stopDate")}
    assert detail == {
        "executionArn": told["executionArn"],
        "stateMachineArn": watched.machine,
        "name": told["name"],
        "status": "FAILED",
        **milliseconds,
        "input": '{"dataset": "nsde"}',
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "REDRIVABLE",
        "redriveStatusReason": None,
        "error": "SourceGone",
        "cause": "410",
    }


def test_an_abort_a_time_out_and_a_redrive_reach_the_queue(cloud: CloudUnderTest) -> None:
    watched = watch(cloud, "ends-badly", {**WAITS, "TimeoutSeconds": 2})
    queue = make_queue(cloud, "bad-ends", lets_in(watched.rule_arn, "bad-ends"))
    aim(cloud, watched, queue.arn)
    client = cloud.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=watched.machine)["executionArn"]
    client.stop_execution(executionArn=arn, error="ByHand", cause="a person")
    aborted = json.loads(receive(cloud, queue)[0]["Body"])["detail"]
    assert (aborted["status"], aborted["error"], aborted["cause"]) == ("ABORTED", "ByHand", "a person")
    client.redrive_execution(executionArn=arn)
    redriven = wait_for(lambda: client.describe_execution(executionArn=arn), lambda told: told["status"] != "RUNNING")
    detail = json.loads(receive(cloud, queue)[0]["Body"])["detail"]
    assert (detail["status"], detail["redriveCount"], detail["error"]) == ("TIMED_OUT", 1, None)
    assert detail["redriveDate"] == round(redriven["redriveDate"].timestamp() * 1000)
    assert detail["stopDate"] > detail["redriveDate"]


def test_a_success_and_another_state_machine_do_not_match(cloud: CloudUnderTest) -> None:
    watched = watch(cloud, "succeeds", {"StartAt": "Yes", "States": {"Yes": {"Type": "Succeed"}}})
    other = watch(cloud, "somebody-elses", FAILS)
    queue = make_queue(cloud, "matched", lets_in(watched.rule_arn, "matched"))
    aim(cloud, watched, queue.arn)
    execute(cloud, watched.machine)
    execute(cloud, other.machine)
    every = {"source": ["aws.states"], "detail": {"stateMachineArn": [watched.machine]}}
    cloud.client("events").put_rule(Name=watched.rule, EventPattern=json.dumps(every))
    execute(cloud, watched.machine)
    statuses = [json.loads(message["Body"])["detail"]["status"] for message in receive(cloud, queue, 2)]
    assert sorted(statuses) == ["RUNNING", "SUCCEEDED"]


def test_a_failure_reaches_the_function(cloud: CloudUnderTest) -> None:
    watched, told = watch(cloud, "tells-a-function", FAILS), make_queue(cloud, "function-was-told")
    function = make_function(cloud, "records-failures", told)
    let_rule_invoke(cloud, function, watched.rule_arn)
    aim(cloud, watched, function)
    ended = execute(cloud, watched.machine)
    event = json.loads(receive(cloud, told)[0]["Body"])
    assert event["detail"]["executionArn"] == ended["executionArn"]


def test_a_function_that_fails_is_tried_three_times_and_then_its_event_is_kept(cloud: CloudUnderTest) -> None:
    watched, told = watch(cloud, "tells-a-broken-function", FAILS), make_queue(cloud, "tries")
    kept = make_queue(cloud, "kept-events")
    function = make_function(
        cloud, "breaks", told, may_send=[told.arn, kept.arn], variables={"FAIL": "1"},
        DeadLetterConfig={"TargetArn": kept.arn},
    )  # fmt: skip
    let_rule_invoke(cloud, function, watched.rule_arn)
    aim(cloud, watched, function)
    ended = execute(cloud, watched.machine)
    letter = receive(cloud, kept)[0]
    assert json.loads(letter["Body"])["detail"]["executionArn"] == ended["executionArn"]
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes["ErrorMessage"] == "the record could not be written"
    assert attributes["ErrorCode"] == "200"
    assert len(receive(cloud, told, 3)) == 3


@pytest.mark.parametrize("let_in", [False, True])
def test_a_target_without_permission_is_not_reached(cloud: CloudUnderTest, let_in: bool) -> None:
    watched, told = watch(cloud, f"may-not-invoke-{let_in}", FAILS), make_queue(cloud, f"never-told-{let_in}")
    function = make_function(cloud, f"for-another-rule-{let_in}", told)
    let_rule_invoke(cloud, function, watched.rule_arn if let_in else watched.rule_arn + "-another")
    buried = make_queue(cloud, f"undelivered-{let_in}", lets_in(watched.rule_arn, f"undelivered-{let_in}"))
    aim(cloud, watched, function, buried)
    ended = execute(cloud, watched.machine)
    (message,) = receive(cloud, told if let_in else buried)
    assert json.loads(message["Body"])["detail"]["executionArn"] == ended["executionArn"]
    if not let_in:
        assert message["MessageAttributes"]["TARGET_ARN"]["StringValue"] == function
        assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
        assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=told.url)


@pytest.mark.parametrize(
    ("name", "policy", "key_policy", "reason"),
    [
        ("no-policy", False, None, "The policy of"),
        ("key-shut", True, [], "The policy of the key"),
        ("key-open", True, ["kms:GenerateDataKey", "kms:Decrypt"], None),
    ],
)
def test_an_encrypted_queue_needs_its_policy_and_its_keys(
    cloud: CloudUnderTest, name: str, policy: bool, key_policy: list[str] | None, reason: str | None
) -> None:
    watched = watch(cloud, name, FAILS)
    attributes = {}
    if key_policy is not None:
        owner = {**allow(["kms:*"], ["*"]), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
        events = [{**allow(key_policy, ["*"]), "Principal": EVENTS}] if key_policy else []
        key = cloud.client("kms").create_key(Policy=document(owner, *events))["KeyMetadata"]
        attributes["KmsMasterKeyId"] = key["Arn"]
    statements = [lets_in(watched.rule_arn, name)] if policy else []
    queue = make_queue(cloud, name, *statements, **attributes)
    buried = make_queue(cloud, f"{name}-letters", lets_in(watched.rule_arn, f"{name}-letters"))
    aim(cloud, watched, queue.arn, buried)
    execute(cloud, watched.machine)
    (message,) = receive(cloud, buried if reason else queue)
    if reason:
        assert message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"].startswith(reason)


def test_a_queue_that_wants_tls_takes_events(cloud: CloudUnderTest) -> None:
    watched = watch(cloud, "over-tls", FAILS)
    only_tls = {
        "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": queue_arn("tls-only"),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    queue = make_queue(cloud, "tls-only", lets_in(watched.rule_arn, "tls-only"), only_tls)
    aim(cloud, watched, queue.arn)
    execute(cloud, watched.machine)
    assert len(receive(cloud, queue)) == 1


def test_the_history_is_read_from_its_end_page_by_page(cloud: CloudUnderTest) -> None:
    states = {
        "Note": {"Type": "Pass", "Result": {"noted": 1}, "ResultPath": "$.note", "Next": "Ask"},
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
                "Parameters": {"QueueUrl": "http://127.0.0.1/none", "MessageBody": "x"}},
    }  # fmt: skip
    watched = watch(cloud, "has-a-history", {"StartAt": "Note", "States": states})
    arn = execute(cloud, watched.machine, {"given": 1})["executionArn"]
    client = cloud.client("stepfunctions")
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=arn, reverseOrder=True, includeExecutionData=True, PaginationConfig={"PageSize": 2}
    )
    events = [event for page in pages for event in page["events"]]
    assert [event["type"] for event in events] == [
        "ExecutionFailed", "TaskFailed", "TaskStarted", "TaskScheduled", "TaskStateEntered",
        "PassStateExited", "PassStateEntered", "ExecutionStarted",
    ]  # fmt: skip
    assert [event["id"] for event in events] == list(range(8, 0, -1))
    assert [event["previousEventId"] for event in events] == [7, 6, 5, 4, 3, 2, 0, 0]
    entered = events[4]["stateEnteredEventDetails"]
    assert (entered["name"], json.loads(entered["input"])) == ("Ask", {"given": 1, "note": {"noted": 1}})
    failed = events[1]["taskFailedEventDetails"]
    assert (failed["resourceType"], failed["resource"]) == ("sqs", "sendMessage")
    assert failed["error"] == events[0]["executionFailedEventDetails"]["error"]
    bare = client.get_execution_history(executionArn=arn, includeExecutionData=False)["events"]
    assert all("input" not in detail for event in bare for detail in event.values() if isinstance(detail, dict))
