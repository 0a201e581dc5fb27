"""Step Functions executions that act as the state machine's role and respect time-outs and stops."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from typing import Any

from local_cloud import seams
from local_cloud.events import status_events
from local_cloud.step_functions import history, lifecycle, redrive, retries
from local_cloud.step_functions.execution import (
    Execution,
    ExecutionEndedError,
    changing_status,
    current,
    redrive_count_of,
)
from local_cloud.step_functions.integrations import TIMEOUT, find, task_error
from local_cloud.step_functions.walk import prepare, walk

_logger = logging.getLogger("local_cloud.step_functions.service")


def install() -> None:
    """Replace MiniStack's execution of state machines and tasks."""
    for part in (history, status_events, retries, lifecycle, redrive):
        part.install()
    fail, invoke = seams.FAIL_EXECUTION.value, seams.INVOKE_RESOURCE.value

    def fail_execution(record: dict[str, Any], error: str, cause: str) -> None:
        # An execution that was aborted or has timed out keeps that status, whatever its last task returns later.
        execution = current.get()
        with changing_status:
            if execution.goes_on if execution else record["status"] == "RUNNING":
                fail(record, error, cause)

    def invoke_resource(resource: str, given: Any) -> Any:
        execution = current.get()
        integration = find(resource)
        if execution is None or integration is None:
            return invoke(resource, given)
        if not execution.goes_on:
            raise ExecutionEndedError
        return integration(execution, given)

    seams.RUN_EXECUTION.replace(run_execution)
    seams.FAIL_EXECUTION.replace(fail_execution)
    seams.INVOKE_RESOURCE.replace(invoke_resource)
    seams.INVOKE_RESOURCE_WITH_TIMEOUT.replace(invoke_resource_with_timeout)


def run_execution(execution_arn: str) -> None:
    """Run an execution or a redrive to its end, with the definition and role of the execution's start."""
    record = seams.EXECUTIONS.value.get(execution_arn)
    if record is None:
        return
    machine = seams.STATE_MACHINES.value.get(record["stateMachineArn"])
    if machine is None:
        seams.FAIL_EXECUTION.value(record, "States.Runtime", "The state machine does not exist any more")
        return
    prepare(record, machine["definition"])
    execution = Execution(record, redrive.role_of(record), redrive_count_of(record))
    token = current.set(execution)
    timer = _time_out_later(execution)
    try:
        walk(execution, machine["name"])
    except ExecutionEndedError:
        _logger.info("%s: its task was stopped", execution_arn)
    finally:
        current.reset(token)
        if timer:
            timer.cancel()


def invoke_resource_with_timeout(resource: str, given: Any, timeout: float) -> Any:
    """Run a task with ``TimeoutSeconds``. When the time is over, the job that it waits for is stopped."""
    execution = current.get()
    attempt = replace(execution, abandoned=threading.Event()) if execution else None
    token = current.set(attempt)
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(contextvars.copy_context().run, seams.INVOKE_RESOURCE.value, resource, given)
    current.reset(token)
    pool.shutdown(wait=False)
    try:
        return future.result(timeout=timeout)
    except FutureTimeoutError:
        if attempt:
            attempt.abandoned.set()
        raise task_error(TIMEOUT, f"Task timed out after {timeout} seconds") from None


def time_out(execution: Execution) -> None:
    """End an execution that exceeded its state machine's ``TimeoutSeconds``."""
    record = execution.record
    with changing_status:
        if not execution.goes_on:
            return
        record.update(status="TIMED_OUT", stopDate=seams.NOW_ISO.value())
        seams.ADD_EVENT.value(record, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        seams.EMIT_STATUS_EVENT.value(record)


def _time_out_later(execution: Execution) -> threading.Timer | None:
    """Start the timer of the state machine's ``TimeoutSeconds``. A redrive restarts it."""
    try:
        seconds = json.loads(execution.record["definition"]).get("TimeoutSeconds")
    except (ValueError, AttributeError):  # no definition: the walk reports the error
        return None
    if not seconds:
        return None
    timer = threading.Timer(seconds, contextvars.copy_context().run, args=(time_out, execution))
    timer.daemon = True
    timer.start()
    return timer
