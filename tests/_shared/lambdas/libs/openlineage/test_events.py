"""The lineage events of an attempt: valid in OpenLineage's own types, complete, and sent where it is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import attr
import pytest
import requests
import responses
from openlineage.client import generated
from openlineage.client.event_v2 import RunEvent

from _shared.contracts.layout import lineage_key
from _shared.contracts.release import ABSENT, FETCHED, FetchedSource, SourceState
from _shared.contracts.report import CheckResult, JobReport, TableCounts
from _shared.contracts.run_record import FAILED, SUCCEEDED, RunRecord, StepRun
from _shared.lambdas.libs.openlineage.emit import LineageSettings, send_lineage, write_lineage
from _shared.lambdas.libs.openlineage.events import Facts, events, source_dataset
from _shared.lambdas.libs.s3_io import LakeStorage
from tests._shared.lambdas.support import BUCKET, CONFIG, EXECUTION, lake, write_reports

Document = dict[str, Any]
RUN = "20260302T063000Z-aaaaaaaa"
SILVER_TABLE = CONFIG.silver_tables[0]
RECORD = RunRecord(
    dataset="pills",
    run_id=RUN,
    execution=EXECUTION,
    status=SUCCEEDED,
    reason="first run",
    started_at="2026-03-02T06:30:00.000Z",
    ended_at="2026-03-02T06:33:00.000Z",
    version="2026-03-01",
    sources=(
        FetchedSource("pills", FETCHED, SourceState("https://host:8443/a/pills.zip?apiKey=secret", "a" * 64, 10)),
        FetchedSource("more", ABSENT),
    ),
    fingerprint="f" * 64,
    steps=(
        StepRun("BronzeJob", "2026-03-02T06:30:10.000Z", "2026-03-02T06:31:00.000Z"),
        StepRun("SilverJob", "2026-03-02T06:31:10.000Z", "2026-03-02T06:32:00.000Z"),
    ),
)
BRONZE = JobReport(
    "pills", RUN, "bronze", (TableCounts("pills", 5, 5, f"s3://{BUCKET}/bronze/pills/", columns={"code": "string"}),)
)
CHECKS = (
    CheckResult("unique_grain", "pills", True, "0", "0"),
    CheckResult("null_share", "pills", False, "9 %", "5 %", "code", "warning"),
)
SILVER = JobReport(
    "pills",
    RUN,
    "silver",
    (TableCounts("pills", 5, 4, f"s3://{BUCKET}/silver/pills/", 1, column_sources={"code": ("pills.code",), "x": ()}),),
    CHECKS,
)
FACTS = Facts(CONFIG, RECORD, f"s3://{BUCKET}", "prod/PP-RAWS", BRONZE, SILVER)


def facet_types() -> dict[str, type]:
    """Return the types of OpenLineage's client, which are generated from the official schemas, by schema address."""
    found = {}
    for module in iter_modules(generated.__path__):
        for one in vars(import_module(f"{generated.__name__}.{module.name}")).values():
            if isinstance(one, type) and attr.has(one) and hasattr(one, "_get_schema"):
                found[one._get_schema()] = one
    return found


TYPES = facet_types()


def facets_of(document: object) -> Iterator[Document]:
    if isinstance(document, dict):
        if "_schemaURL" in document:
            yield document
        for one in document.values():
            yield from facets_of(one)
    elif isinstance(document, list):
        for one in document:
            yield from facets_of(one)


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        replace(FACTS, record=replace(RECORD, status=FAILED, step="SilverJob", error="E"), silver=None),
        replace(FACTS, record=replace(RECORD, status=FAILED, step="BronzeJob", error="E"), bronze=None, silver=None),
    ],
    ids=["succeeded", "silver failed", "bronze failed"],
)
def test_each_event_and_facet_is_what_the_official_schema_has(facts: Facts) -> None:
    for event in events(facts):
        assert event["schemaURL"] == RunEvent._get_schema()
        assert event.keys() == {
            *("eventType", "eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs"),
        }
        found = list(facets_of(event))
        assert found
        for facet in found:
            kind = TYPES[facet["_schemaURL"]]
            fields = {field.name for field in attr.fields(kind)}
            required = {field.name for field in attr.fields(kind) if field.default is attr.NOTHING}
            given = facet.keys() - {"_producer", "_schemaURL"}
            assert given <= fields, facet
            assert given >= required, facet


