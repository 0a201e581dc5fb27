"""The steps of an attempt, found in an execution's history, and the metrics that a run record gives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from _shared.contracts.metrics import namespace
from _shared.contracts.release import ABSENT, FETCHED, UNCHANGED, FetchedSource, SourceState
from _shared.contracts.report import ANOMALY, CheckResult, JobReport, TableCounts
from _shared.contracts.run_record import FAILED, SKIPPED, SUCCEEDED, RowCounts, RunRecord, StepRun
from _shared.lambdas.libs.run.metrics import emit, run_metrics
from _shared.lambdas.libs.run.step_runs import step_runs, with_figures
from _shared.lambdas.libs.time_utils import format_timestamp
from tests._shared.lambdas.support import CONFIG, EXECUTION, NOW
from tests.local_cloud.step_functions.support import history

GLUE = {"resourceType": "glue", "resource": "startJobRun.sync"}


def entered(name: str, kind: str = "Task") -> dict[str, Any]:
    return {"type": f"{kind}StateEntered", "stateEnteredEventDetails": {"name": name, "input": "{}"}}


def left(name: str, kind: str = "Task") -> dict[str, Any]:
    return {"type": f"{kind}StateExited", "stateExitedEventDetails": {"name": name, "output": "{}"}}


def submitted(job_run: str) -> dict[str, Any]:
    output = json.dumps({"JobRunId": job_run})
    return {"type": "TaskSubmitted", "taskSubmittedEventDetails": {**GLUE, "output": output}}


def succeeded(job_run: str, seconds: int) -> dict[str, Any]:
    output = json.dumps({"Id": job_run, "ExecutionTime": seconds, "JobRunState": "SUCCEEDED"})
    return {"type": "TaskSucceeded", "taskSucceededEventDetails": {**GLUE, "output": output}}


FAILURE = {"type": "TaskFailed", "taskFailedEventDetails": {**GLUE, "error": "E", "cause": "c"}}
LOST_RUN = json.dumps({"Id": "jr_1", "ExecutionTime": 10, "JobRunState": "FAILED"})
LOST = {"type": "TaskFailed", "taskFailedEventDetails": {**GLUE, "error": "E", "cause": LOST_RUN}}
STARTED = {"type": "ExecutionStarted", "executionStartedEventDetails": {"input": "{}", "roleArn": "r"}}
ENDED = {"type": "ExecutionFailed", "executionFailedEventDetails": {"error": "e", "cause": "c"}}
REDRIVEN = {"type": "ExecutionRedriven", "executionRedrivenEventDetails": {"redriveCount": 1}}

# Bronze is lost once by Glue and repeated; silver fails, the execution with it, and is redriven.
STORY = (
    STARTED,  # second 1
    entered("FetchAndHash"),
    left("FetchAndHash"),
    {"type": "ChoiceStateEntered", "stateEnteredEventDetails": {"name": "Changed?", "input": "{}"}},
    entered("BronzeJob"),  # 5
    submitted("jr_1"),
    LOST,
    left("BronzeJob"),
    entered("BronzeJob (failed)"),
    left("BronzeJob (failed)"),  # 10
    entered("BronzeJob (wait)", "Wait"),
    left("BronzeJob (wait)", "Wait"),
    entered("BronzeJob"),
    submitted("jr_2"),
    succeeded("jr_2", 90),  # 15
    left("BronzeJob"),
    entered("SilverJob"),
    submitted("jr_3"),
    FAILURE,
    ENDED,  # 20
    REDRIVEN,
    submitted("jr_4"),
    succeeded("jr_4", 30),
    left("SilverJob"),
    entered("UpdateManifest"),  # 25
)


def at(second: int) -> str:
    return format_timestamp(NOW + timedelta(seconds=second))


def steps(redrives: int, until: int) -> tuple[StepRun, ...]:
    return step_runs(reversed(history(*STORY)), redrives, NOW + timedelta(seconds=until))


def test_each_step_of_the_first_attempt() -> None:
    assert steps(0, 20) == (
        StepRun("FetchAndHash", at(2), at(3)),
        StepRun("BronzeJob", at(5), at(16), tries=2, job_run="jr_2", job_seconds=90, billed_seconds=150),
        StepRun("SilverJob", at(17), at(20), tries=1, job_run="jr_3"),
    )


def test_a_redrive_has_the_steps_that_it_made() -> None:
    assert steps(1, 26) == (
        StepRun("SilverJob", at(21), at(24), job_run="jr_4", job_seconds=30, billed_seconds=60),
        StepRun("UpdateManifest", at(25), at(26)),
    )


def test_no_history_gives_no_steps() -> None:
    assert step_runs([], 0, NOW) == ()


def test_figures_of_sources_reports_and_configuration() -> None:
    counts = TableCounts("pills", 10, 9, "s3://x/", duplicates=1)
    reports = [
        JobReport("pills", "r", "bronze", (replace(counts, rows_out=10), replace(counts, rows_in=5, rows_out=5)))
    ]
    sources = [
        FetchedSource("a", FETCHED, SourceState("u", "a" * 64, 700)),
        FetchedSource("b", UNCHANGED, SourceState("u", "b" * 64, 5000)),
        FetchedSource("c", ABSENT),
    ]
    fetch, bronze, silver = with_figures(steps(0, 20), CONFIG, sources, reports)
    assert fetch.bytes_in == 700
    assert (bronze.rows_in, bronze.rows_out, bronze.limit_seconds) == (15, 15, 60 * CONFIG.job_timeout_minutes)
    assert bronze.dpu_hours == pytest.approx(CONFIG.number_of_workers * 150 / 3600, abs=1e-6)
    assert (silver.rows_in, silver.dpu_hours) == (None, None), "a job that failed told nothing of itself"


def test_a_report_without_tables_has_no_rows() -> None:
    _, bronze, _ = with_figures(steps(0, 20), CONFIG, [], [JobReport("pills", "r", "bronze", ())])
    assert (bronze.rows_in, bronze.rows_out) == (0, 0)


CHECKS = (
    CheckResult("unique_grain", "pills", False, "2", "0"),
    CheckResult(ANOMALY, "pills", False, "9", "90 to 99", None, "warning"),
    CheckResult("share", "pills", False, "9", "90 to 99", None, "warning"),
    CheckResult("other", "pills", True, "1", "1"),
)
RECORD = RunRecord(
    dataset="pills",
    run_id="r1",
    execution=EXECUTION,
    status=SUCCEEDED,
    reason="first run",
    started_at="2026-03-02T06:30:00Z",
    ended_at="2026-03-02T06:31:30Z",
    rows={"pills": RowCounts(100, 100, 90, 5, 5), "more": RowCounts(1000, 1000, 999, 0, 1)},
    checks=CHECKS,
    steps=(
        StepRun("FetchAndHash", at(0), at(1), bytes_in=700),
        StepRun("BronzeJob", at(1), at(2), job_run="a", job_seconds=90, limit_seconds=100, dpu_hours=0.05),
        StepRun("SilverJob", at(2), at(3), job_run="b", job_seconds=30, limit_seconds=100, dpu_hours=0.02),
    ),
)
ALL = {
    "RunsFailed": 0,
    "RunsCompleted": 1,
    "RunSeconds": 90,
    "BytesFetched": 700,
    "RowsPublished": 1089,
    "QuarantinedShare": 5,
    "CriticalFailures": 1,
    "Warnings": 2,
    "Anomalies": 1,
    "JobTimeoutShare": 90,
    "DpuHours": 0.07,
}


def values(record: RunRecord) -> dict[str, float]:
    return {name: value for name, _, value in run_metrics(record)}


def test_metrics_of_a_run_that_published() -> None:
    assert values(RECORD) == pytest.approx(ALL)


def test_metrics_of_a_failed_run_that_the_gate_stopped() -> None:
    failed = {"RunsFailed": 1, "RunsCompleted": 0, "RowsPublished": 0}
    assert values(replace(RECORD, status=FAILED)) == pytest.approx({**ALL, **failed})


@pytest.mark.parametrize("status", [SKIPPED, FAILED])
def test_a_run_without_rows_and_jobs_leaves_their_last_values(status: str) -> None:
    record = replace(RECORD, status=status, rows={}, checks=(), steps=())
    assert values(record).keys() == {"RunsFailed", "RunsCompleted", "RunSeconds"}


def test_metrics_are_in_the_embedded_metric_format(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", namespace("prod"))
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "prod-pills-update-manifest")
    emit(RECORD)
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("prod/PP-RAWS", [["service"]])
    assert (document["service"], document["run_id"]) == ("pills", "r1")
    assert {metric["Name"] for metric in directive["Metrics"]} == ALL.keys()
    assert document["RowsPublished"] == [1089]


def test_nothing_is_emitted_without_a_namespace(capsys: pytest.CaptureFixture[str]) -> None:
    emit(RECORD)
    assert not capsys.readouterr().out
