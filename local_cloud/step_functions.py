"""Step Functions executions that act as their state machine's role, and end when they should."""

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
from local_cloud.execution import Execution, ExecutionEndedError, current
from local_cloud.integrations import TIMEOUT, find, task_error

_logger = logging.getLogger("local_cloud.step_functions")


def install() -> None:
    """Replace how MiniStack runs executions and performs their tasks."""
    run, fail, invoke = (seam.value for seam in (seams.RUN_EXECUTION, seams.FAIL_EXECUTION, seams.INVOKE_RESOURCE))

    def run_execution(execution_arn: str) -> None:
        execution = _execution(execution_arn)
        if execution is None:
            run(execution_arn)
            return
        token = current.set(execution)
        timer = _time_out_later(execution)
        try:
            run(execution_arn)
        except ExecutionEndedError:
            _logger.info("%s: its task was stopped", execution_arn)
        finally:
            current.reset(token)
            if timer:
                timer.cancel()

    def fail_execution(record: dict[str, Any], error: str, cause: str) -> None:
        # An execution that was aborted or has timed out stays so, whatever its last task says afterwards.
        if record["status"] == "RUNNING":
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


def invoke_resource_with_timeout(resource: str, given: Any, timeout: float) -> Any:
    """Perform a task that has ``TimeoutSeconds``; a job that it waits for is stopped when they are over."""
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


def time_out(record: dict[str, Any]) -> None:
    """End an execution that ran longer than its state machine's ``TimeoutSeconds``."""
    if record["status"] != "RUNNING":
        return
    record.update(status="TIMED_OUT", stopDate=seams.NOW_ISO.value())
    seams.ADD_EVENT.value(record, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    seams.EMIT_STATUS_EVENT.value(record)


def _execution(execution_arn: str) -> Execution | None:
    record = seams.EXECUTIONS.value.get(execution_arn)
    machine = seams.STATE_MACHINES.value.get(record["stateMachineArn"]) if record else None
    return Execution(record, machine["roleArn"]) if machine else None


def _time_out_later(execution: Execution) -> threading.Timer | None:
    machine = seams.STATE_MACHINES.value.get(execution.record["stateMachineArn"])
    try:
        seconds = json.loads(machine["definition"]).get("TimeoutSeconds")
    except ValueError:
        return None
    if not seconds:
        return None
    timer = threading.Timer(seconds, contextvars.copy_context().run, args=(time_out, execution.record))
    timer.daemon = True
    timer.start()
    return timer
