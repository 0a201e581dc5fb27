"""Tasks act as the state machine's role, and fail as on AWS."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from stacks.steps.retries import function_retries
from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, execute, make_role, make_state_machine, one_task, wait_for

FUNCTION = """
import os
import signal

class SourceGone(Exception):
    pass

def handler(event, context):
    marker = event.get("die_once")
    if marker and not os.path.exists(marker):
        open(marker, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    if event.get("fail"):
        raise SourceGone("the server answered 410")
    return {"given": event}
"""
STATES, SDK = "arn:aws:states:::", "arn:aws:states:::aws-sdk:"


@pytest.fixture(scope="module")
def function(cloud: CloudUnderTest) -> str:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", FUNCTION)
    role = make_role(cloud, "function-role", "lambda.amazonaws.com")
    made = cloud.client("lambda").create_function(
        FunctionName="echo",
        Role=role,
        Runtime="python3.11",
        Handler="app.handler",
        Code={"ZipFile": package.getvalue()},
    )
    return str(made["FunctionArn"])


@pytest.fixture(scope="module")
def resources(cloud: CloudUnderTest) -> dict[str, str]:
    queue = cloud.client("sqs").create_queue(QueueName="tasks")["QueueUrl"]
    topic = cloud.client("sns").create_topic(Name="tasks")["TopicArn"]
    glue = cloud.client("glue")
    role = make_role(cloud, "idle-crawler", "glue.amazonaws.com")
    glue.create_crawler(Name="idle", Role=role, DatabaseName="x", Targets={"S3Targets": [{"Path": "s3://no-such/x/"}]})
    return {"queue": queue, "topic": topic}


def run(cloud: CloudUnderTest, name: str, definition: dict[str, Any], *statements: dict[str, Any]) -> dict[str, Any]:
    role = make_role(cloud, name, "states.amazonaws.com", *statements)
    return execute(cloud, make_state_machine(cloud, name, role, definition))


def test_a_lambda_task_has_the_result_that_aws_gives(cloud: CloudUnderTest, function: str) -> None:
    definition = one_task(f"{STATES}lambda:invoke", {"FunctionName": function, "Payload": {"a": 1}})
    told = run(cloud, "invokes", definition, allow(["lambda:InvokeFunction"], [function]))
    assert told["status"] == "SUCCEEDED", told
    result = json.loads(told["output"])
    assert result["Payload"] == {"given": {"a": 1}}
    assert result["StatusCode"] == 200
    assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200


def test_an_exception_of_a_function_is_the_error_of_its_task(cloud: CloudUnderTest, function: str) -> None:
    definition = one_task(f"{STATES}lambda:invoke", {"FunctionName": function, "Payload": {"fail": True}})
    told = run(cloud, "invokes-and-fails", definition, allow(["lambda:InvokeFunction"], [function]))
    assert (told["status"], told["error"]) == ("FAILED", "SourceGone")
    assert json.loads(told["cause"])["errorMessage"] == "the server answered 410"


def test_a_function_whose_process_is_killed_is_retried_by_its_name(
    cloud: CloudUnderTest, function: str, tmp_path: Path
) -> None:
    payload = {"FunctionName": function, "Payload": {"die_once": str(tmp_path / "died")}}
    allowed = allow(["lambda:InvokeFunction"], [function])
    told = run(cloud, "invokes-and-dies", one_task(f"{STATES}lambda:invoke", payload), allowed)
    assert (told["status"], told["error"]) == ("FAILED", "Runtime.ExitError")
    (tmp_path / "died").unlink()
    retried = one_task(f"{STATES}lambda:invoke", payload, Retry=function_retries())
    assert run(cloud, "invokes-dies-and-lives", retried, allowed)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("name", "call", "error"),
    [
        ("may-not-invoke", (f"{STATES}lambda:invoke", {"FunctionName": "echo"}), "Lambda.AWSLambdaException"),
        (
            "may-not-publish",
            (f"{STATES}sns:publish", {"TopicArn": "topic", "Message": "x"}),
            "SNS.AuthorizationErrorException",
        ),
        (
            "may-not-send",
            (f"{STATES}sqs:sendMessage", {"QueueUrl": "queue", "MessageBody": "x"}),
            "SQS.AmazonSQSException",
        ),
        ("may-not-start", (f"{STATES}glue:startJobRun.sync", {"JobName": "any"}), "Glue.AccessDeniedException"),
        ("may-not-crawl", (f"{SDK}glue:startCrawler", {"Name": "idle"}), "Glue.AccessDeniedException"),
    ],
)
@pytest.mark.usefixtures("function")
def test_a_permission_that_the_role_lacks_fails_the_task(
    cloud: CloudUnderTest, resources: dict[str, str], name: str, call: tuple[str, dict[str, str]], error: str
) -> None:
    resource, parameters = call
    given = {key: resources.get(value, value) for key, value in parameters.items()}
    told = run(cloud, name, one_task(resource, given), allow(["s3:GetObject"], ["*"]))
    assert (told["status"], told["error"]) == ("FAILED", error), told
    assert "not authorized" in told["cause"] or "denied" in told["cause"]


def test_a_role_that_does_not_trust_step_functions_fails_the_task(cloud: CloudUnderTest, function: str) -> None:
    role = make_role(cloud, "trusts-glue-only", "glue.amazonaws.com", allow(["lambda:InvokeFunction"], ["*"]))
    definition = one_task(f"{STATES}lambda:invoke", {"FunctionName": function, "Payload": {}})
    told = execute(cloud, make_state_machine(cloud, "untrusted", role, definition))
    assert (told["status"], told["error"]) == ("FAILED", "States.Permissions")


def test_messages_that_are_objects_are_sent_as_json(cloud: CloudUnderTest, resources: dict[str, str]) -> None:
    definition = one_task(
        f"{STATES}sqs:sendMessage", {"QueueUrl": resources["queue"], "MessageBody": {"step": "Bronze"}}
    )
    told = run(cloud, "sends", definition, allow(["sqs:SendMessage"], ["arn:aws:sqs:*:*:tasks"]))
    assert told["status"] == "SUCCEEDED", told
    assert json.loads(told["output"])["MessageId"]
    message = cloud.client("sqs").receive_message(QueueUrl=resources["queue"])["Messages"][0]
    assert json.loads(message["Body"]) == {"step": "Bronze"}
    definition = one_task(f"{STATES}sns:publish", {"TopicArn": resources["topic"], "Message": {"step": "Bronze"}})
    told = run(cloud, "publishes", definition, allow(["sns:Publish"], [resources["topic"]]))
    assert told["status"] == "SUCCEEDED", told
    assert json.loads(told["output"])["MessageId"]


@pytest.mark.usefixtures("resources")
def test_an_sdk_task_has_pascal_case_members_and_iso_times(cloud: CloudUnderTest) -> None:
    crawler = ["arn:aws:glue:*:*:crawler/idle"]
    told = run(
        cloud,
        "reads-a-crawler",
        one_task(f"{SDK}glue:getCrawler", {"Name": "idle"}),
        allow(["glue:GetCrawler"], crawler),
    )
    assert told["status"] == "SUCCEEDED", told
    described = json.loads(told["output"])["Crawler"]
    assert described["State"] == "READY"
    assert described["CreationTime"].endswith("Z")


def test_errors_of_sdk_tasks_have_the_names_that_retry_matches(cloud: CloudUnderTest) -> None:
    told = run(cloud, "no-crawler", one_task(f"{SDK}glue:startCrawler", {"Name": "absent"}), allow(["glue:*"], ["*"]))
    assert (told["status"], told["error"]) == ("FAILED", "Glue.EntityNotFoundException")
    told = run(cloud, "no-job", one_task(f"{STATES}glue:startJobRun", {"JobName": "absent"}), allow(["glue:*"], ["*"]))
    assert (told["status"], told["error"]) == ("FAILED", "Glue.EntityNotFoundException")
    told = run(cloud, "no-member", one_task(f"{SDK}glue:startCrawler", {"Nome": "x"}), allow(["glue:*"], ["*"]))
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")


def test_a_caught_error_leads_on(cloud: CloudUnderTest) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failed.Task", "Next": "After"}]
    definition = one_task(f"{SDK}glue:startCrawler", {"Name": "absent"}, Catch=catch)
    definition["States"]["After"] = {"Type": "Pass", "End": True}
    told = run(cloud, "catches", definition, allow(["glue:*"], ["*"]))
    assert told["status"] == "SUCCEEDED"
    assert json.loads(told["output"])["failed"]["Task"]["Error"] == "Glue.EntityNotFoundException"


def test_an_integration_that_nobody_has_fails_loudly(cloud: CloudUnderTest) -> None:
    told = run(cloud, "unknown", one_task(f"{STATES}batch:submitJob.sync", {}), allow(["*"], ["*"]))
    assert told["status"] == "FAILED"
    assert "not yet implemented" in told["cause"]


def test_starting_an_execution_that_goes_on_again_is_no_second_one(cloud: CloudUnderTest) -> None:
    role = make_role(cloud, "started-twice", "states.amazonaws.com")
    states = {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}
    machine = make_state_machine(cloud, "started-twice", role, {"StartAt": "Wait", "States": states})
    client = cloud.client("stepfunctions")
    given = {"stateMachineArn": machine, "name": "one", "input": '{"a": 1}'}
    first = client.start_execution(**given)
    again = client.start_execution(**given)
    assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(**{**given, "input": '{"a": 2}'})
    client.stop_execution(executionArn=first["executionArn"])
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(**given)
    assert len(client.list_executions(stateMachineArn=machine)["executions"]) == 1


@pytest.mark.parametrize("definition", ["{", "[]", '{"StartAt": "Gone", "States": {}}', '{"States": {}}'])
def test_a_definition_that_cannot_run_fails_its_executions(cloud: CloudUnderTest, definition: str) -> None:
    name = f"broken-{len(definition)}"
    client, role = cloud.client("stepfunctions"), make_role(cloud, name, "states.amazonaws.com")
    machine = client.create_state_machine(name=name, roleArn=role, definition=definition)["stateMachineArn"]
    told = execute(cloud, machine)
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")


def test_a_state_machine_that_takes_too_long_is_timed_out(cloud: CloudUnderTest) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 40, "Next": "Fail"}, "Fail": {"Type": "Fail"}}
    role = make_role(cloud, "slow", "states.amazonaws.com")
    machine = make_state_machine(cloud, "slow", role, {"StartAt": "Wait", "TimeoutSeconds": 1, "States": states})
    told = execute(cloud, machine)
    assert told["status"] == "TIMED_OUT"
    client = cloud.client("stepfunctions")
    events = client.get_execution_history(executionArn=told["executionArn"])["events"]
    assert events[-1]["type"] == "ExecutionTimedOut"
    again = wait_for(lambda: client.describe_execution(executionArn=told["executionArn"]), bool)
    assert again["status"] == "TIMED_OUT"
