"""RetryJob: decide whether a failed job run is repeated. Pure functions; the step calls no service.

The state machine catches the failure of a job and asks here. An answer means "again"; an error ends the execution in
this step, where a redrive resumes it, asks again and gets an answer, because the redrive came after the failure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from _shared.contracts.errors import JobFailedError
from _shared.contracts.messages import shortened
from _shared.contracts.naming import job_step
from _shared.contracts.workflow import RetryRequest, RetryResult
from _shared.lambdas.libs.observability import LOGGER
from _shared.lambdas.libs.run.attempt import Attempt, attempt_of
from _shared.lambdas.libs.time_utils import parse_timestamp

MOST_RETRIES = 2
"""Repetitions of one job in an execution, besides those after a redrive."""

_WAIT_SECONDS = 30
_LONGEST_CAUSE = 1000
_OF_THE_SCRIPT = re.compile(r"(?:^|[;\s.])[A-Z]\w*(?:Error|Exception|Exit)\b|An error occurred while calling ")
"""An exception that the script raised, which Glue names: ``Error Category: …; SchemaDriftError: …``.

Of one that Spark raised, Glue may give the message alone: ``An error occurred while calling o96.parquet. …``.
"""

_OF_GLUE = re.compile(
    r"internal ?(?:service|server)? ?(?:error|exception)|resource ?unavailable|"
    r"max(?:imum)? concurrent|insufficient capacity|rate exceeded",
    re.IGNORECASE,
)
"""Failures of the service. Source: AWS Glue Developer Guide, "AWS Glue job run statuses" and "Exceptions"."""

_NEVER = re.compile("LAUNCH ERROR", re.IGNORECASE)
"""The job's code or role is missing."""


def retry_job(request: RetryRequest) -> RetryResult:
    """Return when to repeat the job.

    Raises
    ------
    JobFailedError
        The failure is the job's own, or the job was repeated often enough.
    """
    attempt, failure = attempt_of(request.execution), _mapping(request.state.get(request.layer))
    before = _before(request.state.get("retry"), request.layer)
    run = _run(failure)
    if _redriven_since(run, attempt, before):
        return RetryResult(request.layer, before.attempts, 0, attempt.redrive_count)
    step, told = job_step(request.layer), _told(failure, run)
    if not is_of_glue(run):
        msg = f"{step} failed: {told}"
        raise JobFailedError(msg, "fix the cause, then redrive the execution: it runs the job again")
    if before.attempts >= MOST_RETRIES:
        msg = f"{step} failed {before.attempts + 1} times: {told}"
        raise JobFailedError(msg, "Glue failed, not the job: redrive the execution once Glue is well again")
    LOGGER.warning("job failed in Glue, and is repeated", layer=request.layer, cause=told)
    return RetryResult(request.layer, before.attempts + 1, _WAIT_SECONDS * (before.attempts + 1), before.redrives)


def is_of_glue(run: Mapping[str, object]) -> bool:
    """Return whether Glue failed and not the job: by the run's state, and by a message that names no exception.

    Parameters
    ----------
    run
        ``JobRun`` of Glue's API; empty if the run was never started.
    """
    message = str(run.get("ErrorMessage") or "")
    if run.get("JobRunState") != "FAILED" or _NEVER.search(message):
        return False
    return not _OF_THE_SCRIPT.search(_OF_GLUE.sub("", message))


def _redriven_since(run: Mapping[str, object], attempt: Attempt, before: RetryResult) -> bool:
    """Return whether the execution was redriven after the failure, and the job not repeated for it."""
    if attempt.redriven_at is None or attempt.redrive_count <= before.redrives:
        return False
    ended = _ended(run)
    # Glue did not even start the run: without its end, the first failure after a redrive is repeated once.
    return ended is None or attempt.redriven_at > ended


def _ended(run: Mapping[str, object]) -> datetime | None:
    """Return when the run ended. Step Functions gives milliseconds here, and text in its SDK integrations."""
    ended = run.get("CompletedOn")
    if isinstance(ended, str):
        return parse_timestamp(ended)
    return datetime.fromtimestamp(ended / 1000, UTC) if isinstance(ended, int | float) else None


def _before(found: object, layer: str) -> RetryResult:
    """Return the answer before this one; none for another layer."""
    before = _mapping(found)
    attempts, redrives = before.get("attempts"), before.get("redrives")
    if before.get("layer") != layer or not isinstance(attempts, int) or not isinstance(redrives, int):
        return RetryResult(layer, 0, 0, 0)
    return RetryResult(layer, attempts, 0, redrives)


def _run(failure: Mapping[str, object]) -> Mapping[str, object]:
    try:
        return _mapping(json.loads(str(failure.get("Cause") or "")))
    except ValueError:
        return {}


def _told(failure: Mapping[str, object], run: Mapping[str, object]) -> str:
    text = run.get("ErrorMessage") or run.get("JobRunState") or f"{failure.get('Error')}: {failure.get('Cause')}"
    return shortened(str(text), _LONGEST_CAUSE)


def _mapping(found: object) -> Mapping[str, object]:
    return found if isinstance(found, Mapping) else {}
