"""CrawlBronze: what is done about the crawl, and that its repetition comes to an end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.errors import (
    CatalogBusyError,
    CatalogRejectedError,
    CrawlFailedError,
    JobReportMissingError,
    MedallionError,
    SlowCrawlError,
)
from _shared.contracts.workflow import CRAWLED, CRAWLING, REGISTERED, CrawlRequest, CrawlResult
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.crawler import Crawler, CrawlerStatus, LastCrawl
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.steps.crawl import CrawlAction, CrawlServices, crawl_bronze, next_action
from tests._shared.lambdas.support import BUCKET, CONFIG, glue_client, keys, lake, reports_of, write_reports
from tests.local_cloud.step_functions.support import context

RUN = "20260302T063000Z-aaaaaaaa"
NAME = "pills-bronze-crawler"
START = datetime(2026, 3, 2, 6, 40, tzinfo=UTC)

moments = st.integers(-5, 5).map(lambda seconds: START + timedelta(seconds=seconds))
crawls = st.builds(LastCrawl, st.sampled_from(["SUCCEEDED", "FAILED", "CANCELLED"]), st.none() | moments)
crawlers = st.builds(CrawlerStatus, st.sampled_from(["READY", "RUNNING", "STOPPING"]), st.none() | crawls)


@given(crawlers, moments)
def test_a_crawl_counts_only_if_it_began_when_everything_was_there(status: CrawlerStatus, not_before: datetime) -> None:
    last = status.last
    counts = last is not None and last.started_at is not None and last.started_at >= not_before
    decision = next_action(status, not_before)
    assert (decision is CrawlAction.WAIT) == (status.state != "READY")
    assert (decision is CrawlAction.START) == (status.state == "READY" and not counts)
    if decision in {CrawlAction.DONE, CrawlAction.FAILED}:
        assert counts
        assert last is not None
        assert (decision is CrawlAction.DONE) == (last.status == "SUCCEEDED")


@given(crawlers, st.integers(0, 5), st.integers(1, 4), st.sampled_from(["SUCCEEDED", "FAILED", "CANCELLED"]))
def test_asking_again_ends_with_what_became_of_a_crawl_that_saw_everything(
    status: CrawlerStatus, seconds: int, length: int, outcome: str
) -> None:
    """A crawler that runs at first ends some time, and so does every crawl that is started."""
    not_before, now, left = START + timedelta(seconds=seconds), START + timedelta(seconds=6), length
    running_since = START - timedelta(seconds=1) if status.state != "READY" else None
    started = 0
    for _ in range(2 * length + 4):
        decision = next_action(status, not_before)
        if decision in {CrawlAction.DONE, CrawlAction.FAILED}:
            break
        if decision is CrawlAction.START:
            started, running_since, left = started + 1, now, length
            status = CrawlerStatus("RUNNING", status.last)
        now, left = now + timedelta(seconds=15), left - 1
        if running_since is not None and left <= 0:
            status, running_since = CrawlerStatus("READY", LastCrawl(outcome, running_since)), None
    assert decision in {CrawlAction.DONE, CrawlAction.FAILED}
    assert status.last is not None
    assert status.last.started_at is not None
    assert status.last.started_at >= not_before
    assert started <= 1


@pytest.fixture(name="storage")
def fixture_storage() -> Iterator[LakeStorage]:
    with lake() as storage:
        yield storage


def described(state: str, status: str = "", started: datetime | None = None, **more: str) -> dict[str, Any]:
    """Answer as GetCrawler does."""
    last = {"Status": status, "StartTime": started, "MessagePrefix": "m", **more} if status else {}
    return {"Crawler": {"Name": NAME, "State": state, "DatabaseName": "pills_db", "LastCrawl": last}}


def crawl(
    storage: LakeStorage,
    answer: dict[str, Any],
    start: str | None = None,
    tables: list[dict[str, Any]] | None = None,
    registered: Sequence[dict[str, Any]] = (),
    **execution: Any,
) -> CrawlResult:
    """Call the step once; ``start`` is the answer to StartCrawler: empty, or an error code."""
    client = glue_client()
    with Stubber(client) as stub:
        stub.add_response("get_crawler", answer, {"Name": NAME})
        if tables is None and start is not None and not execution:
            tables = []
        if tables is not None:
            stub.add_response("get_tables", {"TableList": tables}, {"DatabaseName": "pills_db"})
        for wanted in registered:
            stub.add_response("create_partition", {}, {"DatabaseName": "pills_db", **wanted})
        if start:
            stub.add_client_error("start_crawler", start, "Crawler has already started")
        elif start is not None:
            stub.add_response("start_crawler", {}, {"Name": NAME})
        try:
            services = CrawlServices(storage, Crawler(client, NAME), Catalog(client, "pills_db"))
            return crawl_bronze(CrawlRequest(context(**execution), RUN), CONFIG, services)
        finally:
            stub.assert_no_pending_responses()


def written(storage: LakeStorage) -> datetime:
    """Leave the bronze job's report and return when that was."""
    write_reports(storage, *reports_of(RUN, "2026-03-01"))
    found = storage.head(f"quality/pills/run_id={RUN}/bronze.json")
    assert found is not None
    return found.modified


