"""UpdateManifest, record_failure: what failed, in words; the alert; the lease."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.layout import lease_key, release_key, run_record_key
from _shared.contracts.release import Release, SourceState
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.contracts.workflow import FailureNotice, UpdateRequest
from _shared.lambdas.libs import lease
from _shared.lambdas.libs.causes import failure_of
from _shared.lambdas.libs.publish import UpdateServices
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.time_utils import run_id
from _shared.lambdas.libs.update import update
from tests.unit.lambda_support import (
    BUCKET,
    CONFIG,
    EXECUTION,
    NOW,
    OTHER_EXECUTION,
    STARTED,
    keys,
    lake,
    reports_of,
    text_of,
    write_reports,
)

RUN = run_id(STARTED, EXECUTION)
LAMBDA_CAUSE = json.dumps(
    {"errorMessage": "source http://x: HTTP 404 Not Found", "errorType": "SourceNotFoundError", "stackTrace": ["…"]}
)
GLUE_CAUSE = json.dumps(
    {
        "Id": "jr_1",
        "JobName": "pills-bronze-job",
        "JobRunState": "FAILED",
        "ErrorMessage": "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 20; "
        "_shared.glue_lib.errors.MissingColumnError: pills.csv lacks column Code; correct dataset.json",
        "ExecutionTime": 42,
    }
)


@pytest.fixture(name="storage")
def fixture_storage() -> Iterator[LakeStorage]:
    with lake() as storage:
        yield storage


def record_failure(storage: LakeStorage, state: dict[str, Any]) -> FailureNotice:
    services = UpdateServices(storage, MagicMock(), lambda: NOW)
    result = update(UpdateRequest("record_failure", EXECUTION, STARTED, state), CONFIG, services)
    assert isinstance(result, FailureNotice)
    return result


def record(storage: LakeStorage) -> RunRecord:
    return decode_text(RunRecord, text_of(storage, run_record_key("pills", RUN)), "record")


def failed(step: str, error: str, cause: str) -> dict[str, Any]:
    return {"dataset": "pills", "force": True, "failed": {step: {"Error": error, "Cause": cause}}}


def test_a_failed_function_is_recorded_and_its_lease_given_back(storage: LakeStorage) -> None:
    lease.acquire(storage, lease.LeaseClaim("pills", EXECUTION, NOW, 60), lambda _: True)
    notice = record_failure(storage, failed("FetchAndHash", "SourceNotFoundError", LAMBDA_CAUSE))
    assert notice.subject == "pills: FetchAndHash failed with SourceNotFoundError"
    assert (notice.step, notice.error) == ("FetchAndHash", "SourceNotFoundError")
    assert notice.cause == "source http://x: HTTP 404 Not Found"
    assert "Readers see the version before, unchanged." in notice.message
    assert f"s3://{BUCKET}/{run_record_key('pills', RUN)}" in notice.message
    assert EXECUTION in notice.message
    written = record(storage)
    assert (written.status, written.step, written.error) == (FAILED, "FetchAndHash", "SourceNotFoundError")
    assert (written.reason, written.forced, written.source) == (notice.cause, True, None)
    assert keys(storage) == [run_record_key("pills", RUN)]


def test_the_lease_of_another_execution_is_left(storage: LakeStorage) -> None:
    lease.acquire(storage, lease.LeaseClaim("pills", OTHER_EXECUTION, NOW, 60), lambda _: True)
    record_failure(storage, failed("UpdateManifest", "LeaseHeldError", "{}"))
    assert lease_key("pills") in keys(storage)


def test_a_failed_job_is_recorded_with_its_error_run_and_time(storage: LakeStorage) -> None:
    state = failed("BronzeJob", "States.TaskFailed", GLUE_CAUSE)
    notice = record_failure(storage, state)
    assert notice.error == "MissingColumnError"
    assert notice.cause == "pills.csv lacks column Code; correct dataset.json"
    written = record(storage)
    assert (written.job_runs, written.step_seconds) == ({"BronzeJob": "jr_1"}, {"BronzeJob": 42.0})


def test_the_record_has_what_the_run_had_found_out(storage: LakeStorage) -> None:
    source = SourceState("http://x/pills.zip", "a" * 64, 10)
    release = Release("pills", RUN, "2026-03-01", STARTED, source, "raw/x", ())
    storage.put(release_key("pills", RUN), encode_text(release).encode())
    write_reports(storage, *reports_of(RUN, "2026-03-01", quarantined=2, passed=False))
    state = failed("SilverJob", "States.TaskFailed", GLUE_CAUSE)
    record_failure(storage, {**state, "bronze": {"JobRunId": "jr_0"}, "fetch": {"fingerprint": "f" * 64}})
    written = record(storage)
    assert (written.version, written.source, written.fingerprint) == ("2026-03-01", source, "f" * 64)
    assert written.quarantine_reasons == {"INVALID_CODE": 2}
    assert [check.passed for check in written.checks] == [False]
    assert written.job_runs == {"BronzeJob": "jr_0", "SilverJob": "jr_1"}


def test_what_cannot_be_read_does_not_hide_the_failure(storage: LakeStorage) -> None:
    storage.put(release_key("pills", RUN), b"not json")
    storage.put(f"quality/pills/run_id={RUN}/silver.json", b"{}")
    assert record_failure(storage, failed("SilverJob", "States.Timeout", "")).error == "States.Timeout"
    assert record(storage).source is None


def test_recording_twice_writes_once(storage: LakeStorage) -> None:
    state = failed("Crawl", "CrawlFailed", "the crawl ended as FAILED")
    assert record_failure(storage, state) == record_failure(storage, state)
    assert len(keys(storage)) == 1


def test_a_failure_while_publishing_does_not_claim_that_nothing_is_visible(storage: LakeStorage) -> None:
    notice = record_failure(storage, failed("UpdateManifest", "CatalogBusyError", "{}"))
    assert "one whole version, the one before or this one" in notice.message
    # A failure that was caught cannot be redriven: Step Functions would enter the Fail state again.
    assert "a new run finishes what is left" in notice.message
    assert "redrive" not in notice.message


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            failed("Crawl", "CrawlTimedOut", "READY was not reached"),
            ("Crawl", "CrawlTimedOut", "READY was not reached"),
        ),
        (failed("SilverJob", "States.Timeout", ""), ("SilverJob", "States.Timeout", "no cause was given")),
        (
            failed("SilverJob", "States.TaskFailed", '{"JobRunState": "TIMEOUT", "JobName": "j"}'),
            ("SilverJob", "States.TaskFailed", "Glue job j ended as TIMEOUT and gave no message"),
        ),
        (
            failed(
                "SilverJob", "States.TaskFailed", '{"ErrorMessage": "RowsError: a \\"b\\"", "Arguments": {"--x": "cut o'
            ),
            ("SilverJob", "RowsError", 'a "b"'),
        ),
        (
            failed("SilverJob", "States.TaskFailed", '{"ErrorMessage": "the worker was lost", "Id": 3}'),
            ("SilverJob", "States.TaskFailed", "the worker was lost"),
        ),
        (
            failed("StartCrawl", "Glue.EntityNotFoundException", "[1]"),
            ("StartCrawl", "Glue.EntityNotFoundException", "[1]"),
        ),
        ({}, ("Unknown", "Unknown", "the state data does not say which step failed")),
        ({"failed": {"BronzeJob": "?"}}, ("BronzeJob", "Unknown", "no cause was given")),
    ],
)
def test_the_message_is_found_in_whatever_step_functions_says(
    state: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    failure = failure_of(state)
    assert (failure.step, failure.error, failure.message) == expected


def test_an_endless_message_is_cut_to_what_sns_and_step_functions_take(storage: LakeStorage) -> None:
    cause = json.dumps({"errorMessage": "\N{LATIN SMALL LETTER E WITH ACUTE}" * 40_000})
    notice = record_failure(storage, failed("FetchAndHash", "Error\u20ac" + "x" * 300 + "\nmore", cause))
    assert len(notice.cause) <= 32_768
    assert notice.cause.endswith("(cut)")
    assert len(notice.message.encode()) <= 256 * 1024
    assert len(notice.subject) <= 100
    assert notice.subject.isascii()
    assert "\n" not in notice.subject
