"""Starting and stopping executions, and restoring them after a restart of the emulator."""

from __future__ import annotations

import json
from typing import Any

from local_cloud import seams
from local_cloud.glue.answers import HTTP_OK, Response, answer
from local_cloud.step_functions.execution import changing_status
from local_cloud.step_functions.walk import prepare


def install() -> None:
    """Replace MiniStack's StartExecution and StopExecution, and its restoring of executions."""
    start, stop, restore = (
        seam.value for seam in (seams.START_EXECUTION, seams.STOP_EXECUTION, seams.RESTORE_EXECUTIONS)
    )

    def start_execution(data: dict[str, Any]) -> Response:
        going = _same_running(data)
        if going:
            return answer({"executionArn": going["executionArn"], "startDate": going["startDate"]})
        response: Response = start(data)
        if response[0] == HTTP_OK:
            # Before the caller knows the execution: it can then be redriven even if it is aborted at once.
            record = seams.EXECUTIONS.value[json.loads(response[2])["executionArn"]]
            prepare(record, seams.STATE_MACHINES.value[record["stateMachineArn"]]["definition"])
        return response

    def stop_execution(data: dict[str, Any]) -> Response:
        with changing_status:
            response: Response = stop(data)
        return response

    def restore_executions(data: dict[str, Any]) -> None:
        restore(data)
        tell_interrupted()

    seams.START_EXECUTION.replace(start_execution)
    seams.STOP_EXECUTION.replace(stop_execution)
    seams.RESTORE_EXECUTIONS.replace(restore_executions)


def tell_interrupted() -> None:
    """End the history of executions that an earlier process left unfinished. MiniStack marked them as FAILED."""
    for record in seams.EXECUTIONS.value.all_values():
        if record["status"] == "FAILED" and record["events"][-1]["type"] != "ExecutionFailed":
            details = {"error": record["error"], "cause": record["cause"]}
            seams.ADD_EVENT.value(record, "ExecutionFailed", {"executionFailedEventDetails": details})


def _same_running(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the running execution with the same name and input. Starting it again is idempotent.

    Source: AWS Step Functions API, StartExecution.
    """
    arn = f"{data.get('stateMachineArn', '').replace(':stateMachine:', ':execution:')}:{data.get('name')}"
    record: dict[str, Any] | None = seams.EXECUTIONS.value.get(arn)
    is_same = record is not None and record["status"] == "RUNNING" and record["input"] == data.get("input", "{}")
    return record if is_same else None