def test_a_crawl_after_the_bronze_job_is_the_result(storage: LakeStorage) -> None:
    began = written(storage) + timedelta(seconds=1)
    result = crawl(storage, described("READY", "SUCCEEDED", began))
    assert result == CrawlResult(CRAWLED, began.strftime("%Y-%m-%dT%H:%M:%S.000Z"))


@pytest.mark.parametrize("status", ["", "SUCCEEDED", "FAILED"])
def test_a_crawl_before_or_beside_the_last_file_does_not_count_and_another_is_started(
    storage: LakeStorage, status: str
) -> None:
    # S3 tells the second: what began within it may have begun before the file.
    within = written(storage) + timedelta(milliseconds=999)
    assert crawl(storage, described("READY", status, within), start="") == CrawlResult(CRAWLING)


@pytest.mark.parametrize("state", ["RUNNING", "STOPPING"])
def test_a_crawl_under_way_is_waited_for(storage: LakeStorage, state: str) -> None:
    found = described(state, "SUCCEEDED", written(storage) + timedelta(hours=1))
    assert crawl(storage, found) == CrawlResult(CRAWLING)


def test_a_crawl_that_does_not_end_fails_the_step_after_half_an_hour(storage: LakeStorage) -> None:
    written(storage)
    found = described("RUNNING")
    crawler = found["Crawler"]
    assert crawl(storage, {"Crawler": {**crawler, "CrawlElapsedTime": 1_800_000}}) == CrawlResult(CRAWLING)
    with pytest.raises(SlowCrawlError, match=rf"{NAME} has been running for 31 minutes; .*stop the crawl"):
        crawl(storage, {"Crawler": {**crawler, "CrawlElapsedTime": 1_860_000}})


def test_a_crawl_that_somebody_else_has_just_started_is_waited_for(storage: LakeStorage) -> None:
    written(storage)
    assert crawl(storage, described("READY"), start="CrawlerRunningException") == CrawlResult(CRAWLING)


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_a_crawl_that_did_not_succeed_is_told_with_its_message_and_log(storage: LakeStorage, status: str) -> None:
    began = written(storage) + timedelta(seconds=5)
    told = {"ErrorMessage": "Insufficient permission", "LogGroup": "/aws-glue/crawlers", "LogStream": NAME}
    with pytest.raises(CrawlFailedError) as caught:
        crawl(storage, described("READY", status, began, **told))
    assert str(caught.value) == (
        f"the crawl of {NAME} ended as {status}: Insufficient permission, log /aws-glue/crawlers {NAME}; "
        "fix the cause, then redrive the execution: it crawls again"
    )


def test_a_redriven_execution_crawls_again_after_a_failed_crawl(storage: LakeStorage) -> None:
    began = written(storage) + timedelta(seconds=5)
    failed = described("READY", "FAILED", began)
    redriven = (began + timedelta(minutes=1)).isoformat()
    assert crawl(storage, failed, start="", RedriveCount=1, RedriveTime=redriven) == CrawlResult(CRAWLING)
    after = described("READY", "SUCCEEDED", began + timedelta(minutes=2))
    assert crawl(storage, after, RedriveCount=1, RedriveTime=redriven).how == CRAWLED


