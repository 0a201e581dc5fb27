"""The last step of an attempt, found in an execution's history in the documented shape of GetExecutionHistory."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.stub import Stubber

from _shared.contracts.errors import MedallionError, WorkflowBusyError, WorkflowRejectedError
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.failure.causes import Failure, failure_of
from _shared.lambdas.libs.failure.ended import EndedExecution
from _shared.lambdas.libs.failure.history import LastStep, last_step
from tests._shared.lambdas.support import EXECUTION
from tests.local_cloud.step_functions.support import history, states_client

RESOURCE = {"resourceType": "glue", "resource": "startJobRun.sync"}


def entered(name: str, **state: object) -> dict[str, Any]:
    details = {"name": name, "input": json.dumps(state), "inputDetails": {"truncated": False}}
    return {"type": "TaskStateEntered", "stateEnteredEventDetails": details}


def failed(error: str, cause: str = "") -> dict[str, Any]:
    return {"type": "TaskFailed", "taskFailedEventDetails": {**RESOURCE, "error": error, "cause": cause}}


def submitted(job_run: str) -> dict[str, Any]:
    output = json.dumps({"JobRunId": job_run})
    return {"type": "TaskSubmitted", "taskSubmittedEventDetails": {**RESOURCE, "output": output}}


def redriven(count: int) -> dict[str, Any]:
    return {"type": "ExecutionRedriven", "executionRedrivenEventDetails": {"redriveCount": count}}


STARTED = {"type": "ExecutionStarted", "executionStartedEventDetails": {"input": "{}", "roleArn": "r"}}
SCHEDULED = {"type": "TaskScheduled", "taskScheduledEventDetails": {**RESOURCE, "region": "x", "parameters": "{}"}}
ENDED = {"type": "ExecutionFailed", "executionFailedEventDetails": {"error": "e", "cause": "c"}}
SKIPPED = {"type": "TaskStateExited", "stateExitedEventDetails": {"name": "FetchAndHash", "output": "{}"}}

# Fails in BronzeJob; the redrive fails in it again and the second goes on to SilverJob, which is stopped.
STORY = (
    STARTED,
    entered("FetchAndHash", dataset="pills"),
    SCHEDULED,
    SKIPPED,
    entered("BronzeJob", fetch=1),
    SCHEDULED,
    submitted("jr_0"),
    failed("E0", "zero"),
    ENDED,
    redriven(1),
    SCHEDULED,
    failed("E1", "one"),
    ENDED,
    redriven(2),
    SCHEDULED,
    submitted("jr_2"),
    entered("SilverJob", fetch=1, bronze=2),
    SCHEDULED,
    submitted("jr_3"),
    {"type": "ExecutionAborted", "executionAbortedEventDetails": {"error": "e", "cause": "c"}},
)


@pytest.mark.parametrize(
    ("redrives", "expected"),
    [
        (0, LastStep("BronzeJob", {"fetch": 1}, "E0", "zero", "jr_0")),
        (1, LastStep("BronzeJob", {"fetch": 1}, "E1", "one", None)),
        (2, LastStep("SilverJob", {"fetch": 1, "bronze": 2}, "", "", "jr_3")),
    ],
)
def test_each_attempt_has_its_own_last_step(redrives: int, expected: LastStep) -> None:
    assert last_step(reversed(history(*STORY)), redrives) == expected


def test_a_redrive_that_was_stopped_is_not_told_with_the_failure_of_the_attempt_before() -> None:
    events = history(STARTED, entered("A", x=1), submitted("jr_0"), failed("E0", "zero"), ENDED, redriven(1), SCHEDULED)
    assert last_step(reversed(events), 1) == LastStep("A", {"x": 1})


def test_of_several_failures_the_last_one_of_the_step_is_told() -> None:
    timed_out = {"type": "TaskTimedOut", "taskTimedOutEventDetails": {**RESOURCE, "error": "States.Timeout"}}
    events = history(STARTED, entered("A"), failed("Old"), entered("B"), failed("E1"), SCHEDULED, timed_out)
    assert last_step(reversed(events), 0) == LastStep("B", {}, "States.Timeout")


@pytest.mark.parametrize("text", ["", "[1]", '{"cut": "o'])
def test_state_data_that_cannot_be_read_is_empty(text: str) -> None:
    event = {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "A", "input": text}}
    assert last_step(history(event), 0) == LastStep("A")


def test_an_execution_that_entered_no_state_has_no_last_step() -> None:
    assert last_step(history(STARTED), 0) == LastStep("Unknown")


def test_the_history_is_read_page_by_page_the_newest_first() -> None:
    events = history(STARTED, entered("A"), SCHEDULED)
    asked = {
        "executionArn": EXECUTION,
        "reverseOrder": True,
        "includeExecutionData": True,
        "maxResults": 1000,
    }
    with Stubber(states_client()) as stub:
        stub.add_response("get_execution_history", {"events": [events[2], events[1]], "nextToken": "t"}, asked)
        stub.add_response("get_execution_history", {"events": [events[0]]}, {**asked, "nextToken": "t"})
        found = list(Executions(states_client()).history(EXECUTION))
    assert [event["id"] for event in found] == [3, 2, 1]


def test_a_history_without_end_is_given_up_at_the_most_that_step_functions_keeps() -> None:
    page = [cast("Any", {"id": 1, "type": "TaskScheduled", "timestamp": datetime(2026, 3, 2, tzinfo=UTC)})] * 1000
    with Stubber(states_client()) as stub:
        for number in range(30):
            stub.add_response("get_execution_history", {"events": page, "nextToken": f"t{number}"})
        assert len(list(Executions(states_client()).history(EXECUTION))) == 25_000


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 400, WorkflowBusyError),
        ("Oops", 500, WorkflowBusyError),
        ("AccessDeniedException", 400, WorkflowRejectedError),
        ("ExecutionDoesNotExist", 400, WorkflowRejectedError),
    ],
)
def test_a_history_that_cannot_be_read_has_a_name(code: str, status: int, error: type[MedallionError]) -> None:
    with Stubber(states_client()) as stub:
        stub.add_client_error("get_execution_history", code, http_status_code=status)
        with pytest.raises(error, match=f"states:GetExecutionHistory {EXECUTION}: {code}"):
            list(Executions(states_client()).history(EXECUTION))


JOB_RUN = json.dumps(
    {"Id": "jr_0", "JobRunState": "FAILED", "ErrorMessage": "SchemaDriftError: column 6", "ExecutionTime": 42}
)


def given_up(**execution: Any) -> tuple[LastStep, EndedExecution]:
    """What is left of a job that RetryJob gave up: its own failure in the state data, the function's in the event."""
    caught = {"Error": "States.TaskFailed", "Cause": JOB_RUN}
    events = history(
        STARTED,
        entered("BronzeJob", fetch=1),
        submitted("jr_0"),
        failed("States.TaskFailed", JOB_RUN),
        entered("BronzeJob (failed)", fetch=1, bronze=caught),
        failed("JobFailedError", '{"errorMessage": "BronzeJob failed: cut"}'),
        ENDED,
    )
    times = ("2026-03-02T06:30:00Z", "2026-03-02T06:31:00Z")
    return last_step(reversed(events), 0), EndedExecution(EXECUTION, "FAILED", *times, input={}, **execution)


@pytest.mark.parametrize(
    "execution",
    [
        {"error": "JobFailedError", "cause": '{"errorMessage": "BronzeJob failed: cut"}'},
        # The event of an encrypted execution may lack both.
        {},
    ],
)
def test_a_job_that_is_given_up_is_told_with_its_own_error_step_and_run(execution: dict[str, Any]) -> None:
    step, ended = given_up(**execution)
    assert step.name == "BronzeJob"
    assert failure_of(ended, step) == Failure("BronzeJob", "SchemaDriftError", "column 6", "jr_0", 42.0)
