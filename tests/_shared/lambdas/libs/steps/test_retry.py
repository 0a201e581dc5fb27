"""RetryJob: what is repeated, how often, and what a redrive changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.codec import encode
from _shared.contracts.errors import JobFailedError
from _shared.contracts.workflow import RetryRequest, RetryResult
from _shared.lambdas.libs.steps.retry import MOST_RETRIES, is_of_glue, retry_job
from tests.local_cloud.step_functions.support import context

ENDED = 1_772_433_000_000
"""2026-03-02 06:30 UTC, in milliseconds as Step Functions tells it."""

OF_GLUE = (
    "Internal service error",
    "InternalServiceException: An internal service error occurred.",
    "Resource unavailable",
    "Max concurrent job runs per account exceeded",
    "Max concurrent compute (DPU usage) exceeded",
    "Command failed with exit code -9",
    "Rate exceeded",
    "",
)
OF_THE_JOB = (
    "SchemaDriftError: nsde: column 6 is 'X'",
    "Error Category: UNCLASSIFIED_ERROR; SchemaDriftError: nsde: column 6 is 'X'",
    "Error Category: QUERY_ERROR; AnalysisException: Column 'x' does not exist",
    "RuntimeError: Internal service error of some other service, in KeyError: 'x'",
    "Py4JJavaError: An error occurred while calling o1.parquet. Caused by: java.nio.file.AccessDeniedException: s3a://x",
    "Error Category: PERMISSION_ERROR; An error occurred while calling o96.parquet. Access Denied (Status Code: 403)",
    "SystemExit: 2",
    "LAUNCH ERROR | Error downloading from S3 for bucket: b, key: k. Not Found",
)


def run(message: str, state: str = "FAILED", **more: Any) -> dict[str, Any]:
    told = {"ErrorMessage": message} if message else {}
    return {"Id": "jr_1", "JobName": "job", "JobRunState": state, "CompletedOn": ENDED, **told, **more}


def asked(found: dict[str, Any] | str, retry: RetryResult | None = None, **execution: Any) -> RetryResult:
    cause = found if isinstance(found, str) else json.dumps(found)
    state: dict[str, Any] = {"bronze": {"Error": "States.TaskFailed", "Cause": cause}}
    if retry:
        state["retry"] = encode(retry)
    return retry_job(RetryRequest(context(**execution), state, "bronze"))


@pytest.mark.parametrize("message", OF_GLUE)
def test_a_failure_of_glue_is_told_by_a_message_without_an_exception_of_the_script(message: str) -> None:
    assert is_of_glue(run(message))


@pytest.mark.parametrize("message", OF_THE_JOB)
def test_an_exception_of_the_script_and_missing_code_are_the_jobs_own(message: str) -> None:
    assert not is_of_glue(run(message))


@pytest.mark.parametrize("state", ["TIMEOUT", "STOPPED", "ERROR", "EXPIRED"])
def test_only_a_run_that_failed_is_repeated(state: str) -> None:
    assert not is_of_glue(run("Internal service error", state))


@given(st.text(max_size=50), st.from_regex(r"[A-Z][a-z]{2,10}Error", fullmatch=True), st.text(max_size=200))
def test_a_message_that_begins_with_an_exception_is_the_jobs_own_whatever_follows(
    category: str, error: str, text: str
) -> None:
    if not error.startswith("Internal"):
        assert not is_of_glue(run(f"{error}: {text}"))
        assert not is_of_glue(run(f"Error Category: {category}; {error}: {text}"))


def test_a_job_is_repeated_twice_with_growing_waits_and_then_fails() -> None:
    first = asked(run("Resource unavailable"))
    assert first == RetryResult("bronze", 1, 30, 0)
    second = asked(run("Resource unavailable"), first)
    assert second == RetryResult("bronze", MOST_RETRIES, 60, 0)
    with pytest.raises(
        JobFailedError, match="BronzeJob failed 3 times: Resource unavailable; Glue failed, not the job"
    ):
        asked(run("Resource unavailable"), second)


def test_the_repetitions_of_another_job_do_not_count() -> None:
    assert asked(run("Resource unavailable"), RetryResult("silver", 2, 0, 0)).attempts == 1


def test_the_jobs_own_error_fails_at_once_with_its_message() -> None:
    with pytest.raises(JobFailedError, match="BronzeJob failed: SchemaDriftError: nsde: column 6 is 'X'; fix the"):
        asked(run("SchemaDriftError: nsde: column 6 is 'X'"))


@pytest.mark.parametrize("ended", [ENDED, "2026-03-02T06:30:00Z"])
def test_a_redrive_after_the_failure_repeats_the_job_without_a_wait(ended: object) -> None:
    found = run("SchemaDriftError: x", CompletedOn=ended)
    again = asked(found, RedriveCount=1, RedriveTime="2026-03-02T08:00:00.000Z")
    assert again == RetryResult("bronze", 0, 0, 1)
    # Its failure after the redrive is a new one.
    later = run("SchemaDriftError: x", CompletedOn=ENDED + 7_200_000)
    with pytest.raises(JobFailedError):
        asked(later, again, RedriveCount=1, RedriveTime="2026-03-02T08:00:00.000Z")
    # So it is where an earlier step was redriven.
    with pytest.raises(JobFailedError):
        asked(later, RedriveCount=1, RedriveTime="2026-03-02T08:00:00.000Z")


def test_a_run_that_glue_did_not_start_is_repeated_once_for_each_redrive() -> None:
    refused = "User is not authorized (Service: Glue; Error Code: AccessDeniedException)"
    with pytest.raises(JobFailedError, match=r"BronzeJob failed: States\.TaskFailed: User is not authorized"):
        asked(refused)
    redrive: dict[str, Any] = {"RedriveCount": 1, "RedriveTime": "2026-03-02T08:00:00.000Z"}
    again = asked(refused, **redrive)
    assert again == RetryResult("bronze", 0, 0, 1)
    with pytest.raises(JobFailedError):
        asked(refused, again, **redrive)
    assert asked(refused, again, RedriveCount=2, RedriveTime="2026-03-02T09:00:00.000Z").redrives == 2
