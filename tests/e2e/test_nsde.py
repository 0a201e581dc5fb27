"""NSDE through the deployed state machine, in the order a user would see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Lake, deploy
from tests.e2e.faults import LEASE, dead_letter, wait_until
from tests.e2e.releases import SAMPLE, independent_counts

FIRST, SECOND = "2019-04-29", "2019-05-19"


@pytest.fixture(scope="module")
def first_run(lake: Lake) -> dict[str, Any]:
    """The first run of the first release."""
    lake.forget()
    return lake.run(source_url=lake.source_url(FIRST))


@pytest.fixture(scope="module")
def second_run(lake: Lake, first_run: dict[str, Any]) -> dict[str, Any]:
    """A run of the second release, after the first."""
    assert first_run["status"] == "SUCCEEDED"
    return lake.run(source_url=lake.source_url(SECOND))


def release_path(lake: Lake, release: str) -> Path:
    return lake.source_directory / "nsde" / release / SAMPLE.name


def test_the_first_run_publishes_every_row(lake: Lake, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED", first_run.get("cause")
    record = lake.record_of(first_run)
    expected = independent_counts(release_path(lake, FIRST))
    rows = record["rows"]["nsde"]
    assert {name: rows[name] for name in expected} == expected
    assert rows["raw"] == rows["bronze"] == rows["silver"] + rows["duplicates"] + rows["quarantined"]
    assert (record["status"], record["version"], record["published_as"]) == ("SUCCEEDED", FIRST, "current")
    assert record["checks"], "no quality check was evaluated"
    assert all(check["passed"] for check in record["checks"])


def test_a_run_tells_what_each_step_took_and_what_the_table_is_made_of(lake: Lake, first_run: dict[str, Any]) -> None:
    record = lake.record_of(first_run)
    steps = {step["step"]: step for step in record["steps"]}
    assert list(steps) == ["FetchAndHash", "BronzeJob", "CrawlBronze", "SilverJob", "UpdateManifest"]
    for step in steps.values():
        assert record["started_at"] <= step["started_at"] <= step["ended_at"] <= record["ended_at"]
    counts = independent_counts(release_path(lake, FIRST))
    assert (steps["BronzeJob"]["rows_out"], steps["SilverJob"]["rows_out"]) == (counts["raw"], counts["silver"])
    assert steps["SilverJob"]["dpu_hours"] > 0
    assert steps["FetchAndHash"]["bytes_in"] == release_path(lake, FIRST).stat().st_size
    body = lake.cloud.client("s3").get_object(Bucket=lake.bucket, Key=f"lineage/nsde/{record['run_id']}.ndjson")["Body"]
    silver = next(
        event
        for event in map(json.loads, body.iter_lines())
        if event["job"]["name"] == "nsde.silver" and event["outputs"]
    )
    (table,) = silver["outputs"]
    (source,) = table["facets"]["columnLineage"]["fields"]["ndc11"]["inputFields"]
    assert (source["name"], source["field"]) == ("bronze/nsde", "item_code")


def test_readers_see_the_rows_through_athena(lake: Lake, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED"
    expected = independent_counts(release_path(lake, FIRST))
    (counted,) = lake.query(f"select count(*) as n from nsde_versions where version = '{FIRST}'")
    assert counted["n"] == str(expected["silver"])
    (bronze,) = lake.query("select count(*) as n from bronze_nsde")
    assert int(bronze["n"] or 0) >= expected["raw"]


def test_an_unchanged_source_costs_one_conditional_request(lake: Lake, first_run: dict[str, Any]) -> None:
    assert first_run["status"] == "SUCCEEDED"
    glue = lake.cloud.client("glue")
    jobs_before = len(glue.get_job_runs(JobName="nsde-bronze-job")["JobRuns"])
    lake.seen_requests.clear()
    skipped = lake.run(source_url=lake.source_url(FIRST))
    assert skipped["status"] == "SUCCEEDED"
    assert lake.seen_requests == [f"GET /nsde/{FIRST}/{SAMPLE.name} 304"]
    assert len(glue.get_job_runs(JobName="nsde-bronze-job")["JobRuns"]) == jobs_before
    record = lake.record_of(skipped)
    assert record["status"] == "SKIPPED"
    assert "304" in record["reason"]


def test_the_next_release_replaces_the_current_table_and_keeps_the_first(
    lake: Lake, second_run: dict[str, Any]
) -> None:
    assert second_run["status"] == "SUCCEEDED", second_run.get("cause")
    first, second = (independent_counts(release_path(lake, release)) for release in (FIRST, SECOND))
    assert first["silver"] != second["silver"]
    counted = lake.query("select version, count(*) as n from nsde_versions group by 1 order by 1")
    assert counted == [
        {"version": FIRST, "n": str(first["silver"])},
        {"version": SECOND, "n": str(second["silver"])},
    ]
    (current,) = lake.query("select count(*) as n, min(meta_version) as version from nsde")
    assert current == {"n": str(second["silver"]), "version": SECOND}


def test_a_run_with_known_columns_registers_its_bronze_without_a_crawl(
    lake: Lake, first_run: dict[str, Any], second_run: dict[str, Any]
) -> None:
    assert json.loads(second_run["output"])["crawl"] == {"how": "REGISTERED", "started_at": None}
    rows = {row["run"]: row["n"] for row in lake.query("select run, count(*) as n from bronze_nsde group by run")}
    for run, release in ((first_run, FIRST), (second_run, SECOND)):
        raw = independent_counts(release_path(lake, release))["raw"]
        assert rows[lake.record_of(run)["run_id"]] == str(raw)


def test_force_processes_an_unchanged_source(lake: Lake, second_run: dict[str, Any]) -> None:
    assert second_run["status"] == "SUCCEEDED"
    forced = lake.run(source_url=lake.source_url(SECOND), force=True)
    assert forced["status"] == "SUCCEEDED", forced.get("cause")
    record = lake.record_of(forced)
    assert (record["status"], record["forced"]) == ("SUCCEEDED", True)
    (current,) = lake.query("select count(distinct meta_run_id) as runs, min(meta_run_id) as run from nsde")
    assert current == {"runs": "1", "run": record["run_id"]}


def test_changed_transform_code_processes_an_unchanged_source(
    lake: Lake, second_run: dict[str, Any], changed_project: Path
) -> None:
    assert second_run["status"] == "SUCCEEDED"
    deploy(lake.cloud, changed_project)
    record = lake.record_of(lake.run(source_url=lake.source_url(SECOND)))
    assert record["status"] == "SUCCEEDED"
    assert "code" in record["reason"]


def test_the_trigger_function_starts_a_run(lake: Lake, second_run: dict[str, Any], tmp_path: Path) -> None:
    assert second_run["status"] == "SUCCEEDED"
    payload_file, answer_file = tmp_path / "payload.json", tmp_path / "answer.json"
    payload_file.write_text(json.dumps({"source_url": lake.source_url(SECOND)}), "utf-8")
    invocation = ("lambda", "invoke", "--function-name", "nsde-trigger", "--payload", f"fileb://{payload_file}")
    aws(lake, *invocation, str(answer_file))
    answer = json.loads(answer_file.read_text("utf-8"))
    assert lake.wait(answer["executionArn"])["status"] == "SUCCEEDED"


def test_the_stock_command_line_sees_tables_and_answers(lake: Lake, second_run: dict[str, Any]) -> None:
    assert second_run["status"] == "SUCCEEDED"
    tables = json.loads(aws(lake, "glue", "get-tables", "--database-name", "nsde_db"))["TableList"]
    assert {table["Name"] for table in tables} == {"bronze_nsde", "nsde", "nsde_versions"}
    started = json.loads(
        aws(lake, "athena", "start-query-execution", "--work-group", "pp-raws",
            "--query-execution-context", "Database=nsde_db", "--query-string", "select count(*) from nsde")
    )  # fmt: skip
    assert started["QueryExecutionId"]


def test_a_source_that_is_not_there_fails_by_name_and_frees_the_lease(lake: Lake, second_run: dict[str, Any]) -> None:
    assert second_run["status"] == "SUCCEEDED"
    failed = lake.run(source_url=lake.source_url("1999-01-01"))
    assert (failed["status"], failed["error"]) == ("FAILED", "SourceNotFoundError")
    assert "1999-01-01" in failed["cause"]
    record = lake.record_of(failed)
    assert (record["status"], record["step"], record["error"]) == ("FAILED", "FetchAndHash", "SourceNotFoundError")
    wait_until(lambda: LEASE not in lake.keys(LEASE), "the lease was not given back")
    (current,) = lake.query("select min(meta_version) as version from nsde")
    assert current["version"] == SECOND
    assert dead_letter(lake, failed["executionArn"])["detail"]["error"] == "SourceNotFoundError"


def aws(lake: Lake, *arguments: str) -> str:
    """Run the stock AWS command line against the local endpoint."""
    finished = subprocess.run(
        [str(Path(sys.executable).parent / "aws"), *arguments],
        env={**os.environ, **lake.cloud.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