def by_job(facts: Facts) -> dict[tuple[str, str], Document]:
    return {(event["job"]["name"], event["eventType"]): event for event in events(facts)}


def test_a_run_tells_of_each_job_from_start_to_end() -> None:
    found = by_job(FACTS)
    jobs = ("pills.bronze", "pills.silver", "pills.quality")
    assert list(found) == [(job, kind) for job in jobs for kind in ("START", "COMPLETE")]
    silver = found["pills.silver", "COMPLETE"]
    assert (found["pills.silver", "START"]["eventTime"], silver["eventTime"]) == (
        "2026-03-02T06:31:10.000Z",
        "2026-03-02T06:32:00.000Z",
    )
    assert silver["run"]["runId"] == found["pills.silver", "START"]["run"]["runId"]
    assert len({event["run"]["runId"] for event in found.values()}) == len(jobs)
    parents = {event["run"]["facets"]["parent"]["run"]["runId"] for event in found.values()}
    assert len(parents) == 1


def test_columns_lead_from_the_published_table_to_the_source() -> None:
    found = by_job(FACTS)
    (source,) = found["pills.bronze", "COMPLETE"]["inputs"]
    assert (source["namespace"], source["name"]) == ("https://host:8443", "/a/pills.zip")
    assert "secret" not in json.dumps(list(events(FACTS))), "a key is no part of a name"
    assert source["facets"]["version"]["datasetVersion"] == "a" * 64
    (bronze,) = found["pills.bronze", "COMPLETE"]["outputs"]
    (read,) = found["pills.silver", "COMPLETE"]["inputs"]
    assert (
        (bronze["namespace"], bronze["name"]) == (read["namespace"], read["name"]) == (f"s3://{BUCKET}", "bronze/pills")
    )
    (silver,) = found["pills.silver", "COMPLETE"]["outputs"]
    columns = silver["facets"]["columnLineage"]["fields"]
    (used,) = columns["code"]["inputFields"]
    assert (used["namespace"], used["name"], used["field"]) == (bronze["namespace"], bronze["name"], "code")
    assert columns["x"]["inputFields"] == []
    assert [one["name"] for one in silver["facets"]["schema"]["fields"]] == [c.name for c in SILVER_TABLE.columns]
    assert silver["outputFacets"]["outputStatistics"]["rowCount"] == 4


