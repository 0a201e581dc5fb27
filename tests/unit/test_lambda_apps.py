"""The trigger, and the three entry points as packages: app.py with dataset.json beside it."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.codec import encode_text
from _shared.contracts.errors import ContractError
from _shared.lambdas.libs.errors import DisallowedSourceError, InvalidInputError, SettingsError
from _shared.lambdas.libs.executions import Executions, StartedExecution
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import TriggerSettings
from _shared.lambdas.libs.start import execution_name, start
from tests.unit.lambda_support import (
    BUCKET,
    CONFIG,
    EXECUTION,
    MACHINE,
    RULES,
    STARTED,
    Source,
    archive,
    config_for,
    file_answers,
    lake,
    serve,
)

LAMBDAS = Path(__file__).parents[2] / "_shared" / "lambdas"
ENVIRONMENT = {
    "LAKE_BUCKET": BUCKET,
    "PIPELINE_FINGERPRINT": "f" * 64,
    "ALLOWED_SOURCE_HOSTS": "127.0.0.1",
    "ALLOWED_SOURCE_SCHEMES": "http,https",
    "LEASE_SECONDS": "3600",
    "STATE_MACHINE_ARN": MACHINE,
    "NO_PROXY": "127.0.0.1",
}


def started(payload: object, request_id: str = "request-1") -> tuple[dict[str, str], MagicMock]:
    executions = MagicMock(spec=Executions)
    executions.start.return_value = StartedExecution(EXECUTION, "2026-03-02T06:31:00.000Z")
    return start(payload, request_id, CONFIG, TriggerSettings(MACHINE, RULES), executions), executions.start


@pytest.mark.parametrize(
    ("payload", "name", "document"),
    [
        ({}, "pills-request-1", {"dataset": "pills", "force": False}),
        ({"force": True}, "pills-request-1", {"dataset": "pills", "force": True}),
        ({"dataset": "pills"}, "pills-request-1", {"dataset": "pills", "force": False}),
        (
            {"source_url": "http://127.0.0.1/x.zip"},
            "pills-request-1",
            {"dataset": "pills", "force": False, "source_url": "http://127.0.0.1/x.zip"},
        ),
        (
            {"scheduled_at": "2026-03-02T06:30:00Z"},
            "pills-2026-03-02T06-30-00Z",
            {"dataset": "pills", "force": False},
        ),
    ],
)
def test_the_trigger_starts_the_state_machine(payload: object, name: str, document: dict[str, Any]) -> None:
    answer, call = started(payload)
    assert answer == {"executionArn": EXECUTION, "name": name, "startDate": "2026-03-02T06:31:00.000Z"}
    machine, given_name, given_input = call.call_args.args
    assert (machine, given_name, json.loads(given_input)) == (MACHINE, name, document)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"forced": True}, "unknown key 'forced'; the keys are dataset, source_url, force, scheduled_at"),
        ({"force": "yes"}, "force: expected true or false"),
        ({"dataset": "other"}, "expected 'pills'"),
        ({"scheduled_at": 5}, "scheduled_at: expected a string"),
        ([], "expected a JSON object, found list"),
    ],
)
def test_a_wrong_payload_starts_nothing(payload: object, message: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        started(payload)


def test_a_source_that_is_not_allowed_starts_nothing() -> None:
    with pytest.raises(DisallowedSourceError):
        started({"source_url": "https://example.org/x.zip"})


@given(st.text(max_size=120))
def test_any_occasion_makes_a_name_that_step_functions_takes(occasion: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", execution_name("pills", occasion))


@pytest.fixture(name="world")
def fixture_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[LakeStorage, Source]]:
    with lake() as storage, serve() as source:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        yield storage, source


def load(function: str, directory: Path, address: str = "http://127.0.0.1") -> ModuleType:
    """Import a function's app.py from a package directory of its own, as Lambda does."""
    shutil.copy(LAMBDAS / function / "app.py", directory / "app.py")
    (directory / "dataset.json").write_text(encode_text(config_for(address)), "utf-8")
    spec = importlib.util.spec_from_file_location(f"app_{function}", directory / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("payload", [[], "", 0, False], ids=repr)
def test_an_empty_payload_that_is_no_object_starts_nothing(
    world: tuple[LakeStorage, Source], tmp_path: Path, payload: Any
) -> None:
    assert world
    with pytest.raises(InvalidInputError, match="expected a JSON object"):
        load("trigger", tmp_path).handler(payload, SimpleNamespace(aws_request_id="r1"))


@pytest.mark.parametrize("given", [[], "nsde", 5, None], ids=repr)
def test_an_input_that_is_no_object_is_refused_as_input(
    world: tuple[LakeStorage, Source], tmp_path: Path, given: Any
) -> None:
    assert world
    event = {"input": given, "execution": EXECUTION, "started_at": STARTED}
    with pytest.raises(InvalidInputError, match=f"expected a JSON object, found {type(given).__name__}"):
        load("fetch_and_hash", tmp_path).handler(event, None)


@pytest.mark.parametrize("function", ["fetch_and_hash", "update_manifest", "trigger"])
def test_an_entry_point_is_a_shim(function: str) -> None:
    assert len((LAMBDAS / function / "app.py").read_text("utf-8").splitlines()) <= 30


def test_fetch_and_hash_answers_in_json(world: tuple[LakeStorage, Source], tmp_path: Path) -> None:
    _, source = world
    source.answer = file_answers(archive({"pills.csv": b"Code\n1\n"}))
    app = load("fetch_and_hash", tmp_path, source.address)
    event = {"input": {"dataset": "pills"}, "execution": EXECUTION, "started_at": STARTED}
    answer = json.loads(json.dumps(app.handler(event, None)))
    assert (answer["decision"], answer["version"], answer["fingerprint"]) == ("process", "2026-03-01", "f" * 64)
    with pytest.raises(ContractError, match="started_at"):
        app.handler({"input": {}, "execution": EXECUTION}, None)


def test_update_manifest_answers_in_json(world: tuple[LakeStorage, Source], tmp_path: Path) -> None:
    app = load("update_manifest", tmp_path)
    state = {"failed": {"Crawl": {"Error": "CrawlFailed", "Cause": "the crawl ended as FAILED"}}}
    event = {"action": "record_failure", "execution": EXECUTION, "started_at": STARTED, "state": state}
    answer = json.loads(json.dumps(app.handler(event, None)))
    assert (answer["step"], answer["error"], answer["cause"]) == ("Crawl", "CrawlFailed", "the crawl ended as FAILED")
    assert world[0].head(f"manifests/pills/runs/{answer['message'].split('/')[-1]}") is not None


def test_the_trigger_started_twice_for_one_occasion_answers_the_same_execution(
    world: tuple[LakeStorage, Source], tmp_path: Path
) -> None:
    assert world
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    role = "arn:aws:iam::123456789012:role/x"
    machine = boto3.client("stepfunctions").create_state_machine(
        name="pills-orchestrator", definition=definition, roleArn=role
    )["stateMachineArn"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATE_MACHINE_ARN", machine)
        app = load("trigger", tmp_path)
        first = app.handler({"scheduled_at": "2026-03-02T06:30:00Z"}, SimpleNamespace(aws_request_id="r1"))
        again = app.handler({"scheduled_at": "2026-03-02T06:30:00Z"}, SimpleNamespace(aws_request_id="r2"))
        other = app.handler(None, SimpleNamespace(aws_request_id="r3"))
    assert first["executionArn"] == again["executionArn"] != other["executionArn"]
    assert first["name"] == "pills-2026-03-02T06-30-00Z"
    assert other["name"] == "pills-r3"


def test_a_function_without_its_environment_says_what_is_missing(
    world: tuple[LakeStorage, Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world
    monkeypatch.delenv("PIPELINE_FINGERPRINT")
    with pytest.raises(SettingsError, match="PIPELINE_FINGERPRINT"):
        load("fetch_and_hash", tmp_path)


def test_the_functions_import_neither_cdk_nor_spark_nor_the_emulator() -> None:
    forbidden = re.compile(
        r"^\s*(?:from|import) (aws_cdk|constructs|pyspark|ministack|pydantic|domains|local_cloud)\b", re.MULTILINE
    )
    files = [*LAMBDAS.rglob("*.py"), *(LAMBDAS.parent / "contracts").glob("*.py")]
    assert len(files) > 20
    assert [path.name for path in files if forbidden.search(path.read_text("utf-8"))] == []
    assert sys.version_info >= (3, 11)
