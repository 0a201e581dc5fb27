"""Extract error name and message from the cause that Step Functions reports for a failure. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from _shared.contracts.errors import JobFailedError
from _shared.lambdas.libs.failure.ended import ABORTED, TIMED_OUT, EndedExecution
from _shared.lambdas.libs.failure.history import LastStep
from _shared.lambdas.libs.run.history_events import json_object

# A Python exception in a message of Glue, after a prefix: "Error Category: …; MissingColumnError: …"
_NAMED = re.compile(r"(?:^|[;\s])(?:[\w]+\.)*([A-Z]\w*(?:Error|Exception)): ?(.*)", re.DOTALL)
_MESSAGE_IN_CUT_JSON = re.compile(r'"(?:ErrorMessage|errorMessage)"\s*:\s*"((?:[^"\\]|\\.)*)')
# The root cause of a JVM exception: the last "Caused by: java.nio.file.AccessDeniedException: …"
_ROOT_CAUSE = re.compile(r".*\n(?:Caused by|): (?:[\w$]+\.)*(\w+(?:Error|Exception)): ?([^\n]*)", re.DOTALL)
_JVM_ERROR = "Py4JJavaError"
_JOB_ENDS = {
    "FAILED": "JobRunFailed",
    "TIMEOUT": "JobRunTimedOut",
    "STOPPED": "JobRunStopped",
    "EXPIRED": "JobRunExpired",
}
"""Error names for the states in which a Glue job run ends without an exception."""
_GENERIC = frozenset({"", "States.TaskFailed", "Unknown"})
_OUTSIDE = {
    ABORTED: ("ExecutionAborted", "the execution was stopped from outside"),
    TIMED_OUT: ("ExecutionTimedOut", "the execution took longer than its state machine allows"),
}
_SILENT = {"States.Timeout": "the step took longer than its time-out allows"}


@dataclass(frozen=True)
class Failure:
    """How an attempt of an execution ended.

    Parameters
    ----------
    step
        Name of the last state.
    error
        Name of the error: the exception's name if known.
    message
        Error message.
    job_run
        Id of the Glue job run, if the step ran a job.
    seconds
        Duration of the job run, if Glue reported it.
    """

    step: str
    error: str
    message: str
    job_run: str | None = None
    seconds: float | None = None


def failure_of(ended: EndedExecution, step: LastStep) -> Failure:
    """Determine how an attempt ended, from its event and its last step."""
    if ended.status not in _OUTSIDE:
        # The event has the cause in full. For a job it has the error of the function that gave it up.
        in_event = (ended.error or ended.cause) and ended.error != JobFailedError.__name__
        return _failure(step, *((ended.error, ended.cause) if in_event else (step.error, step.cause)))
    error, message = _OUTSIDE[ended.status]
    given = ": ".join(part for part in (ended.error, ended.cause) if part)
    if given:
        message = f"{message}: {given}"
    failed = _failure(step, step.error, step.cause)
    if step.error or step.cause:
        message = f"{message}; the step had failed before with {failed.error}: {failed.message}"
    return replace(failed, error=error, message=message)


def _failure(step: LastStep, error: str, cause: str) -> Failure:
    document = json_object(cause)
    message = _message(document, cause).strip()
    named = _NAMED.search(message) if error in _GENERIC else None
    if named:
        error, message = named[1], named[2]
        root = _ROOT_CAUSE.match(message) if error == _JVM_ERROR else None
        if root:
            error, message = root[1], root[2]
    elif error in _GENERIC:
        error = _JOB_ENDS.get(str(document.get("JobRunState")), error)
    seconds = document.get("ExecutionTime")
    run = document.get("Id") or document.get("JobRunId")
    return Failure(
        step=step.name,
        error=error or "Unknown",
        message=message.strip() or _SILENT.get(error, "no cause was given"),
        job_run=run if isinstance(run, str) else step.job_run,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
    )


def _message(document: Mapping[str, Any], cause: str) -> str:
    for key in ("errorMessage", "ErrorMessage"):
        if isinstance(document.get(key), str) and document[key]:
            return str(document[key])
    if document.get("JobRunState"):
        return f"Glue job {document.get('JobName', '')} ended as {document['JobRunState']} and gave no message"
    # Step Functions cuts a long cause, so that it is no longer valid JSON.
    cut = _MESSAGE_IN_CUT_JSON.search(cause)
    if cut:
        return cut[1].replace("\\n", "\n").replace('\\"', '"')
    return cause
