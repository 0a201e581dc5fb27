"""The commands, as a user or a script calls them, against in-process AWS APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from _shared.contracts import naming
from _shared.contracts.run_record import SKIPPED
from lake import cdk, datasets, exit_codes, project
from lake.aws import stacks
from lake.aws.stacks import Stack
from tests.lake.support import (
    ACCOUNT,
    BUCKET,
    DEAD_ENDPOINT,
    RECORD,
    REGION,
    STATE_MACHINE,
    deploy_state_machine,
    lake,
    put_manifest,
    put_records,
    simulated_aws,
)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


@pytest.mark.parametrize("command", ["run", "history", "logs", "tables", "deploy", "watch", "stop", "redrive"])
def test_a_misspelt_dataset_is_a_users_mistake_with_a_suggestion(command: str) -> None:
    result = lake(command, "nsd")
    assert result.exit_code == exit_codes.USAGE
    assert "did you mean nsde?" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "command",
    [
        ("run", "nsde"),
        ("watch", "nsde"),
        ("stop", "nsde"),
        ("redrive", "nsde"),
        ("history", "nsde"),
        ("logs", "nsde"),
        ("tables", "nsde"),
        ("query", "SELECT 1"),
    ],
)
def test_what_is_not_deployed_says_which_command_deploys_it(command: tuple[str, ...]) -> None:
    result = lake(*command)
    assert result.exit_code == exit_codes.UNAVAILABLE, result.output
    assert "lake deploy" in result.stderr


def test_an_endpoint_that_does_not_answer_says_lake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", DEAD_ENDPOINT)
    result = lake("history", "nsde")
    assert result.exit_code == exit_codes.UNAVAILABLE
    assert "lake up" in result.stderr


def test_errors_are_json_for_scripts() -> None:
    result = lake("history", "nsde", "--json")
    assert result.exit_code == exit_codes.UNAVAILABLE
    error = json.loads(result.stdout)
    assert error["error"] == "NotDeployedError"
    assert "lake deploy" in error["remedy"]
    assert "there is no lake" in error["what"]
    assert result.stderr == ""


def test_an_unexpected_error_is_short_and_its_trace_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        message = "something nobody thought of"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("lake.aws.records.RecordStore.runs", broken)
    result = lake("history", "nsde")
    assert result.exit_code == exit_codes.FAILED
    assert "ZeroDivisionError: something nobody thought of" in result.stderr
    assert "Traceback" not in result.output
    assert "Traceback" in project.log_file("lake.log").read_text("utf-8")
    debugged = lake("history", "nsde", "--debug")
    assert debugged.exit_code == exit_codes.FAILED
    assert "Traceback" in debugged.stderr


def test_ctrl_c_ends_with_its_own_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lake.aws.records.RecordStore.runs", interrupted)
    assert lake("history", "nsde").exit_code == exit_codes.INTERRUPTED


def test_history_shows_the_newest_run_first() -> None:
    later = replace(
        RECORD, run_id="20250201T063000Z-bbbbbbbb", status=SKIPPED, reason="the source has not changed", rows={}
    )
    put_records(RECORD, later)
    result = lake("history", "nsde")
    assert result.exit_code == exit_codes.OK
    assert result.stdout.index(later.run_id) < result.stdout.index(RECORD.run_id)
    assert "the source has not changed" in result.stdout
    assert "990" in result.stdout
    assert "1 min 05 s" in result.stdout
    assert "target: AWS, environment dev" in result.stderr


def test_history_as_json_is_the_records_and_nothing_else() -> None:
    put_records(RECORD)
    result = lake("history", "nsde", "--json")
    assert result.stderr == ""
    assert [record["run_id"] for record in json.loads(result.stdout)] == [RECORD.run_id]


def test_history_stops_at_the_limit() -> None:
    put_records(*(replace(RECORD, run_id=f"2025013{day}T063000Z-aaaaaaaa") for day in range(4)))
    records = json.loads(lake("history", "nsde", "--limit", "2", "--json").stdout)
    assert [record["run_id"][:8] for record in records] == ["20250133", "20250132"]


def test_tables_tell_rows_and_versions_from_the_manifest() -> None:
    put_records()
    put_manifest()
    glue = boto3.client("glue", region_name=REGION)
    glue.create_database(DatabaseInput={"Name": "dev_nsde_db"})
    for name, keys in {"nsde": [], "nsde_versions": ["version"], "bronze_nsde": ["run"]}.items():
        glue.create_table(
            DatabaseName="dev_nsde_db",
            TableInput={
                "Name": name,
                "StorageDescriptor": {
                    "Location": f"s3://{BUCKET}/x/{name}/",
                    "Columns": [{"Name": "item_code", "Type": "string"}],
                },
                "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
            },
        )
    for version in ("2019-04-29", "2019-05-19"):
        glue.create_partition(
            DatabaseName="dev_nsde_db",
            TableName="nsde_versions",
            PartitionInput={"Values": [version], "StorageDescriptor": {}},
        )
    rows = {row["table"]: row for row in json.loads(lake("tables", "--json").stdout)}
    assert (rows["nsde"]["type"], rows["nsde"]["rows"], rows["nsde"]["versions"]) == ("current", 1010, ["2019-05-19"])
    assert (rows["nsde_versions"]["type"], rows["nsde_versions"]["rows"]) == ("versions", 2000)
    assert (rows["nsde_versions"]["partitions"], rows["nsde_versions"]["columns"]) == (2, 2)
    assert (rows["bronze_nsde"]["type"], rows["bronze_nsde"]["rows"]) == ("bronze", None)
    assert f"s3://{BUCKET}/x/nsde/" in lake("tables", "nsde").stdout


def test_logs_are_those_of_the_run_and_its_jobs() -> None:
    deploy_state_machine()
    # CloudWatch refuses events that are older than a fortnight.
    start = datetime.now(UTC) - timedelta(hours=1)
    end = start + timedelta(minutes=1)
    record = replace(RECORD, job_runs={"BronzeJob": "jr_1"}, execution=_real_execution())
    put_records(replace(record, started_at=start.isoformat(), ended_at=end.isoformat()))
    logs = boto3.client("logs", region_name=REGION)
    for group, stream, at, message in (
        ("/aws/lambda/dev-nsde-fetch-and-hash", "s", start + timedelta(seconds=1), "streamed 8 MB"),
        ("/aws/lambda/dev-nsde-fetch-and-hash", "s", start + timedelta(minutes=30), "another run"),
        ("/aws-glue/jobs/dev-nsde/output", "jr_1", start + timedelta(seconds=9), "1,000 rows"),
    ):
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": int(at.timestamp() * 1000), "message": message}],
        )
    result = lake("logs", "nsde", RECORD.run_id)
    assert result.exit_code == exit_codes.OK, result.output
    assert "streamed 8 MB" in result.stdout
    assert "1,000 rows" in result.stdout
    assert "another run" not in result.stdout
    assert "no such log" in result.stderr
    first, second = (
        result.stdout.index(text) for text in ("fetch-and-hash   streamed 8 MB", "BronzeJob output 1,000 rows")
    )
    assert first < second, "lines of functions and jobs are in one order"


def _real_execution() -> str:
    client = boto3.client("stepfunctions", region_name=REGION)
    return client.start_execution(stateMachineArn=STATE_MACHINE, input="{}")["executionArn"]


def test_logs_of_an_unknown_run_name_the_nearest() -> None:
    put_records(RECORD)
    result = lake("logs", "nsde", "20250131T063000Z-aaaaaaab")
    assert result.exit_code == exit_codes.USAGE
    assert "did you mean" in result.stderr


def test_status_shows_stacks_and_last_runs_of_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    put_records(RECORD)
    deployed = {"dev-PP-RAWS-DataLake-Base": "CREATE_COMPLETE"}
    monkeypatch.setattr(stacks, "describe", lambda _, name: Stack(name, deployed.get(name)))
    document = json.loads(lake("status", "--json").stdout)
    names = [naming.orchestrator_stack(config.display_name) for config in datasets.datasets()]
    orchestrators = {naming.in_environment("dev", name): None for name in names}
    assert document["stacks"] == {"dev-PP-RAWS-DataLake-Base": "CREATE_COMPLETE", **orchestrators}
    assert document["last_runs"]["nsde"]["run_id"] == RECORD.run_id
    assert document["local_cloud"] is None
    text = lake("status").stdout
    assert "not deployed" in text
    assert "CREATE_COMPLETE" in text
    assert "not running; start it with: lake up" in text


def test_there_is_nothing_to_export_for_aws_itself() -> None:
    result = lake("status", "--exports")
    assert result.exit_code == exit_codes.UNAVAILABLE
    assert "export" not in result.stdout


@pytest.mark.parametrize("yes", [False, True])
def test_a_deployment_to_aws_shows_the_changes_and_asks(monkeypatch: pytest.MonkeyPatch, *, yes: bool) -> None:
    called: list[str] = []
    monkeypatch.setattr(cdk, "show_changes", lambda *_: called.append("show"))
    monkeypatch.setattr(cdk, "deploy", lambda *_: called.append("deploy"))
    # No terminal answers here.
    result = lake("deploy", "nsde", "--target", "aws", *(["--yes"] if yes else []))
    assert called == (["deploy"] if yes else ["show"])
    assert result.exit_code == (0 if yes else exit_codes.USAGE)
    assert yes or "lake deploy --yes" in result.stderr


@pytest.mark.parametrize(("reply", "deployed"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_the_reply_decides_whether_a_deployment_to_aws_goes_on(
    monkeypatch: pytest.MonkeyPatch, reply: str, *, deployed: bool
) -> None:
    called: list[str] = []
    monkeypatch.setattr(cdk, "show_changes", lambda *_: called.append("show"))
    monkeypatch.setattr(cdk, "deploy", lambda *_: called.append("deploy"))
    monkeypatch.setattr("lake.commands.deploy._has_terminal", lambda: True)
    result = lake("deploy", "nsde", "--target", "aws", input=reply)
    assert called == (["show", "deploy"] if deployed else ["show"])
    assert f"Deploy to account {ACCOUNT}, {REGION}, as 'dev'?" in result.stderr
    assert result.exit_code == (0 if deployed else 1)
    assert "Traceback" not in result.output
