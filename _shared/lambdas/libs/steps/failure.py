"""RecordFailure: repair the catalog, write down that an execution failed, give its lease back, tell people.

Safe to repeat.

EventBridge delivers an event at least once and not always at once, and Lambda repeats an invocation
that raised. So the record is written once for each attempt, the alert is sent at least once, and an
event that comes late does not touch the lease of an execution that has been redriven meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import TerminalError, TransientError
from _shared.contracts.manifest import Manifest
from _shared.contracts.publications import published_as
from _shared.lambdas.libs.aws.alerts import Alert, Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.executions import Executions, ExecutionStatus
from _shared.lambdas.libs.failure.alert import failure_alert
from _shared.lambdas.libs.failure.ended import ended_execution
from _shared.lambdas.libs.failure.history import LastStep, last_step
from _shared.lambdas.libs.failure.record import failure_record
from _shared.lambdas.libs.observability import LOGGER, log_run
from _shared.lambdas.libs.run import lease, manifest
from _shared.lambdas.libs.run.attempt import Attempt
from _shared.lambdas.libs.run.records import write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.sink.catalog import follow_manifest
from _shared.lambdas.libs.sink.wanted_tables import Declarations

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class FailureServices:
    """What the function talks to."""

    storage: LakeStorage
    executions: Executions
    alerts: Alerts
    catalog: Catalog


@dataclass
class _Troubles:
    """What could not be done about the failure: the alert says it, and is sent nevertheless."""

    told: list[str] = field(default_factory=list)
    passing: TransientError | None = None
    """Why the catalog could not be looked at for now: raised at last, so that the invocation is repeated."""

    def unless(self, what: str, action: Callable[[], Answer]) -> Answer | None:
        """Do something; where it is refused, note that it was."""
        try:
            return action()
        except TerminalError as error:
            LOGGER.exception(what)
            self.told.append(f"{what}: {error}")
            return None

    def unless_busy(self, what: str, action: Callable[[], Answer]) -> Answer | None:
        """Do something; note it, too, where a service does not answer for now."""
        try:
            return self.unless(what, action)
        except TransientError as error:
            LOGGER.exception(what)
            self.told.append(f"{what}: {error}")
            self.passing = error
            return None


def record_failure(event: object, config: DatasetConfig, services: FailureServices) -> Alert:
    """Record one attempt of an execution that failed, was stopped or ran out of time, and return the alert.

    Raises
    ------
    InvalidInputError
        The event is none of such an execution.
    TransientError
        A service did not answer: Lambda repeats the invocation. The alert was sent if it was the catalog's.
    AlertRejectedError
        SNS refused the alert.
    """
    ended = ended_execution(event)
    storage, executions, troubles = services.storage, services.executions, _Troubles()
    now = troubles.unless(
        "What the execution is doing now could not be read", lambda: executions.describe(ended.execution)
    )
    attempt = ended.attempt(now)
    logger = log_run(config.dataset, attempt.run_id)
    step = troubles.unless(
        "The step is not known, because the execution's history could not be read",
        lambda: last_step(executions.history(ended.execution), attempt.redrive_count),
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
        failure_record(storage, config.dataset, attempt, ended, step or LastStep()),
        published_as=published or None,
        repaired=followed.repaired if followed else (),
    )
    logger.error(record.reason, step=record.step, error=record.error, redrive_count=record.redrive_count)
    standing = troubles.unless("The run has no record of this", lambda: write_record(storage, record))
    troubles.unless(
        "The lease was not given back; the next run takes it over, since this execution has ended",
        lambda: _give_back(services, config.dataset, attempt),
    )
    if now is not None and _is_redriven(now, attempt):
        troubles.told.append(f"The execution has been redriven since, and is {now.status}.")
    address = storage.address(standing.key) if standing else ""
    alert = failure_alert(record, standing.record if standing else None, address, troubles.told, published)
    services.alerts.send(alert)
    if troubles.passing is not None:
        raise troubles.passing
    return alert


def _published_as(known: Manifest | None, run_id: str) -> str:
    """Return how readers see what the run published before its execution failed, nothing where it published nothing.

    The execution may have failed after the commit: at the catalog, at its record, or at the answer.
    """
    return published_as(known, run_id) if known is not None and run_id in known.publications else ""


def _is_redriven(now: ExecutionStatus, attempt: Attempt) -> bool:
    """Whether a later attempt has begun.

    The status does not tell: DescribeExecution is eventually consistent and may still say ``RUNNING`` of
    the attempt that has ended.
    """
    return now.redrive_count > attempt.redrive_count


def _give_back(services: FailureServices, dataset: str, attempt: Attempt) -> bool:
    """Give the lease back, unless the execution, which keeps its ARN over a redrive, has been redriven.

    Where Step Functions does not know of a redrive yet, the redriven execution goes on without the
    lease until UpdateManifest takes it again.
    """

    def is_over() -> bool:
        now = services.executions.describe(attempt.execution)
        return now is None or not _is_redriven(now, attempt)

    return lease.release(services.storage, dataset, attempt.execution, is_over)
