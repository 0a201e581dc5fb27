"""UpdateManifest, action ``record_failure``: write down what failed, give the lease back, compose the alert."""

from __future__ import annotations

from typing import Any

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import TerminalError
from _shared.contracts.release import Release
from _shared.contracts.report import JobReport
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.contracts.workflow import FailureNotice, UpdateRequest
from _shared.lambdas.libs import lease, reports
from _shared.lambdas.libs.causes import Failure, failure_of
from _shared.lambdas.libs.job_runs import job_run_ids
from _shared.lambdas.libs.observability import log_run
from _shared.lambdas.libs.publish import UpdateServices, load_release
from _shared.lambdas.libs.run_records import write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.time_utils import format_timestamp, parse_timestamp, run_id

_SUBJECT_CHARACTERS = 100
"""Longest subject that SNS takes."""

_CAUSE_CHARACTERS = 8_000
"""Well below the 32,768 of a Fail state and, with the alert around it, below the 256 KiB of SNS."""

_CUT = " … (cut)"

_VISIBLE = {
    "UpdateManifest": "Readers see one whole version, the one before or this one; a new run finishes what is left."
}


def record_failure(request: UpdateRequest, config: DatasetConfig, services: UpdateServices) -> FailureNotice:
    """Write the record of a failed run, give its lease back, and return the alert."""
    run = run_id(request.started_at, request.execution)
    failure = failure_of(request.state)
    logger = log_run(config.dataset, run)
    logger.error(failure.message, step=failure.step, error=failure.error)
    record = _record(request, config.dataset, run, failure, services)
    key = write_record(services.storage, record)
    lease.release(services.storage, config.dataset, request.execution)
    return notice(record, services.storage.address(key))


def notice(record: RunRecord, address: str) -> FailureNotice:
    """Compose the alert."""
    step, error = record.step or "", record.error or ""
    subject = f"{record.dataset}: {step} failed with {error}".encode("ascii", "replace").decode()
    lines = [
        f"The run {record.run_id} of dataset {record.dataset} failed in step {step}.",
        "",
        f"{error}: {record.reason}",
        "",
        _VISIBLE.get(step, "Readers see the version before, unchanged."),
        f"Execution: {record.execution}",
        f"Record:    {address}",
    ]
    return FailureNotice(
        subject=" ".join(subject.split())[:_SUBJECT_CHARACTERS],
        message="\n".join(lines),
        step=step,
        error=error,
        cause=record.reason,
    )


def _record(request: UpdateRequest, dataset: str, run: str, failure: Failure, services: UpdateServices) -> RunRecord:
    release = _release(services.storage, dataset, run)
    found = [_report(services.storage, dataset, run, layer) for layer in (reports.BRONZE, reports.SILVER)]
    known = [report for report in found if report is not None]
    jobs = job_run_ids(request.state)
    return RunRecord(
        dataset=dataset,
        run_id=run,
        execution=request.execution,
        status=FAILED,
        reason=_cut(failure.message),
        started_at=format_timestamp(parse_timestamp(request.started_at)),
        ended_at=format_timestamp(services.now()),
        forced=_asked_for_force(request.state),
        version=release.version if release else None,
        source=release.source if release else None,
        fingerprint=_fingerprint(request.state),
        quarantine_reasons=reports.quarantine_reasons(*known),
        checks=tuple(check for report in known for check in report.checks),
        job_runs={**jobs, failure.step: failure.job_run} if failure.job_run else jobs,
        step_seconds={failure.step: failure.seconds} if failure.seconds is not None else {},
        step=failure.step,
        error=failure.error,
    )


def _release(storage: LakeStorage, dataset: str, run: str) -> Release | None:
    """Read what the run fetched, if it came that far; a failure to read it must not hide the first."""
    try:
        return load_release(storage, dataset, run)
    except TerminalError:
        return None


def _report(storage: LakeStorage, dataset: str, run: str, layer: str) -> JobReport | None:
    """Read a job's report, if it left a readable one."""
    try:
        return reports.find_report(storage, dataset, run, layer)
    except TerminalError:
        return None


def _cut(message: str) -> str:
    return message if len(message) <= _CAUSE_CHARACTERS else message[: _CAUSE_CHARACTERS - len(_CUT)] + _CUT


def _asked_for_force(state: dict[str, Any]) -> bool:
    return state.get("force") is True


def _fingerprint(state: dict[str, Any]) -> str | None:
    fetched = state.get("fetch")
    found = fetched.get("fingerprint") if isinstance(fetched, dict) else None
    return found if isinstance(found, str) else None
