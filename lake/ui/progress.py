"""Progress of long operations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.status import Status
from rich.text import Text

from lake.run.steps import Step, StepStatus
from lake.ui.output import Output
from lake.ui.render import duration, joined, styled
from lake.ui.terminal import one_line

HEARTBEAT_SECONDS = 30.0
"""Interval of progress lines if the output is not a terminal."""

_LABEL_WIDTH = 20


class _Ticking:
    """A line with the elapsed time, computed each time it is drawn."""

    def __init__(self) -> None:
        self.text = ""
        self.since = time.monotonic()

    def __rich__(self) -> Text:
        return Text(f"{one_line(self.text)}  {duration(time.monotonic() - self.since)}")


class Activity:
    """A moving line on a terminal, or permanent lines in a log.

    With JSON output, only the moving line is shown, and only on a terminal.

    Parameters
    ----------
    output
        The command's streams. Progress goes to standard error.
    text
        Description of the activity.
    """

    def __init__(self, output: Output, text: str) -> None:
        self._output = output
        self._line = _Ticking()
        self._line.text = text
        console = output.progress
        self._status = Status(self._line, console=console) if console.is_interactive else None
        self._last_word = time.monotonic()

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def show(self, text: str, since: float | None = None) -> None:
        """Show the current activity. ``since`` is its start, in monotonic seconds."""
        self._line.text = text
        if since is not None:
            self._line.since = since
        if not self._status and time.monotonic() - self._last_word >= HEARTBEAT_SECONDS:
            self.line(styled(f"  {text}  {duration(time.monotonic() - self._line.since)}", "dim"))

    def line(self, text: str | Text) -> None:
        """Print a permanent line."""
        self._last_word = time.monotonic()
        self._output.note(text)


class StepReporter:
    """Shows the steps of an execution: a line for each finished step, and the activity for the running one."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._settled = 0

    def update(self, steps: Sequence[Step]) -> None:
        """Show the changes since the last call."""
        settled = [step for step in steps if step.status is not StepStatus.RUNNING]
        for step in settled[self._settled :]:
            self._activity.line(settled_line(step))
        self._settled = len(settled)
        if steps and steps[-1].status is StepStatus.RUNNING:
            running = steps[-1]
            elapsed = max(0.0, running.seconds(datetime.now(UTC)))
            self._activity.show(running_text(running), time.monotonic() - elapsed)


def settled_line(step: Step) -> Text:
    """Return the line of a finished step."""
    mark = styled("✗", "red") if step.status is StepStatus.FAILED else styled("✓", "green")
    took = duration(step.seconds(step.ended_at or step.started_at))
    notes = [styled(f"  {one_line(step.error)}", "red")] if step.error else []
    if step.retries:
        notes.append(styled(f"  {_retries(step.retries)}", "dim"))
    return joined(mark, f" {one_line(step.label):<{_LABEL_WIDTH}}{took:>12}", *notes)


def running_text(step: Step) -> str:
    """Return the description of a running step."""
    return f"{step.label} ({_retries(step.retries)})" if step.retries else step.label


def _retries(number: int) -> str:
    return f"retried {number} times" if number > 1 else "retried once"
