"""The smoke test of a deployed dataset: a success, a skip, an abort and a redrive, each with its run record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.run_record import FAILED, SKIPPED
from lake.aws import executions
from lake.context import Context
from lake.run import pipeline
from lake.run.pipeline import Outcome
from lake.ui.progress import Activity

ABORTED = "ABORTED"
_STEP = naming.job_step("bronze")
"""The step in which the execution is stopped: the first that a redrive must repeat, and long enough to be met."""

_PAUSE_SECONDS = 0.5
_REASON = "stopped by lake smoke"


@dataclass(frozen=True)
class Check:
    """One execution and how it was to end.

    Parameters
    ----------
    expected, seen
        Status of the execution and of its run record, and the record's redrive count.
    run_id
        Empty without a record.
    """

    name: str
    expected: str
    seen: str
    run_id: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the execution ended as expected."""
        return self.seen == self.expected


def smoke(
    context: Context, config: DatasetConfig, source_url: str | None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Check]:
    """Yield the checks one by one. After one that fails, the next ones would say nothing new, and are not made."""
    runs = _Runs(context, config, source_url, sleep)
    succeeded = f"{executions.SUCCEEDED}, record {executions.SUCCEEDED}"
    for name, expected, act in (
        ("success", succeeded, runs.processed),
        ("skip", f"{executions.SUCCEEDED}, record {SKIPPED}", runs.skipped),
        ("abort", f"{ABORTED}, record {FAILED} ExecutionAborted", runs.aborted),
        ("redrive", f"{succeeded}, redrive 1", runs.redriven),
    ):
        started = time.monotonic()
        outcome = act()
        run_id = outcome.record.run_id if outcome.record else ""
        check = Check(name, expected, _seen(outcome), run_id, time.monotonic() - started)
        yield check
        if not check.passed:
            return


@dataclass
class _Runs:
    context: Context
    config: DatasetConfig
    source_url: str | None
    sleep: Callable[[float], None]
    arn: str = ""

    def processed(self) -> Outcome:
        return self._followed(force=True)

    def skipped(self) -> Outcome:
        return self._followed(force=False)

    def aborted(self) -> Outcome:
        self._start(force=True)
        _wait_for_step(self.context, self.arn, self.sleep)
        executions.stop(self.context.aws, self.arn, _REASON)
        return self._follow()

    def redriven(self) -> Outcome:
        executions.redrive(self.context.aws, self.arn)
        return self._follow()

    def _followed(self, *, force: bool) -> Outcome:
        self._start(force=force)
        return self._follow()

    def _start(self, *, force: bool) -> None:
        self.arn = pipeline.start(self.context, self.config, source_url=self.source_url, force=force)

    def _follow(self) -> Outcome:
        return pipeline.follow(self.context, self.config, self.arn, self.sleep)


def _seen(outcome: Outcome) -> str:
    record = outcome.record
    if record is None:
        return f"{outcome.execution.status}, no record"
    parts = [outcome.execution.status, " ".join(["record", record.status, *([record.error] if record.error else [])])]
    return ", ".join([*parts, *([f"redrive {record.redrive_count}"] if record.redrive_count else [])])


def _wait_for_step(context: Context, arn: str, sleep: Callable[[float], None]) -> None:
    """Wait until the execution is in the step, or has ended before."""
    with Activity(context.output, f"Waiting for {_STEP}, to stop the execution there"):
        while executions.describe(context.aws, arn).status == executions.RUNNING:
            events = executions.history(context.aws, arn)
            if any(event.get("stateEnteredEventDetails", {}).get("name") == _STEP for event in events):
                return
            sleep(_PAUSE_SECONDS)
