"""What is read of Glue's records, from answers that Glue gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from _shared.contracts.release import FETCHED, FetchedSource, SourceState
from _shared.contracts.run_record import SKIPPED
from config.datasets import load_dataset
from lake.aws import usage
from lake.aws.connection import Connection
from lake.cost.usage import Compute
from lake.targets import Target, TargetKind
from tests.lake.support import RECORD

NSDE = load_dataset("nsde")
SOURCE = FetchedSource("nsde", FETCHED, SourceState("https://host/file.zip", bytes=5_000_000))
PROCESSED = replace(RECORD, job_runs={"BronzeJob": "jr_1", "SilverJob": "jr_2"}, sources=(SOURCE,))
SINCE = str(int(datetime(2025, 1, 31, 6, 30, tzinfo=UTC).timestamp() * 1000))
START = datetime(2025, 1, 31, 6, 32, tzinfo=UTC)


@pytest.fixture
def connection() -> Connection:
    result = Connection(Target(TargetKind.AWS, "AWS"), "us-east-1")
    result.__dict__["glue"] = boto3.client(
        "glue", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    return result


@pytest.fixture
def glue(connection: Connection) -> Iterator[Stubber]:
    with Stubber(connection.glue) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def add_job(glue: Stubber, job: str, run_id: str, **answer: Any) -> None:
    glue.add_response("get_job_run", {"JobRun": answer}, {"JobName": f"nsde-{job}-job", "RunId": run_id})


def add_crawls(glue: Stubber, *crawls: dict[str, Any]) -> None:
    since = [{"FieldName": "START_TIME", "FilterOperator": "GE", "FieldValue": SINCE}]
    request = {"CrawlerName": "nsde-bronze-crawler", "MaxResults": 1, "Filters": since}
    glue.add_response("list_crawls", {"Crawls": list(crawls)}, request)


def test_jobs_and_crawls_as_glue_bills_them(connection: Connection, glue: Stubber) -> None:
    add_job(glue, "bronze", "jr_1", ExecutionTime=100, MaxCapacity=5.0, DPUSeconds=320.0)
    add_job(glue, "silver", "jr_2", ExecutionTime=80, MaxCapacity=2.0)
    add_crawls(glue, {"StartTime": START, "EndTime": START + timedelta(seconds=90), "DPUHour": 0.05})
    found = usage.recorded(connection, NSDE, [PROCESSED, replace(RECORD, status=SKIPPED)])
    # Auto scaling had 3.2 of 5 units on average; 0.05 DPU-hours in 90 s are 2 units.
    assert found.jobs == (Compute("bronze", 100, 3.2), Compute("silver", 80, 2))
    assert found.crawls == (Compute("bronze", 90, 2),)
    assert (found.processed, found.skipped, found.download_megabytes) == (1, 1, 5)


def test_a_job_run_that_glue_no_longer_has_is_left_out(connection: Connection, glue: Stubber) -> None:
    glue.add_client_error("get_job_run", "EntityNotFoundException")
    add_job(glue, "silver", "jr_2", ExecutionTime=80, MaxCapacity=2.0)
    add_crawls(glue, {"StartTime": START})  # it is still going
    found = usage.recorded(connection, NSDE, [PROCESSED])
    assert (found.jobs, found.crawls) == ((Compute("silver", 80, 2),), ())


ONE_JOB = replace(PROCESSED, job_runs={"BronzeJob": "jr_1"})


@pytest.mark.parametrize("code", ["EntityNotFoundException", "InvalidAction"])
def test_a_cloud_without_a_history_of_crawls_has_none(connection: Connection, glue: Stubber, code: str) -> None:
    add_job(glue, "bronze", "jr_1", ExecutionTime=80, MaxCapacity=2.0)
    glue.add_client_error("list_crawls", code)
    assert usage.recorded(connection, NSDE, [ONE_JOB]).crawls == ()


def test_a_refused_permission_is_not_taken_for_no_crawls(connection: Connection, glue: Stubber) -> None:
    add_job(glue, "bronze", "jr_1", ExecutionTime=80, MaxCapacity=2.0)
    glue.add_client_error("list_crawls", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        usage.recorded(connection, NSDE, [ONE_JOB])


@pytest.mark.usefixtures("glue")  # which expects no request
def test_glue_is_not_asked_where_no_run_had_a_job(connection: Connection) -> None:
    found = usage.recorded(connection, NSDE, [replace(RECORD, status=SKIPPED)])
    assert (found.jobs, found.crawls, found.processed, found.skipped) == ((), (), 0, 1)
