"""``lake watch``, ``lake stop`` and ``lake redrive``: which run is meant, and what is done with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from lake import exit_codes
from lake.aws import executions
from lake.context import Context, open_context
from lake.errors import UserMistakeError
from lake.run import pipeline
from lake.run.find import find, find_running
from lake.ui.output import Output
from tests.lake.support import (
    RECORD,
    REGION,
    STATE_MACHINE,
    add_records,
    deploy_state_machine,
    lake,
    put_records,
    simulated_aws,
)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(pipeline, "_RECORD_PAUSE_SECONDS", 0)
    with simulated_aws(monkeypatch, tmp_path):
        deploy_state_machine()
        put_records()
        yield


def started(name: str) -> str:
    client = boto3.client("stepfunctions", region_name=REGION)
    return client.start_execution(stateMachineArn=STATE_MACHINE, name=name, input="{}")["executionArn"]


def context() -> Context:
    return open_context(Output(), "aws", None)


def test_the_run_that_is_meant_is_found_by_name_arn_or_none_at_all() -> None:
    arn = started("one")
    assert find(context(), "nsde", None) == arn
    assert find(context(), "nsde", "one") == arn
    assert find(context(), "nsde", arn) == arn


def test_the_run_that_is_meant_is_found_by_its_run_id() -> None:
    arn = started("one")
    add_records(replace(RECORD, execution=arn))
    assert find(context(), "nsde", RECORD.run_id) == arn


def test_a_run_that_does_not_exist_is_answered_with_the_nearest() -> None:
    started("lake-20250131T063000Z-aa")
    with pytest.raises(UserMistakeError, match="did you mean lake-20250131T063000Z-aa"):
        find(context(), "nsde", "lake-20250131T063000Z-ab")


def test_a_run_of_another_dataset_is_refused() -> None:
    with pytest.raises(UserMistakeError, match="not an execution of nsde"):
        find(context(), "nsde", f"arn:aws:states:{REGION}:123456789012:execution:cder-orchestrator:one")


@pytest.mark.parametrize("command", ["watch", "redrive", "stop"])
def test_where_nothing_ran_there_is_nothing_to_do(command: str) -> None:
    result = lake(command, "nsde")
    assert result.exit_code == exit_codes.USAGE
    assert "lake run nsde" in result.stderr or "lake history nsde" in result.stderr


def test_the_only_run_that_is_under_way_is_stopped() -> None:
    arn = started("one")
    result = lake("stop", "nsde", "--json")
    assert result.exit_code == exit_codes.OK, result.output
    document = json.loads(result.stdout)
    assert (document["status"], document["execution"]) == ("ABORTED", arn)
    described = boto3.client("stepfunctions", region_name=REGION).describe_execution(executionArn=arn)
    assert described["status"] == "ABORTED"


def test_which_of_several_runs_is_to_be_stopped_must_be_said() -> None:
    started("one")
    started("two")
    with pytest.raises(UserMistakeError, match="2 runs of nsde are under way"):
        find_running(context(), "nsde", None)
    assert lake("stop", "nsde", "two").exit_code == exit_codes.OK
    assert find_running(context(), "nsde", None).endswith(":one")


def test_a_run_that_has_ended_is_not_stopped_again() -> None:
    started("one")
    lake("stop", "nsde")
    result = lake("stop", "nsde", "one")
    assert result.exit_code == exit_codes.USAGE
    assert "has ended already, as ABORTED" in result.stderr


def test_watching_a_run_that_failed_ends_as_the_run_did() -> None:
    started("one")
    lake("stop", "nsde")
    result = lake("watch", "nsde")
    assert result.exit_code == exit_codes.FAILED
    assert "ABORTED" in result.stdout
    assert "lake redrive nsde one" in result.stdout


def test_a_run_that_cannot_be_resumed_says_why_and_what_to_do_instead() -> None:
    connection, arn = context().aws, started("one")
    with Stubber(connection.stepfunctions) as stub:
        stub.add_client_error("redrive_execution", "ExecutionNotRedrivable", "Execution is SUCCEEDED")
        with pytest.raises(UserMistakeError, match=r"SUCCEEDED.*lake run"):
            executions.redrive(connection, arn)


def test_a_run_is_resumed_without_waiting_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    arn = started("one")
    resumed: list[str] = []
    monkeypatch.setattr(executions, "redrive", lambda _, arn: resumed.append(arn))
    result = lake("redrive", "nsde", "--no-wait", "--json")
    assert json.loads(result.stdout) == {"dataset": "nsde", "status": "REDRIVEN", "execution": arn}
    assert resumed == [arn]
