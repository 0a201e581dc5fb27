"""RedriveExecution: a failed, aborted or timed-out execution continues at the state where it ended.

Source: AWS Step Functions Developer Guide, "Restarting state machine executions with redrive".
"""

from __future__ import annotations

import contextvars
import json
import threading
from datetime import datetime
from typing import Any

from local_cloud import seams
from local_cloud.events.status_events import redrive_status
from local_cloud.glue.answers import HTTP_OK, Response, answer, refusal
from local_cloud.step_functions.execution import changing_status, redrive_count_of

_REMEMBERED_TOKENS = 10
"""Number of recent redrives whose ``clientToken`` is remembered. Source: API_RedriveExecution."""


def install() -> None:
    """Add RedriveExecution to MiniStack, and the redrive fields to the responses that describe executions."""
    handle, describe = seams.HANDLE_STATES_REQUEST.value, seams.DESCRIBE_EXECUTION.value
    list_all, describe_machine = seams.LIST_EXECUTIONS.value, seams.DESCRIBE_MACHINE_FOR_EXECUTION.value

    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return redrive_execution(json.loads(body or b"{}"))
        response: Response = await handle(method, path, headers, body, query)
        return response

    seams.HANDLE_STATES_REQUEST.replace(handle_request)
    seams.DESCRIBE_EXECUTION.replace(lambda data: _changed(describe(data), data, _described))
    seams.DESCRIBE_MACHINE_FOR_EXECUTION.replace(lambda data: _changed(describe_machine(data), data, _as_started))
    seams.LIST_EXECUTIONS.replace(lambda data: _changed(list_all(data), data, _listed))


def redrive_execution(data: dict[str, Any]) -> Response:
    """Answer RedriveExecution. A repeated ``clientToken`` changes nothing and gets the first response again."""
    arn, token = data.get("executionArn", ""), data.get("clientToken")
    record = seams.EXECUTIONS.value.get(arn)
    if record is None:
        return refusal("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    with changing_status:
        earlier = record.setdefault("redriveTokens", {})
        if token in earlier:
            return answer({"redriveDate": _epoch(earlier[token])})
        reason = redrive_status(record)["redriveStatusReason"]
        if reason:
            return refusal("ExecutionNotRedrivable", f"Execution '{arn}' is not redrivable: {reason}")
        _begin_again(record)
        if token:
            earlier[token] = record["redriveDate"]
            record["redriveTokens"] = dict(list(earlier.items())[-_REMEMBERED_TOKENS:])
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(seams.RUN_EXECUTION.value, arn), daemon=True).start()
    return answer({"redriveDate": _epoch(record["redriveDate"])})


def _begin_again(record: dict[str, Any]) -> None:
    count = redrive_count_of(record) + 1
    for member in ("error", "cause"):
        record.pop(member, None)
    record.update(redriveCount=count, redriveDate=seams.NOW_ISO.value(), status="RUNNING", stopDate=None, output=None)
    details = {"executionRedrivenEventDetails": {"redriveCount": count}}
    seams.ADD_EVENT.value(record, "ExecutionRedriven", details)
    seams.EMIT_STATUS_EVENT.value(record)


def _changed(response: Response, data: dict[str, Any], change: Any) -> Response:
    if response[0] != HTTP_OK:
        return response
    return answer(change(json.loads(response[2]), data))


def _described(told: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    """Return DescribeExecution's response with the redrive fields. Only a succeeded execution has an output."""
    record = seams.EXECUTIONS.value[told["executionArn"]]
    if record["status"] != "SUCCEEDED":
        told.update(output=None, outputDetails=None)
    return _without_nulls({**told, **_redrives(record), **redrive_status(record)})


def _as_started(told: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Return the state machine as it was when the execution started. Redrives use that definition."""
    record = seams.EXECUTIONS.value[data["executionArn"]]
    return {**told, "definition": record.get("definition", told["definition"]), "roleArn": role_of(record)}


def _listed(told: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    items = [
        _without_nulls({**item, **_redrives(seams.EXECUTIONS.value[item["executionArn"]])})
        for item in told["executions"]
    ]
    wanted = {"REDRIVEN": True, "NOT_REDRIVEN": False}.get(data.get("redriveFilter", ""))
    chosen = [item for item in items if wanted is None or bool(item["redriveCount"]) == wanted]
    return {**told, "executions": chosen}


def role_of(record: dict[str, Any]) -> str:
    """Return the role with which an execution started. It does not change."""
    return str(record["events"][0]["executionStartedEventDetails"]["roleArn"])


def _redrives(record: dict[str, Any]) -> dict[str, Any]:
    return {"redriveCount": redrive_count_of(record), "redriveDate": record.get("redriveDate")}


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
