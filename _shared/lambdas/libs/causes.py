"""Find the human message in what Step Functions says of a failed task."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A Python exception as Glue quotes it, after its own remarks: "Error Category: …; MissingColumnError: …"
_NAMED = re.compile(r"(?:^|[;\s])(?:[\w]+\.)*([A-Z]\w*(?:Error|Exception)): ?(.*)", re.DOTALL)
_MESSAGE_IN_CUT_JSON = re.compile(r'"(?:ErrorMessage|errorMessage)"\s*:\s*"((?:[^"\\]|\\.)*)')
_GENERIC = frozenset({"", "States.TaskFailed", "Unknown"})


@dataclass(frozen=True)
class Failure:
    """A failed step.

    Parameters
    ----------
    step
        Name of the state.
    error
        Name of the error: that of the exception where it is known.
    message
        What went wrong, in words.
    job_run
        Id of the Glue job run, where it was one.
    seconds
        Its run time, where Glue told.
    """

    step: str
    error: str
    message: str
    job_run: str | None = None
    seconds: float | None = None


def failure_of(state: Mapping[str, Any]) -> Failure:
    """Return the failure that the state data has under ``$.failed``: the last, where there are several."""
    failed = state.get("failed")
    if not isinstance(failed, Mapping) or not failed:
        return Failure("Unknown", "Unknown", "the state data does not say which step failed")
    step = list(failed)[-1]
    caught = failed[step] if isinstance(failed[step], Mapping) else {}
    error, cause = str(caught.get("Error", "")), str(caught.get("Cause", ""))
    document = _json(cause)
    message = _message(document, cause)
    named = _NAMED.search(message) if error in _GENERIC else None
    if named:
        error, message = named[1], named[2]
    seconds = document.get("ExecutionTime")
    run = document.get("Id") or document.get("JobRunId")
    return Failure(
        step=step,
        error=error or "Unknown",
        message=message.strip() or "no cause was given",
        job_run=run if isinstance(run, str) else None,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
    )


def _json(cause: str) -> Mapping[str, Any]:
    try:
        document = json.loads(cause)
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _message(document: Mapping[str, Any], cause: str) -> str:
    for key in ("errorMessage", "ErrorMessage"):
        if isinstance(document.get(key), str) and document[key]:
            return str(document[key])
    if document.get("JobRunState"):
        return f"Glue job {document.get('JobName', '')} ended as {document['JobRunState']} and gave no message"
    # Step Functions cuts a long cause, which then is JSON no more.
    cut = _MESSAGE_IN_CUT_JSON.search(cause)
    if cut:
        return cut[1].replace("\\n", "\n").replace('\\"', '"')
    return cause
