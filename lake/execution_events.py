"""What the events of an execution say beside its steps: decisions, job runs, causes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event's details, whatever its type names them; empty where it has none."""
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def outputs_by_state(events: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the state data after each state, as its last visit left it."""
    outputs = {}
    for event in events:
        exited = event.get("stateExitedEventDetails")
        if exited and exited.get("output"):
            document = json.loads(exited["output"])
            if isinstance(document, dict):
                outputs[str(exited["name"])] = document
    return outputs


def fetched(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what FetchAndHash decided, empty where it has not."""
    result = outputs_by_state(events).get("FetchAndHash", {}).get("fetch", {})
    return result if isinstance(result, dict) else {}


def job_runs(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the Glue job runs by state: from what the tasks returned, or from how they failed."""
    runs: dict[str, str] = {}
    state = ""
    for event in events:
        if str(event["type"]).endswith("StateEntered"):
            state = event["stateEnteredEventDetails"]["name"]
        elif str(event["type"]).startswith("Task"):
            run = _job_run_id(details(event))
            if run:
                runs[state] = run
    return runs


def _job_run_id(task: Mapping[str, Any]) -> str | None:
    try:
        document = json.loads(task.get("output") or task.get("cause") or "{}")
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    if "JobRunId" in document:
        return str(document["JobRunId"])
    return str(document["Id"]) if "JobName" in document and "Id" in document else None


def human_cause(cause: str | None) -> str:
    """Return the sentence inside a failure's cause: Lambda and Glue wrap theirs in JSON."""
    try:
        document = json.loads(cause or "")
    except ValueError:
        return (cause or "").strip()
    if not isinstance(document, dict):
        return (cause or "").strip()
    for key in ("errorMessage", "ErrorMessage", "Cause", "message"):
        if document.get(key):
            return human_cause(str(document[key]))
    return (cause or "").strip()
