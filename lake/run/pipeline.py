"""Start a dataset's pipeline, follow it, and return its result."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.contracts.workflow import PipelineInput
from lake.aws import executions
from lake.aws.executions import Execution
from lake.context import Context
from lake.run.events import fetched, human_cause
from lake.run.steps import Step, steps_from_history
from lake.ui.progress import Activity, StepReporter

_FIRST_PAUSE_SECONDS = 0.3
_LONGEST_PAUSE_SECONDS = 3.0
_RECORD_PAUSE_SECONDS = 0.5
_LOOKS_FOR_A_FAILURE = 20
"""Number of attempts to read the record of a failure, over ten seconds. Writing it takes less."""


@dataclass(frozen=True)
class Outcome:
    """The result of a run.

    Parameters
    ----------
    record
        The run record; ``None`` if none was written.
    steps
        The steps that ran.
    fetch
        The result of FetchAndHash; empty if it failed.
    """

    config: DatasetConfig
    execution: Execution
    record: RunRecord | None
    steps: tuple[Step, ...]
    fetch: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """``SUCCEEDED``, ``SKIPPED`` or ``FAILED``, or another status of Step Functions."""
        if self.execution.status != executions.SUCCEEDED:
            return FAILED if self.execution.status == FAILED else self.execution.status
        return self.record.status if self.record else executions.SUCCEEDED

    @property
    def failed(self) -> bool:
        """Whether the execution did not succeed."""
        return self.execution.status != executions.SUCCEEDED

    @property
    def error(self) -> str:
        """Name of the error; empty if there is none."""
        if self.record and self.record.error:
            return self.record.error
        return self.execution.error or ""

    @property
    def cause(self) -> str:
        """The error's message."""
        if self.record and self.record.error:
            return self.record.reason
        return human_cause(self.execution.cause) or f"the execution ended as {self.execution.status}"


def follow(context: Context, config: DatasetConfig, arn: str, sleep: Callable[[float], None] = time.sleep) -> Outcome:
    """Show an execution's steps until it ends, and return its result.

    Parameters
    ----------
    arn
        ARN of the execution.
    sleep
        Function that waits between two polls, given seconds.
    """
    pause = _FIRST_PAUSE_SECONDS
    with Activity(context.output, "Waiting for the execution to start") as activity:
        reporter = StepReporter(activity)
        while True:
            execution = executions.describe(context.aws, arn)
            events = executions.history(context.aws, arn)
            steps = steps_from_history(events)
            reporter.update(steps)
            if execution.status != executions.RUNNING:
                break
            sleep(pause)
            pause = min(pause * 1.2, _LONGEST_PAUSE_SECONDS)
        fetch = fetched(events)
        activity.show("Waiting for the run's record")
        record = _record(context, config.dataset, execution, fetch.get("run_id"), sleep)
    return Outcome(config, execution, record, steps, fetch)


def _record(
    context: Context, dataset: str, execution: Execution, run_id: str | None, sleep: Callable[[float], None]
) -> RunRecord | None:
    # A run that succeeds writes its record before it ends. The record of a failure is written afterwards, by a
    # function that the failure rule invokes.
    looks = 1 if execution.status == executions.SUCCEEDED else _LOOKS_FOR_A_FAILURE
    for look in range(looks):
        if look:
            sleep(_RECORD_PAUSE_SECONDS)
        record = (
            context.records.run(dataset, run_id, execution.redrive_count)
            if run_id
            else context.records.run_of_execution(dataset, execution.arn, execution.redrive_count)
        )
        if record is not None:
            return record
    return None


def start(context: Context, config: DatasetConfig, *, source_url: str | None = None, force: bool = False) -> str:
    """Start the dataset's pipeline and return the execution's ARN.

    Raises
    ------
    NotDeployedError
        The dataset is not deployed at the target.
    """
    return executions.start(context.aws, PipelineInput(config.dataset, source_url, force))
