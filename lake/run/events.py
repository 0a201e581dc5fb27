"""Read decisions, job runs and causes from the events of an execution."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event's details, whose key depends on the event's type; empty if it has none."""
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def outputs_by_state(events: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the state data after the last visit of each state."""
    outputs = {}
    for event in events:
        exited = event.get("stateExitedEventDetails", {})
        document = _document(exited.get("output"))
        if document is not None:
            outputs[str(exited["name"])] = document
    return outputs


def fetched(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the result of FetchAndHash; empty if there is none."""
    results = (state.get("fetch") for state in outputs_by_state(events).values())
    return next((result for result in results if isinstance(result, dict)), {})


def job_runs(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the Glue job runs by state, from the tasks' results or their errors."""
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
    document = _document(task.get("output") or task.get("cause")) or {}
    if "JobRunId" in document:
        return str(document["JobRunId"])
    return str(document["Id"]) if "JobName" in document and "Id" in document else None


def _document(text: str | None) -> dict[str, Any] | None:
    try:
        document = json.loads(text or "")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def human_cause(cause: str | None) -> str:
    """Return the message in a failure's cause. Lambda and Glue wrap it in JSON."""
    document = _document(cause) or {}
    for key in ("errorMessage", "ErrorMessage", "Cause", "message"):
        if document.get(key):
            return human_cause(str(document[key]))
    return (cause or "").strip()
