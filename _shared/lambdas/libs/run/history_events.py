"""What single events of an execution's history tell. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

_FAILURES = {
    "TaskFailed": "taskFailedEventDetails",
    "TaskTimedOut": "taskTimedOutEventDetails",
    "TaskStartFailed": "taskStartFailedEventDetails",
    "TaskSubmitFailed": "taskSubmitFailedEventDetails",
}
"""Types of the events of a task that failed, and where each has its error."""


def is_failure(event: HistoryEventTypeDef) -> bool:
    """Whether a task failed."""
    return event["type"] in _FAILURES


def failure_of_task(event: HistoryEventTypeDef) -> Mapping[str, Any]:
    """Return ``error`` and ``cause`` of a task that failed."""
    details: Mapping[str, Any] = event.get(_FAILURES[event["type"]], {})  # type: ignore[assignment]  # a key that is computed
    return details


def redrive_of(event: HistoryEventTypeDef) -> int | None:
    """Return the number of the redrive that an event begins, ``None`` for any other event."""
    if event["type"] != "ExecutionRedriven":
        return None
    return event.get("executionRedrivenEventDetails", {}).get("redriveCount", 0)


def json_object(text: str) -> Mapping[str, Any]:
    """Parse a JSON object; return an empty one if the text is anything else or truncated."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}
