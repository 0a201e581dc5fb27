"""Find the last step of an attempt in the history of an execution. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from _shared.contracts.errors import JobFailedError
from _shared.contracts.naming import job_step, step_of
from _shared.lambdas.libs.run.history_events import failure_of_task, is_failure, json_object, redrive_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

UNKNOWN = "Unknown"


@dataclass(frozen=True)
class LastStep:
    """The step in which an attempt of an execution ended.

    Parameters
    ----------
    name
        Name of the step.
    state
        State data at the start of the state.
    error, cause
        Last failure of its task in this attempt; empty if there is none. Of a job that is not repeated: its own.
    job_run
        Id of the last Glue job run that the step started in this attempt.
    """

    name: str = UNKNOWN
    state: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    cause: str = ""
    job_run: str | None = None


def last_step(events: Iterable[HistoryEventTypeDef], redrive_count: int) -> LastStep:
    """Return the step in which one attempt ended.

    A redrive repeats the failed step without a new StateEntered event, so that event may belong to an earlier attempt.

    Parameters
    ----------
    events
        The whole history, newest event first.
    redrive_count
        Redrive count of the attempt. Events of later redrives are ignored.
    """
    entered: HistoryEventTypeDef | None = None
    failed: HistoryEventTypeDef | None = None
    submitted: HistoryEventTypeDef | None = None
    among_own = True
    for event in events:
        kind, redrive = event["type"], redrive_of(event)
        if redrive is not None:
            among_own = redrive > redrive_count
            if among_own:
                entered = failed = submitted = None
        elif entered is not None:
            continue
        elif kind.endswith("StateEntered"):
            entered = event
        elif among_own and is_failure(event):
            failed = failed or event
        elif among_own and kind == "TaskSubmitted":
            submitted = submitted or event
    return _step(entered, failed, submitted)


def _step(
    entered: HistoryEventTypeDef | None, failed: HistoryEventTypeDef | None, submitted: HistoryEventTypeDef | None
) -> LastStep:
    details = entered.get("stateEnteredEventDetails") if entered else None
    error = failure_of_task(failed) if failed else {}
    started = submitted.get("taskSubmittedEventDetails", {}) if submitted else {}
    job_run = json_object(started.get("output", "")).get("JobRunId")
    last = LastStep(
        name=step_of(details["name"]) if details else UNKNOWN,
        state=json_object(details.get("input", "")) if details else {},
        error=str(error.get("error", "")),
        cause=str(error.get("cause", "")),
        job_run=job_run if isinstance(job_run, str) else None,
    )
    return _with_own_error(last) if last.error == JobFailedError.__name__ else last


def _with_own_error(step: LastStep) -> LastStep:
    """Return the step with the failure that the state machine caught, in which the job's message is complete."""
    for layer, caught in step.state.items():
        if job_step(layer) == step.name and isinstance(caught, Mapping) and isinstance(caught.get("Cause"), str):
            return replace(step, error=str(caught.get("Error", "")), cause=caught["Cause"])
    return step
