"""Events of an execution's history, in the form of Step Functions."""

from __future__ import annotations

import re
from typing import Any

from local_cloud import seams
from local_cloud.step_functions.execution import ExecutionEndedError, current

_RESOURCE = re.compile(r"arn:aws:states:::(aws-sdk:)?(?P<service>[^:]+):(?P<action>.+)")
_TIMEOUT = "States.Timeout"
_FROM_THE_START = 2
"""As on AWS, the second event has no predecessor either."""


def install() -> None:
    """Replace MiniStack's function that appends events."""
    append = seams.ADD_EVENT.value

    def add_event(record: dict[str, Any], kind: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        execution = current.get()
        is_of_the_attempt = execution is not None and execution.record is record
        if execution and is_of_the_attempt and not execution.goes_on and not kind.startswith("Execution"):
            raise ExecutionEndedError
        kind, details = as_on_aws(kind, details or {})
        event: dict[str, Any] = append(record, kind, details)
        event["previousEventId"] = 0 if event["id"] <= _FROM_THE_START else event["id"] - 1
        if kind == "TaskScheduled":
            add_event(record, "TaskStarted", {"taskStartedEventDetails": dict(details["taskScheduledEventDetails"])})
        return event

    seams.ADD_EVENT.replace(add_event)


def as_on_aws(kind: str, details: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return type and details of a MiniStack event in the form of Step Functions.

    A task is named by service and action, not by its ARN. A task that timed out has an event type of its own.
    """
    told = {
        name: {**value, **resource_of(value["resource"])} if "resource" in value else value
        for name, value in details.items()
    }
    failure = told.get("taskFailedEventDetails", {})
    if kind == "TaskFailed" and failure.get("error") == _TIMEOUT:
        return "TaskTimedOut", {"taskTimedOutEventDetails": failure}
    return kind, told


def resource_of(resource: str) -> dict[str, str]:
    """Return ``resourceType`` and ``resource`` of a task's ``Resource``."""
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        return {"resource": resource}
    service = f"{found[1] or ''}{found['service']}"
    return {"resourceType": service, "resource": found["action"]}
