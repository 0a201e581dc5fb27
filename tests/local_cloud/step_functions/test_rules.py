"""The rules of AWS that the local cloud follows, each as a function of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import botocore.session
import pyarrow as pa
import pytest

from local_cloud import seams
from local_cloud.events import status_events
from local_cloud.functions.errors import named
from local_cloud.glue.crawlers.layout import partition_of
from local_cloud.glue.crawlers.parquet_schema import catalog_type
from local_cloud.glue.jobs.bootstrap import error_message
from local_cloud.glue.jobs.jars import JARS, ivy_module
from local_cloud.glue.jobs.run import JobRun, kill_group, outcome
from local_cloud.glue.jobs.service import run_arguments
from local_cloud.glue.jobs.spark_settings import parse_conf_argument
from local_cloud.iam.requests import athena_resource, glue_resource, logs_resource, with_ancestors
from local_cloud.step_functions import history, retries
from local_cloud.step_functions.sdk_shapes import UnknownMemberError, error_name, pascal, to_request
from stacks.steps.retries import LAMBDA_CRASHES

ARN = "arn:aws:glue:us-east-1:000000000000:"


@pytest.mark.parametrize(
    ("action", "request_body", "resource"),
    [
        ("StartCrawler", {"Name": "c"}, "crawler/c"),
        ("GetDatabase", {"Name": "d"}, "database/d"),
        ("GetDatabases", {}, "catalog"),
        ("GetTable", {"DatabaseName": "d", "Name": "t"}, "table/d/t"),
        ("CreateTable", {"DatabaseName": "d", "TableInput": {"Name": "t"}}, "table/d/t"),
        ("BatchCreatePartition", {"DatabaseName": "d", "TableName": "t"}, "table/d/t"),
        ("GetTables", {"DatabaseName": "d"}, "table/d/*"),
        ("StartJobRun", {"JobName": "j"}, None),
    ],
)
def test_glue_calls_are_authorized_on_what_they_name(
    action: str, request_body: dict[str, object], resource: str | None
) -> None:
    assert glue_resource(action, request_body) == resource


def test_a_table_is_authorized_with_its_database_and_the_catalog() -> None:
    assert with_ancestors(f"{ARN}table/d/t") == [f"{ARN}catalog", f"{ARN}database/d", f"{ARN}table/d/t"]
    assert with_ancestors(f"{ARN}database/d") == [f"{ARN}catalog", f"{ARN}database/d"]
    assert with_ancestors(f"{ARN}job/j") == [f"{ARN}job/j"]


def test_log_writes_are_authorized_on_the_stream() -> None:
    request_body = {"logGroupName": "/aws-glue/jobs/output", "logStreamName": "jr_1"}
    assert logs_resource("PutLogEvents", request_body) == "log-group:/aws-glue/jobs/output:log-stream:jr_1"
    assert logs_resource("DescribeLogGroups", {}) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DBClusterArn", "DbClusterArn"),
        ("KMSKeyId", "KmsKeyId"),
        ("executionArn", "ExecutionArn"),
        ("JobRunId", "JobRunId"),
        ("S3", "S3"),
    ],
)
def test_members_are_named_as_the_java_sdk_names_them(name: str, expected: str) -> None:
    assert pascal(name) == expected


@pytest.mark.parametrize(
    ("service", "code", "optimized", "expected"),
    [
        ("glue", "CrawlerRunningException", False, "Glue.CrawlerRunningException"),
        ("glue", "ThrottlingException", False, "Glue.ThrottlingException"),
        ("s3", "NoSuchKey", False, "S3.NoSuchKeyException"),
        ("s3", "SlowDown", False, "S3.S3Exception"),
        ("lambda", "TooManyRequestsException", True, "Lambda.TooManyRequestsException"),
        ("lambda", "AccessDeniedException", True, "Lambda.AWSLambdaException"),
        ("glue", "ConcurrentRunsExceededException", True, "Glue.ConcurrentRunsExceededException"),
        ("stepfunctions", "Unheard", False, "Sfn.SfnException"),
    ],
)
def test_errors_have_the_names_that_aws_gives_them(service: str, code: str, optimized: bool, expected: str) -> None:
    assert error_name(service, code, optimized=optimized) == expected


def test_a_member_that_the_api_does_not_know_is_refused() -> None:
    shape = botocore.session.get_session().get_service_model("glue").operation_model("StartCrawler").input_shape
    assert to_request(shape, {"Name": "c"}) == {"Name": "c"}
    with pytest.raises(UnknownMemberError, match="Nome"):
        to_request(shape, {"Nome": "c"})


@pytest.mark.parametrize("message", ["the server answered 410", "two\nlines", ""])
def test_the_class_of_a_lambda_exception_is_read_from_its_traceback(message: str) -> None:
    frames = '  File "app.py", line 3, in handler\n    raise x'
    trace = f"printed\nTraceback (most recent call last):\n{frames}\nlibs.errors.SourceGone"
    log = f"{trace}: {message}\n" if message else f"{trace}\n"
    answer = named({"errorMessage": message, "errorType": "Runtime.HandlerError"}, log, "id")
    assert answer["errorType"] == "SourceGone"
    assert answer["errorMessage"] == message
    assert answer["stackTrace"] == ['  File "app.py", line 3, in handler', "    raise x"]


def test_a_function_whose_process_was_killed_has_the_name_that_the_state_machine_retries() -> None:
    body = {"errorMessage": "Worker process died", "errorType": "Runtime.HandlerError"}
    assert named(body, "printed before", "id")["errorType"] in LAMBDA_CRASHES


def test_an_error_without_a_traceback_stays_as_it_was() -> None:
    body = {"errorMessage": "x", "errorType": "Runtime.HandlerError"}
    assert named(body, "printed only", "id") == body


def test_a_java_error_is_told_by_its_first_line_and_its_deepest_cause() -> None:
    class Py4JJavaError(Exception):
        pass

    text = (
        "An error occurred while calling o1.parquet.\n: org.apache.Spark: failed\n\tat a.b(C.java)\n"
        "Caused by: x.Y: mid\nCaused by: z.W: Access Denied\n\t... 9 more"
    )
    told = "An error occurred while calling o1.parquet. : org.apache.Spark: failed Caused by: z.W: Access Denied"
    assert error_message(Py4JJavaError(text)) == f"Py4JJavaError: {told}"
    assert error_message(KeyError("ndc")) == "KeyError: 'ndc'"


def test_a_process_that_was_killed_has_failed(tmp_path: Path) -> None:
    assert outcome(0, tmp_path / "error") == ("SUCCEEDED", "")
    assert outcome(-9, tmp_path / "error") == ("FAILED", "Command failed with exit code -9")


def test_a_job_that_takes_longer_than_its_timeout_is_timed_out_and_its_processes_are_killed() -> None:
    process = subprocess.Popen(["sh", "-c", "sleep 300 & sleep 300"], start_new_session=True)
    run = JobRun({}, {"Timeout": 1}, {}, "arn", timeout_seconds=0.2)
    assert run._wait(process, []) == ("TIMEOUT", "Job run exceeded its timeout of 1 minutes")
    kill_group(process)
    assert process.returncode is not None
    listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    alive = [line for line in listed.splitlines() if line.split()[0] == str(process.pid) and "Z" not in line]
    assert alive == []


def test_arguments_of_the_run_win_over_those_of_the_job_and_lose_to_the_fixed_ones() -> None:
    job = {"DefaultArguments": {"--a": "1", "--b": "1"}, "NonOverridableArguments": {"--c": "3"}}
    merged = run_arguments(job, {"--b": "2", "--c": "2"}, "job", "jr_1")
    assert merged == {"--a": "1", "--b": "2", "--c": "3", "--JOB_NAME": "job", "--JOB_RUN_ID": "jr_1"}


def test_conf_holds_several_settings_in_one_text() -> None:
    assert parse_conf_argument("spark.a=1 --conf spark.b=x=y") == {"spark.a": "1", "spark.b": "x=y"}
    assert parse_conf_argument("") == {}


def test_folders_are_partitions() -> None:
    assert partition_of("version=2019-05-19/run=R1/") == (("version", "run"), ("2019-05-19", "R1"))
    assert partition_of("plain/") == (("partition_0",), ("plain",))
    assert partition_of("") == ((), ())


def test_types_have_the_catalogs_names() -> None:
    nested = pa.list_(pa.struct([("Code", pa.string()), ("n", pa.map_(pa.string(), pa.decimal128(10, 2)))]))
    assert catalog_type(nested) == "array<struct<code:string,n:map<string,decimal(10,2)>>>"
    with pytest.raises(KeyError):
        catalog_type(pa.time64("us"))


def test_only_the_named_jars_are_asked_for() -> None:
    module = ivy_module(list(JARS))
    assert module.count("<dependency ") == module.count('transitive="false"') == len(JARS)


@pytest.mark.parametrize(
    ("retrier", "retries_so_far", "seconds"),
    [
        ({}, 0, 1),
        ({"IntervalSeconds": 10}, 2, 40),
        ({"IntervalSeconds": 10, "BackoffRate": 1}, 7, 10),
        ({"IntervalSeconds": 100, "BackoffRate": 3}, 1, 300),
        ({"IntervalSeconds": 10, "MaxDelaySeconds": 25}, 2, 25),
    ],
)
def test_a_retry_waits_as_long_as_its_retrier_says(
    retrier: dict[str, object], retries_so_far: int, seconds: float
) -> None:
    assert retries.delay(retrier, retries_so_far) == seconds
    jittered = {retries.delay({**retrier, "JitterStrategy": "FULL"}, retries_so_far) for _ in range(50)}
    assert len(jittered) > 1
    assert all(0 <= delay <= seconds for delay in jittered)


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ("arn:aws:states:::lambda:invoke", {"resourceType": "lambda", "resource": "invoke"}),
        ("arn:aws:states:::glue:startJobRun.sync", {"resourceType": "glue", "resource": "startJobRun.sync"}),
        ("arn:aws:states:::aws-sdk:glue:getCrawler", {"resourceType": "aws-sdk:glue", "resource": "getCrawler"}),
        ("arn:aws:lambda:us-east-1:0:function:f", {"resource": "arn:aws:lambda:us-east-1:0:function:f"}),
    ],
)
def test_a_task_is_named_in_the_history_by_service_and_action(resource: str, named: dict[str, str]) -> None:
    assert history.resource_of(resource) == named


def test_a_task_that_ran_out_of_time_has_an_event_of_its_own() -> None:
    failure = {"taskFailedEventDetails": {"error": "States.Timeout", "cause": "c", "resource": "r"}}
    assert history.as_on_aws("TaskFailed", failure) == (
        "TaskTimedOut",
        {"taskTimedOutEventDetails": failure["taskFailedEventDetails"]},
    )
    other = {"taskFailedEventDetails": {"error": "SourceGone", "cause": "c", "resource": "r"}}
    assert history.as_on_aws("TaskFailed", other) == ("TaskFailed", other)


def test_a_status_event_leaves_out_an_input_that_is_too_large() -> None:
    record = {
        "executionArn": "e", "stateMachineArn": "m", "name": "n", "status": "RUNNING", "output": None,
        "startDate": "2026-01-01T00:00:00.250Z", "stopDate": None, "input": "x" * status_events.LARGEST_PAYLOAD_BYTES,
    }  # fmt: skip
    detail = status_events.detail_of(record)
    assert (detail["input"], detail["inputDetails"]) == (None, {"included": False})
    assert detail["startDate"] == 1767225600250
    assert detail["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven"


def test_a_call_about_a_query_is_authorized_on_the_querys_workgroup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(seams.ATHENA_QUERIES.value, "q1", {"WorkGroup": "analysts"})
    assert athena_resource({"QueryExecutionId": "q1"}) == "workgroup/analysts"
    assert athena_resource({"QueryExecutionIds": ["q1"]}) == "workgroup/analysts"
    assert athena_resource({"WorkGroup": "others", "QueryString": "SELECT 1"}) == "workgroup/others"
    assert athena_resource({"QueryExecutionId": "unknown"}) is None
