"""Find in an execution's history which step was the last of an attempt, and what it had. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

UNKNOWN = "Unknown"

_FAILED = {
    "TaskFailed": "taskFailedEventDetails",
    "TaskTimedOut": "taskTimedOutEventDetails",
    "TaskStartFailed": "taskStartFailedEventDetails",
    "TaskSubmitFailed": "taskSubmitFailedEventDetails",
}


@dataclass(frozen=True)
class LastStep:
    """The step in which an attempt of an execution ended.

    Parameters
    ----------
    name
        Name of the state.
    state
        State data as the step got it.
    error, cause
        How its task failed last in this attempt; empty where it did not.
    job_run
        Id of the Glue job run that it started last in this attempt.
    """

    name: str = UNKNOWN
    state: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    cause: str = ""
    job_run: str | None = None


def last_step(events: Iterable[HistoryEventTypeDef], redrive_count: int) -> LastStep:
    """Return the step in which one attempt ended.

    A redrive runs the failed step again without entering it again, so the step may have been entered
    by an attempt before.

    Parameters
    ----------
    events
        The whole history, the newest event first.
    redrive_count
        Of the attempt: what a later redrive did is left out.
    """
    entered: HistoryEventTypeDef | None = None
    failed: HistoryEventTypeDef | None = None
    submitted: HistoryEventTypeDef | None = None
    among_own = True
    for event in events:
        kind = event["type"]
        if kind == "ExecutionRedriven":
            among_own = event.get("executionRedrivenEventDetails", {}).get("redriveCount", 0) > redrive_count
            if among_own:
                entered = failed = submitted = None
        elif entered is not None:
            continue
        elif kind.endswith("StateEntered"):
            entered = event
        elif among_own and kind in _FAILED:
            failed = failed or event
        elif among_own and kind == "TaskSubmitted":
            submitted = submitted or event
    return _step(entered, failed, submitted)


def _step(
    entered: HistoryEventTypeDef | None, failed: HistoryEventTypeDef | None, submitted: HistoryEventTypeDef | None
) -> LastStep:
    details = entered.get("stateEnteredEventDetails") if entered else None
    error: Mapping[str, Any] = failed.get(_FAILED[failed["type"]], {}) if failed else {}  # type: ignore[assignment]  # a key that is computed
    started = submitted.get("taskSubmittedEventDetails", {}) if submitted else {}
    job_run = json_object(started.get("output", "")).get("JobRunId")
    return LastStep(
        name=details["name"] if details else UNKNOWN,
        state=json_object(details.get("input", "")) if details else {},
        error=str(error.get("error", "")),
        cause=str(error.get("cause", "")),
        job_run=job_run if isinstance(job_run, str) else None,
    )


def json_object(text: str) -> Mapping[str, Any]:
    """Parse a JSON object; what is none, or was cut off, is taken for an empty one."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}