def test_a_bronze_job_without_report_is_not_crawled_for(storage: LakeStorage) -> None:
    services = CrawlServices(storage, Crawler(glue_client(), NAME), Catalog(glue_client(), "pills_db"))
    with pytest.raises(JobReportMissingError, match=f"the bronze job of run {RUN} left no report"):
        crawl_bronze(CrawlRequest(context(), RUN), CONFIG, services)
    assert keys(storage) == []


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("OperationTimeoutException", CatalogBusyError),
        ("ThrottlingException", CatalogBusyError),
        ("AccessDeniedException", CatalogRejectedError),
        ("EntityNotFoundException", CatalogRejectedError),
    ],
)
def test_what_glue_answers_has_a_name(code: str, error: type[MedallionError]) -> None:
    client = glue_client()
    with Stubber(client) as stub:
        stub.add_client_error("get_crawler", code)
        with pytest.raises(error, match=f"glue:GetCrawler {NAME}: {code}"):
            Crawler(client, NAME).status()
        stub.add_client_error("start_crawler", code)
        with pytest.raises(error, match=f"glue:StartCrawler {NAME}: {code}"):
            Crawler(client, NAME).start()


COLUMNS = {"code": "string", "meta_row_position": "bigint"}
PLACE = f"s3://{BUCKET}/bronze/pills/run={RUN}/"


def cataloged(columns: dict[str, str] = COLUMNS, key: str = "run") -> dict[str, Any]:
    """Answer of GetTables for a bronze table as the crawler made it."""
    described = [{"Name": name, "Type": kind} for name, kind in columns.items()]
    storage = {"Columns": described, "Location": f"s3://{BUCKET}/bronze/pills/", "InputFormat": "parquet"}
    return {"Name": "bronze_pills", "StorageDescriptor": storage, "PartitionKeys": [{"Name": key, "Type": "string"}]}


def reported(storage: LakeStorage, columns: dict[str, str]) -> None:
    bronze, silver = reports_of(RUN, "2026-03-01")
    write_reports(storage, replace(bronze, tables=(replace(bronze.tables[0], columns=columns),)), silver)


def partition() -> dict[str, Any]:
    storage = {**cataloged()["StorageDescriptor"], "Location": PLACE}
    return {"TableName": "bronze_pills", "PartitionInput": {"Values": [RUN], "StorageDescriptor": storage}}


def test_a_table_that_the_catalog_has_gets_the_runs_partition_without_a_crawl(storage: LakeStorage) -> None:
    reported(storage, dict(reversed(COLUMNS.items())))
    result = crawl(storage, described("READY"), tables=[cataloged()], registered=[partition()])
    assert result == CrawlResult(REGISTERED)


@pytest.mark.parametrize(
    ("columns", "tables"),
    [
        (COLUMNS, []),
        (COLUMNS, [{**cataloged(), "Name": "pills"}]),
        ({**COLUMNS, "more": "string"}, [cataloged()]),
        ({"code": "string"}, [cataloged()]),
        ({**COLUMNS, "meta_row_position": "string"}, [cataloged()]),
        (COLUMNS, [cataloged(key="version")]),
        ({}, [cataloged({})]),
    ],
)
def test_a_table_that_the_catalog_has_otherwise_is_crawled(
    storage: LakeStorage, columns: dict[str, str], tables: list[dict[str, Any]]
) -> None:
    reported(storage, columns)
    assert crawl(storage, described("READY"), start="", tables=tables) == CrawlResult(CRAWLING)


def test_a_redriven_run_is_crawled_although_the_catalog_has_its_table(storage: LakeStorage) -> None:
    reported(storage, COLUMNS)
    redriven: dict[str, Any] = {"RedriveCount": 1, "RedriveTime": "2026-03-02T07:00:00.000Z"}
    assert crawl(storage, described("READY"), start="", **redriven) == CrawlResult(CRAWLING)


def test_a_partition_that_exists_stays_and_is_no_failure() -> None:
    client = glue_client()
    with Stubber(client) as stub:
        stub.add_client_error("create_partition", "AlreadyExistsException")
        Catalog(client, "pills_db").register_partition("bronze_pills", partition()["PartitionInput"])
        stub.add_client_error("create_partition", "AccessDeniedException")
        with pytest.raises(CatalogRejectedError, match=r"glue:CreatePartition pills_db\.bronze_pills"):
            Catalog(client, "pills_db").register_partition("bronze_pills", partition()["PartitionInput"])
