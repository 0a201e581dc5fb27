"""UpdateManifest: make a processed release visible, and say so. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from _shared.contracts.codec import decode
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.run_record import SUCCEEDED, RunRecord
from _shared.contracts.workflow import FetchResult, PublishResult, UpdateRequest
from _shared.lambdas.libs import lease, manifest, publishing, reports
from _shared.lambdas.libs.attempts import Attempt, attempt_of
from _shared.lambdas.libs.catalog import Catalog
from _shared.lambdas.libs.errors import LeaseHeldError
from _shared.lambdas.libs.job_runs import job_run_ids
from _shared.lambdas.libs.observability import log_run
from _shared.lambdas.libs.publishing import Processed, PublicationPlan
from _shared.lambdas.libs.releases import load_release
from _shared.lambdas.libs.run_records import find_success, source_outcomes, write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.table_inputs import current_table, version_partition, versions_table_of
from _shared.lambdas.libs.time_utils import format_timestamp, parse_timestamp, utc_now

_LEASE_SECONDS = 900
"""As long as a Lambda function can run: the run's own lease is renewed for the publication."""


@dataclass(frozen=True)
class UpdateServices:
    """What the step talks to; ``now`` is the current time, aware."""

    storage: LakeStorage
    catalog: Catalog
    now: Callable[[], datetime] = utc_now


def publish(request: UpdateRequest, config: DatasetConfig, services: UpdateServices) -> PublishResult:
    """Check the reports, then write catalog, manifest and run record, in this order.

    Readers follow the catalog, so a crash at any point leaves them a whole version; the repetition
    finds what is done and does the rest.

    The function may outlive its execution: nothing ends it when that is stopped. So the lease, which is
    then given back, is looked at again right before the catalog and right before the manifest is
    written. What is left is the time of one such step, some calls to Glue or one to S3: a lease that is
    lost within it is noticed after it, the step has been done, and a run that follows publishes over it.
    A function that had not yet taken the lease when its execution was stopped takes it and publishes the
    whole, as the only one who does.

    Raises
    ------
    TransientError, TerminalError
        One of :mod:`_shared.lambdas.libs.errors`, by name.
    """
    storage = services.storage
    fetched = decode(FetchResult, request.state.get("fetch"), "state data $.fetch")
    logger = log_run(config.dataset, fetched.run_id)
    attempt = attempt_of(request.execution)
    done = find_success(storage, config.dataset, fetched.run_id, attempt.redrive_count)
    if done is None:
        done = _publish(request, fetched, config, services)
        standing = write_record(storage, done).record
        if standing.status != done.status:
            logger.warning("published, but recorded otherwise before", recorded=standing.status)
    lease.release(storage, config.dataset, attempt.execution)
    logger.info("published", version=done.version, published_as=done.published_as)
    return PublishResult(
        dataset=done.dataset,
        run_id=done.run_id,
        version=done.version or "",
        published_as=done.published_as or "",
        rows={table: rows.silver for table, rows in done.rows.items()},
        locations=done.locations,
    )


def _publish(
    request: UpdateRequest, fetched: FetchResult, config: DatasetConfig, services: UpdateServices
) -> RunRecord:
    storage = services.storage
    etag = _hold_lease(attempt_of(request.execution), config.dataset, services)
    release = load_release(storage, config.dataset, fetched.run_id)
    found = reports.load_reports(storage, config.dataset, fetched.run_id)
    reports.verify(found, release, config, storage.bucket)
    processed = Processed(release, found, fetched.fingerprint)
    loaded = manifest.load(storage, config.dataset)
    now = format_timestamp(services.now())
    plan = publishing.plan(loaded.manifest, processed, config, now)
    lease.verify(storage, config.dataset, etag)
    register(services.catalog, plan)
    lease.verify(storage, config.dataset, etag)
    manifest.save(storage, plan.manifest, loaded)
    return _record(request, fetched, processed, plan, now)


def register(catalog: Catalog, plan: PublicationPlan) -> None:
    """Bring the catalog to the plan: every version's partition first, then the current tables together.

    A table that the release lacks is no current one: under its name readers would find the rows of an earlier version.
    It goes last, when all the others are switched, and its versions stay.
    """
    for table in plan.tables:
        versions = versions_table_of(table)
        catalog.ensure_table(versions)
        catalog.ensure_partition(versions["Name"], version_partition(table))
    if plan.published_as == publishing.CURRENT:
        for table in plan.tables:
            catalog.ensure_table(current_table(table))
        for name in plan.absent:
            catalog.drop_table(name)


def _hold_lease(attempt: Attempt, dataset: str, services: UpdateServices) -> str | None:
    """Renew the run's lease and return its ETag.

    The lease was given back when an attempt failed; a redrive from the bronze job on takes it again here.
    """
    claim = lease.LeaseClaim(dataset, attempt.execution, services.now(), _LEASE_SECONDS)
    # Whoever holds a lease that has not expired is taken for running: publishing can wait.
    acquired = lease.acquire(services.storage, claim, lambda _: True)
    if acquired.holder is not None:
        msg = f"dataset {dataset}: {acquired.holder.owner} holds the lease until {acquired.holder.expires_at}"
        raise LeaseHeldError(
            msg, "nothing was published; once that execution has ended, redrive this one or start a new run"
        )
    return acquired.etag


def _record(
    request: UpdateRequest, fetched: FetchResult, processed: Processed, plan: PublicationPlan, now: str
) -> RunRecord:
    release, found, attempt = processed.release, processed.reports, attempt_of(request.execution)
    entry = plan.manifest.versions[release.version]
    return RunRecord(
        dataset=release.dataset,
        run_id=release.run_id,
        execution=attempt.execution,
        status=SUCCEEDED,
        reason=fetched.reason,
        started_at=format_timestamp(parse_timestamp(attempt.started_at)),
        ended_at=now,
        redrive_count=attempt.redrive_count,
        forced=fetched.forced,
        version=release.version,
        published_as=plan.published_as,
        sources=source_outcomes(release),
        fingerprint=fetched.fingerprint,
        rows=reports.row_counts(found),
        quarantine_reasons=reports.quarantine_reasons(found.bronze, found.silver),
        left_out_reasons=reports.left_out_reasons(found.silver),
        locations=entry.locations,
        checks=(*found.bronze.checks, *found.silver.checks),
        job_runs=job_run_ids(request.state),
    )
