"""Each function's package runs with its layer and the SDK alone: it refuses a wrong event and works on a right one."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from _shared.contracts.codec import encode_text
from _shared.contracts.layout import report_key
from stacks.packaging.artefacts import BUILD_DIRECTORY, ROOT
from stacks.packaging.lambda_code import function_packages, lambda_layer, lambda_package
from tests._shared.lambdas.support import BUCKET as BUCKET_OF_REPORTS
from tests._shared.lambdas.support import archive, config_for, file_answers, reports_of, serve
from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, execute, make_role, make_state_machine, wait_for
from tests.local_cloud.step_functions.support import context, status_event
from tests.packaging.isolation import lambda_runtime, start_isolated

BUCKET = "lambda-packages"
FUNCTIONS = function_packages(ROOT)
FAILS = {"StartAt": "Broken", "States": {"Broken": {"Type": "Fail", "Error": "Broken", "Cause": "it is"}}}
CALL = """
import json, types, app
answer = app.handler(json.loads({event!r}), types.SimpleNamespace(aws_request_id="request-1"))
print(json.dumps(answer))
"""
WRONG_EVENTS = {
    "fetch_and_hash": ({"execution": context(Input={"dataset": "other"})}, "InvalidInputError: .*expected 'pills'"),
    "crawl_bronze": ({"execution": context()}, "ContractError: .*run_id"),
    "update_manifest": ({"execution": context(), "state": {"fetch": 1}}, "ContractError: .*fetch"),
    "retry_job": ({"execution": context(), "state": {}}, "ContractError: .*layer"),
    "record_failure": (status_event("SUCCEEDED"), "InvalidInputError: .*detail.status"),
    "trigger": ({"forced": True}, "InvalidInputError: .*unknown key 'forced'"),
}


@dataclass(frozen=True)
class World:
    """What the functions find in the cloud, and their packages."""

    cloud: CloudUnderTest
    packages: Mapping[str, tuple[Path, ...]]
    variables: dict[str, str]

    def call(self, name: str, event: object) -> subprocess.CompletedProcess[str]:
        code = CALL.format(event=json.dumps(event))
        return start_isolated(code, *self.packages[name], **self.variables)

    def answer(self, name: str, event: object) -> dict[str, Any]:
        finished = self.call(name, event)
        assert finished.returncode == 0, finished.stderr
        answer: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
        return answer

    def read(self, key: str) -> str:
        body: bytes = self.cloud.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body.decode()

    def fails(self) -> dict[str, Any]:
        """Run an execution of the state machine, which fails."""
        return execute(self.cloud, self.variables["STATE_MACHINE_ARN"], {"dataset": "pills"})


@pytest.fixture(scope="module")
def world(cloud: CloudUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    output = tmp_path_factory.mktemp("packages")
    shared = (lambda_layer(ROOT, BUILD_DIRECTORY) / "python", lambda_runtime(output / "runtime"))
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    glue = cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": "pills_db"})
    crawls = make_role(cloud, "pills-crawler", "glue.amazonaws.com", allow(["s3:*", "glue:*", "logs:*"], ["*"]))
    targets = {"S3Targets": [{"Path": f"s3://{BUCKET}/bronze/pills/"}]}
    glue.create_crawler(Name="pills-bronze-crawler", Role=crawls, DatabaseName="pills_db", Targets=targets)
    role = make_role(cloud, "pills-machine", "states.amazonaws.com")
    variables = {
        **cloud.environment(),
        "NO_PROXY": "127.0.0.1",
        "LAKE_BUCKET": BUCKET,
        "DATABASE": "pills_db",
        "POWERTOOLS_METRICS_NAMESPACE": "PP-RAWS",
        "CRAWLER_NAME": "pills-bronze-crawler",
        "ALERT_TOPIC_ARN": cloud.client("sns").create_topic(Name="pills-alerts")["TopicArn"],
        "STATE_MACHINE_ARN": make_state_machine(cloud, "pills-orchestrator", role, FAILS),
        "PIPELINE_FINGERPRINT": "f" * 64,
        "LEASE_SECONDS": "3600",
        "ALLOWED_SOURCE_HOSTS": "127.0.0.1",
        "ALLOWED_SOURCE_SCHEMES": "http,https",
    }
    with serve() as source:
        source.answer = file_answers(archive({"pills.csv": b"Code\n1\n"}))
        config = config_for(source.address)
        packages = {name: (lambda_package(name, config, ROOT, output), *shared) for name in FUNCTIONS}
        yield World(cloud, packages, variables)


@pytest.fixture(scope="module")
def fetched(world: World) -> dict[str, Any]:
    """The answer of FetchAndHash."""
    return world.answer("fetch_and_hash", {"execution": context()})


@pytest.fixture(scope="module")
def processed(world: World, fetched: dict[str, Any]) -> dict[str, Any]:
    """The same, once the jobs have left their reports."""
    for report in reports_of(fetched["run_id"], fetched["version"]):
        text = encode_text(report).replace(BUCKET_OF_REPORTS, BUCKET)
        key = report_key("pills", fetched["run_id"], report.layer)
        world.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    return fetched


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_package_refuses_an_event_of_the_wrong_shape(world: World, name: str) -> None:
    event, error = WRONG_EVENTS[name]
    finished = world.call(name, event)
    assert finished.returncode == 1
    assert re.search(error, finished.stderr.splitlines()[-1]), finished.stderr


def test_fetch_and_hash_fetches(world: World, fetched: dict[str, Any]) -> None:
    assert fetched["decision"] == "process"
    assert json.loads(world.read(fetched["release_key"]))["version"] == fetched["version"]


def test_crawl_bronze_crawls(world: World, processed: dict[str, Any]) -> None:
    event = {"execution": context(), "run_id": processed["run_id"]}
    assert world.answer("crawl_bronze", event)["how"] == "CRAWLING"
    ended = wait_for(lambda: world.answer("crawl_bronze", event), lambda answer: answer["how"] != "CRAWLING")
    assert ended["how"] == "CRAWLED"


def test_update_manifest_publishes(world: World, processed: dict[str, Any]) -> None:
    answer = world.answer("update_manifest", {"execution": context(), "state": {"fetch": processed}})
    assert answer["published_as"] == "current"
    table = world.cloud.client("glue").get_table(DatabaseName="pills_db", Name="pills")["Table"]
    assert table["StorageDescriptor"]["Location"] == answer["locations"]["pills"]


def test_record_failure_records(world: World) -> None:
    failed = world.fails()
    event = status_event("FAILED", executionArn=failed["executionArn"], error="Broken", cause="it is")
    answer = world.answer("record_failure", event)
    assert answer["subject"] == "pills: Broken failed with Broken"
    (key,) = [word for word in answer["message"].split() if word.startswith(f"s3://{BUCKET}/")]
    assert json.loads(world.read(key.removeprefix(f"s3://{BUCKET}/")))["status"] == "FAILED"


def test_the_trigger_starts_an_execution(world: World) -> None:
    answer = world.answer("trigger", {"force": True})
    told = world.cloud.client("stepfunctions").describe_execution(executionArn=answer["executionArn"])
    assert json.loads(told["input"]) == {"dataset": "pills", "force": True}
