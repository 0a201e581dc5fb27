"""CrawlBronze: register the run's bronze tables. Stateless and idempotent.

A crawl is billed for ten minutes at least. It is only needed where the catalog does not have the tables as the run
wrote them: at the first run, and after a change of columns. Otherwise the run's partitions are registered here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import CrawlFailedError, SlowCrawlError
from _shared.contracts.layout import report_key
from _shared.contracts.workflow import CRAWLED, CRAWLING, LONGEST_CRAWL_SECONDS, REGISTERED, CrawlRequest, CrawlResult
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.crawler import READY, SUCCEEDED, Crawler, CrawlerStatus, LastCrawl
from _shared.lambdas.libs.observability import log_run
from _shared.lambdas.libs.run import reports
from _shared.lambdas.libs.run.attempt import Attempt, attempt_of
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.sink.bronze_partitions import partitions_of
from _shared.lambdas.libs.time_utils import format_timestamp

_CLOCK_RESOLUTION = timedelta(seconds=1)
"""LastModified of S3 is in whole seconds, so a crawl in the same second may have started before the last write."""


class CrawlAction(Enum):
    """Next action for the crawl."""

    DONE = "done"
    START = "start"
    WAIT = "wait"
    FAILED = "failed"


@dataclass(frozen=True)
class CrawlServices:
    """Services that the step uses."""

    storage: LakeStorage
    crawler: Crawler
    catalog: Catalog


def next_action(status: CrawlerStatus, not_before: datetime) -> CrawlAction:
    """Decide the next action from the state of the crawler and its last crawl.

    Parameters
    ----------
    not_before
        Crawls that started earlier are ignored, because they did not see all files.
    """
    if status.state != READY:
        return CrawlAction.WAIT
    started_at = status.last.started_at if status.last else None
    if status.last is None or started_at is None or started_at < not_before:
        return CrawlAction.START
    return CrawlAction.DONE if status.last.status == SUCCEEDED else CrawlAction.FAILED


def crawl_bronze(request: CrawlRequest, config: DatasetConfig, services: CrawlServices) -> CrawlResult:
    """Register the run's partitions, or return the successful crawl that started after the end of the bronze job.

    While the crawler is running, the result says so, and the state machine calls again.

    A redriven execution is always crawled, after the redrive: whatever failed before is looked at again.

    Raises
    ------
    SlowCrawlError
        A crawl has been running for too long.
    CrawlFailedError
        The crawl failed.
    TransientError, TerminalError
        Other errors of :mod:`_shared.contracts.errors`.
    """
    logger = log_run(config.dataset, request.run_id)
    crawler = services.crawler
    attempt = attempt_of(request.execution)
    not_before = _not_before(services.storage, config.dataset, request.run_id, attempt)
    status = crawler.status()
    action = next_action(status, not_before)
    if action is CrawlAction.START and attempt.redriven_at is None and _registered(request.run_id, config, services):
        logger.info("crawl", crawler=crawler.name, action="registered")
        return CrawlResult(REGISTERED)
    logger.info("crawl", crawler=crawler.name, state=status.state, action=action.value)
    if action is CrawlAction.FAILED and status.last is not None:
        raise _failed(crawler.name, status.last)
    if action is CrawlAction.DONE and status.last is not None and status.last.started_at is not None:
        return CrawlResult(CRAWLED, format_timestamp(status.last.started_at))
    if action is CrawlAction.WAIT and status.elapsed_seconds > LONGEST_CRAWL_SECONDS:
        raise _slow(crawler.name, status.elapsed_seconds)
    if action is CrawlAction.START:
        crawler.start()
    return CrawlResult(CRAWLING)


def _registered(run_id: str, config: DatasetConfig, services: CrawlServices) -> bool:
    """Register the run's partitions if the catalog has every table as the run wrote it; return whether it has."""
    report = reports.find_report(services.storage, config.dataset, run_id, reports.BRONZE)
    partitions = partitions_of(report, services.catalog.tables()) if report else None
    for table, partition in (partitions or {}).items():
        services.catalog.register_partition(table, partition)
    return partitions is not None


def _not_before(storage: LakeStorage, dataset: str, run_id: str, attempt: Attempt) -> datetime:
    """Return the time after which all files exist: the job writes its report last."""
    written = storage.head(report_key(dataset, run_id, reports.BRONZE))
    if written is None:
        raise reports.missing_report(storage, dataset, run_id, reports.BRONZE)
    complete = written.modified + _CLOCK_RESOLUTION
    return complete if attempt.redriven_at is None else max(complete, attempt.redriven_at)


def _failed(crawler: str, crawl: LastCrawl) -> CrawlFailedError:
    reason = crawl.error_message or "Glue gave no message"
    log = f", log {crawl.log}" if crawl.log else ""
    msg = f"the crawl of {crawler} ended as {crawl.status}: {reason}{log}"
    return CrawlFailedError(msg, "fix the cause, then redrive the execution: it crawls again")


def _slow(crawler: str, seconds: float) -> SlowCrawlError:
    msg = f"the crawl of {crawler} has been running for {seconds / 60:.0f} minutes"
    return SlowCrawlError(msg, "look into the crawler's log and stop the crawl, then redrive the execution")
