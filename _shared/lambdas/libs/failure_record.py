"""The record of an attempt that failed: what is known of it, from what the steps left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from _shared.contracts.errors import TerminalError
from _shared.contracts.layout import release_key, report_key
from _shared.contracts.messages import LONGEST_MESSAGE, shortened
from _shared.contracts.release import Release
from _shared.contracts.report import JobReport
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.lambdas.libs import reports
from _shared.lambdas.libs.attempts import Attempt
from _shared.lambdas.libs.causes import failure_of
from _shared.lambdas.libs.ended import EndedExecution
from _shared.lambdas.libs.history import LastStep
from _shared.lambdas.libs.job_runs import job_run_ids
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.releases import load_release
from _shared.lambdas.libs.run_records import source_outcomes
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.time_utils import parse_timestamp

_LONGEST_ERROR = 256
"""Characters that Step Functions gives the name of an error."""


def failure_record(
    storage: LakeStorage, dataset: str, attempt: Attempt, ended: EndedExecution, step: LastStep
) -> RunRecord:
    """Return the record of an attempt that failed, the same whenever it is asked for."""
    failure = failure_of(ended, step)
    left = _Left(storage, dataset, attempt.run_id, parse_timestamp(ended.ended_at))
    release = left.release()
    known = [report for layer in (reports.BRONZE, reports.SILVER) if (report := left.report(layer)) is not None]
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
        sources=source_outcomes(release) if release else (),
        fingerprint=_fingerprint(step.state),
        quarantine_reasons=reports.quarantine_reasons(*known),
        left_out_reasons=reports.left_out_reasons(*known),
        checks=tuple(check for report in known for check in report.checks),
        job_runs={**jobs, failure.step: failure.job_run} if failure.job_run else jobs,
        step_seconds={failure.step: failure.seconds} if failure.seconds is not None else {},
        step=failure.step,
        error=shortened(failure.error, _LONGEST_ERROR),
    )


@dataclass(frozen=True)
class _Left:
    """What the steps left until a moment: a redrive may have written it anew since.

    A failure to read it must not hide the failure that is to be recorded.
    """

    storage: LakeStorage
    dataset: str
    run: str
    until: datetime

    def release(self) -> Release | None:
        """Read what the run fetched, if it came that far."""
        try:
            if self._is_there(release_key(self.dataset, self.run)):
                return load_release(self.storage, self.dataset, self.run)
        except TerminalError:
            LOGGER.exception("the release document could not be read")
        return None

    def report(self, layer: str) -> JobReport | None:
        """Read a job's report, if it left a readable one."""
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
