"""RecordFailure: repair the catalog, record the failure, release the lease, and send an alert. Idempotent.

EventBridge delivers an event at least once, possibly late, and Lambda retries a failed invocation. Therefore the record
is written once per attempt, the alert is sent at least once, and a late event does not release the lease of an
execution that has been redriven in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import TerminalError, TransientError
from _shared.contracts.manifest import Manifest
from _shared.contracts.publications import published_as
from _shared.contracts.run_record import FAILED
from _shared.lambdas.libs.aws.alerts import Alert, Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.executions import Executions, ExecutionStatus
from _shared.lambdas.libs.failure.alert import failure_alert
from _shared.lambdas.libs.failure.ended import ended_execution
from _shared.lambdas.libs.failure.history import last_step
from _shared.lambdas.libs.failure.record import LastAttempt, failure_record
from _shared.lambdas.libs.observability import LOGGER, log_run
from _shared.lambdas.libs.openlineage.emit import LineageSettings, send_lineage, write_lineage
from _shared.lambdas.libs.run import lease, manifest
from _shared.lambdas.libs.run.attempt import Attempt
from _shared.lambdas.libs.run.records import StandingRecord, write_record
from _shared.lambdas.libs.run.step_runs import step_runs
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.sink.catalog import follow_manifest
from _shared.lambdas.libs.sink.wanted_tables import Declarations
from _shared.lambdas.libs.time_utils import parse_timestamp

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class FailureServices:
    """Services that the function uses."""

    storage: LakeStorage
    executions: Executions
    alerts: Alerts
    catalog: Catalog
    lineage: LineageSettings


@dataclass
class _Troubles:
    """Actions that failed while the failure was handled. The alert lists them and is sent nevertheless."""

    sentences: list[str] = field(default_factory=list)
    passing: TransientError | None = None
    """Transient error of the catalog, raised at the end, so that Lambda retries the invocation."""

    def unless(self, what: str, action: Callable[[], Answer]) -> Answer | None:
        """Perform an action; note a terminal error."""
        try:
            return action()
        except TerminalError as error:
            LOGGER.exception(what)
            self.sentences.append(f"{what}: {error}")
            return None

    def unless_busy(self, what: str, action: Callable[[], Answer]) -> Answer | None:
        """Perform an action; note a terminal or transient error."""
        try:
            return self.unless(what, action)
        except TransientError as error:
            LOGGER.exception(what)
            self.sentences.append(f"{what}: {error}")
            self.passing = error
            return None


def record_failure(event: object, config: DatasetConfig, services: FailureServices) -> Alert:
    """Record one attempt of an execution that failed, timed out or was aborted, and return the alert.

    Raises
    ------
    InvalidInputError
        The event is not about such an execution.
    TransientError
        A service failed; Lambda retries the invocation. If the service was the catalog, the alert was sent.
    AlertRejectedError
        SNS rejected the alert.
    """
    ended = ended_execution(event)
    storage, executions, troubles = services.storage, services.executions, _Troubles()
    now = troubles.unless(
        "What the execution is doing now could not be read", lambda: executions.describe(ended.execution)
    )
    attempt = ended.attempt(now)
    logger = log_run(config.dataset, attempt.run_id)
    events = troubles.unless(
        "The step is not known, because the execution's history could not be read",
        lambda: list(executions.history(ended.execution)),
    )
    last = LastAttempt(
        attempt,
        last_step(events or (), attempt.redrive_count),
        step_runs(events or (), attempt.redrive_count, parse_timestamp(ended.ended_at)),
    )
    published = troubles.unless(
        "It is not known what readers see, because the manifest could not be read",
        lambda: _published_as(manifest.load(storage, config.dataset).manifest, attempt.run_id),
    )
    followed = troubles.unless_busy(
        "The catalog was not compared with the manifest; the next run does it, and until then readers may see tables "
        "of two releases",
        lambda: follow_manifest(storage, services.catalog, config.dataset, Declarations(config.silver_tables)),
    )
    record = replace(
        failure_record(storage, config, ended, last),
        published_as=published or None,
        repaired=followed.repaired if followed else (),
    )
    logger.error(record.reason, step=record.step, error=record.error, redrive_count=record.redrive_count)
    standing = troubles.unless("The run has no record of this", lambda: write_record(storage, record))
    lineage = troubles.unless(
        "The lineage of the run was not written",
        # If the run published before it failed, the lineage of the publication stands, like its record.
        lambda: () if _is_of_a_success(standing) else write_lineage(storage, config, record, services.lineage),
    )
    troubles.unless(
        "The lease was not given back; the next run takes it over, since this execution has ended",
        lambda: _give_back(services, config.dataset, attempt),
    )
    if now is not None and _is_redriven(now, attempt):
        troubles.sentences.append(f"The execution has been redriven since, and is {now.status}.")
    address = storage.address(standing.key) if standing else ""
    alert = failure_alert(record, standing.record if standing else None, address, troubles.sentences, published)
    services.alerts.send(alert)
    send_lineage(lineage or (), services.lineage)
    if troubles.passing is not None:
        raise troubles.passing
    return alert


def _published_as(known: Manifest | None, run_id: str) -> str:
    """Return the status of the run's publication, empty if it published nothing.

    An execution can fail after its publication is in the manifest, for example while it updates the catalog.
    """
    return published_as(known, run_id) if known is not None and run_id in known.publications else ""


def _is_of_a_success(standing: StandingRecord | None) -> bool:
    return standing is not None and standing.record.status != FAILED


def _is_redriven(now: ExecutionStatus, attempt: Attempt) -> bool:
    """Whether a later attempt has started.

    The status is not sufficient: DescribeExecution is eventually consistent and may still return ``RUNNING`` for the
    attempt that has ended.
    """
    return now.redrive_count > attempt.redrive_count


def _give_back(services: FailureServices, dataset: str, attempt: Attempt) -> bool:
    """Release the lease unless the execution has been redriven; a redrive has the same ARN.

    If Step Functions does not report a redrive yet, the redriven execution continues without the lease until
    UpdateManifest acquires it again.
    """

    def is_over() -> bool:
        now = services.executions.describe(attempt.execution)
        return now is None or not _is_redriven(now, attempt)

    return lease.release(services.storage, dataset, attempt.execution, is_over)
