"""The event that Step Functions sends to EventBridge when the status of an execution changes.

Source: AWS Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any

from local_cloud import seams
from local_cloud.step_functions.execution import redrive_count_of

LARGEST_PAYLOAD_BYTES = 248 * 1024
"""Inputs and outputs above this size are left out of the event."""
_logger = logging.getLogger("local_cloud.events.status_events")
_INCLUDED = {"included": True}
_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
"""Source: AWS Step Functions Developer Guide, "Monitoring Step Functions metrics using CloudWatch"."""


def install() -> None:
    """Replace MiniStack's event, which has no time-outs and no redrives."""
    seams.EMIT_STATUS_EVENT.replace(emit)


def emit(record: dict[str, Any]) -> None:
    """Count the status, and put an event with it on the default bus. Express executions send none."""
    if record.get("sync"):
        return
    if metric := _METRICS.get(record["status"]):
        seams.RECORD_METRIC.value("AWS/States", metric, 1, "Count", {"StateMachineArn": record["stateMachineArn"]})
    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail_of(record)),
        "Resources": [record["executionArn"]],
    }
    try:
        seams.PUT_EVENTS.value({"Entries": [entry]}, allow_aws_source=True)
    except Exception:  # delivery is best effort, as on AWS: it never fails an execution
        _logger.exception("The status event of %s was not published", record["executionArn"])


def detail_of(record: dict[str, Any]) -> dict[str, Any]:
    """Return the event's ``detail``. Times are in milliseconds since 1970; fields that do not apply are null."""
    has_succeeded, has_ended = record["status"] == "SUCCEEDED", record["status"] != "RUNNING"
    given, given_details = _payload(record["input"])
    output, output_details = _payload(record["output"]) if has_succeeded else (None, None)
    is_failure = has_ended and not has_succeeded
    return {
        "executionArn": record["executionArn"],
        "stateMachineArn": record["stateMachineArn"],
        "name": record["name"],
        "status": record["status"],
        "startDate": _milliseconds(record["startDate"]),
        "stopDate": _milliseconds(record["stopDate"]) if has_ended else None,
        "input": given,
        "inputDetails": given_details,
        "output": output,
        "outputDetails": output_details,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": redrive_count_of(record),
        "redriveDate": _milliseconds(record.get("redriveDate")),
        **redrive_status(record),
        "error": record.get("error") if is_failure else None,
        "cause": record.get("cause") if is_failure else None,
    }


def redrive_status(record: dict[str, Any]) -> dict[str, str | None]:
    """Return ``redriveStatus`` and, for an execution that cannot be redriven, the reason as in DescribeExecution."""
    reason = _not_redrivable(record)
    return {"redriveStatus": "NOT_REDRIVABLE" if reason else "REDRIVABLE", "redriveStatusReason": reason}


def _not_redrivable(record: dict[str, Any]) -> str | None:
    if record["status"] in {"RUNNING", "SUCCEEDED"}:
        return f"Execution is {record['status']} and cannot be redriven"
    if "position" not in record:
        return "Execution was started before the launch of RedriveExecution"
    if seams.STATE_MACHINES.value.get(record["stateMachineArn"]) is None:
        return "State machine is in DELETING status"
    return None


def _payload(text: str) -> tuple[str | None, dict[str, bool]]:
    if len(json.dumps(text).encode("utf-8")) > LARGEST_PAYLOAD_BYTES:
        return None, {"included": False}
    return text, _INCLUDED


def _milliseconds(moment: str | None) -> int | None:
    return round(datetime.fromisoformat(moment).timestamp() * 1000) if moment else None
