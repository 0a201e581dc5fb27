"""Run record of a failed attempt, built from the documents that its steps wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import TerminalError
from _shared.contracts.layout import release_key, report_key
from _shared.contracts.messages import LONGEST_MESSAGE, shortened
from _shared.contracts.release import Release
from _shared.contracts.report import JobReport
from _shared.contracts.run_record import FAILED, RowCounts, RunRecord, StepRun
from _shared.lambdas.libs.failure.causes import failure_of
from _shared.lambdas.libs.failure.ended import EndedExecution
from _shared.lambdas.libs.failure.history import LastStep
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.run import reports
from _shared.lambdas.libs.run.attempt import Attempt
from _shared.lambdas.libs.run.job_runs import job_run_ids
from _shared.lambdas.libs.run.records import source_outcomes
from _shared.lambdas.libs.run.step_runs import with_figures
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.release import load_release
from _shared.lambdas.libs.time_utils import parse_timestamp

_LONGEST_ERROR = 256
"""Step Functions' limit for the name of an error."""


def failure_record(storage: LakeStorage, config: DatasetConfig, ended: EndedExecution, last: LastAttempt) -> RunRecord:
    """Build the run record of a failed attempt. Repeated calls give the same record."""
    dataset, attempt, step = config.dataset, last.attempt, last.step
    failure = failure_of(ended, step)
    left = _Left(storage, dataset, attempt.run_id, parse_timestamp(ended.ended_at))
    release = left.release()
    known = [report for layer in (reports.BRONZE, reports.SILVER) if (report := left.report(layer)) is not None]
    sources = source_outcomes(release) if release else ()
    jobs = job_run_ids(step.state)
    return RunRecord(
        dataset=dataset,
        run_id=attempt.run_id,
        execution=ended.execution,
        status=FAILED,
        reason=shortened(failure.message, LONGEST_MESSAGE),
        started_at=ended.started_at,
        ended_at=ended.ended_at,
        redrive_count=attempt.redrive_count,
        forced=(step.state or ended.input).get("force") is True,
        version=release.version if release else None,
        sources=sources,
        fingerprint=_fingerprint(step.state),
        rows=_rows(known),
        quarantine_reasons=reports.quarantine_reasons(*known),
        left_out_reasons=reports.left_out_reasons(*known),
        checks=tuple(check for report in known for check in report.checks),
        job_runs={**jobs, failure.step: failure.job_run} if failure.job_run else jobs,
        step_seconds={failure.step: failure.seconds} if failure.seconds is not None else {},
        step=failure.step,
        error=shortened(failure.error, _LONGEST_ERROR),
        steps=with_figures(last.steps, config, sources, known),
    )


def _rows(known: Sequence[JobReport]) -> dict[str, RowCounts]:
    by_layer = {report.layer: report for report in known}
    if not by_layer.keys() >= {reports.BRONZE, reports.SILVER}:
        return {}
    return reports.row_counts(reports.Reports(by_layer[reports.BRONZE], by_layer[reports.SILVER]))


@dataclass(frozen=True)
class LastAttempt:
    """The attempt that failed: its steps, and the one in which it ended."""

    attempt: Attempt
    step: LastStep
    steps: Sequence[StepRun] = ()


@dataclass(frozen=True)
class _Left:
    """Documents that the steps wrote up to a time; newer ones may come from a redrive.

    If a document cannot be read, it is skipped, so that the record is written nevertheless.
    """

    storage: LakeStorage
    dataset: str
    run: str
    until: datetime

    def release(self) -> Release | None:
        """Read the release document, if there is a readable one."""
        try:
            if self._is_there(release_key(self.dataset, self.run)):
                return load_release(self.storage, self.dataset, self.run)
        except TerminalError:
            LOGGER.exception("the release document could not be read")
        return None

    def report(self, layer: str) -> JobReport | None:
        """Read a job's report, if there is a readable one."""
        try:
            if self._is_there(report_key(self.dataset, self.run, layer)):
                return reports.find_report(self.storage, self.dataset, self.run, layer)
        except TerminalError:
            LOGGER.exception("the report of a job could not be read", layer=layer)
        return None

    def _is_there(self, key: str) -> bool:
        found = self.storage.head(key)
        return found is not None and found.modified <= self.until


def _fingerprint(state: Mapping[str, Any]) -> str | None:
    fetched = state.get("fetch")
    found = fetched.get("fingerprint") if isinstance(fetched, Mapping) else None
    return found if isinstance(found, str) else None
