"""``lake run``: what is started, and what a user is told of its end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from _shared.contracts.run_record import FAILED, SKIPPED, RowCounts
from lake import exit_codes
from lake.aws import executions
from lake.aws.executions import Execution
from lake.run import pipeline
from tests.lake.support import (
    EXECUTION,
    RECORD,
    REGION,
    START,
    STATE_MACHINE,
    deploy_state_machine,
    lake,
    put_records,
    simulated_aws,
)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(pipeline, "_RECORD_PAUSE_SECONDS", 0)
    with simulated_aws(monkeypatch, tmp_path):
        yield


def ended(monkeypatch: pytest.MonkeyPatch, execution: Execution, *states: str) -> None:
    """Let ``lake run`` start an execution that has ended with the given one, through the given states."""
    events: list[dict[str, Any]] = []
    for state in states:
        at = START + timedelta(seconds=len(events))
        events.append({"type": "TaskStateEntered", "timestamp": at, "stateEnteredEventDetails": {"name": state}})
        events.append({"type": "TaskStateExited", "timestamp": at, "stateExitedEventDetails": {"name": state}})
    monkeypatch.setattr(executions, "describe", lambda *_: execution)
    monkeypatch.setattr(executions, "history", lambda *_: events)
    monkeypatch.setattr(pipeline, "start", lambda *_, **__: execution.arn)


def test_run_without_waiting_starts_an_execution_with_the_input_of_the_contract() -> None:
    deploy_state_machine()
    url = "https://download.open.fda.gov/x.zip"
    result = lake("run", "nsde", "--force", "--source-url", url, "--no-wait", "--json")
    assert result.exit_code == exit_codes.OK, result.output
    arn = json.loads(result.stdout)["execution"]
    execution = boto3.client("stepfunctions", region_name=REGION).describe_execution(executionArn=arn)
    assert execution["stateMachineArn"] == STATE_MACHINE
    assert json.loads(execution["input"]) == {"dataset": "nsde", "source_url": url, "force": True}


def test_run_leaves_out_what_was_not_given() -> None:
    deploy_state_machine()
    arn = json.loads(lake("run", "nsde", "--no-wait", "--json").stdout)["execution"]
    execution = boto3.client("stepfunctions", region_name=REGION).describe_execution(executionArn=arn)
    assert json.loads(execution["input"]) == {"dataset": "nsde", "force": False}


def test_a_source_url_that_is_no_address_is_a_users_mistake() -> None:
    assert lake("run", "nsde", "--source-url", "file.zip").exit_code == exit_codes.USAGE


def test_run_reports_what_was_done_and_that_no_row_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    put_records(RECORD)
    ended(monkeypatch, Execution(EXECUTION, "SUCCEEDED", START, {}), "FetchAndHash", "BronzeJob")
    result = lake("run", "nsde")
    assert result.exit_code == exit_codes.OK, result.output
    for expected in (
        "SUCCEEDED",
        "first version",
        "2019-04-29",
        RECORD.run_id,
        "NO_ITEM_CODE 6",
        "dev_nsde_db.nsde_versions",
    ):
        assert expected in result.stdout
    assert re.search(r"nsde +1,000 +1,000 +990 +4 +6 +yes", result.stdout)
    assert "✓ Fetch and hash" in result.stderr


def test_run_says_how_many_rows_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = replace(RECORD, rows={"nsde": RowCounts(raw=1000, bronze=1000, silver=980, duplicates=4, quarantined=6)})
    put_records(lossy)
    ended(monkeypatch, Execution(EXECUTION, "SUCCEEDED", START, {}), "FetchAndHash")
    assert "no: 10 missing" in lake("run", "nsde").stdout


def test_a_skipped_run_is_no_failure_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    put_records(replace(RECORD, status=SKIPPED, reason="the source answered 304 Not Modified", rows={}, locations={}))
    ended(monkeypatch, Execution(EXECUTION, "SUCCEEDED", START, {}), "FetchAndHash")
    result = lake("run", "nsde")
    assert result.exit_code == exit_codes.OK
    assert "SKIPPED" in result.stdout
    assert "304 Not Modified" in result.stdout


def test_a_failed_run_says_step_error_cause_and_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "column 6 is unknown; add an alias"
    put_records(replace(RECORD, status=FAILED, reason=reason, step="BronzeJob", error="SchemaDriftError", rows={}))
    execution = Execution(EXECUTION, "FAILED", START, {}, "States.TaskFailed", "the job failed")
    ended(monkeypatch, execution, "FetchAndHash", "BronzeJob")
    result = lake("run", "nsde")
    assert result.exit_code == exit_codes.FAILED
    for expected in ("FAILED", "Bronze job", "SchemaDriftError", "column 6 is unknown; add an alias"):
        assert expected in result.stdout
    assert f"lake logs nsde {RECORD.run_id}" in result.stdout
    assert "lake redrive nsde one" in result.stdout
    assert json.loads(lake("run", "nsde", "--json").stdout)["cause"] == "column 6 is unknown; add an alias"


def test_a_run_that_could_not_record_itself_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    put_records()
    ended(
        monkeypatch,
        Execution(EXECUTION, "FAILED", START, {}, "States.Timeout", '{"errorMessage": "too long"}'),
        "FetchAndHash",
    )
    result = lake("run", "nsde")
    assert result.exit_code == exit_codes.FAILED
    assert "States.Timeout" in result.stdout
    assert re.search(r"cause +too long", result.stdout)
    assert "lake logs nsde" in result.stdout


def test_the_record_of_a_failure_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter((None, None, replace(RECORD, status=FAILED, reason="late, and said", error="SchemaDriftError")))
    monkeypatch.setattr("lake.aws.records.RecordStore.run_of_execution", lambda *_: next(looks))
    ended(monkeypatch, Execution(EXECUTION, "FAILED", START, {}, "States.TaskFailed", "terse"), "FetchAndHash")
    assert json.loads(lake("run", "nsde", "--json").stdout)["cause"] == "late, and said"


def test_a_redriven_run_is_told_by_the_record_of_its_last_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = replace(RECORD, status=FAILED, error="SchemaDriftError", reason="the first attempt")
    put_records(failed, replace(RECORD, redrive_count=1, reason="the second attempt"))
    ended(monkeypatch, Execution(EXECUTION, "SUCCEEDED", START, redrive_count=1), "FetchAndHash")
    assert json.loads(lake("run", "nsde", "--json").stdout)["record"]["reason"] == "the second attempt"


@pytest.mark.parametrize(("status", "error"), [("ABORTED", "ExecutionAborted"), ("TIMED_OUT", "ExecutionTimedOut")])
def test_a_run_that_was_ended_from_outside_failed(monkeypatch: pytest.MonkeyPatch, status: str, error: str) -> None:
    put_records(replace(RECORD, status=FAILED, error=error, step="SilverJob", reason="ended from outside"))
    ended(monkeypatch, Execution(EXECUTION, status, START), "FetchAndHash", "SilverJob")
    result = lake("run", "nsde")
    assert result.exit_code == exit_codes.FAILED
    assert status in result.stdout
    assert error in result.stdout


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_watching_says_that_the_run_goes_on_and_how_to_follow_or_stop_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended(monkeypatch, Execution(EXECUTION, "RUNNING", START, {}))
    monkeypatch.setattr(executions, "describe", interrupted)
    result = lake("run", "nsde")
    assert result.exit_code == exit_codes.INTERRUPTED
    for expected in (f"goes on: {EXECUTION}", "lake watch nsde one", "lake stop nsde one"):
        assert expected in result.stderr
    assert json.loads(lake("run", "nsde", "--json").stdout)["error"] == "InterruptedByUserError"


def test_ctrl_c_while_starting_says_that_the_run_may_be_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "start", interrupted)
    result = lake("run", "nsde")
    assert result.exit_code == exit_codes.INTERRUPTED
    assert "it may be under way" in result.stderr
