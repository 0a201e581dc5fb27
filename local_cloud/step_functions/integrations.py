"""Step Functions service integrations: calls to the emulator's APIs with the state machine's role."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from local_cloud import seams
from local_cloud.glue.jobs.run import ACTIVE_STATES
from local_cloud.iam.sessions import RoleNotAssumableError
from local_cloud.step_functions.execution import Execution, ExecutionEndedError
from local_cloud.step_functions.sdk_shapes import UnknownMemberError, client_name, error_name, to_request, to_result

PERMISSIONS, RUNTIME, TASK_FAILED = "States.Permissions", "States.Runtime", "States.TaskFailed"
DATA_LIMIT_EXCEEDED, TIMEOUT = "States.DataLimitExceeded", "States.Timeout"
LARGEST_PAYLOAD = 256 * 1024
JOB_POLL_SECONDS = 0.5
_STATES = "arn:aws:states:::"
_Integration = Callable[[Execution, Any], Any]


def find(resource: str) -> _Integration | None:
    """Return the integration of a task's ``Resource``, or ``None`` if this package has none."""
    if resource.startswith("arn:aws:lambda:"):
        return lambda execution, given: _invoke(execution, {"FunctionName": resource, "Payload": given})["Payload"]
    if resource in _OPTIMIZED:
        return _OPTIMIZED[resource]
    if resource.startswith(f"{_STATES}aws-sdk:") and resource.count(":") == 7:  # noqa: PLR2004 - service and action follow
        service, action = resource.split(":")[6:]
        client = client_name(service)
        if client:
            return lambda execution, given: _sdk(execution, client, action, given, optimized=False)
    return None


def task_error(name: str, cause: str) -> Exception:
    """Return the error of a task, with the name that ``Retry`` and ``Catch`` match."""
    error: Exception = seams.EXECUTION_ERROR.value(name, cause)
    return error


def _sdk(execution: Execution, service: str, action: str, given: Any, *, optimized: bool) -> dict[str, Any]:
    response, shape = _call(execution, service, action, given, optimized=optimized)
    result: dict[str, Any] = to_result(shape, response) if shape else {}
    return _bounded({**result, **_sdk_metadata(response)} if optimized else result)


def _call(
    execution: Execution,
    service: str,
    action: str,
    given: Any,
    *,
    optimized: bool,
) -> tuple[dict[str, Any], Any]:
    """Call an API as the execution's role. Errors have the same names as on AWS."""
    try:
        client = execution.client(service)
    except RoleNotAssumableError as error:
        raise task_error(PERMISSIONS, str(error)) from error
    operation = client.meta.method_to_api_mapping.get(xform_name(action))
    if operation is None:
        raise task_error(RUNTIME, f"The service {service} has no action {action}")
    model = client.meta.service_model.operation_model(operation)
    try:
        request = to_request(model.input_shape, given) if model.input_shape else {}
        return getattr(client, xform_name(operation))(**request), model.output_shape
    except (UnknownMemberError, ParamValidationError) as error:
        raise task_error(RUNTIME, str(error)) from error
    except ClientError as error:
        name = error_name(service, error.response["Error"].get("Code", ""), optimized=optimized)
        raise task_error(name, _cause(error)) from error
    except BotoCoreError as error:
        name = f"{error_name(service, '', optimized=optimized).partition('.')[0]}.SdkClientException"
        raise task_error(name, str(error)) from error


def _invoke(execution: Execution, given: dict[str, Any]) -> dict[str, Any]:
    payload = json.dumps(given.get("Payload", {}))
    request = {**{name: value for name, value in given.items() if name != "Payload"}, "Payload": payload}
    response, _ = _call(execution, "lambda", "invoke", request, optimized=True)
    text = response["Payload"].read().decode("utf-8")
    told = json.loads(text) if text else None
    if response.get("FunctionError"):
        name = told.get("errorType") if isinstance(told, dict) else None
        raise task_error(name or "Lambda.Unknown", text)
    return _bounded(
        {
            "ExecutedVersion": response.get("ExecutedVersion", "$LATEST"),
            "Payload": told,
            "StatusCode": response["StatusCode"],
            **_sdk_metadata(response),
        }
    )


def _start_job_run(execution: Execution, given: dict[str, Any]) -> dict[str, Any]:
    return _sdk(execution, "glue", "startJobRun", given, optimized=True)


def _run_job(execution: Execution, given: dict[str, Any]) -> dict[str, Any]:
    """Start a job and wait for it. If the execution ends first, the job run is stopped."""
    started = _start_job_run(execution, given)
    run_id = started["JobRunId"]
    _tell_submitted(execution, "glue:startJobRun.sync", started)
    wanted = {"JobName": given["JobName"], "RunId": run_id}
    while True:
        response, shape = _call(execution, "glue", "getJobRun", wanted, optimized=True)
        run: dict[str, Any] = to_result(shape, response)["JobRun"]
        if run["JobRunState"] == "SUCCEEDED":
            return _bounded(run)
        if run["JobRunState"] not in ACTIVE_STATES:
            raise task_error(TASK_FAILED, json.dumps(run))
        if not execution.goes_on:
            stopped = {"JobName": given["JobName"], "JobRunIds": [run_id]}
            _call(execution, "glue", "batchStopJobRun", stopped, optimized=True)
            raise ExecutionEndedError
        time.sleep(JOB_POLL_SECONDS)


def _tell_submitted(execution: Execution, action: str, started: dict[str, Any]) -> None:
    """Add TaskSubmitted to the history. If the execution has ended, the caller's wait notices it."""
    details = {"resource": f"{_STATES}{action}", "output": json.dumps(started), "outputDetails": {"truncated": False}}
    with contextlib.suppress(ExecutionEndedError):
        seams.ADD_EVENT.value(execution.record, "TaskSubmitted", {"taskSubmittedEventDetails": details})


def _optimized_sdk(service: str, action: str) -> _Integration:
    return lambda execution, given: _sdk(execution, service, action, given, optimized=True)


_OPTIMIZED: dict[str, _Integration] = {
    f"{_STATES}lambda:invoke": _invoke,
    f"{_STATES}glue:startJobRun": _start_job_run,
    f"{_STATES}glue:startJobRun.sync": _run_job,
    **{
        f"{_STATES}{service}:{action}": _optimized_sdk(service, action)
        for service, actions in {
            "sns": ("publish",),
            "sqs": ("sendMessage",),
            "events": ("putEvents",),
            "dynamodb": ("getItem", "putItem", "updateItem", "deleteItem"),
        }.items()
        for action in actions
    },
}


def _sdk_metadata(response: dict[str, Any]) -> dict[str, Any]:
    told = response.get("ResponseMetadata", {})
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in told.get("HTTPHeaders", {}).items()},
            "HttpHeaders": told.get("HTTPHeaders", {}),
            "HttpStatusCode": told.get("HTTPStatusCode"),
        },
        "SdkResponseMetadata": {"RequestId": told.get("RequestId")},
    }


def _bounded(result: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(result).encode("utf-8")) > LARGEST_PAYLOAD:
        cause = f"The result of the task is larger than {LARGEST_PAYLOAD} bytes"
        raise task_error(DATA_LIMIT_EXCEEDED, cause)
    return result


def _cause(error: ClientError) -> str:
    told, metadata = error.response["Error"], error.response.get("ResponseMetadata", {})
    return (
        f"{told.get('Message', '')} (Status Code: {metadata.get('HTTPStatusCode')}; "
        f"Error Code: {told.get('Code')}; Request ID: {metadata.get('RequestId')})"
    )
