"""Assumed usage: durations by size, requests, logs, storage.

The seconds of the jobs are measurements of ``python -m benchmarks.nsde`` on two cores, plus an allowance for Glue: see
docs/cost.md. Recorded durations replace them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from _shared.contracts.dataset import DatasetConfig
from config.environment import Environment, Retention
from lake.cost.schedule import DAYS_A_MONTH
from lake.cost.usage import Compute, Invocations, MonthUsage, RunUsage

MEGABYTES = {"small": 100, "medium": 1_000, "large": 10_000, "xlarge": 50_000}
"""Unpacked text of a release for each ``data_size_category``."""

JOB_SECONDS = 45
"""Seconds of a job of any size: 20 measured for session, plans and code generation, and 25 allowed for Glue."""

BRONZE_SECONDS_A_MEGABYTE = 0.14
SILVER_SECONDS_A_MEGABYTE = 0.28
"""Seconds per megabyte of text on executors with one DPU."""

POLL_SECONDS = 15
"""Interval at which the state machine asks for the state of a running crawler."""

_STATES_OF_A_POLL, _STATES_AFTER_A_CRAWL = 3, 2

MEMORY = {"Trigger": 256, "FetchAndHash": 1024, "CrawlBronze": 256, "UpdateManifest": 512}
"""Memory of the functions, as deployed."""

PROCESSING_STATES = (
    *("FetchAndHash", "Changed?", "BronzeJob", "CrawlBronze", "CrawlBronze (running?)", "SilverJob"),
    *("UpdateManifest", "Succeeded"),
)
SKIPPING_STATES = ("FetchAndHash", "Changed?", "Skipped")

ALARMS, SHARED_ALARMS = 10, 1
"""Alarms of a dataset's stack (two of them only with a schedule) and of the base stack."""

MONTHS_STORED = 12
"""Storage is computed for the twelfth month; zones without an expiry then hold twelve months of releases."""

_FETCHED_MEGABYTES_A_SECOND = 20
_TEXT_TO_DOWNLOAD = 6
_PARQUET_SHARE = 0.2
"""Size of Parquet with ZSTD relative to its text."""

_MEGABYTES_OF_LOG_A_JOB = 3
_MEGABYTES_OF_LOG_A_RUN = 1
_MEGABYTES_OF_LOG_A_SKIP = 0.05
_GIGABYTE = 1_000


@dataclass(frozen=True)
class Plan:
    """A dataset in an environment, with the size of a release.

    Parameters
    ----------
    megabytes
        Unpacked text of a release.
    """

    config: DatasetConfig
    environment: Environment
    megabytes: float


def text_of(download_megabytes: float) -> float:
    """Return the assumed megabytes of text in a zip archive."""
    return download_megabytes * _TEXT_TO_DOWNLOAD


def assumed_jobs(plan: Plan) -> tuple[Compute, ...]:
    """Return both jobs. One worker is the driver, the others are executors."""
    executors = plan.config.worker_dpus * (plan.config.number_of_workers - 1)
    return tuple(
        Compute(
            name,
            JOB_SECONDS + rate * plan.megabytes / executors,
            plan.config.job_dpus,
            plan.config.execution_class == "FLEX",
        )
        for name, rate in (("bronze", BRONZE_SECONDS_A_MEGABYTE), ("silver", SILVER_SECONDS_A_MEGABYTE))
    )


def processing_run(plan: Plan, jobs: tuple[Compute, ...], crawl: Compute | None) -> RunUsage:
    """Return the usage of a run that processes a release.

    Parameters
    ----------
    crawl
        ``None`` for a run whose columns the catalog knows, which registers its partitions without a crawl.
    """
    tables = len(plan.config.members) + len(plan.config.silver_tables)
    polls = ceil(crawl.seconds / POLL_SECONDS) if crawl else 0
    writes, reads = 60 + 40 * tables, 120 + 80 * tables
    return RunUsage(
        jobs=jobs,
        crawls=(crawl,) if crawl else (),
        functions=(
            _calls("Trigger", 1, 1),
            _calls("FetchAndHash", 1, 5 + plan.megabytes / _FETCHED_MEGABYTES_A_SECOND),
            _calls("CrawlBronze", 1 + bool(polls), 0.5),
            _calls("UpdateManifest", 1, 5),
        ),
        state_transitions=len(PROCESSING_STATES) + polls * _STATES_OF_A_POLL + bool(polls) * _STATES_AFTER_A_CRAWL,
        s3_writes=writes,
        s3_reads=reads,
        data_events=_recorded(plan.environment, writes + reads),
        # The bucket key avoids most requests; log groups, queue and topic make a few.
        kms_requests=30 + (writes + reads) / 10,
        log_gigabytes=(_MEGABYTES_OF_LOG_A_RUN + _MEGABYTES_OF_LOG_A_JOB * len(jobs)) / _GIGABYTE,
    )


def _recorded(environment: Environment, requests: float) -> float:
    return requests if environment.audit_data_events else 0


def skipping_run(environment: Environment) -> RunUsage:
    """Return the usage of a skipped run."""
    writes, reads = 3, 5
    return RunUsage(
        functions=(_calls("Trigger", 1, 1), _calls("FetchAndHash", 1, 2)),
        state_transitions=len(SKIPPING_STATES),
        s3_writes=writes,
        s3_reads=reads,
        data_events=_recorded(environment, writes + reads),
        kms_requests=5,
        log_gigabytes=_MEGABYTES_OF_LOG_A_SKIP / _GIGABYTE,
    )


def month(plan: Plan, processed: float, skipped: float) -> MonthUsage:
    """Return the usage of a month with a number of processed and skipped runs."""
    retention = plan.environment.retention
    logs = processed * processing_run(plan, assumed_jobs(plan), None).log_gigabytes
    logs += skipped * skipping_run(plan.environment).log_gigabytes
    return MonthUsage(
        processed=processed,
        skipped=skipped,
        stored_gigabytes=processed * _gigabyte_months(plan.megabytes, retention),
        kept_log_gigabytes=logs * _months_kept(retention.logs, 0),
        alarms=ALARMS if plan.config.schedule else ALARMS - 2,
        shared_alarms=SHARED_ALARMS,
        dashboards=int(plan.environment.dashboards),
        shared_dashboards=int(plan.environment.dashboards),
        keys=1,
        secrets=int(plan.config.dataset in plan.environment.source_secrets),
    )


def _calls(function: str, count: float, seconds: float) -> Invocations:
    return Invocations(function, count, seconds, MEMORY[function])


def _gigabyte_months(megabytes: float, retention: Retention) -> float:
    """Return the storage in the twelfth month for one processed run per month."""
    # An expired object of a versioned bucket stays as a noncurrent version.
    noncurrent = retention.noncurrent_versions
    raw = (megabytes + megabytes / _TEXT_TO_DOWNLOAD) * _months_kept(retention.raw, noncurrent)
    bronze = megabytes * _PARQUET_SHARE * _months_kept(retention.bronze, noncurrent)
    silver = megabytes * _PARQUET_SHARE * MONTHS_STORED
    return (raw + bronze + silver) / _GIGABYTE


def _months_kept(days: int | None, noncurrent_days: int) -> float:
    return MONTHS_STORED if days is None else min((days + noncurrent_days) / DAYS_A_MONTH, MONTHS_STORED)
