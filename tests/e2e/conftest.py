"""One deployed lake for all end-to-end tests: real templates, real CDK command line, IAM enforced."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from _shared.contracts import naming
from samples.server import SourceServer
from tests.e2e.releases import SAMPLE, write_release

PROJECT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".lake", "build", "cdk.out", "node_modules", "tests", "__pycache__"
)


@dataclass
class Lake:
    """The deployed lake, as its users see it: through AWS APIs.

    Parameters
    ----------
    faults
        Statuses that the source server answers with, the last first, before it serves again.
    """

    cloud: Any
    sources: str
    source_directory: Path
    bucket: str = "pp-raws-lake-000000000000-us-east-1"
    dataset: str = "nsde"
    environment: str = naming.LOCAL
    workgroup: str = "pp-raws"
    seen_requests: list[str] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)

    @property
    def state_machine(self) -> str:
        return (
            f"arn:aws:states:us-east-1:000000000000:stateMachine:{naming.state_machine(self.environment, self.dataset)}"
        )

    def with_dataset(self, dataset: str) -> Lake:
        """Deploy another dataset, and return the same lake as its users see it."""
        deploy(self.cloud, PROJECT, dataset)
        return replace(self, dataset=dataset)

    def forget(self) -> None:
        """Make the next run of the dataset its first."""
        s3, glue, database = self.cloud.client("s3"), self.cloud.client("glue"), f"{self.dataset}_db"
        for zone in ("manifests", "silver", "bronze"):
            for key in self.keys(f"{zone}/{self.dataset}/"):
                s3.delete_object(Bucket=self.bucket, Key=key)
        for table in glue.get_tables(DatabaseName=database)["TableList"]:
            glue.delete_table(DatabaseName=database, Name=table["Name"])

    def source_url(self, release: str) -> str:
        return f"{self.sources}/nsde/{release}/{SAMPLE.name}"

    def run(self, **given: Any) -> dict[str, Any]:
        """Run the state machine to its end and return what describe-execution says."""
        step_functions = self.cloud.client("stepfunctions")
        started = step_functions.start_execution(
            stateMachineArn=self.state_machine, input=json.dumps({"dataset": self.dataset, **given})
        )
        return self.wait(started["executionArn"])

    def wait(self, execution: str) -> dict[str, Any]:
        step_functions = self.cloud.client("stepfunctions")
        tick = threading.Event()
        for _ in range(1200):
            answer: dict[str, Any] = step_functions.describe_execution(executionArn=execution)
            if answer["status"] != "RUNNING":
                return answer
            tick.wait(0.3)
        pytest.fail(f"{execution} did not end")

    def read_json(self, key: str) -> dict[str, Any]:
        body = self.cloud.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        document: dict[str, Any] = json.loads(body)
        return document

    def record_of(self, execution: dict[str, Any]) -> dict[str, Any]:
        """Read the run record of an execution; a failure's is written from outside, a moment after the end."""
        tick = threading.Event()
        for _ in range(600):
            for key in self.keys(f"manifests/{self.dataset}/runs/"):
                record = self.read_json(key)
                if record["execution"] == execution["executionArn"]:
                    return record
            tick.wait(0.3)
        pytest.fail(f"{execution['executionArn']} left no record")

    def keys(self, prefix: str) -> list[str]:
        pages = self.cloud.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def query(self, sql: str) -> list[dict[str, str | None]]:
        """Answer a query through the Athena API."""
        athena = self.cloud.client("athena")
        started = athena.start_query_execution(
            QueryString=sql,
            WorkGroup=naming.in_environment(self.environment, self.workgroup),
            QueryExecutionContext={"Database": naming.database(self.environment, f"{self.dataset}_db")},
        )
        tick = threading.Event()
        for _ in range(300):
            execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
            if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                break
            tick.wait(0.1)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=started["QueryExecutionId"])
        rows = [
            [cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def deploy(cloud: Any, project: Path, dataset: str = "nsde") -> None:
    """Deploy as a user would: with the project's own command line, which runs the CDK's."""
    finished = subprocess.run(
        [sys.executable, "-m", "lake", "deploy", dataset],
        cwd=project,
        env={**os.environ, **cloud.environment(), "LAKE_STATE_DIRECTORY": str(cloud.state_directory)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-4000:]


@pytest.fixture(scope="session")
def source_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases of the sample; the second renames a column and changes rows."""
    root = tmp_path_factory.mktemp("sources")
    write_release(root, "2019-04-29")
    write_release(root, "2019-05-19", rename_to="Application Number or Monograph ID", drop_every=50)
    return root


@pytest.fixture(scope="session")
def lake(cloud: Any, source_directory: Path) -> Iterator[Lake]:
    """The lake, deployed, with a source server beside it."""
    deploy(cloud, PROJECT)
    seen: list[str] = []
    faults: list[int] = []
    serve = SourceServer(source_directory)

    def recording(environ: Any, start_response: Any) -> Any:
        def record(status: str, headers: Any, *rest: Any) -> Any:
            seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {status.split(maxsplit=1)[0]}")
            return start_response(status, headers, *rest)

        if faults:
            # To be asked again at once is the server's wish that keeps the tests quick.
            return Response(status=faults.pop(), headers={"Retry-After": "0"})(environ, record)
        return serve(environ, record)

    server = make_server("127.0.0.1", 0, recording, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Lake(cloud, f"http://127.0.0.1:{server.server_port}", source_directory, seen_requests=seen, faults=faults)
    server.shutdown()
    thread.join()


@pytest.fixture
def changed_project(tmp_path: Path) -> Path:
    """A copy of the project whose NSDE transform differs from the deployed one."""
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy, ignore=NOT_COPIED)
    (copy / "node_modules").symlink_to(PROJECT / "node_modules")
    transforms = copy / "domains" / "nsde" / "transforms.py"
    transforms.write_text(transforms.read_text("utf-8") + "\nCHANGED = True\n", "utf-8")
    return copy
