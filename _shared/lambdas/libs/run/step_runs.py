"""The steps of an attempt, from the history of its execution. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.naming import job_step, step_of
from _shared.contracts.release import FETCHED, FetchedSource
from _shared.contracts.report import JobReport
from _shared.contracts.run_record import StepRun
from _shared.lambdas.libs.run.history_events import failure_of_task, is_failure, json_object, redrive_of
from _shared.lambdas.libs.time_utils import format_timestamp

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

FETCH = "FetchAndHash"
_SECONDS_AN_HOUR = 3600
_FEWEST_BILLED_SECONDS = 60
"""Glue bills a job run for a minute at least. Source: https://aws.amazon.com/glue/pricing/."""

_ENTERED = frozenset({"TaskStateEntered", "WaitStateEntered"})
_EXITED = frozenset({"TaskStateExited", "WaitStateExited"})


def step_runs(events: Iterable[HistoryEventTypeDef], redrive_count: int, until: datetime) -> tuple[StepRun, ...]:
    """Return the steps of one attempt, in order.

    A redrive repeats the failed step without a new StateEntered event: the step then starts with the redrive.

    Parameters
    ----------
    events
        The whole history, newest event first.
    redrive_count
        Redrive count of the attempt. Events of later redrives are ignored.
    until
        End of the attempt, which is the end of a step that has not ended.
    """
    attempt = _Attempt()
    for event in reversed(list(events)):
        redrive = redrive_of(event)
        if redrive is None:
            attempt.take(event)
        elif redrive > redrive_count:
            break
        else:
            attempt = attempt.redriven(event["timestamp"])
    return tuple(step.ended(until) for step in attempt.steps)


@dataclass
class _OpenStep:
    """A step while its events are read."""

    name: str
    started: datetime
    left: datetime | None = None
    failures: int = 0
    job_run: str | None = None
    job_seconds: float | None = None
    billed_seconds: float | None = None

    def ended(self, until: datetime) -> StepRun:
        return StepRun(
            step=self.name,
            started_at=format_timestamp(self.started),
            ended_at=format_timestamp(self.left or until),
            # The failure that ended an attempt was its last try, and one that was repeated has a try after it.
            tries=max(self.failures + (self.left is not None or self.failures == 0), 1),
            job_run=self.job_run,
            job_seconds=self.job_seconds,
            billed_seconds=self.billed_seconds,
        )


@dataclass
class _Attempt:
    """The steps of an attempt so far. The last one is the present one."""

    steps: list[_OpenStep] = field(default_factory=list)

    def redriven(self, at: datetime) -> _Attempt:
        last = self.steps[-1:]
        return _Attempt([_OpenStep(step.name, at) for step in last])

    def take(self, event: HistoryEventTypeDef) -> None:
        kind = event["type"]
        if kind in _ENTERED:
            self._enter(step_of(event["stateEnteredEventDetails"]["name"]), event["timestamp"])
        elif not self.steps:
            return
        elif kind in _EXITED:
            self.steps[-1].left = event["timestamp"]
        elif is_failure(event):
            self.steps[-1].failures += 1
            # Of a job that ran, the cause is Glue's record of the job run.
            self._job_run(str(failure_of_task(event).get("cause", "")))
        elif kind == "TaskSubmitted":
            self._job_run(event.get("taskSubmittedEventDetails", {}).get("output", ""))
        elif kind == "TaskSucceeded":
            self._job_run(event.get("taskSucceededEventDetails", {}).get("output", ""))

    def _enter(self, name: str, at: datetime) -> None:
        if self.steps and self.steps[-1].name == name:
            self.steps[-1].left = None
        else:
            self.steps.append(_OpenStep(name, at))

    def _job_run(self, output: str) -> None:
        answer, step = json_object(output), self.steps[-1]
        job_run, seconds = answer.get("JobRunId", answer.get("Id")), answer.get("ExecutionTime")
        step.job_run = job_run if isinstance(job_run, str) else step.job_run
        if isinstance(seconds, int | float):
            step.job_seconds = float(seconds)
            step.billed_seconds = (step.billed_seconds or 0.0) + max(seconds, _FEWEST_BILLED_SECONDS)


def with_figures(
    steps: Sequence[StepRun],
    config: DatasetConfig,
    sources: Sequence[FetchedSource],
    reports: Sequence[JobReport],
) -> tuple[StepRun, ...]:
    """Add what the steps read and wrote, and what the jobs cost."""
    by_step = {job_step(report.layer): report for report in reports}
    fetched = sum(source.state.bytes or 0 for source in sources if source.state and source.outcome == FETCHED)
    return tuple(
        replace(_job_figures(step, config, by_step.get(step.step)), bytes_in=fetched if step.step == FETCH else None)
        for step in steps
    )


def _job_figures(step: StepRun, config: DatasetConfig, report: JobReport | None) -> StepRun:
    if step.job_run is not None:
        step = replace(step, limit_seconds=60 * config.job_timeout_minutes)
    if step.billed_seconds is not None:
        step = replace(step, dpu_hours=round(config.job_dpus * step.billed_seconds / _SECONDS_AN_HOUR, 6))
    if report is None:
        return step
    rows_in, rows_out = sum(t.rows_in for t in report.tables), sum(t.rows_out for t in report.tables)
    return replace(step, rows_in=rows_in, rows_out=rows_out)
