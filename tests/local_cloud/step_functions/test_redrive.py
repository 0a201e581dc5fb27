"""A failed, aborted or timed-out execution goes on where it ended."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, document, execute, make_role, make_state_machine, wait_for

QUEUE = "arn:aws:states:::sqs:sendMessage"


def ended(told: dict[str, Any]) -> bool:
    return bool(told["status"] != "RUNNING")


def describe(cloud: CloudUnderTest, arn: str) -> dict[str, Any]:
    told: dict[str, Any] = cloud.client("stepfunctions").describe_execution(executionArn=arn)
    return told


def events(cloud: CloudUnderTest, arn: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = cloud.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
    return told


def redrive(cloud: CloudUnderTest, arn: str, **given: str) -> dict[str, Any]:
    cloud.client("stepfunctions").redrive_execution(executionArn=arn, **given)
    return wait_for(lambda: describe(cloud, arn), ended)


def two_steps(queue: str, **more: Any) -> dict[str, Any]:
    """First notes a number of its own, then sends it: it can send once its queue exists."""
    sending = {"QueueUrl": queue, "MessageBody": {"from.$": "$.first", "execution.$": "$$.Execution"}}
    states = {
        "First": {"Type": "Pass", "Parameters": {"first.$": "States.UUID()"}, "Next": "Second"},
        "Second": {"Type": "Task", "Resource": QUEUE, "Parameters": sending, "ResultPath": None, "Next": "Third"},
        "Third": {"Type": "Succeed"},
    }
    return {"StartAt": "First", "States": states, **more}


@pytest.fixture
def failed(cloud: CloudUnderTest, request: pytest.FixtureRequest) -> tuple[str, str]:
    """An execution whose second step failed because its queue was missing; with the queue's address."""
    name = request.node.name.removeprefix("test_")[:60]
    queue = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    cloud.client("sqs").delete_queue(QueueUrl=queue)
    role = make_role(cloud, name, "states.amazonaws.com", allow(["sqs:SendMessage"], ["*"]))
    told = execute(cloud, make_state_machine(cloud, name, role, two_steps(queue)), {"given": 1})
    assert told["status"] == "FAILED", told
    return str(told["executionArn"]), queue


def mend(cloud: CloudUnderTest, queue: str) -> None:
    cloud.client("sqs").create_queue(QueueName=queue.rsplit("/", 1)[-1])


