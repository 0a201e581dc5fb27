"""Run the states of an execution in order, from the first one or from the one that a redrive resumes.

The execution's record holds its position and the definition that it was started with, which is all that a redrive
needs. MiniStack's own functions execute each type of state.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from local_cloud import seams
from local_cloud.step_functions.execution import Execution, changing_status

_logger = logging.getLogger("local_cloud.step_functions.walk")
_RUNTIME = "States.Runtime"
_HANDLERS = {"Pass": seams.EXECUTE_PASS, "Choice": seams.EXECUTE_CHOICE, "Wait": seams.EXECUTE_WAIT}
_HANDLERS_WITH_TASKS = {
    "Task": seams.EXECUTE_TASK,
    "Parallel": seams.EXECUTE_PARALLEL,
    "Map": seams.EXECUTE_MAP,
}


def prepare(record: dict[str, Any], definition: str) -> None:
    """Set the position of a new execution to its first state. A position that exists is not changed."""
    record["events"][0].setdefault("previousEventId", 0)
    record.setdefault("definition", definition)
    record.setdefault("position", {"state": _first_state(definition), "input": record["input"], "entered": False})


def walk(execution: Execution, machine_name: str) -> None:
    """Run an execution to its end. Its record gets the result.

    Raises
    ------
    ExecutionEndedError
        The execution was aborted or has timed out.
    """
    record = execution.record
    try:
        definition = json.loads(record["definition"])
        output = _visit_states(execution, definition, _context(execution, definition, machine_name))
    except seams.EXECUTION_ERROR.value as error:
        seams.FAIL_EXECUTION.value(record, error.error, error.cause)
    except Exception as error:  # the thread has no caller: the error goes into the record
        _logger.exception("Execution %s broke", record["executionArn"])
        seams.FAIL_EXECUTION.value(record, _RUNTIME, str(error))
    else:
        _succeed(execution, output)


def _first_state(definition: str) -> str:
    """Return the name of the first state. MiniStack accepts definitions without one; their executions fail."""
    try:
        return str(json.loads(definition)["StartAt"])
    except (ValueError, KeyError, TypeError):
        return ""


def _visit_states(execution: Execution, definition: dict[str, Any], context: dict[str, Any]) -> str:
    record = execution.record
    states, position = definition.get("States", {}), record["position"]
    while position["state"] is not None and execution.goes_on:
        if position["state"] not in states:
            raise seams.EXECUTION_ERROR.value(_RUNTIME, f"State {position['state']!r} is not in the definition")
        output, following = _visit(execution, position, states[position["state"]], context)
        position = record["position"] = {"state": following, "input": json.dumps(output), "entered": False}
    return str(position["input"])


def _visit(
    execution: Execution, position: dict[str, Any], state: dict[str, Any], context: dict[str, Any]
) -> tuple[Any, str | None]:
    name, kind, given = position["state"], state.get("Type"), json.loads(position["input"])
    context["State"] = {"Name": name, "EnteredTime": seams.NOW_ISO.value(), "RetryCount": 0}
    _enter(execution.record, position, kind)
    output, following = _perform(execution, kind, state, given, context)
    exited = {"name": name, "output": json.dumps(output), "outputDetails": {"truncated": False}}
    seams.ADD_EVENT.value(execution.record, f"{kind}StateExited", {"stateExitedEventDetails": exited})
    return output, following


def _enter(record: dict[str, Any], position: dict[str, Any], kind: str | None) -> None:
    """Record that a state is entered. A redriven task is scheduled again, but not entered again."""
    if position["entered"] and kind in _HANDLERS_WITH_TASKS:
        return
    entered = {"name": position["state"], "input": position["input"], "inputDetails": {"truncated": False}}
    seams.ADD_EVENT.value(record, f"{kind}StateEntered", {"stateEnteredEventDetails": entered})
    position["entered"] = True


def _perform(
    execution: Execution, kind: str | None, state: dict[str, Any], given: Any, context: dict[str, Any]
) -> tuple[Any, str | None]:
    """Run a state; return its output and the name of the next state, ``None`` after the last."""
    if kind == "Succeed":
        selected = seams.APPLY_INPUT_PATH.value(state, given, context)
        return seams.APPLY_OUTPUT_PATH.value(state, selected, context), None
    if kind == "Fail":
        raise seams.EXECUTION_ERROR.value(*seams.FAIL_STATE_ERROR.value(state, given, context))
    if kind in _HANDLERS_WITH_TASKS:
        output, following = _HANDLERS_WITH_TASKS[kind].value(state, given, execution.record, context)
        return output, following
    if kind in _HANDLERS:
        output, following = _HANDLERS[kind].value(state, given, context)
        return output, following
    raise seams.EXECUTION_ERROR.value(_RUNTIME, f"Unknown state type: {kind}")


def _context(execution: Execution, definition: dict[str, Any], machine_name: str) -> dict[str, Any]:
    """Return the context object. As on AWS, it has ``RedriveTime`` only if the execution was redriven."""
    record = execution.record
    told = {
        "Id": record["executionArn"],
        "Input": json.loads(record["input"]),
        "Name": record["name"],
        "RoleArn": execution.role_arn,
        "StartTime": record["startDate"],
        "RedriveCount": execution.redrive_count,
    }
    if execution.redrive_count:
        told["RedriveTime"] = record["redriveDate"]
    return {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": told,
        "StateMachine": {"Id": record["stateMachineArn"], "Name": machine_name},
        "variables": record.setdefault("variables", {}),
    }


def _succeed(execution: Execution, output: str) -> None:
    record = execution.record
    with changing_status:
        if not execution.goes_on:
            return
        record.update(status="SUCCEEDED", output=output, stopDate=seams.NOW_ISO.value())
        details = {"output": output, "outputDetails": {"truncated": False}}
        seams.ADD_EVENT.value(record, "ExecutionSucceeded", {"executionSucceededEventDetails": details})
        seams.EMIT_STATUS_EVENT.value(record)
