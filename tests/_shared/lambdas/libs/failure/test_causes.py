"""What an event says of an execution that failed, what its cause says in words, and the sending of alerts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from _shared.contracts.errors import AlertBusyError, AlertRejectedError, MedallionError
from _shared.lambdas.libs.aws.alerts import Alert, Alerts
from _shared.lambdas.libs.failure.causes import failure_of
from _shared.lambdas.libs.failure.ended import ended_execution
from _shared.lambdas.libs.failure.history import LastStep
from tests.local_cloud.step_functions.support import sns_client, status_event


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("Throttled", 429, AlertBusyError),
        ("KMSThrottling", 400, AlertBusyError),
        ("InternalError", 500, AlertBusyError),
        ("AuthorizationError", 403, AlertRejectedError),
        ("NotFound", 404, AlertRejectedError),
    ],
)
def test_an_alert_that_is_not_sent_is_an_error(code: str, status: int, error: type[MedallionError]) -> None:
    with Stubber(sns_client()) as stub:
        stub.add_client_error("publish", code, http_status_code=status)
        with pytest.raises(error, match=f"sns:Publish arn:topic: {code}"):
            Alerts(sns_client(), "arn:topic").send(Alert("s", "m"))


STEP = LastStep("SilverJob", {}, "SourceUnavailableError", '{"errorMessage": "HTTP 503"}')
JVM_ERROR = (
    "Py4JJavaError: An error occurred while calling o7.parquet.\n: org.apache.spark.SparkException: Job aborted.\n"
    "\tat org.apache.spark.sql.A.b(A.scala:1)\n"
    "Caused by: java.nio.file.AccessDeniedException: s3a://lake/silver/x: PutObject: Access Denied (403)\n\tat c.D.e()"
)
FIRST_ERROR = "the step had failed before with SourceUnavailableError: HTTP 503"


@pytest.mark.parametrize(
    ("status", "error", "cause", "step", "expected"),
    [
        (
            "FAILED",
            "CrawlFailedError",
            '{"errorMessage": "it ended as FAILED", "errorType": "CrawlFailedError"}',
            LastStep("CrawlBronze"),
            ("CrawlFailedError", "it ended as FAILED"),
        ),
        (
            "FAILED",
            "States.Timeout",
            None,
            LastStep("SilverJob"),
            ("States.Timeout", "the step took longer than its time-out allows"),
        ),
        (
            "FAILED",
            "States.TaskFailed",
            '{"JobRunState": "TIMEOUT", "JobName": "j"}',
            LastStep(),
            ("JobRunTimedOut", "Glue job j ended as TIMEOUT and gave no message"),
        ),
        (
            "FAILED",
            "States.TaskFailed",
            '{"ErrorMessage": "RowsError: a \\"b\\"", "Arguments": {"--x": "cut o',
            LastStep(),
            ("RowsError", 'a "b"'),
        ),
        (
            "FAILED",
            "States.TaskFailed",
            '{"ErrorMessage": "the worker was lost", "Id": 3}',
            LastStep(),
            ("States.TaskFailed", "the worker was lost"),
        ),
        (
            "FAILED",
            "States.TaskFailed",
            json.dumps({"ErrorMessage": JVM_ERROR}),
            LastStep(),
            ("AccessDeniedException", "s3a://lake/silver/x: PutObject: Access Denied (403)"),
        ),
        ("FAILED", "Glue.EntityNotFoundException", "[1]", LastStep(), ("Glue.EntityNotFoundException", "[1]")),
        # An event without error and cause: the history has them.
        ("FAILED", None, None, STEP, ("SourceUnavailableError", "HTTP 503")),
        ("FAILED", None, None, LastStep(), ("Unknown", "no cause was given")),
        (
            "ABORTED",
            "Operator",
            "wrong release",
            LastStep(),
            ("ExecutionAborted", "the execution was stopped from outside: Operator: wrong release"),
        ),
        ("ABORTED", None, None, STEP, ("ExecutionAborted", f"the execution was stopped from outside; {FIRST_ERROR}")),
        (
            "TIMED_OUT",
            None,
            None,
            STEP,
            ("ExecutionTimedOut", f"the execution took longer than its state machine allows; {FIRST_ERROR}"),
        ),
    ],
)
def test_the_message_is_found_in_whatever_step_functions_says(
    status: str, error: str | None, cause: str | None, step: LastStep, expected: tuple[str, str]
) -> None:
    failure = failure_of(ended_execution(status_event(status, error=error, cause=cause)), step)
    assert (failure.error, failure.message) == expected
    assert failure.step == step.name


def test_the_event_may_lack_what_older_events_lack() -> None:
    event = status_event("FAILED", input=None, inputDetails={"included": False})
    for key in ("redriveCount", "error", "cause"):
        del event["detail"][key]
    ended = ended_execution(event)
    assert (ended.redrive_count, ended.error, ended.cause, ended.input) == (None, "", "", {})
    assert datetime.fromisoformat(ended.ended_at) == datetime(2099, 1, 1, tzinfo=UTC)
