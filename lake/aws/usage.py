"""Usage that Glue recorded of a dataset's runs: duration and data processing units of jobs and crawls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.naming import job_step
from _shared.contracts.run_record import SKIPPED, RunRecord
from lake.aws.connection import Connection, error_code
from lake.cost.estimate import Recorded
from lake.cost.usage import Compute

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import CrawlerHistoryTypeDef, JobRunTypeDef

_SECONDS_AN_HOUR = 3600
_MEGABYTE = 1_000_000
_NO_CRAWLS = {"EntityNotFoundException", "InvalidAction"}
"""The crawler does not exist, or the target is the local cloud, which keeps no history of crawls."""


def recorded(connection: Connection, config: DatasetConfig, records: Sequence[RunRecord]) -> Recorded:
    """Return the usage of runs. Job runs that Glue no longer has, after 90 days, are omitted."""
    processed = [record for record in records if record.job_runs]
    names = {
        job_step(layer): (layer, job)
        for layer, job in (("bronze", config.bronze_job_name), ("silver", config.silver_job_name))
    }
    return Recorded(
        jobs=tuple(_jobs(connection, names, processed)),
        crawls=tuple(_crawls(connection, config.bronze_crawler_name, processed)),
        processed=len(processed),
        skipped=sum(record.status == SKIPPED for record in records),
        download_megabytes=_megabytes(processed[0]) if processed else 0,
    )


def _megabytes(record: RunRecord) -> float:
    return sum(source.state.bytes or 0 for source in record.sources if source.state) / _MEGABYTE


def _jobs(
    connection: Connection, names: Mapping[str, tuple[str, str]], records: Iterable[RunRecord]
) -> Iterable[Compute]:
    client = connection.glue
    for record in records:
        for step, run_id in record.job_runs.items():
            layer, job = names[step]
            try:
                yield _job(layer, client.get_job_run(JobName=job, RunId=run_id)["JobRun"])
            except client.exceptions.EntityNotFoundException:
                continue


def _job(layer: str, run: JobRunTypeDef) -> Compute:
    seconds, dpus = run.get("ExecutionTime", 0), run.get("MaxCapacity", 0.0)
    # Present for the class FLEX and with auto scaling: the sum over the workers that were running.
    if seconds and (dpu_seconds := run.get("DPUSeconds")):
        dpus = dpu_seconds / seconds
    return Compute(layer, seconds, dpus, run.get("ExecutionClass") == "FLEX")


def _crawls(connection: Connection, crawler: str, records: Sequence[RunRecord]) -> Iterable[Compute]:
    if not records:
        return
    since = min(datetime.fromisoformat(record.started_at) for record in records)
    milliseconds = str(int(since.timestamp() * 1000))
    try:
        answer = connection.glue.list_crawls(
            CrawlerName=crawler,
            MaxResults=len(records),
            Filters=[{"FieldName": "START_TIME", "FilterOperator": "GE", "FieldValue": milliseconds}],
        )
    except ClientError as error:
        if error_code(error) in _NO_CRAWLS:
            return
        raise
    yield from (_crawl(crawl) for crawl in answer.get("Crawls", []) if crawl.get("DPUHour") and "EndTime" in crawl)


def _crawl(crawl: CrawlerHistoryTypeDef) -> Compute:
    seconds = (crawl["EndTime"] - crawl["StartTime"]).total_seconds()
    return Compute("bronze", seconds, crawl["DPUHour"] * _SECONDS_AN_HOUR / seconds)
