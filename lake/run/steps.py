"""Convert the events of an execution to the steps that the user sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from _shared.contracts import naming
from lake.run.events import details

_TASK_ENTERED = "TaskStateEntered"
_SCHEDULED = {"TaskScheduled", "LambdaFunctionScheduled"}
_ENDED_BADLY = {"ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}
_ATTEMPT_FAILED = {
    "TaskFailed",
    "TaskTimedOut",
    "TaskStartFailed",
    "TaskSubmitFailed",
    "LambdaFunctionFailed",
    "LambdaFunctionTimedOut",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
}
_ATTEMPT_SUCCEEDED = {"TaskSucceeded", "LambdaFunctionSucceeded"}


class StepStatus(StrEnum):
    """Status of a step."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Step:
    """One step of a run.

    Parameters
    ----------
    state
        Current or last state of the step.
    ended_at
        ``None`` while the step runs.
    retries
        Number of attempts after the first, over all tasks of the step.
    error
        Name of the last attempt's error, if it failed.
    """

    label: str
    state: str
    started_at: datetime
    status: StepStatus = StepStatus.RUNNING
    ended_at: datetime | None = None
    retries: int = 0
    error: str | None = None

    def seconds(self, now: datetime) -> float:
        """Return how long the step took, or has been running."""
        return ((self.ended_at or now) - self.started_at).total_seconds()


@dataclass
class _Fold:
    """The steps so far. The last one stays open until a state of another step is entered."""

    steps: list[Step] = field(default_factory=list)
    current: Step | None = None
    last_exit: datetime | None = None
    retrying: bool = False
    caught: bool = False

    def enter(self, state: str, kind: str, at: datetime) -> None:
        # Tasks belong to a step, and the states in which it waits. The others are control flow.
        label = label_of(state) if kind == _TASK_ENTERED or naming.step_of(state) != state else None
        if self.current is not None and self.current.label != label:
            self.close(self.last_exit or at)
        if label is None:
            return
        if self.current is None:
            self.current = Step(label=label, state=state, started_at=at)
        else:
            # The step's own task is entered again after its failure was caught.
            self.caught = self.caught or self.retrying
            again = self.caught and naming.step_of(state) == state
            self.caught = self.caught and not again
            self.current = replace(self.current, state=state, retries=self.current.retries + again)
        self.retrying = False

    def close(self, at: datetime, error: str | None = None) -> None:
        if self.current is None:
            return
        error = error or self.current.error
        status = StepStatus.FAILED if error else StepStatus.SUCCEEDED
        self.steps.append(replace(self.current, status=status, ended_at=at, error=error))
        self.current, self.caught = None, False

    def attempt(self, at: datetime) -> None:
        # After a redrive the task is scheduled again, but its state is not entered again.
        if self.current is None and self.steps and self.steps[-1].status is StepStatus.FAILED:
            self.current = Step(self.steps[-1].label, self.steps[-1].state, at)
        elif self.current is not None and self.retrying:
            self.current = replace(self.current, retries=self.current.retries + 1)
        self.retrying = False

    def outcome(self, error: str | None) -> None:
        self.retrying = error is not None
        if self.current is not None:
            self.current = replace(self.current, error=error)


def label_of(state: str) -> str:
    """Return the name of a state's step as a label: ``FetchAndHash`` becomes Fetch and hash."""
    return " ".join(naming.words(naming.step_of(state))).capitalize() or state


def steps_from_history(events: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the steps of an execution, oldest first. The last one may be running.

    Parameters
    ----------
    events
        Events of ``GetExecutionHistory``, oldest first.
    """
    fold = _Fold()
    for event in events:
        _apply(fold, event)
    return (*fold.steps, fold.current) if fold.current else tuple(fold.steps)


def _apply(fold: _Fold, event: Mapping[str, Any]) -> None:
    kind, at = str(event["type"]), event["timestamp"]
    if kind.endswith("StateEntered"):
        fold.enter(event["stateEnteredEventDetails"]["name"], kind, at)
    elif kind.endswith("StateExited"):
        fold.last_exit = at
    elif kind in _SCHEDULED:
        fold.attempt(at)
    elif kind in _ATTEMPT_FAILED:
        fold.outcome(str(details(event).get("error", kind)))
    elif kind in _ATTEMPT_SUCCEEDED:
        fold.outcome(None)
    elif kind in _ENDED_BADLY:
        fold.close(at, str(details(event).get("error") or kind))
    elif kind == "ExecutionSucceeded":
        fold.close(fold.last_exit or at)