def test_a_failed_execution_goes_on_at_the_failed_state(cloud: CloudUnderTest, failed: tuple[str, str]) -> None:
    arn, queue = failed
    before = events(cloud, arn)
    assert describe(cloud, arn)["redriveStatus"] == "REDRIVABLE"
    mend(cloud, queue)
    told = redrive(cloud, arn)
    assert (told["status"], told["redriveCount"], told["redriveStatus"]) == ("SUCCEEDED", 1, "NOT_REDRIVABLE")
    assert told["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert told["redriveDate"] > told["startDate"]
    assert json.loads(told["input"]) == {"given": 1}
    history = events(cloud, arn)
    assert history[: len(before)] == before
    after = history[len(before) :]
    assert [event["type"] for event in after] == [
        "ExecutionRedriven", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited",
        "SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    assert after[0]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    sent = json.loads(cloud.client("sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    entered = next(event["stateEnteredEventDetails"] for event in before if event["type"] == "TaskStateEntered")
    assert sent["from"] == json.loads(entered["input"])["first"]


def test_the_context_tells_of_the_redrive(cloud: CloudUnderTest, failed: tuple[str, str]) -> None:
    arn, queue = failed
    assert redrive(cloud, arn)["status"] == "FAILED"
    mend(cloud, queue)
    told = redrive(cloud, arn)
    assert (told["status"], told["redriveCount"]) == ("SUCCEEDED", 2)
    sent = json.loads(cloud.client("sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"])["execution"]
    assert (sent["Id"], sent["RedriveCount"], sent["Input"]) == (arn, 2, {"given": 1})
    assert sent["RedriveTime"] > sent["StartTime"]


def test_an_execution_that_was_not_redriven_has_no_redrive_time(cloud: CloudUnderTest) -> None:
    shown = {"Type": "Pass", "Parameters": {"execution.$": "$$.Execution"}, "End": True}
    role = make_role(cloud, "shows-context", "states.amazonaws.com")
    told = execute(cloud, make_state_machine(cloud, "context", role, {"StartAt": "Show", "States": {"Show": shown}}))
    context = json.loads(told["output"])["execution"]
    assert context["RedriveCount"] == 0
    assert "RedriveTime" not in context
    assert context["RoleArn"] == role
    assert told["redriveCount"] == 0
    assert "redriveDate" not in told


def test_a_redrive_uses_the_definition_of_the_first_attempt(cloud: CloudUnderTest, failed: tuple[str, str]) -> None:
    arn, queue = failed
    client, machine = cloud.client("stepfunctions"), describe(cloud, arn)["stateMachineArn"]
    changed = {"StartAt": "Second", "States": {"Second": {"Type": "Fail", "Error": "NewDefinition"}}}
    client.update_state_machine(stateMachineArn=machine, definition=json.dumps(changed))
    mend(cloud, queue)
    assert redrive(cloud, arn)["status"] == "SUCCEEDED"
    told = client.describe_state_machine_for_execution(executionArn=arn)
    assert "Third" in json.loads(told["definition"])["States"]


def test_a_success_cannot_be_redriven(cloud: CloudUnderTest, failed: tuple[str, str]) -> None:
    arn, queue = failed
    mend(cloud, queue)
    redrive(cloud, arn)
    with pytest.raises(ClientError) as refused:
        cloud.client("stepfunctions").redrive_execution(executionArn=arn)
    assert refused.value.response["Error"]["Code"] == "ExecutionNotRedrivable"
    assert "SUCCEEDED" in refused.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as unknown:
        cloud.client("stepfunctions").redrive_execution(executionArn=f"{arn}-unknown")
    assert unknown.value.response["Error"]["Code"] == "ExecutionDoesNotExist"


def test_one_token_redrives_once(cloud: CloudUnderTest, failed: tuple[str, str]) -> None:
    arn, _ = failed
    client = cloud.client("stepfunctions")
    first = client.redrive_execution(executionArn=arn, clientToken="one")
    wait_for(lambda: describe(cloud, arn), ended)
    again = client.redrive_execution(executionArn=arn, clientToken="one")
    assert again["redriveDate"] == first["redriveDate"]
    assert describe(cloud, arn)["redriveCount"] == 1
    assert redrive(cloud, arn, clientToken="two")["redriveCount"] == 2


def test_an_execution_that_ended_in_a_fail_state_fails_again(cloud: CloudUnderTest) -> None:
    definition = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "No", "Cause": "never"}}}
    role = make_role(cloud, "always-fails", "states.amazonaws.com")
    arn = execute(cloud, make_state_machine(cloud, "always-fails", role, definition))["executionArn"]
    told = redrive(cloud, arn)
    assert (told["status"], told["error"], told["cause"], told["redriveCount"]) == ("FAILED", "No", "never", 1)
    kinds = [event["type"] for event in events(cloud, arn)]
    assert kinds == [
        "ExecutionStarted", "FailStateEntered", "ExecutionFailed",
        "ExecutionRedriven", "FailStateEntered", "ExecutionFailed",
    ]  # fmt: skip


def test_an_execution_that_is_aborted_at_once_can_be_redriven(cloud: CloudUnderTest) -> None:
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 10, "End": True}}}
    role = make_role(cloud, "hardly-started", "states.amazonaws.com")
    machine = make_state_machine(cloud, "hardly-started", role, definition)
    client = cloud.client("stepfunctions")
    for _ in range(10):
        arn = client.start_execution(stateMachineArn=machine)["executionArn"]
        client.stop_execution(executionArn=arn)
        assert describe(cloud, arn)["redriveStatus"] == "REDRIVABLE"
    assert redrive(cloud, arn)["status"] == "SUCCEEDED"