def test_checks_are_assertions_on_the_published_table() -> None:
    (table,) = by_job(FACTS)["pills.quality", "COMPLETE"]["inputs"]
    passed, failed = table["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert (passed["assertion"], passed["success"], passed["severity"]) == ("unique_grain", True, "error")
    assert (failed["column"], failed["success"], failed["severity"], failed["actual"]) == ("code", False, "warn", "9 %")


def test_a_critical_check_fails_the_quality_job_and_not_the_one_that_wrote_the_table() -> None:
    stopping = replace(SILVER, checks=(replace(CHECKS[0], passed=False),))
    record = replace(RECORD, status=FAILED, step="SilverJob", error="QualityCheckFailedError")
    found = by_job(replace(FACTS, record=record, silver=stopping))
    assert ("pills.silver", "COMPLETE") in found
    message = found["pills.quality", "FAIL"]["run"]["facets"]["errorMessage"]["message"]
    assert message.startswith("QualityCheckFailedError")


def test_a_job_that_failed_has_inputs_and_no_outputs() -> None:
    record = replace(RECORD, status=FAILED, step="SilverJob", error="JobFailedError")
    found = by_job(replace(FACTS, record=record, silver=None))
    assert list(found)[-1] == ("pills.silver", "FAIL")
    assert found["pills.silver", "FAIL"]["inputs"]
    assert found["pills.silver", "FAIL"]["outputs"] == []


def test_a_run_that_failed_before_its_jobs_has_no_events() -> None:
    record = replace(RECORD, status=FAILED, step="FetchAndHash", steps=(), error="E")
    assert list(events(replace(FACTS, record=record, bronze=None, silver=None))) == []


@pytest.mark.parametrize(
    ("url", "dataset"),
    [
        ("https://host/a/b.zip", ("https://host", "/a/b.zip")),
        ("https://user:secret@host/a?key=secret#x", ("https://host", "/a")),
        ("http://127.0.0.1:80", ("http://127.0.0.1:80", "/")),
    ],
)
def test_names_of_sources(url: str, dataset: tuple[str, str]) -> None:
    assert source_dataset(url) == dataset


@pytest.fixture(name="storage")
def fixture_storage() -> Iterator[LakeStorage]:
    with lake() as storage:
        write_reports(storage, BRONZE, SILVER)
        yield storage


def written(storage: LakeStorage) -> list[Document]:
    found = storage.get(lineage_key("pills", RUN))
    return [json.loads(line) for line in found.body.splitlines()] if found else []


def test_events_are_written_to_the_lake(storage: LakeStorage) -> None:
    assert list(write_lineage(storage, CONFIG, RECORD, LineageSettings("prod/PP-RAWS"))) == written(storage)
    assert written(storage) == list(events(FACTS))


def test_a_run_without_jobs_writes_nothing(storage: LakeStorage) -> None:
    record = replace(RECORD, status=FAILED, step="FetchAndHash", steps=(StepRun("FetchAndHash", "", ""),), error="E")
    assert write_lineage(storage, CONFIG, record, LineageSettings("prod/PP-RAWS")) == ()
    assert written(storage) == []


def test_a_redrive_tells_of_the_jobs_that_it_ran() -> None:
    record = replace(RECORD, redrive_count=1, steps=RECORD.steps[1:])
    assert {job for job, _ in by_job(replace(FACTS, record=record))} == {"pills.silver", "pills.quality"}


def test_a_report_of_an_earlier_attempt_is_no_success_of_a_job_that_failed() -> None:
    record = replace(RECORD, redrive_count=1, status=FAILED, step="SilverJob", error="JobFailedError")
    found = by_job(replace(FACTS, record=record))
    assert list(found)[-1] == ("pills.silver", "FAIL")
    assert found["pills.silver", "FAIL"]["outputs"] == []


def test_without_a_history_the_reports_tell() -> None:
    assert list(by_job(replace(FACTS, record=replace(RECORD, steps=())))) == list(by_job(FACTS))


ENDPOINT = "https://marquez.example/api/v1/lineage"


@responses.activate
def test_each_event_is_sent_to_the_endpoint() -> None:
    sent = responses.post(ENDPOINT, status=201)
    found = tuple(events(FACTS))
    send_lineage(found, LineageSettings("prod/PP-RAWS", ENDPOINT))
    assert tuple(json.loads(call.request.body or "") for call in sent.calls) == found


@responses.activate
@pytest.mark.parametrize("answer", [{"status": 500}, {"body": requests.ConnectTimeout()}], ids=["refuses", "is silent"])
def test_an_endpoint_that_does_not_answer_is_asked_once_and_fails_nothing(answer: dict[str, Any]) -> None:
    sent = responses.post(ENDPOINT, **answer)
    send_lineage(tuple(events(FACTS)), LineageSettings("prod/PP-RAWS", ENDPOINT))
    assert len(sent.calls) == 1


def test_nothing_is_sent_without_an_endpoint() -> None:
    with responses.RequestsMock():
        send_lineage(tuple(events(FACTS)), LineageSettings("prod/PP-RAWS"))
