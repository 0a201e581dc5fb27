"""The trigger, and the entry points as packages: app.py with dataset.json beside it."""

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

from _shared.contracts.codec import encode, encode_text
from _shared.contracts.errors import ContractError, InvalidInputError, SettingsError
from _shared.contracts.layout import release_key, run_record_key
from _shared.contracts.release import FetchedSource, Release, SourceState
from _shared.contracts.workflow import FetchResult
from _shared.lambdas.libs.aws.executions import Executions, StartedExecution
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import TriggerSettings
from _shared.lambdas.libs.steps.start import execution_name, start
from _shared.lambdas.libs.time_utils import run_id
from tests._shared.lambdas.support import (
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
    keys,
    lake,
    reports_of,
    serve,
    write_reports,
)
from tests.local_cloud.step_functions.support import (
    context,
    create_state_machine,
    sent_alerts,
    start_stopped_execution,
    status_event,
)

LAMBDAS = Path(__file__).parents[3] / "_shared" / "lambdas"
ENVIRONMENT = {
    "LAKE_BUCKET": BUCKET,
    "DATABASE": "pills_db",
    "POWERTOOLS_METRICS_NAMESPACE": "PP-RAWS",
    "PIPELINE_FINGERPRINT": "f" * 64,
    "ALLOWED_SOURCE_HOSTS": "127.0.0.1",
    "ALLOWED_SOURCE_SCHEMES": "http,https",
    "LEASE_SECONDS": "3600",
    "CRAWLER_NAME": "pills-bronze-crawler",
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
    event = {"execution": context(Input=given)}
    with pytest.raises(InvalidInputError, match=f"expected a JSON object, found {type(given).__name__}"):
        load("fetch_and_hash", tmp_path).handler(event, None)


@pytest.mark.parametrize("function", sorted(path.parent.name for path in LAMBDAS.glob("*/app.py")))
def test_an_entry_point_is_a_shim(function: str) -> None:
    assert len((LAMBDAS / function / "app.py").read_text("utf-8").splitlines()) <= 30


def test_fetch_and_hash_answers_in_json(world: tuple[LakeStorage, Source], tmp_path: Path) -> None:
    _, source = world
    source.answer = file_answers(archive({"pills.csv": b"Code\n1\n"}))
    app = load("fetch_and_hash", tmp_path, source.address)
    event = {"execution": context()}
    answer = json.loads(json.dumps(app.handler(event, None)))
    assert (answer["decision"], answer["version"], answer["fingerprint"]) == ("process", "2026-03-01", "f" * 64)
    with pytest.raises(ContractError, match="Id and StartTime"):
        app.handler({"execution": {"Id": EXECUTION, "Input": {}}}, None)


def test_update_manifest_answers_in_json(world: tuple[LakeStorage, Source], tmp_path: Path) -> None:
    storage, _ = world
    run = run_id(STARTED, EXECUTION)
    release = Release(
        "pills",
        run,
        "2026-03-01",
        STARTED,
        (FetchedSource("pills", "fetched", SourceState("http://x", "a" * 64, 1), "raw/x"),),
    )
    storage.put(release_key("pills", run), encode_text(release).encode())
    write_reports(storage, *reports_of(run, "2026-03-01"))
    boto3.client("glue").create_database(DatabaseInput={"Name": "pills_db"})
    fetched = FetchResult("pills", run, "process", "first run", False, "f" * 64, "2026-03-01", "key")
    event = {"execution": context(), "state": {"fetch": encode(fetched)}}
    answer = json.loads(json.dumps(load("update_manifest", tmp_path).handler(event, None)))
    assert (answer["run_id"], answer["version"], answer["published_as"]) == (run, "2026-03-01", "current")


def test_crawl_bronze_starts_the_crawl_and_asks_to_be_called_again(
    world: tuple[LakeStorage, Source], tmp_path: Path
) -> None:
    storage, _ = world
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": "pills_db"})
    glue.create_crawler(Name="pills-bronze-crawler", Role="r", Targets={"S3Targets": [{"Path": "s3://x/"}]})
    write_reports(storage, *reports_of("r1", "2026-03-01"))
    app = load("crawl_bronze", tmp_path)
    event = {"execution": context(), "run_id": "r1"}
    assert app.handler(event, None) == {"how": "CRAWLING", "started_at": None}
    assert glue.get_crawler(Name="pills-bronze-crawler")["Crawler"]["State"] == "RUNNING"
    assert app.handler(event, None) == {"how": "CRAWLING", "started_at": None}


def test_record_failure_records_and_tells(
    world: tuple[LakeStorage, Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, _ = world
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    monkeypatch.setenv("ALERT_TOPIC_ARN", topic)
    start_stopped_execution()
    app = load("record_failure", tmp_path)
    answer = json.loads(json.dumps(app.handler(status_event("ABORTED"), None)))
    assert answer["subject"] == "pills: A State failed with ExecutionAborted"
    key = run_record_key("pills", run_id(STARTED, EXECUTION))
    assert keys(storage) == [key]
    assert f"s3://{BUCKET}/{key}" in answer["message"]
    (sent,) = sent_alerts(topic)
    assert (sent.subject, sent.message) == (answer["subject"], answer["message"])
    with pytest.raises(InvalidInputError, match=r"detail\.status FAILED, ABORTED, TIMED_OUT"):
        app.handler(status_event("SUCCEEDED"), None)


def test_the_trigger_started_twice_for_one_occasion_answers_the_same_execution(
    world: tuple[LakeStorage, Source], tmp_path: Path
) -> None:
    assert world
    create_state_machine()
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
