"""What the tests of the commands share: in-process AWS APIs, and what a deployed lake has in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from _shared.contracts import layout
from _shared.contracts.codec import encode_text
from _shared.contracts.manifest import Manifest, Publication
from _shared.contracts.release import SourceState
from _shared.contracts.run_record import SUCCEEDED, RowCounts, RunRecord
from config.environment import Environment, load_environment
from lake import datasets, project
from lake.app import app

DEAD_ENDPOINT = "http://127.0.0.1:9"
REGION: Literal["eu-central-1"] = "eu-central-1"
ACCOUNT = "123456789012"
BUCKET = f"dev-pp-raws-lake-{ACCOUNT}-{REGION}"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:dev-nsde-orchestrator:one"
STATE_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:dev-nsde-orchestrator"
START = datetime(2025, 1, 31, 6, 30, tzinfo=UTC)
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dev-nsde-fetch-and-hash"
DEFINITION = {
    "StartAt": "FetchAndHash",
    "States": {
        "FetchAndHash": {"Type": "Task", "Resource": "r", "Parameters": {"FunctionName": FUNCTION}, "Next": "Skipped"},
        "Skipped": {"Type": "Succeed"},
    },
}

RECORD = RunRecord(
    dataset="nsde",
    run_id="20250131T063000Z-aaaaaaaa",
    execution=EXECUTION,
    status=SUCCEEDED,
    reason="first version",
    started_at="2025-01-31T06:30:00Z",
    ended_at="2025-01-31T06:31:05Z",
    version="2019-04-29",
    published_as="current",
    rows={"nsde": RowCounts(raw=1000, bronze=1000, silver=990, duplicates=4, quarantined=6)},
    quarantine_reasons={"NO_ITEM_CODE": 6},
    locations={"nsde": f"s3://{BUCKET}/silver/nsde/version=2019-04-29/run=20250131T063000Z-aaaaaaaa/"},
)


def unplaced(environment: Environment) -> Environment:
    """Return an environment as it is before a team writes account, region and alert address into it."""
    return environment.model_copy(update={"account": None, "region": None, "alert_email": None})


@contextmanager
def simulated_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Answer AWS calls in this process, for a user without a local cloud."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "LAKE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "COLUMNS": "240",
        project.STATE_VARIABLE: str(tmp_path / "state"),
    }.items():
        monkeypatch.setenv(name, value)
    # The account and region that a team has written into config/ are not those of the simulated cloud.
    monkeypatch.setattr(datasets, "load_environment", lambda name: unplaced(load_environment(name)))
    with mock_aws(config={"core": {"passthrough": {"urls": [f"{DEAD_ENDPOINT}.*"]}}}):
        yield


def lake(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(app, list(arguments), prog_name="lake", **options)


def put_records(*records: RunRecord) -> None:
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    add_records(*records)


def add_records(*records: RunRecord) -> None:
    s3 = boto3.client("s3", region_name=REGION)
    for record in records:
        key = layout.run_record_key(record.dataset, record.run_id, record.redrive_count)
        s3.put_object(Bucket=BUCKET, Key=key, Body=encode_text(record).encode())


def put_manifest() -> None:
    source = SourceState(url="https://host/file.zip", sha256="0" * 64, bytes=1)
    publications = {
        run: Publication(version, run, "2025-01-31T06:31:00Z", {"nsde": source}, "f", row_counts={"nsde": rows})
        for run, version, rows in (("1", "2019-04-29", 9), ("2", "2019-04-29", 990), ("3", "2019-05-19", 1010))
    }
    manifest = Manifest("nsde", "3", publications)
    boto3.client("s3", region_name=REGION).put_object(
        Bucket=BUCKET, Key=layout.manifest_key("nsde"), Body=encode_text(manifest).encode()
    )


def deploy_state_machine() -> None:
    boto3.client("iam").create_role(RoleName="workflow", AssumeRolePolicyDocument="{}")
    boto3.client("stepfunctions", region_name=REGION).create_state_machine(
        name="dev-nsde-orchestrator",
        definition=json.dumps(DEFINITION),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/workflow",
    )
