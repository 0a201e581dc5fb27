"""RecordFailure: what failed, in words; the record, the lease, the alert; events twice, late, and unreadable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.errors import (
    CatalogBusyError,
    CatalogRejectedError,
    InvalidInputError,
    MedallionError,
    StorageThrottledError,
    WorkflowBusyError,
)
from _shared.contracts.layout import (
    lease_key,
    lineage_key,
    manifest_key,
    release_key,
    report_key,
    run_record_key,
    silver_prefix,
)
from _shared.contracts.manifest import Lease, Manifest, Publication
from _shared.contracts.release import FetchedSource, Release, SourceState
from _shared.contracts.run_record import FAILED, SKIPPED, SUCCEEDED, RunRecord
from _shared.lambdas.libs.aws.alerts import Alert, Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.run import lease
from _shared.lambdas.libs.run.records import write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.steps import failure as failure_step
from _shared.lambdas.libs.steps.failure import FailureServices, record_failure
from _shared.lambdas.libs.time_utils import run_id
from tests._shared.lambdas.support import (
    BUCKET,
    CONFIG,
    EXECUTION,
    LINEAGE,
    NOW,
    OTHER_EXECUTION,
    STARTED,
    empty_catalog,
    glue_client,
    keys,
    lake,
    manifest_of,
    reports_of,
    text_of,
    write_reports,
)
from tests.local_cloud.step_functions.support import history, sent_alerts, sns_client, status_event

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
        "_shared.contracts.errors.MissingColumnError: pills.csv lacks column Code; correct dataset.json",
        "ExecutionTime": 42,
    }
)


@dataclass
class World:
    """The lake, the topic, and an execution of which the test says how it is and what it did."""

    storage: LakeStorage
    topic: str
    states: MagicMock = field(default_factory=MagicMock)
    catalog: Catalog = field(default_factory=empty_catalog)

    def is_now(self, status: str, redrive_count: int = 0) -> None:
        """Let DescribeExecution answer so."""
        self.states.describe_execution.return_value = {"status": status, "redriveCount": redrive_count}

    def did(self, *events: dict[str, Any]) -> None:
        """Let GetExecutionHistory answer so; the events are given the oldest first."""
        pages = [{"events": history(*events)[::-1]}]
        self.states.get_paginator.return_value.paginate.return_value = pages

    def in_step(self, step: str, **state: object) -> None:
        """Let the execution have entered a step with this state data."""
        details = {"name": step, "input": json.dumps({"dataset": "pills", **state})}
        self.did({"type": "TaskStateEntered", "stateEnteredEventDetails": details})

    def take_lease(self, owner: str = EXECUTION) -> None:
        lease.acquire(self.storage, lease.LeaseClaim("pills", owner, NOW, 60), lambda _: True)

    def lease_owner(self) -> str | None:
        found = self.storage.get(lease_key("pills"))
        return decode_text(Lease, found.body, "lease").owner if found else None

    def record_failure(self, event: dict[str, Any]) -> Alert:
        services = FailureServices(
            self.storage, Executions(self.states), Alerts(sns_client(), self.topic), self.catalog, LINEAGE
        )
        return record_failure(event, CONFIG, services)

    def failed(self, error: str, cause: str, **more: Any) -> Alert:
        return self.record_failure(status_event("FAILED", error=error, cause=cause, **more))

    def record(self, redrive_count: int = 0) -> RunRecord:
        return decode_text(RunRecord, text_of(self.storage, run_record_key("pills", RUN, redrive_count)), "record")

    def alerts(self) -> list[Alert]:
        return sent_alerts(self.topic)


@pytest.fixture(name="world")
def fixture_world() -> Iterator[World]:
    with lake() as storage:
        world = World(storage, sns_client().create_topic(Name="alerts")["TopicArn"])
        world.is_now("FAILED")
        world.in_step("FetchAndHash")
        yield world


def test_a_failed_function_is_recorded_and_told_and_the_lease_given_back(world: World) -> None:
    world.take_lease()
    world.in_step("FetchAndHash", force=True)
    alert = world.failed("SourceNotFoundError", LAMBDA_CAUSE)
    assert world.alerts() == [alert]
    assert alert.subject == "pills: FetchAndHash failed with SourceNotFoundError"
    assert "SourceNotFoundError: source http://x: HTTP 404 Not Found" in alert.message
    assert "Readers see the version before, unchanged." in alert.message
    assert "redrive the execution (it resumes at FetchAndHash, with the same input)" in alert.message
    assert f"s3://{BUCKET}/{run_record_key('pills', RUN)}" in alert.message
    assert EXECUTION in alert.message
    written = world.record()
    assert (written.status, written.step, written.error) == (FAILED, "FetchAndHash", "SourceNotFoundError")
    assert (written.reason, written.forced, written.sources) == ("source http://x: HTTP 404 Not Found", True, ())
    assert (written.started_at, written.ended_at) == (STARTED, "2099-01-01T00:00:00.000Z")
    assert (written.execution, written.redrive_count) == (EXECUTION, 0)
    assert keys(world.storage) == [run_record_key("pills", RUN)]


def test_the_lease_of_another_execution_is_left(world: World) -> None:
    world.take_lease(OTHER_EXECUTION)
    world.failed("LeaseHeldError", "{}")
    assert world.lease_owner() == OTHER_EXECUTION


def test_a_failed_job_is_recorded_with_its_error_run_and_time(world: World) -> None:
    world.in_step("BronzeJob", fetch={"fingerprint": "f" * 64})
    alert = world.failed("States.TaskFailed", GLUE_CAUSE)
    assert alert.subject == "pills: BronzeJob failed with MissingColumnError"
    written = world.record()
    assert written.reason == "pills.csv lacks column Code; correct dataset.json"
    assert (written.error, written.step) == ("MissingColumnError", "BronzeJob")
    assert (written.job_runs, written.step_seconds) == ({"BronzeJob": "jr_1"}, {"BronzeJob": 42.0})
    assert written.fingerprint == "f" * 64


def leave_release_and_reports(world: World) -> None:
    release = Release(
        "pills",
        RUN,
        "2026-03-01",
        STARTED,
        (FetchedSource("pills", "fetched", SourceState("http://x", "a" * 64, 1), "raw/x"),),
    )
    world.storage.put(release_key("pills", RUN), encode_text(release).encode())
    write_reports(world.storage, *reports_of(RUN, "2026-03-01", quarantined=2, passed=False))


def test_what_the_jobs_reported_is_kept_in_the_record(world: World) -> None:
    leave_release_and_reports(world)
    world.in_step("SilverJob", bronze={"JobRunId": "jr_0"})
    world.failed("States.TaskFailed", GLUE_CAUSE)
    written = world.record()
    assert [source.name for source in written.sources] == ["pills"]
    assert (written.version, written.quarantine_reasons) == ("2026-03-01", {"INVALID_CODE": 2})
    assert [check.passed for check in written.checks] == [False]
    assert written.job_runs == {"BronzeJob": "jr_0", "SilverJob": "jr_1"}


def test_what_a_redrive_has_written_since_is_not_told_of_the_attempt_before(world: World) -> None:
    leave_release_and_reports(world)
    world.is_now("RUNNING", 1)
    world.record_failure(status_event("FAILED", stopped=NOW, error="E"))
    written = world.record()
    assert (written.sources, written.checks, written.ended_at) == ((), (), "2026-03-02T06:31:00.000Z")


def test_documents_that_cannot_be_read_do_not_hide_the_failure(world: World) -> None:
    world.storage.put(release_key("pills", RUN), b"not json")
    world.storage.put(report_key("pills", RUN, "silver"), b"{}")
    world.failed("States.Timeout", "")
    assert (world.record().error, world.record().sources) == ("States.Timeout", ())
    assert "could not" not in world.alerts()[0].message


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ("ABORTED", "ExecutionAborted", "the execution was stopped from outside"),
        ("TIMED_OUT", "ExecutionTimedOut", "the execution took longer than its state machine allows"),
    ],
)
def test_an_execution_that_was_ended_from_outside_is_recorded_told_and_gives_its_lease_back(
    world: World, status: str, error: str, words: str
) -> None:
    world.take_lease()
    world.is_now(status)
    submitted = {"resourceType": "glue", "resource": "startJobRun.sync", "output": '{"JobRunId": "jr_9"}'}
    world.did(
        {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "SilverJob", "input": "{}"}},
        {"type": "TaskSubmitted", "taskSubmittedEventDetails": submitted},
    )
    alert = world.record_failure(status_event(status))
    assert alert.subject == f"pills: SilverJob failed with {error}"
    written = world.record()
    assert (written.status, written.error, written.reason, written.step) == (FAILED, error, words, "SilverJob")
    assert written.job_runs == {"SilverJob": "jr_9"}
    assert world.alerts() == [alert]
    assert world.lease_owner() is None


def test_an_event_that_comes_twice_is_recorded_once(world: World) -> None:
    assert world.failed("E", "first") == world.failed("E", "first")
    assert len(keys(world.storage)) == 1
    assert len(world.alerts()) == 2


def test_each_attempt_of_a_redriven_execution_has_its_own_record(world: World) -> None:
    world.failed("E", "first")
    world.is_now("FAILED", 1)
    world.failed("E", "again", redriveCount=1)
    assert (world.record(0).reason, world.record(0).redrive_count) == ("first", 0)
    assert (world.record(1).reason, world.record(1).redrive_count) == ("again", 1)
    assert len(keys(world.storage)) == 2


@pytest.mark.parametrize(("status", "redrives"), [("RUNNING", 1), ("SUCCEEDED", 1), ("FAILED", 1), ("ABORTED", 2)])
def test_a_late_event_leaves_the_lease_to_the_execution_that_was_redriven(
    world: World, status: str, redrives: int
) -> None:
    world.take_lease()
    world.is_now(status, redrives)
    alert = world.failed("E", "first")
    assert world.lease_owner() == EXECUTION
    assert world.record(0).reason == "first"
    assert f"The execution has been redriven since, and is {status}." in alert.message


def test_an_execution_that_is_still_said_to_run_gives_its_lease_back(world: World) -> None:
    # DescribeExecution is eventually consistent; the event is of this very attempt, which has ended.
    world.take_lease()
    world.is_now("RUNNING", 0)
    assert "redriven since" not in world.failed("E", "cause").message
    assert world.lease_owner() is None


def test_an_execution_that_is_redriven_while_its_failure_is_recorded_keeps_the_lease(world: World) -> None:
    world.take_lease()
    ended, redriven = {"status": "FAILED", "redriveCount": 0}, {"status": "RUNNING", "redriveCount": 1}
    world.states.describe_execution.side_effect = [ended, redriven]
    world.failed("E", "first")
    assert world.lease_owner() == EXECUTION


@pytest.mark.parametrize(("status", "redrives", "attempt"), [("FAILED", 2, 2), ("RUNNING", 2, 1), ("RUNNING", 0, 0)])
def test_an_event_that_does_not_tell_its_attempt_is_of_the_last_that_ended(
    world: World, status: str, redrives: int, attempt: int
) -> None:
    world.is_now(status, redrives)
    world.failed("E", "cause", redriveCount=None)
    assert world.record(attempt).redrive_count == attempt


def place(run: str) -> str:
    return f"s3://{BUCKET}/{silver_prefix('pills', '2026-03-01', run)}"


def publish(world: World, *runs: str) -> Manifest:
    """Leave the manifest with publications of one release date by these runs."""
    made = manifest_of(*(Publication("2026-03-01", run, "t", {}, "f", {"pills": place(run)}) for run in runs))
    world.storage.put(manifest_key("pills"), encode_text(made).encode())
    return made


LATER = "20260303T063000Z-cccccccc"


@pytest.mark.parametrize(
    ("standing", "published", "words"),
    [
        (SUCCEEDED, [RUN], "readers see it"),
        (SUCCEEDED, [RUN, LATER], "a later run's is the one readers see"),
        (SKIPPED, [LATER], "the version before"),
    ],
)
def test_a_run_that_was_recorded_before_its_execution_failed_keeps_that_record(
    world: World, standing: str, published: list[str], words: str
) -> None:
    publish(world, *published)
    before = RunRecord("pills", RUN, EXECUTION, standing, "first run", STARTED, STARTED)
    write_record(world.storage, before)
    world.storage.put(lineage_key("pills", RUN), b"of the publication")
    alert = world.failed("StorageThrottledError", "the lease could not be given back")
    assert world.record() == before
    assert text_of(world.storage, lineage_key("pills", RUN)) == "of the publication"
    assert f"The record says {standing}: it was written before the execution failed." in alert.message
    assert words in alert.message


def test_people_are_told_before_a_receiver_of_lineage_that_may_never_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(failure_step, "send_lineage", lambda *_: told.append(len(sent_alerts(world.topic))))
    world.failed("StorageThrottledError", "slow down")
    assert told == [1]


def test_a_failure_after_the_commit_leaves_the_catalog_as_the_manifest_says_and_tells_it(world: World) -> None:
    publish(world, RUN)
    world.in_step("UpdateManifest")
    client = glue_client()
    client.create_database(DatabaseInput={"Name": "pills_db"})
    world.catalog = Catalog(client, "pills_db")
    alert = world.failed("CatalogBusyError", "{}")
    tables = world.catalog.tables()
    assert tables["pills"]["StorageDescriptor"]["Location"] == place(RUN)
    written = world.record()
    assert (written.status, written.published_as) == (FAILED, "current")
    assert written.repaired == ("pills_versions was missing", "pills was missing")
    assert "readers see it" in alert.message
    assert "The catalog was repaired to match the manifest: pills_versions was missing; pills was missing." in (
        alert.message
    )


@pytest.mark.parametrize("error", [CatalogBusyError("glue is away"), CatalogRejectedError("not allowed")])
def test_a_catalog_that_cannot_be_looked_at_keeps_no_failure_from_being_told(
    world: World, error: MedallionError
) -> None:
    publish(world, LATER)
    world.take_lease()
    world.catalog = MagicMock(spec=Catalog, **{"tables.side_effect": error})
    # Where Glue may answer later, the invocation is to be repeated.
    with pytest.raises(CatalogBusyError) if isinstance(error, CatalogBusyError) else nullcontext():
        world.failed("E", "cause")
    (alert,) = world.alerts()
    assert f"until then readers may see tables of two releases: {error}" in alert.message
    assert (world.record().error, world.lease_owner()) == ("E", None)


def test_a_manifest_that_cannot_be_read_is_told_and_nothing_is_claimed_of_readers(world: World) -> None:
    world.storage.put(manifest_key("pills"), b"not json")
    alert = world.failed("E", "cause")
    assert "It is not known what readers see" in alert.message
    assert "Readers see" not in alert.message


def refused(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # as AWS answers
        "X",
    )


def test_a_history_that_may_not_be_read_is_said_in_the_alert(world: World) -> None:
    world.take_lease()
    world.states.get_paginator.return_value.paginate.side_effect = None
    pages = MagicMock(**{"__iter__.side_effect": refused("AccessDeniedException")})
    world.states.get_paginator.return_value.paginate.return_value = pages
    alert = world.failed("SourceNotFoundError", LAMBDA_CAUSE)
    assert "history could not be read: states:GetExecutionHistory" in alert.message
    assert "allow states:GetExecutionHistory" in alert.message
    assert world.alerts() == [alert]
    written = world.record()
    assert (written.step, written.error) == ("Unknown", "SourceNotFoundError")
    assert world.lease_owner() is None


def test_an_execution_whose_state_may_not_be_read_keeps_its_lease(world: World) -> None:
    world.take_lease()
    world.states.describe_execution.side_effect = refused("AccessDeniedException")
    alert = world.failed("E", "cause")
    assert "What the execution is doing now could not be read: states:DescribeExecution" in alert.message
    assert "The lease was not given back; the next run takes it over" in alert.message
    assert world.lease_owner() == EXECUTION
    assert world.record().reason == "cause"


def test_an_execution_that_is_gone_gives_its_lease_back(world: World) -> None:
    world.take_lease()
    world.states.describe_execution.side_effect = refused("ExecutionDoesNotExist")
    world.failed("E", "cause")
    assert world.lease_owner() is None


def test_a_record_that_cannot_be_written_is_said_in_the_alert(world: World) -> None:
    world.take_lease()
    world.storage.put(run_record_key("pills", RUN), b"not json")
    alert = world.failed("E", "cause")
    assert "The run has no record of this: s3://" in alert.message
    assert "Record: " not in alert.message
    assert world.alerts() == [alert]
    assert world.lease_owner() is None


def test_a_lease_that_cannot_be_read_is_said_in_the_alert(world: World) -> None:
    world.storage.put(lease_key("pills"), b"{}")
    alert = world.failed("E", "cause")
    assert "The lease was not given back" in alert.message
    assert world.record().reason == "cause"


def test_what_is_only_busy_is_left_to_the_repetition(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.states.describe_execution.side_effect = refused("Oops", 500)
    with pytest.raises(WorkflowBusyError):
        world.failed("E", "cause")
    world.states.describe_execution.side_effect = None
    with monkeypatch.context() as patch:
        patch.setattr(world.storage._client, "put_object", MagicMock(side_effect=refused("SlowDown", 503)))
        with pytest.raises(StorageThrottledError):
            world.failed("E", "cause")
    assert world.alerts() == []
    world.failed("E", "cause")
    assert len(world.alerts()) == 1


@pytest.mark.parametrize("character", ["\N{LATIN SMALL LETTER E WITH ACUTE}", "\U0001f600", "\x1b", "\ud800", '"'])
def test_whatever_a_failure_says_record_and_alert_are_what_the_services_take(world: World, character: str) -> None:
    cause = json.dumps({"errorMessage": character * 40_000})
    world.failed("Error\u20ac\x1b]0;" + "x" * 300 + "\nmore", cause)
    (sent,) = world.alerts()
    written = world.record()
    assert len(written.reason) < 2000
    assert len(written.error or "") <= 256
    assert len(sent.message.encode()) < 16 * 1024
    assert len(sent.subject) < 100
    assert sent.subject.isascii()
    assert sent.subject.isprintable()


@pytest.mark.parametrize("character", ["x", "\u20ac", "\U0001f600", "\ud800"])
def test_a_message_is_cut_to_the_bytes_that_sns_takes_between_two_characters(character: str) -> None:
    client = MagicMock()
    Alerts(client, "topic").send(Alert("subject", "y" + character * 300_000))
    sent = client.publish.call_args.kwargs["Message"]
    assert 256 * 1024 - 4 <= len(sent.encode()) <= 256 * 1024
    assert sent[:2] in {f"y{character}", "y\\"}


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ([], "expected one of EventBridge"),
        ({}, "expected one of EventBridge"),
        (status_event("SUCCEEDED"), "FAILED, ABORTED, TIMED_OUT"),
        (status_event("RUNNING"), "FAILED, ABORTED, TIMED_OUT"),
        (status_event("FAILED", executionArn=None), r"detail\.executionArn: expected a string \(found None\)"),
        (status_event("FAILED", stopDate="today"), r"detail\.stopDate: expected milliseconds"),
    ],
)
def test_another_event_is_refused(world: World, event: Any, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        world.record_failure(event)
    assert (keys(world.storage), world.alerts()) == ([], [])