def test_an_aborted_execution_goes_on_at_the_state_it_was_in(cloud: CloudUnderTest) -> None:
    states = {
        "First": {"Type": "Pass", "Parameters": {"first.$": "States.UUID()"}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 20, "End": True},
    }
    role = make_role(cloud, "aborted", "states.amazonaws.com")
    machine = make_state_machine(cloud, "aborted", role, {"StartAt": "First", "States": states})
    client = cloud.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    wait_for(lambda: {"last": events(cloud, arn)[-1]["type"]}, lambda told: told["last"] == "WaitStateEntered")
    with pytest.raises(ClientError, match="RUNNING and cannot be redriven"):
        client.redrive_execution(executionArn=arn)
    client.stop_execution(executionArn=arn, error="Stopped", cause="by hand")
    aborted = describe(cloud, arn)
    assert (aborted["status"], aborted["redriveStatus"]) == ("ABORTED", "REDRIVABLE")
    told = redrive(cloud, arn)
    assert told["status"] == "SUCCEEDED"
    assert "error" not in told
    kinds = [event["type"] for event in events(cloud, arn)]
    assert kinds == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "WaitStateEntered", "ExecutionAborted",
        "ExecutionRedriven", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    assert json.loads(told["output"])["first"]


def test_an_execution_aborted_between_two_tries_does_not_try_beside_its_redrive(cloud: CloudUnderTest) -> None:
    queue = cloud.client("sqs").create_queue(QueueName="comes-later")["QueueUrl"]
    cloud.client("sqs").delete_queue(QueueUrl=queue)
    definition = two_steps(queue)
    patience = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 20, "MaxDelaySeconds": 10, "MaxAttempts": 3}
    definition["States"]["Second"]["Retry"] = [patience]
    role = make_role(cloud, "tries-again", "states.amazonaws.com", allow(["sqs:SendMessage"], ["*"]))
    machine = make_state_machine(cloud, "tries-again", role, definition)
    client = cloud.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    wait_for(lambda: {"last": events(cloud, arn)[-1]["type"]}, lambda told: told["last"] == "TaskFailed")
    client.stop_execution(executionArn=arn)
    told = redrive(cloud, arn)
    assert told["status"] == "FAILED"
    kinds = [event["type"] for event in events(cloud, arn)]
    assert (kinds.count("ExecutionAborted"), kinds.count("ExecutionFailed")) == (1, 1)
    assert kinds[kinds.index("ExecutionRedriven") :].count("TaskScheduled") == 1 + 3
    assert kinds[: kinds.index("ExecutionAborted")].count("TaskScheduled") == 1


def test_a_timed_out_execution_has_its_whole_time_again(cloud: CloudUnderTest) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 40, "End": True}}
    role = make_role(cloud, "timed-out", "states.amazonaws.com")
    definition = {"StartAt": "Wait", "TimeoutSeconds": 1, "States": states}
    arn = execute(cloud, make_state_machine(cloud, "timed-out", role, definition))["executionArn"]
    assert describe(cloud, arn)["redriveStatus"] == "REDRIVABLE"
    told = redrive(cloud, arn)
    assert (told["status"], told["redriveCount"]) == ("TIMED_OUT", 1)
    kinds = [event["type"] for event in events(cloud, arn)]
    assert kinds[-3:] == ["ExecutionRedriven", "WaitStateEntered", "ExecutionTimedOut"]


def test_redriving_needs_permission(cloud: CloudUnderTest, failed: tuple[str, str]) -> None:
    arn, _ = failed
    iam = cloud.client("iam")
    iam.create_user(UserName="redriver")
    keys = iam.create_access_key(UserName="redriver")["AccessKey"]
    as_user = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}
    with pytest.raises(ClientError, match="states:RedriveExecution"):
        cloud.client("stepfunctions", **as_user).redrive_execution(executionArn=arn)
    allowed = document(allow(["states:RedriveExecution"], [arn]))
    iam.put_user_policy(UserName="redriver", PolicyName="redrive", PolicyDocument=allowed)
    cloud.client("stepfunctions", **as_user).redrive_execution(executionArn=arn)
    assert wait_for(lambda: describe(cloud, arn), ended)["redriveCount"] == 1


def test_redriven_executions_can_be_listed(cloud: CloudUnderTest, failed: tuple[str, str]) -> None:
    arn, _ = failed
    client, machine = cloud.client("stepfunctions"), describe(cloud, arn)["stateMachineArn"]
    assert client.list_executions(stateMachineArn=machine, redriveFilter="REDRIVEN")["executions"] == []
    redrive(cloud, arn)
    (listed,) = client.list_executions(stateMachineArn=machine, redriveFilter="REDRIVEN")["executions"]
    assert (listed["executionArn"], listed["redriveCount"]) == (arn, 1)
