"""UpdateManifest: publish a processed release, or repair the catalog. Idempotent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from _shared.contracts.codec import decode
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import LeaseHeldError, ManifestMissingError, TerminalError, TransientError
from _shared.contracts.layout import manifest_key
from _shared.contracts.manifest import Manifest
from _shared.contracts.publications import current, published_as, with_publication
from _shared.contracts.run_record import SUCCEEDED, RunRecord, StepRun
from _shared.contracts.workflow import REPAIR, FetchResult, PublishResult, UpdateRequest
from _shared.lambdas.libs.aws.alerts import Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.failure.alert import success_notice
from _shared.lambdas.libs.observability import LOGGER, log_run
from _shared.lambdas.libs.openlineage.emit import LineageSettings, send_lineage, write_lineage
from _shared.lambdas.libs.openlineage.facets import Document
from _shared.lambdas.libs.run import lease, manifest, reports
from _shared.lambdas.libs.run.attempt import Attempt, attempt_of
from _shared.lambdas.libs.run.job_runs import job_run_ids
from _shared.lambdas.libs.run.publication import Processed, publication
from _shared.lambdas.libs.run.records import find_success, source_outcomes, write_record
from _shared.lambdas.libs.run.skip import SkippedRun
from _shared.lambdas.libs.run.step_runs import step_runs, with_figures
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.sink.catalog import follow_manifest
from _shared.lambdas.libs.sink.wanted_tables import Declarations
from _shared.lambdas.libs.source.release import load_release
from _shared.lambdas.libs.time_utils import format_timestamp, parse_timestamp, utc_now

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

REPAIRED = "repaired"

_LEASE_SECONDS = 900
"""Duration of the lease for the publication: the maximum duration of a Lambda function."""


@dataclass(frozen=True)
class UpdateServices:
    """Services that the step uses.

    Parameters
    ----------
    history
        Returns the events of the execution with an ARN, newest first.
    lineage
        Where the lineage of a published version goes.
    notices
        Topic for notices of published versions; ``None`` if nobody wants them.
    now
        Returns the current time, timezone-aware.
    """

    storage: LakeStorage
    catalog: Catalog
    history: Callable[[str], Iterable[HistoryEventTypeDef]]
    lineage: LineageSettings
    notices: Alerts | None = None
    now: Callable[[], datetime] = utc_now


def update(request: UpdateRequest, config: DatasetConfig, services: UpdateServices) -> PublishResult:
    """Publish the processed release or repair the catalog, as FetchAndHash decided.

    Raises
    ------
    TransientError, TerminalError
        Errors of :mod:`_shared.contracts.errors`.
    """
    fetched = decode(FetchResult, request.state.get("fetch"), "state data $.fetch")
    step = _Step(config, services, attempt_of(request.execution), fetched)
    return step.repair() if fetched.decision == REPAIR else step.publish(request)


@dataclass(frozen=True)
class _Step:
    """One call of the function."""

    config: DatasetConfig
    services: UpdateServices
    attempt: Attempt
    fetched: FetchResult

    @property
    def dataset(self) -> str:
        return self.config.dataset

    def publish(self, request: UpdateRequest) -> PublishResult:
        """Verify the reports, then write manifest, catalog and run record, in this order.

        Writing the manifest is the commit that publishes the release. If this call fails after the commit, its retry,
        RecordFailure or the next run reconciles the catalog with the manifest.
        """
        storage, run_id = self.services.storage, self.fetched.run_id
        logger = log_run(self.dataset, run_id)
        lineage: tuple[Document, ...] = ()
        done = find_success(storage, self.dataset, run_id, self.attempt.redrive_count)
        if done is None:
            done = self._publish(request)
            lineage = self._lineage(done)
            self._notify(done)
            standing = write_record(storage, done).record
            if standing.status != done.status:
                logger.warning("published, but recorded otherwise before", recorded=standing.status)
        lease.release(storage, self.dataset, self.attempt.execution)
        send_lineage(lineage, self.services.lineage)
        logger.info("published", version=done.version, published_as=done.published_as)
        return PublishResult(
            dataset=done.dataset,
            run_id=done.run_id,
            version=done.version or "",
            published_as=done.published_as or "",
            rows={table: rows.silver for table, rows in done.rows.items()},
            locations=done.locations,
        )

    def repair(self) -> PublishResult:
        """Reconcile the catalog with the manifest, then write the record of the skipped run.

        This needs no lease, because a concurrent publication is also applied.
        """
        storage = self.services.storage
        shown = self._follow()
        published = shown.publications.get(self.fetched.published_run or "")
        ended_at = format_timestamp(self.services.now())
        record = SkippedRun(self.config, self.attempt, self.fetched, published, ended_at).record()
        write_record(storage, record)
        lease.release(storage, self.dataset, self.attempt.execution)
        log_run(self.dataset, self.fetched.run_id).warning(record.reason)
        now = current(shown)
        return PublishResult(self.dataset, now.run_id, now.version, REPAIRED, now.row_counts, now.locations)

    def _publish(self, request: UpdateRequest) -> RunRecord:
        """Commit the publication to the manifest, and reconcile the catalog.

        The function continues to run after its execution is stopped and the lease released. Therefore the lease is
        verified directly before the commit. The remaining race is the duration of one S3 request; a release published
        in that time is complete and verified.
        """
        storage, fetched = self.services.storage, self.fetched
        etag = self._hold_lease()
        release = load_release(storage, self.dataset, fetched.run_id)
        found = reports.load_reports(storage, self.dataset, fetched.run_id)
        reports.verify(found, release, self.config, storage.bucket)
        processed = Processed(release, found, fetched.fingerprint)
        loaded = manifest.load(storage, self.dataset)
        now = format_timestamp(self.services.now())
        after = with_publication(loaded.manifest, self.dataset, publication(processed, now))
        lease.verify(storage, self.dataset, etag)
        manifest.save(storage, after, loaded)
        return self._record(request, processed, self._follow(), now)

    def _follow(self) -> Manifest:
        declared = Declarations(self.config.silver_tables, self.fetched.fingerprint)
        shown = follow_manifest(self.services.storage, self.services.catalog, self.dataset, declared).manifest
        if shown is None:
            msg = f"{self.services.storage.address(manifest_key(self.dataset))} is not there any more"
            raise ManifestMissingError(msg, "restore an earlier version of the object, then redrive")
        return shown

    def _hold_lease(self) -> str | None:
        """Renew the run's lease and return its ETag.

        The lease was released when an attempt failed; a redrive acquires it again here.
        """
        claim = lease.LeaseClaim(self.dataset, self.attempt.execution, self.services.now(), _LEASE_SECONDS)
        # Treat every owner of an unexpired lease as running: the publication can wait.
        acquired = lease.acquire(self.services.storage, claim, lambda _: True)
        if acquired.holder is not None:
            msg = f"dataset {self.dataset}: {acquired.holder.owner} holds the lease until {acquired.holder.expires_at}"
            raise LeaseHeldError(
                msg, "nothing was published; once that execution has ended, redrive this one or start a new run"
            )
        return acquired.etag

    def _record(self, request: UpdateRequest, processed: Processed, shown: Manifest, now: str) -> RunRecord:
        release, found, fetched = processed.release, processed.reports, self.fetched
        return RunRecord(
            dataset=release.dataset,
            run_id=release.run_id,
            execution=self.attempt.execution,
            status=SUCCEEDED,
            reason=fetched.reason,
            started_at=format_timestamp(parse_timestamp(self.attempt.started_at)),
            ended_at=now,
            redrive_count=self.attempt.redrive_count,
            forced=fetched.forced,
            version=release.version,
            published_as=published_as(shown, release.run_id),
            sources=source_outcomes(release),
            fingerprint=fetched.fingerprint,
            rows=reports.row_counts(found),
            quarantine_reasons=reports.quarantine_reasons(found.bronze, found.silver),
            left_out_reasons=reports.left_out_reasons(found.silver),
            locations=shown.publications[release.run_id].locations,
            checks=(*found.bronze.checks, *found.silver.checks),
            job_runs=job_run_ids(request.state),
            steps=with_figures(self._steps(now), self.config, source_outcomes(release), (found.bronze, found.silver)),
        )

    def _lineage(self, record: RunRecord) -> tuple[Document, ...]:
        """Write the lineage of a publication, which does not fail for want of it, and return its events."""
        try:
            return write_lineage(self.services.storage, self.config, record, self.services.lineage)
        except TerminalError:
            LOGGER.exception("the lineage of the published version was not written")
            return ()

    def _notify(self, record: RunRecord) -> None:
        """Send the notice of a publication, before the record: a retry that finds the record sends none.

        A notice that cannot be sent does not fail a run that has published.
        """
        if self.services.notices is not None:
            try:
                self.services.notices.send(success_notice(record))
            except (TransientError, TerminalError):
                LOGGER.exception("the notice of the published version was not sent")

    def _steps(self, now: str) -> tuple[StepRun, ...]:
        """Return the steps, or none: a release that is published does not fail for want of its durations."""
        try:
            events = self.services.history(self.attempt.execution)
            return step_runs(events, self.attempt.redrive_count, parse_timestamp(now))
        except (TransientError, TerminalError):
            LOGGER.exception("the steps are not in the record, because the execution's history could not be read")
            return ()
