"""EventBridge event for an execution that failed, timed out or was aborted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from _shared.contracts.errors import InvalidInputError
from _shared.contracts.messages import shown
from _shared.lambdas.libs.aws.executions import ExecutionStatus
from _shared.lambdas.libs.run.attempt import Attempt
from _shared.lambdas.libs.run.history_events import json_object
from _shared.lambdas.libs.time_utils import format_timestamp

FAILED = "FAILED"
ABORTED = "ABORTED"
TIMED_OUT = "TIMED_OUT"

_STATUSES = (FAILED, ABORTED, TIMED_OUT)


@dataclass(frozen=True)
class EndedExecution:
    """``detail`` of the event ``Step Functions Execution Status Change``.

    Parameters
    ----------
    execution
        ARN of the execution.
    status
        ``FAILED``, ``ABORTED`` or ``TIMED_OUT``.
    started_at, ended_at
        ISO 8601 UTC.
    input
        Input of the execution; empty if it is not a JSON object or too long for an event.
    error, cause
        Error and cause of the failed step, or of the request that stopped the execution.
    redrive_count
        Redrive count of the attempt that ended; ``None`` if the event does not contain it.
    """

    execution: str
    status: str
    started_at: str
    ended_at: str
    input: Mapping[str, Any]
    error: str = ""
    cause: str = ""
    redrive_count: int | None = None

    def attempt(self, now: ExecutionStatus | None) -> Attempt:
        """Return the attempt that ended. If the event has no redrive count: the last attempt that has ended.

        Parameters
        ----------
        now
            Current status of the execution; ``None`` if unknown.
        """
        count = self.redrive_count
        if count is None:
            count = max(now.redrive_count - int(now.is_running), 0) if now else 0
        return Attempt(self.execution, self.started_at, count)


def ended_execution(event: object) -> EndedExecution:
    """Read the event.

    Raises
    ------
    InvalidInputError
        The event is not about an execution that failed, timed out or was aborted.
    """
    detail = event.get("detail") if isinstance(event, Mapping) else None
    if not isinstance(detail, Mapping) or detail.get("status") not in _STATUSES:
        msg = f"event: expected one of EventBridge with detail.status {', '.join(_STATUSES)}"
        raise InvalidInputError(msg, "let the rule of the dataset's stack send it")
    count = detail.get("redriveCount")
    return EndedExecution(
        execution=_text(detail, "executionArn"),
        status=_text(detail, "status"),
        started_at=_moment(detail, "startDate"),
        ended_at=_moment(detail, "stopDate"),
        input=json_object(detail.get("input") or ""),
        error=detail.get("error") or "",
        cause=detail.get("cause") or "",
        redrive_count=count if isinstance(count, int) else None,
    )


def _text(detail: Mapping[str, Any], key: str) -> str:
    value = detail.get(key)
    if not isinstance(value, str):
        msg = f"event: detail.{key}: expected a string (found {shown(value)})"
        raise InvalidInputError(msg)
    return value


def _moment(detail: Mapping[str, Any], key: str) -> str:
    value = detail.get(key)
    if not isinstance(value, int | float):
        msg = f"event: detail.{key}: expected milliseconds since 1970 (found {shown(value)})"
        raise InvalidInputError(msg)
    return format_timestamp(datetime.fromtimestamp(value / 1000, UTC))
